//! The gate's stored state: holds and request counts. The store keeps them, so they survive a
//! restart.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;

use crate::domain::{Bucket, Hold};
use crate::spotify::{HoldLog, PortError};
use crate::store::{Store, StoreError};

/// Stores for the gate what `spotify` must not know about.
#[derive(Debug, Clone)]
pub struct GateMemory {
    store: Store,
    library_requests: Arc<AtomicU32>,
    player_requests: Arc<AtomicU32>,
}

impl GateMemory {
    /// The gate's state in `store`.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store, library_requests: Arc::default(), player_requests: Arc::default() }
    }

    /// A meter that starts at zero.
    #[must_use]
    pub fn meter(&self, what: Metered) -> Meter {
        let counter = Arc::clone(self.counter(what));
        Meter { before: counter.load(Ordering::Relaxed), counter }
    }

    const fn counter(&self, what: Metered) -> &Arc<AtomicU32> {
        match what {
            Metered::Library => &self.library_requests,
            Metered::Player => &self.player_requests,
        }
    }
}

/// The play tracker runs beside every run, so its requests are counted separately.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metered {
    /// Everything except the player.
    Library,
    /// The player.
    Player,
}

impl From<Bucket> for Metered {
    fn from(bucket: Bucket) -> Self {
        if bucket == Bucket::Player { Self::Player } else { Self::Library }
    }
}

/// Counts the requests that this process sends from now on.
#[derive(Debug, Clone)]
pub struct Meter {
    counter: Arc<AtomicU32>,
    before: u32,
}

impl Meter {
    /// The number of requests so far.
    pub fn read(&self) -> u32 {
        self.counter.load(Ordering::Relaxed).saturating_sub(self.before)
    }
}

fn port(error: &StoreError) -> PortError {
    PortError(error.to_string())
}

impl HoldLog for GateMemory {
    fn holds(&self) -> BoxFuture<'_, Result<Vec<Hold>, PortError>> {
        Box::pin(async { self.store.rate_limits().holds().await.map_err(|error| port(&error)) })
    }

    fn record_hold<'a>(&'a self, hold: &'a Hold) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async { self.store.rate_limits().record_hold(hold).await.map_err(|error| port(&error)) })
    }

    fn move_hold<'a>(&'a self, hold: &'a Hold) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move { self.store.rate_limits().move_hold(hold).await.map_err(|error| port(&error)) })
    }

    fn end_hold(&self, bucket: Bucket, at: DateTime<Utc>) -> BoxFuture<'_, Result<(), PortError>> {
        Box::pin(
            async move { self.store.rate_limits().end_hold(bucket, at).await.map_err(|error| port(&error)) },
        )
    }

    fn uncount_request(&self, bucket: Bucket, at: DateTime<Utc>) -> BoxFuture<'_, Result<(), PortError>> {
        Box::pin(async move {
            self.counter(bucket.into()).fetch_sub(1, Ordering::Relaxed);
            self.store.rate_limits().uncount_request(bucket, at).await.map_err(|error| port(&error))
        })
    }

    fn count_request(&self, bucket: Bucket, at: DateTime<Utc>) -> BoxFuture<'_, Result<(), PortError>> {
        Box::pin(async move {
            self.counter(bucket.into()).fetch_add(1, Ordering::Relaxed);
            self.store.rate_limits().count_request(bucket, at).await.map_err(|error| port(&error))
        })
    }
}

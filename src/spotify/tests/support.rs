//! Test doubles for everything around the client.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::clock::ManualClock;
use super::server::{Scripted, Server};
use crate::clock::{Clock, SharedClock};
use crate::domain::{Bucket, Hold, HoldReason};
use crate::spotify::{
    ClientSettings, GateSettings, HoldLog, PortError, Priority, RequestGate, RequestOptions, SpotifyClient,
    StoredToken, TokenCommit, TokenSlot, TokenStore,
};

/// A hold log that records the order of its calls.
#[derive(Default)]
pub(in crate::spotify) struct MemoryLog {
    pub(in crate::spotify) recorded: Mutex<Vec<Hold>>,
    pub(in crate::spotify) counted: Mutex<Vec<Bucket>>,
    pub(in crate::spotify) ended: Mutex<Vec<(Bucket, DateTime<Utc>)>>,
    /// Read when a hold is recorded: what the gate had published by then.
    pub(in crate::spotify) published: Mutex<Option<watch::Receiver<Vec<Hold>>>>,
    pub(in crate::spotify) is_full: Mutex<bool>,
}

impl MemoryLog {
    pub(in crate::spotify) fn holding(holds: Vec<Hold>) -> Arc<Self> {
        Arc::new(Self { recorded: Mutex::new(holds), ..Self::default() })
    }
}

impl HoldLog for MemoryLog {
    fn holds(&self) -> BoxFuture<'_, Result<Vec<Hold>, PortError>> {
        Box::pin(async { Ok(self.recorded.lock().unwrap().clone()) })
    }

    fn record_hold<'a>(&'a self, hold: &'a Hold) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move {
            if let Some(published) = &*self.published.lock().unwrap() {
                assert!(!published.borrow().contains(hold), "published before it was recorded");
            }
            if *self.is_full.lock().unwrap() {
                return Err(PortError("the disk is full".to_owned()));
            }
            self.recorded.lock().unwrap().push(hold.clone());
            Ok(())
        })
    }

    fn move_hold<'a>(&'a self, hold: &'a Hold) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move {
            let mut recorded = self.recorded.lock().unwrap();
            let same = recorded.iter_mut().find(|recorded| recorded.bucket == hold.bucket);
            *same.unwrap() = hold.clone();
            Ok(())
        })
    }

    fn end_hold(&self, bucket: Bucket, at: DateTime<Utc>) -> BoxFuture<'_, Result<(), PortError>> {
        Box::pin(async move {
            self.ended.lock().unwrap().push((bucket, at));
            Ok(())
        })
    }

    fn count_request(&self, bucket: Bucket, _at: DateTime<Utc>) -> BoxFuture<'_, Result<(), PortError>> {
        Box::pin(async move {
            self.counted.lock().unwrap().push(bucket);
            Ok(())
        })
    }

    fn uncount_request(&self, bucket: Bucket, _at: DateTime<Utc>) -> BoxFuture<'_, Result<(), PortError>> {
        Box::pin(async move {
            let mut counted = self.counted.lock().unwrap();
            let last = counted.iter().rposition(|counted| *counted == bucket).unwrap();
            counted.remove(last);
            Ok(())
        })
    }
}

/// A token file in memory; clones share it.
#[derive(Default, Clone)]
pub(super) struct MemoryTokens {
    pub(super) token: Arc<Mutex<Option<StoredToken>>>,
    pub(super) saves: Arc<Mutex<u32>>,
    /// No room can be made.
    pub(super) is_full: Arc<Mutex<bool>>,
    /// Room was made, but nothing can be written.
    pub(super) is_broken: Arc<Mutex<bool>>,
}

impl TokenStore for MemoryTokens {
    fn load(&self) -> BoxFuture<'_, Result<Option<StoredToken>, PortError>> {
        Box::pin(async { Ok(self.token.lock().unwrap().clone()) })
    }

    fn reserve(&self) -> BoxFuture<'_, Result<Box<dyn TokenSlot>, PortError>> {
        Box::pin(async {
            if *self.is_full.lock().unwrap() {
                return Err(PortError("the disk is full".to_owned()));
            }
            Ok(Box::new(self.clone()) as Box<dyn TokenSlot>)
        })
    }
}

impl TokenSlot for MemoryTokens {
    fn commit(
        self: Box<Self>,
        old: StoredToken,
        new: StoredToken,
    ) -> BoxFuture<'static, Result<TokenCommit, PortError>> {
        Box::pin(async move {
            if *self.is_broken.lock().unwrap() {
                return Err(PortError("the disk is broken".to_owned()));
            }
            let mut stored = self.token.lock().unwrap();
            if !stored.as_ref().is_some_and(|stored| stored.is_same_grant(&old)) {
                return Ok(TokenCommit::Superseded);
            }
            *self.saves.lock().unwrap() += 1;
            *stored = Some(new);
            Ok(TokenCommit::Stored)
        })
    }
}

/// A client of that server with all its test doubles.
pub(super) struct Stage {
    pub(super) server: Server,
    pub(super) client: SpotifyClient,
    pub(super) clock: Arc<ManualClock>,
    pub(super) log: Arc<MemoryLog>,
    pub(super) tokens: Arc<MemoryTokens>,
}

impl Stage {
    /// With a fixed token.
    pub(super) async fn new(script: Vec<Scripted>) -> Self {
        Self::build(script, |_| None, Arc::default()).await
    }

    /// With a login whose access token expires in `seconds`.
    pub(super) async fn logged_in(seconds: i64, script: Vec<Scripted>) -> Self {
        Self::build(script, |clock| Some(login(clock, seconds)), Arc::default()).await
    }

    pub(super) async fn build(
        script: Vec<Scripted>,
        login: impl Fn(&ManualClock) -> Option<StoredToken>,
        log: Arc<MemoryLog>,
    ) -> Self {
        let server = Server::start(script).await;
        let clock = ManualClock::at(1_000);
        let tokens = Arc::new(MemoryTokens::default());
        let mut settings = server.settings();
        if let Some(token) = login(&clock) {
            *tokens.token.lock().unwrap() = Some(token);
            settings.fixed_token = None;
        }
        let client = client(settings, &log, &tokens, &clock).await;
        Self { server, client, clock, log, tokens }
    }
}

pub(super) async fn client(
    settings: ClientSettings,
    log: &Arc<MemoryLog>,
    tokens: &Arc<MemoryTokens>,
    clock: &Arc<ManualClock>,
) -> SpotifyClient {
    let clock: SharedClock = clock.clone();
    let gate = RequestGate::open(unpaced(), log.clone(), clock.clone()).await.unwrap();
    SpotifyClient::new(settings, gate, tokens.clone(), clock).unwrap()
}

pub(super) fn login(clock: &ManualClock, seconds: i64) -> StoredToken {
    StoredToken {
        access_token: "old-access".into(),
        refresh_token: "old-refresh".into(),
        expires_at: clock.now() + TimeDelta::seconds(seconds),
        authorized_at: DateTime::from_timestamp(0, 0).unwrap(),
        scope: "all".to_owned(),
        client_id: "app".to_owned(),
        suspect: false,
        renewals: 0,
    }
}

pub(super) const fn unpaced() -> GateSettings {
    GateSettings { requests_per_second: 0.0, burst: 1 }
}

/// A call with the priority of listings that waits out holds of up to `max_wait` seconds.
pub(in crate::spotify) fn ask(max_wait: u64) -> RequestOptions {
    RequestOptions {
        priority: Priority::Listing,
        max_wait: Duration::from_secs(max_wait),
        cancel: CancellationToken::new(),
    }
}

/// A hold that began at `hit_at` and lasts `seconds`.
pub(in crate::spotify) fn hold(bucket: Bucket, hit_at: i64, seconds: u32, reason: HoldReason) -> Hold {
    let hit_at = DateTime::from_timestamp(hit_at, 0).unwrap();
    Hold {
        bucket,
        reset_at: hit_at + TimeDelta::seconds(i64::from(seconds)),
        retry_after_seconds: seconds,
        hit_at,
        reason,
    }
}

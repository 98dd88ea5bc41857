//! The gate: the one place that every request to Spotify passes.
//!
//! Owns: pacing, the order of precedence, one request in flight, and holds. Must not know: what is asked
//! for, or where holds are kept. What is decided stands in `rules`, `pace` and `refusal`, as plain values;
//! here is only the waiting.

mod pace;
mod refusal;
mod rules;
#[cfg(test)]
mod tests;

use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::error::{PortError, SpotifyError};
use super::ports::HoldLog;
use crate::clock::{SharedClock, Sleep};
use crate::domain::{Bucket, Hold};
pub(super) use refusal::{Limit, RateLimitRefusal, retry_after, seconds_until};
use rules::{GateTurn, Rules, Ticket, end_by_wall};

/// How fast requests may follow each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GateSettings {
    /// Requests per second in the long run; 0 is no pacing at all.
    pub requests_per_second: f64,
    /// How many may follow each other at once after a rest.
    pub burst: u32,
}

/// Who goes first, in this order; within a lane, who came first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// A new access token; the client's own. Apart from the one request in flight, which waits for it.
    TokenRefresh,
    /// The listening history.
    Playback,
    /// A person waits for it.
    Now,
    /// Lists of the library.
    Listing,
    /// Contents of playlists.
    Contents,
    /// Genres and pictures.
    Details,
}

/// How a call wants to be treated.
#[derive(Debug, Clone)]
pub struct RequestOptions {
    /// Its precedence.
    pub priority: Priority,
    /// The longest hold that it waits out; a longer one ends it with `Held`.
    pub max_wait: Duration,
    /// Ends it with `Cancelled`.
    pub cancel: CancellationToken,
}

/// The gate; clone it freely, all clones are one.
#[derive(Clone)]
pub struct RequestGate {
    shared: Arc<Shared>,
}

struct Shared {
    rules: Mutex<Rules>,
    /// Wakes everybody who waits: a place became free or a hold was put up.
    changed: Notify,
    holds: watch::Sender<Vec<Hold>>,
    log: Arc<dyn HoldLog>,
    clock: SharedClock,
}

impl Shared {
    fn rules(&self) -> MutexGuard<'_, Rules> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps the ends that holds have by a clock that was set, so that a restart goes on with what is left of
/// them and does not begin them again.
async fn record_moves(log: &dyn HoldLog, before: &[Hold], now: &[Hold]) {
    for hold in now.iter().filter(|hold| !before.contains(hold)) {
        if let Err(error) = log.move_hold(hold).await {
            tracing::warn!(%error, bucket = %hold.bucket, "the new end of a hold could not be recorded");
        }
    }
}

impl RequestGate {
    /// A gate that knows the holds on record.
    pub async fn open(
        settings: GateSettings,
        log: Arc<dyn HoldLog>,
        clock: SharedClock,
    ) -> Result<Self, PortError> {
        let recorded = log.holds().await?;
        let (now, elapsed) = (clock.now(), clock.elapsed());
        let rules = Rules::new(settings, recorded.clone(), now, elapsed);
        let holds = rules.holds(now, elapsed);
        record_moves(&*log, &recorded, &holds).await;
        let (rules, holds) = (Mutex::new(rules), watch::Sender::new(holds));
        Ok(Self { shared: Arc::new(Shared { rules, changed: Notify::new(), holds, log, clock }) })
    }

    /// The holds in force; the newest value is always right. One that has ended may still be in it until
    /// the next refusal: look at `reset_at`.
    #[must_use]
    pub fn holds(&self) -> watch::Receiver<Vec<Hold>> {
        self.shared.holds.subscribe()
    }

    /// The wall clock was set, or the machine slept. To be called by whoever compares the clocks, so that
    /// no hold lasts longer than to its end by the wall clock.
    pub(super) async fn clock_changed(&self) {
        let shared = &self.shared;
        let (now, elapsed) = (shared.clock.now(), shared.clock.elapsed());
        let holds = {
            let mut rules = shared.rules();
            rules.clock_changed(now, elapsed);
            rules.holds(now, elapsed)
        };
        let before = shared.holds.send_replace(holds.clone());
        shared.changed.notify_waiters();
        record_moves(&*shared.log, &before, &holds).await;
    }

    /// Waits for its turn. What is returned is the right to send one request; the next one goes when it is
    /// dropped.
    pub(super) async fn enter(&self, bucket: Bucket, ask: &RequestOptions) -> Result<Permit, SpotifyError> {
        self.turn(ask.priority, bucket, ask).await
    }

    /// Waits to ask for a token on behalf of a request to `bucket` that already has its pass.
    pub(super) async fn enter_for_token(
        &self,
        bucket: Bucket,
        ask: &RequestOptions,
    ) -> Result<Permit, SpotifyError> {
        self.turn(Priority::TokenRefresh, bucket, ask).await
    }

    async fn turn(
        &self,
        priority: Priority,
        bucket: Bucket,
        ask: &RequestOptions,
    ) -> Result<Permit, SpotifyError> {
        let permit = Permit::join(&self.shared, priority, bucket);
        let clock = &self.shared.clock;
        loop {
            // Listening before looking, so that no change falls between the two.
            let changed = self.shared.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let turn = self.shared.rules().turn(permit.ticket, ask.max_wait, clock.elapsed());
            let nap: Sleep = match turn {
                GateTurn::Go if !ask.cancel.is_cancelled() => return Ok(permit),
                GateTurn::Held { hold, rest } => {
                    return Err(SpotifyError::Held {
                        bucket,
                        until: end_by_wall(&hold, rest, clock.now()),
                        reason: hold.reason,
                    });
                }
                GateTurn::After(wait) => clock.sleep(wait),
                GateTurn::Go | GateTurn::Behind => Box::pin(pending()),
            };
            tokio::select! {
                biased;
                () = ask.cancel.cancelled() => return Err(SpotifyError::Cancelled),
                () = changed => {}
                () = nap => {}
            }
        }
    }
}

/// When a request was counted, so that the count can be taken back.
pub(super) struct GateCounts {
    at: DateTime<Utc>,
}

/// A place at the gate: first in the queue, then in flight. Dropping it gives the place to the next,
/// whatever became of the call.
pub(super) struct Permit {
    shared: Arc<Shared>,
    ticket: Ticket,
    bucket: Bucket,
}

impl Permit {
    fn join(shared: &Arc<Shared>, priority: Priority, bucket: Bucket) -> Self {
        Self { shared: Arc::clone(shared), ticket: shared.rules().join(priority, bucket), bucket }
    }

    /// A request is about to be sent. Asking for a token is not counted: it is not part of the API.
    pub(super) async fn count(&self) -> Result<GateCounts, PortError> {
        let at = self.shared.clock.now();
        self.shared.log.count_request(self.bucket, at).await?;
        Ok(GateCounts { at })
    }

    /// The request never left this machine, so it is not one that Spotify counts.
    pub(super) async fn uncount(&self, counted: GateCounts) -> Result<(), PortError> {
        self.shared.log.uncount_request(self.bucket, counted.at).await
    }

    /// Spotify refused, just now. When this returns the hold is on record and everybody knows of it.
    pub(super) async fn refused(&self, refusal: RateLimitRefusal) -> Result<(), PortError> {
        let shared = &self.shared;
        let (now, elapsed) = (shared.clock.now(), shared.clock.elapsed());
        let hold = shared.rules().refused(self.bucket, refusal, now, elapsed);
        shared.log.record_hold(&hold).await?;
        tracing::warn!(
            bucket = %hold.bucket, reason = %hold.reason, seconds = hold.retry_after_seconds,
            reset_at = %hold.reset_at, "Spotify refused; no requests before the hold ends"
        );
        let holds = shared.rules().holds(now, elapsed);
        shared.holds.send_replace(holds);
        shared.changed.notify_waiters();
        Ok(())
    }

    /// Spotify answered: the next refusal without a time is a first one again, and a hold that the record
    /// still has is over.
    pub(super) async fn succeeded(&self) {
        let shared = &self.shared;
        let (now, elapsed) = (shared.clock.now(), shared.clock.elapsed());
        let is_recorded = shared.rules().succeeded(self.bucket, now, elapsed);
        if is_recorded && let Err(error) = shared.log.end_hold(self.bucket, now).await {
            tracing::warn!(%error, bucket = %self.bucket, "the end of a hold could not be recorded");
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.shared.rules().leave(self.ticket);
        self.shared.changed.notify_waiters();
    }
}

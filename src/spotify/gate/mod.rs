//! The gate: every request to Spotify passes it.
//!
//! Owns: pacing, priorities, one request in flight, and holds. Must not know: what is requested, or
//! where holds are stored. The decisions are in `rules`, `pace` and `refusal`, as plain values;
//! this file only waits.

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
    /// Requests per second in the long run; 0 disables pacing.
    pub requests_per_second: f64,
    /// How many may follow each other at once after a pause.
    pub burst: u32,
}

/// The priorities in their order; within one priority the first to come goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// A new access token; used by the client itself. It does not count as the one request in
    /// flight, which waits for it.
    TokenRefresh,
    /// The listening history.
    Playback,
    /// A person is waiting for it.
    Now,
    /// Lists of the library.
    Listing,
    /// Contents of playlists.
    Contents,
    /// Genres and pictures.
    Details,
}

/// The options of a call.
#[derive(Debug, Clone)]
pub struct RequestOptions {
    /// Its priority.
    pub priority: Priority,
    /// The longest hold that it waits out; a longer one ends the call with `Held`.
    pub max_wait: Duration,
    /// Ends the call with `Cancelled`.
    pub cancel: CancellationToken,
}

/// The gate. Cloning is cheap, and all clones share one state.
#[derive(Clone)]
pub struct RequestGate {
    shared: Arc<Shared>,
}

struct Shared {
    rules: Mutex<Rules>,
    /// Wakes all waiting calls: a place became free or a hold began.
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

/// Stores the new ends of holds after the clock was set, so that a restart continues with the rest
/// of them instead of starting them again.
async fn record_moves(log: &dyn HoldLog, before: &[Hold], now: &[Hold]) {
    for hold in now.iter().filter(|hold| !before.contains(hold)) {
        if let Err(error) = log.move_hold(hold).await {
            tracing::warn!(%error, bucket = %hold.bucket, "the new end of a hold could not be recorded");
        }
    }
}

impl RequestGate {
    /// A gate that knows the stored holds.
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

    /// The current holds; the newest value is always right. A hold that has ended may still be in
    /// it until the next refusal: check `reset_at`.
    #[must_use]
    pub fn holds(&self) -> watch::Receiver<Vec<Hold>> {
        self.shared.holds.subscribe()
    }

    /// The wall clock was set, or the machine slept. The task that compares the clocks must call
    /// it, so that no hold lasts longer than its end by the wall clock.
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

    /// Waits for its turn. The result is the permission to send one request; the next request goes
    /// when it is dropped.
    pub(super) async fn enter(&self, bucket: Bucket, ask: &RequestOptions) -> Result<Permit, SpotifyError> {
        self.turn(ask.priority, bucket, ask).await
    }

    /// Waits to request a token for a request to `bucket` that already has its permit.
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
            // Listens before the check, so that no change is missed between the two.
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

/// When a request was counted, so that the count can be removed.
pub(super) struct GateCounts {
    at: DateTime<Utc>,
}

/// A place at the gate: first in the queue, then in flight. Dropping it gives the place to the next
/// call, whatever the result was.
pub(super) struct Permit {
    shared: Arc<Shared>,
    ticket: Ticket,
    bucket: Bucket,
}

impl Permit {
    fn join(shared: &Arc<Shared>, priority: Priority, bucket: Bucket) -> Self {
        Self { shared: Arc::clone(shared), ticket: shared.rules().join(priority, bucket), bucket }
    }

    /// A request is about to be sent. A token request is not counted, because it is not part of the
    /// API.
    pub(super) async fn count(&self) -> Result<GateCounts, PortError> {
        let at = self.shared.clock.now();
        self.shared.log.count_request(self.bucket, at).await?;
        Ok(GateCounts { at })
    }

    /// The request never left this machine, so Spotify does not count it.
    pub(super) async fn uncount(&self, counted: GateCounts) -> Result<(), PortError> {
        self.shared.log.uncount_request(self.bucket, counted.at).await
    }

    /// Spotify has just refused. When this returns, the hold is stored and published.
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

    /// Spotify answered: the next refusal without a time counts as the first again, and a stored
    /// hold is over.
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

//! How long a call waits: for holds, and for an answer after a cancel.

use std::future::Future;
use std::time::Duration;

use super::gate::RequestOptions;
use crate::clock::SharedClock;

/// Consecutive refusals that one call waits out; some closed endpoints answer 429 for ever.
const MOST_REFUSALS: u32 = 5;

/// How long the call may still wait out refusals.
pub(super) struct RemainingWait {
    ask: RequestOptions,
    refusals: u32,
}

impl RemainingWait {
    /// The caller's full wait.
    pub(super) fn of(ask: &RequestOptions) -> Self {
        Self { ask: ask.clone(), refusals: 0 }
    }

    /// The options of the next try.
    pub(super) const fn ask(&self) -> &RequestOptions {
        &self.ask
    }

    /// One more refusal; after too many, the next hold ends the call.
    pub(super) const fn refused(&mut self) {
        self.refusals += 1;
        if self.refusals >= MOST_REFUSALS {
            self.ask.max_wait = Duration::ZERO;
        }
    }
}

/// The result of `answer`, or `None` if it did not come within `grace` after a cancel. A running
/// request is not dropped at once: its answer may be a refusal that must be stored, or a page that
/// then need not be requested again.
pub(super) async fn with_grace<T>(
    answer: impl Future<Output = T> + Send,
    ask: &RequestOptions,
    clock: &SharedClock,
    grace: Duration,
) -> Option<T> {
    tokio::pin!(answer);
    tokio::select! {
        biased;
        answer = &mut answer => return Some(answer),
        () = ask.cancel.cancelled() => {}
    }
    tokio::select! {
        biased;
        answer = answer => Some(answer),
        () = clock.sleep(grace) => None,
    }
}

//! How long a call waits: for holds, and for an answer that it no longer wants.

use std::future::Future;
use std::time::Duration;

use super::gate::RequestOptions;
use crate::clock::SharedClock;

/// Refusals in a row that one call waits out; some closed endpoints answer 429 for ever.
const MOST_REFUSALS: u32 = 5;

/// What is left of a caller's patience with refusals.
pub(super) struct RemainingWait {
    ask: RequestOptions,
    refusals: u32,
}

impl RemainingWait {
    /// The caller's own, untouched.
    pub(super) fn of(ask: &RequestOptions) -> Self {
        Self { ask: ask.clone(), refusals: 0 }
    }

    /// How the next try is to be treated.
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

/// What `answer` brings, or `None` where it did not come within `grace` after a cancel. A request that is
/// under way is not dropped at once: its answer may be a refusal that must be kept, or a page that need
/// not be asked for again.
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

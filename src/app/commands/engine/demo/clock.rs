//! The demo's clock: the machine's time, or a time before it while the demo's past is recorded.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

use crate::clock::{Clock, Sleep};
use crate::simulator::{TimeSource, Wait};

/// A clock that the simulated account and the engine share, so that both are at the same moment of
/// the past. Clones are one clock.
#[derive(Debug, Clone)]
pub struct DemoClock {
    started: Instant,
    behind: Arc<Mutex<TimeDelta>>,
}

impl DemoClock {
    /// A clock that shows the present.
    pub fn new() -> Self {
        Self { started: Instant::now(), behind: Arc::default() }
    }

    /// Goes to a time this long ago; zero is the present.
    pub fn go_back(&self, behind: TimeDelta) {
        *self.behind.lock().unwrap_or_else(PoisonError::into_inner) = behind;
    }

    fn behind(&self) -> TimeDelta {
        *self.behind.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for DemoClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now() - self.behind()
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

impl TimeSource for DemoClock {
    fn now(&self) -> DateTime<Utc> {
        Clock::now(self)
    }

    /// The past has no delays: a person who opens the demo waits for it.
    fn wait(&self, duration: Duration) -> Wait {
        if self.behind().is_zero() { Box::pin(tokio::time::sleep(duration)) } else { Box::pin(async {}) }
    }
}

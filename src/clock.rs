//! The time, and waiting.
//!
//! Owns: the only place where the program reads a clock or sleeps, so that a simulation can run
//! hours in no time. Must not know: why anything waits.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

/// A shared clock. Cloning is cheap.
pub type SharedClock = Arc<dyn Clock>;

/// A future that ends when a wait is over.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send + 'static>>;

/// Wall clock, monotonic clock and waiting.
///
/// Deadlines are stored as wall-clock times in the database and as monotonic ones in memory: a
/// change of the wall clock must neither shorten a refusal nor prolong it beyond the requested
/// time.
pub trait Clock: Send + Sync + 'static {
    /// The wall clock; it may jump.
    fn now(&self) -> DateTime<Utc>;

    /// Time since this clock was created; it never jumps.
    fn elapsed(&self) -> Duration;

    /// Ends after `duration` of monotonic time.
    fn sleep(&self, duration: Duration) -> Sleep;
}

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// A clock that starts counting now.
    #[must_use]
    pub fn shared() -> SharedClock {
        Arc::new(Self { started: Instant::now() })
    }
}

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// How long until `instant`; zero when it has passed.
#[must_use]
pub fn until(instant: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    (instant - now).to_std().unwrap_or(Duration::ZERO)
}

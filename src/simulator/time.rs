//! The simulated account's clock: a source of time and an offset.
//!
//! Owns: the only place where the simulator reads a clock or waits.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// A future that ends when a wait is over.
pub type Wait = Pin<Box<dyn Future<Output = ()> + Send + 'static>>;

/// The source of the simulator's time; a simulation replaces the system's clock with its own.
pub trait TimeSource: Send + Sync + 'static {
    /// The current time.
    fn now(&self) -> DateTime<Utc>;

    /// Ends after `duration`.
    fn wait(&self, duration: Duration) -> Wait;
}

/// The machine's time.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemTime;

impl TimeSource for SystemTime {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn wait(&self, duration: Duration) -> Wait {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// A time in Unix milliseconds, as every table of the simulator stores it.
pub(super) type Millis = i64;

/// `2026-02-01T18:30:00Z`, as Spotify writes `added_at`.
pub(super) fn in_seconds(unix_seconds: i64) -> String {
    text(unix_seconds.saturating_mul(1000), chrono::SecondsFormat::Secs)
}

/// `2026-02-01T18:30:00.123Z`, as Spotify writes `played_at`.
pub(super) fn in_millis(at: Millis) -> String {
    text(at, chrono::SecondsFormat::Millis)
}

fn text(at: Millis, digits: chrono::SecondsFormat) -> String {
    DateTime::from_timestamp_millis(at).unwrap_or(DateTime::<Utc>::UNIX_EPOCH).to_rfc3339_opts(digits, true)
}

/// How far the account's clock is ahead of its source.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Advance(TimeDelta);

impl Advance {
    /// Moves the clock forward; it never goes back.
    pub(super) fn by(&mut self, more: Duration) -> Result<(), TooFar> {
        let more = TimeDelta::from_std(more).map_err(|_| TooFar)?;
        let sum = self.0.checked_add(&more).filter(|sum| *sum < TimeDelta::days(36_500));
        self.0 = sum.ok_or(TooFar)?;
        Ok(())
    }

    /// The account's time when its source shows `source`.
    pub(super) fn from(self, source: DateTime<Utc>) -> Millis {
        source.timestamp_millis().saturating_add(self.0.num_milliseconds())
    }
}

/// A clock cannot be a century ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the clock cannot be moved on by more than a century")]
pub(super) struct TooFar;

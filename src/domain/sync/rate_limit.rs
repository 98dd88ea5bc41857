//! The meaning of a refusal by Spotify, in words that the store keeps and the screen shows.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::entity::{UnknownWord, words};
use crate::domain::Bucket;

use std::fmt;
use std::str::FromStr;

/// Why Spotify refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldReason {
    /// The rolling 30 s window: seconds, and it affects every bucket.
    RateLimited,
    /// The quota of a day, flagged `QUOTA_EXCEEDED` or recognised by its length: it affects one
    /// bucket.
    QuotaExceeded,
}

words!(HoldReason, "hold reason", {
    RateLimited => "rate_limited",
    QuotaExceeded => "quota_exceeded",
});

/// A time before which a bucket must not be called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// The bucket that was refused.
    pub bucket: Bucket,
    /// When it may be called again, in whole seconds.
    pub reset_at: DateTime<Utc>,
    /// What Spotify requested, or what we chose if it gave no usable time; in seconds.
    pub retry_after_seconds: u32,
    /// When it was refused.
    pub hit_at: DateTime<Utc>,
    /// Why.
    pub reason: HoldReason,
}

impl Hold {
    /// A longer refusal is a quota, whatever the body says.
    pub const LONGEST_WINDOW_SECONDS: u32 = 60;

    /// Its latest end: `reset_at`, but no later than the requested time from `now` on, because the
    /// clock may have been ahead when it was stored.
    #[must_use]
    pub fn latest_end(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        // The end was rounded up to a whole second.
        let whole = Duration::seconds(i64::from(self.retry_after_seconds) + 1);
        self.reset_at.min(now + whole)
    }

    /// Whether this hold forbids calls to `bucket` at `now`.
    #[must_use]
    pub fn covers(&self, bucket: Bucket, now: DateTime<Utc>) -> bool {
        now < self.reset_at && (self.bucket == bucket || self.reason == HoldReason::RateLimited)
    }

    /// How long it still lasts; zero when it is over.
    #[must_use]
    pub fn remaining(&self, now: DateTime<Utc>) -> Duration {
        (self.reset_at - now).max(Duration::zero())
    }
}

/// Requests sent to a bucket in one second of the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestCount {
    /// The bucket.
    pub bucket: Bucket,
    /// The second, as Unix time.
    pub at_second: i64,
    /// The number of requests.
    pub requests: u32,
}

//! What the gate must remember over restarts: holds and counted requests.

use chrono::{DateTime, Utc};

use super::{Result, Store};
use crate::domain::{Bucket, BucketUsage, Hold, RateLimit};

impl Store {
    /// The last hold of every bucket, those that are over included.
    pub async fn holds(&self) -> Result<Vec<Hold>> {
        todo!()
    }

    /// Remembers a hold; of two on one bucket the one that ends later.
    pub async fn record_hold(&self, hold: &Hold) -> Result<()> {
        todo!("{hold:?}")
    }

    /// Counts a request that was sent.
    pub async fn count_request(&self, bucket: Bucket, at: DateTime<Utc>) -> Result<()> {
        todo!("{bucket} {at}")
    }

    /// Requests of the last 30 seconds and 24 hours, for each bucket that was called in those.
    pub async fn usage(&self, now: DateTime<Utc>) -> Result<Vec<BucketUsage>> {
        todo!("{now}")
    }

    /// Each bucket that was called within 24 hours or ever refused, with what is left of
    /// `daily_budget`. The budget is remembered for the view `rate_limit_state`.
    pub async fn rate_limits(&self, now: DateTime<Utc>, daily_budget: u32) -> Result<Vec<RateLimit>> {
        todo!("{now} {daily_budget}")
    }
}

//! What the gate must remember over restarts: holds and counted requests.
//!
//! Owns: `holds`, `request_counts`, and the budget that the view `rate_limit_state` uses. Must not
//! know: what to do about any of it.

use chrono::{DateTime, Utc};

use crate::domain::{Bucket, BucketUsage, Hold, RateLimit, Snapshot};
use crate::store::db::sqlite::{self, count};
use crate::store::{RateLimitStore, Result};

/// The short window of Spotify's limits, and the long one of ours; in seconds.
const WINDOW: i64 = 30;
const DAY: i64 = 24 * 60 * 60;
const HOUR: i64 = 60 * 60;

/// The setting that the view reads.
const DAILY_BUDGET: &str = "daily_budget";

type HoldColumns = (String, String, i64, String, String);

/// What the gate sent and what it delays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateFigures {
    /// Requests of each bucket that was called within 24 hours.
    pub usage: Vec<BucketUsage>,
    /// Each bucket that was called within 24 hours or was ever refused.
    pub limits: Vec<RateLimit>,
    /// Requests in each of the last [`Snapshot::HOURS`] clock hours, the current one last.
    pub by_hour: Vec<u32>,
}

impl RateLimitStore<'_> {
    /// The last hold of every bucket, including those that are over.
    pub async fn holds(self) -> Result<Vec<Hold>> {
        let store = self.store;
        let sql = "select bucket, reset_at, retry_after_seconds, hit_at, reason from holds order by bucket";
        let rows: Vec<HoldColumns> = sqlx::query_as(sql).fetch_all(&store.readers).await?;
        rows.into_iter().map(hold).collect()
    }

    /// Stores a hold; of two holds on one bucket the one that ends later.
    pub async fn record_hold(self, hold: &Hold) -> Result<()> {
        let store = self.store;
        let sql = "insert into holds (bucket, reset_at, retry_after_seconds, hit_at, reason)
                   values (?1, ?2, ?3, ?4, ?5)
                   on conflict do update set
                       reset_at = excluded.reset_at, retry_after_seconds = excluded.retry_after_seconds,
                       hit_at = excluded.hit_at, reason = excluded.reason
                   where excluded.reset_at >= reset_at";
        store
            .execute(
                sqlx::query(sql)
                    .bind(hold.bucket.as_str())
                    .bind(sqlite::millis(hold.reset_at))
                    .bind(hold.retry_after_seconds)
                    .bind(sqlite::millis(hold.hit_at))
                    .bind(hold.reason.as_str()),
            )
            .await
    }

    /// Changes the start and the end of a stored hold after the wall clock was set.
    pub async fn move_hold(self, hold: &Hold) -> Result<()> {
        let store = self.store;
        store
            .execute(
                sqlx::query("update holds set reset_at = ?2, hit_at = ?3 where bucket = ?1")
                    .bind(hold.bucket.as_str())
                    .bind(sqlite::millis(hold.reset_at))
                    .bind(sqlite::millis(hold.hit_at)),
            )
            .await
    }

    /// Counts a request that was sent; a trigger deletes those of the bucket that are older than a
    /// day.
    pub async fn count_request(self, bucket: Bucket, at: DateTime<Utc>) -> Result<()> {
        let store = self.store;
        let sql = "insert into request_counts (bucket, at_second, requests) values (?1, ?2, 1)
                   on conflict do update set requests = requests + 1";
        store.execute(sqlx::query(sql).bind(bucket.as_str()).bind(at.timestamp())).await
    }

    /// Removes a request that was counted at `at` but never sent.
    pub async fn uncount_request(self, bucket: Bucket, at: DateTime<Utc>) -> Result<()> {
        let store = self.store;
        let sql = "update request_counts set requests = requests - 1
                   where bucket = ?1 and at_second = ?2 and requests > 0;
                   delete from request_counts where bucket = ?1 and at_second = ?2 and requests = 0";
        store.execute(sqlx::query(sql).bind(bucket.as_str()).bind(at.timestamp())).await
    }

    /// A bucket answered at `at`, although its stored hold lasts longer: that hold is over.
    pub async fn end_hold(self, bucket: Bucket, at: DateTime<Utc>) -> Result<()> {
        let store = self.store;
        let sql =
            "update holds set reset_at = ?2, hit_at = min(hit_at, ?2) where bucket = ?1 and reset_at > ?2";
        store.execute(sqlx::query(sql).bind(bucket.as_str()).bind(sqlite::millis(at))).await
    }

    /// When the requests to `bucket` in the last 24 hours are few enough for `needed` more within
    /// `daily_budget`; `None` if they are few enough now.
    pub async fn budget_room_at(
        self,
        bucket: Bucket,
        (needed, daily_budget): (u32, u32),
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>> {
        let store = self.store;
        // The newest request that must be older than a day, counted from the newest one.
        let sql = "select max(at_second) from (
                       select at_second, sum(requests) over (order by at_second desc) as since
                       from request_counts where bucket = ?1 and at_second > ?2 and at_second <= ?3)
                   where since > ?4";
        let newest: Option<i64> = sqlx::query_scalar(sql)
            .bind(bucket.as_str())
            .bind(now.timestamp() - DAY)
            .bind(now.timestamp())
            .bind(daily_budget.saturating_sub(needed))
            .fetch_one(&store.readers)
            .await?;
        Ok(newest.and_then(|second| DateTime::from_timestamp(second + DAY, 0)))
    }

    /// Requests of the last 30 seconds and 24 hours, for each bucket that was called in that time.
    pub async fn usage(self, now: DateTime<Utc>) -> Result<Vec<BucketUsage>> {
        Ok(by_bucket(&self.counted(now).await?))
    }

    /// The requests of the last 24 hours, by bucket and hour.
    async fn counted(self, now: DateTime<Utc>) -> Result<Vec<CountedRequests>> {
        let store = self.store;
        let sql = "select bucket, at_second / ?3, sum(iif(at_second > ?1, requests, 0)), sum(requests)
                   from request_counts where at_second > ?2 and at_second <= ?4 group by 1, 2";
        let rows: Vec<(String, i64, i64, i64)> = sqlx::query_as(sql)
            .bind(now.timestamp() - WINDOW)
            .bind(now.timestamp() - DAY)
            .bind(HOUR)
            // A time in the future was counted by a clock that was ahead.
            .bind(now.timestamp())
            .fetch_all(&store.readers)
            .await?;
        let counted = rows.into_iter().map(|(bucket, hour, window, all)| {
            Ok(CountedRequests {
                bucket: sqlite::word(&bucket)?,
                hour,
                window: count(window),
                all: count(all),
            })
        });
        counted.collect()
    }

    /// The sent requests, and each bucket that was called within 24 hours or was ever refused, with
    /// the rest of `daily_budget`.
    pub async fn figures(self, now: DateTime<Utc>, daily_budget: u32) -> Result<GateFigures> {
        let counted = self.counted(now).await?;
        let usage = by_bucket(&counted);
        let holds = self.holds().await?;
        let used = |bucket| usage.iter().find(|usage| usage.bucket == bucket).map(|usage| usage.day);
        let limits = Bucket::ALL.iter().filter_map(|bucket| {
            let used = used(*bucket);
            let hold = holds.iter().find(|hold| hold.bucket == *bucket);
            (used.is_some() || hold.is_some()).then(|| RateLimit {
                bucket: *bucket,
                reset_at: hold.map(|hold| hold.latest_end(now)),
                retry_after_seconds: hold.map(|hold| hold.retry_after_seconds),
                requests_remaining: daily_budget.saturating_sub(used.unwrap_or(0)),
                reason: hold.map(|hold| hold.reason),
            })
        });
        let limits = limits.collect();
        Ok(GateFigures { usage, limits, by_hour: by_hour(&counted, now) })
    }

    /// Stores our own budget of a day, for readers of `rate_limit_state`.
    pub async fn remember_budget(self, daily_budget: u32) -> Result<()> {
        let store = self.store;
        let budget = daily_budget.to_string();
        if store.settings().get(DAILY_BUDGET).await?.as_ref() == Some(&budget) {
            return Ok(());
        }
        store.settings().set(DAILY_BUDGET, &budget).await
    }
}

/// Requests of one bucket in one clock hour.
struct CountedRequests {
    bucket: Bucket,
    /// Hours since 1970.
    hour: i64,
    /// Those of the last 30 seconds.
    window: u32,
    all: u32,
}

fn by_bucket(counted: &[CountedRequests]) -> Vec<BucketUsage> {
    let usage = Bucket::ALL.iter().filter_map(|bucket| {
        let mut own = counted.iter().filter(|counted| counted.bucket == *bucket).peekable();
        own.peek()?;
        let none = BucketUsage { bucket: *bucket, window: 0, day: 0 };
        Some(own.fold(none, |sum, hour| BucketUsage {
            window: sum.window + hour.window,
            day: sum.day + hour.all,
            ..sum
        }))
    });
    usage.collect()
}

/// The current hour comes last.
fn by_hour(counted: &[CountedRequests], now: DateTime<Utc>) -> Vec<u32> {
    let this_hour = now.timestamp().div_euclid(HOUR);
    let of_hour =
        |hour: i64| counted.iter().filter(|counted| counted.hour == hour).map(|counted| counted.all).sum();
    (this_hour - i64::from(Snapshot::HOURS) + 1..=this_hour).map(of_hour).collect()
}

fn hold((bucket, reset_at, retry_after, hit_at, reason): HoldColumns) -> Result<Hold> {
    Ok(Hold {
        bucket: sqlite::word(&bucket)?,
        reset_at: sqlite::time(&reset_at)?,
        retry_after_seconds: count(retry_after),
        hit_at: sqlite::time(&hit_at)?,
        reason: sqlite::word(&reason)?,
    })
}

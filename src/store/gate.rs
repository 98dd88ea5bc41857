//! What the gate must remember over restarts: holds and counted requests.
//!
//! Owns: `holds`, `request_counts`, and the budget that the view `rate_limit_state` reckons with. Must
//! not know: what to do about any of it.

use chrono::{DateTime, Utc};

use super::sqlite::{self, count};
use super::{Result, Store};
use crate::domain::{Bucket, BucketUsage, Hold, RateLimit};

/// The short window that Spotify counts in, and the long one that we do; in seconds.
const WINDOW: i64 = 30;
const DAY: i64 = 24 * 60 * 60;
const HOUR: i64 = 60 * 60;

/// The setting that the view reads.
const DAILY_BUDGET: &str = "daily_budget";

type HoldColumns = (String, String, i64, String, String);

impl Store {
    /// The last hold of every bucket, those that are over included.
    pub async fn holds(&self) -> Result<Vec<Hold>> {
        let sql = "select bucket, reset_at, retry_after_seconds, hit_at, reason from holds order by bucket";
        let rows: Vec<HoldColumns> = sqlx::query_as(sql).fetch_all(&self.readers).await?;
        rows.into_iter().map(hold).collect()
    }

    /// Remembers a hold; of two on one bucket the one that ends later.
    pub async fn record_hold(&self, hold: &Hold) -> Result<()> {
        let sql = "insert into holds (bucket, reset_at, retry_after_seconds, hit_at, reason)
                   values (?1, ?2, ?3, ?4, ?5)
                   on conflict do update set
                       reset_at = excluded.reset_at, retry_after_seconds = excluded.retry_after_seconds,
                       hit_at = excluded.hit_at, reason = excluded.reason
                   where excluded.reset_at >= reset_at";
        sqlx::query(sql)
            .bind(hold.bucket.as_str())
            .bind(sqlite::millis(hold.reset_at))
            .bind(hold.retry_after_seconds)
            .bind(sqlite::millis(hold.hit_at))
            .bind(hold.reason.as_str())
            .execute(self.writer()?)
            .await?;
        Ok(())
    }

    /// Counts a request that was sent; a trigger forgets those of the bucket that left the day.
    pub async fn count_request(&self, bucket: Bucket, at: DateTime<Utc>) -> Result<()> {
        let sql = "insert into request_counts (bucket, at_second, requests) values (?1, ?2, 1)
                   on conflict do update set requests = requests + 1";
        sqlx::query(sql).bind(bucket.as_str()).bind(at.timestamp()).execute(self.writer()?).await?;
        Ok(())
    }

    /// Requests of the last 30 seconds and 24 hours, for each bucket that was called in those.
    pub async fn usage(&self, now: DateTime<Utc>) -> Result<Vec<BucketUsage>> {
        let sql = "select bucket, sum(iif(at_second > ?1, requests, 0)), sum(requests)
                   from request_counts where at_second > ?2 group by bucket";
        let rows: Vec<(String, i64, i64)> = sqlx::query_as(sql)
            .bind(now.timestamp() - WINDOW)
            .bind(now.timestamp() - DAY)
            .fetch_all(&self.readers)
            .await?;
        let mut usage = rows
            .into_iter()
            .map(|(bucket, window, day)| {
                Ok(BucketUsage { bucket: sqlite::word(&bucket)?, window: count(window), day: count(day) })
            })
            .collect::<Result<Vec<_>>>()?;
        usage.sort_by_key(|usage| usage.bucket);
        Ok(usage)
    }

    /// Requests in each of the last `hours` hours of the clock, the one under way last; at most a day is known.
    pub async fn requests_by_hour(&self, now: DateTime<Utc>, hours: u32) -> Result<Vec<u32>> {
        let this_hour = now.timestamp().div_euclid(HOUR);
        let sql = "select ?1 - at_second / ?2, sum(requests) from request_counts
                   where at_second >= (?1 - ?3 + 1) * ?2 and at_second < (?1 + 1) * ?2 group by 1";
        let rows: Vec<(i64, i64)> =
            sqlx::query_as(sql).bind(this_hour).bind(HOUR).bind(hours).fetch_all(&self.readers).await?;
        let ago = |hours_ago: u32| {
            let found = rows.iter().find(|(hour, _)| *hour == i64::from(hours_ago));
            found.map_or(0, |(_, requests)| count(*requests))
        };
        Ok((0..hours).rev().map(ago).collect())
    }

    /// What was let through, and each bucket that was called within 24 hours or ever refused, with what is
    /// left of `daily_budget`.
    pub async fn gate_figures(
        &self,
        now: DateTime<Utc>,
        daily_budget: u32,
    ) -> Result<(Vec<BucketUsage>, Vec<RateLimit>)> {
        let usage = self.usage(now).await?;
        let holds = self.holds().await?;
        let used = |bucket| usage.iter().find(|usage| usage.bucket == bucket).map(|usage| usage.day);
        let limits = Bucket::ALL.iter().filter_map(|bucket| {
            let used = used(*bucket);
            let hold = holds.iter().find(|hold| hold.bucket == *bucket);
            (used.is_some() || hold.is_some()).then(|| RateLimit {
                bucket: *bucket,
                reset_at: hold.map(|hold| hold.reset_at),
                retry_after_seconds: hold.map(|hold| hold.retry_after_seconds),
                requests_remaining: daily_budget.saturating_sub(used.unwrap_or(0)),
                reason: hold.map(|hold| hold.reason),
            })
        });
        let limits = limits.collect();
        Ok((usage, limits))
    }

    /// Remembers our own budget of a day, for whoever reads `rate_limit_state`.
    pub async fn remember_budget(&self, daily_budget: u32) -> Result<()> {
        let budget = daily_budget.to_string();
        if self.setting(DAILY_BUDGET).await?.as_ref() == Some(&budget) {
            return Ok(());
        }
        self.set(DAILY_BUDGET, &budget).await
    }
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

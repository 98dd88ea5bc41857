//! How many rows Spotify returns at once after it refused a larger page.
//!
//! Owns: the table `page_limits`. Must not know: when a larger page is tried again.

use chrono::{DateTime, Utc};

use crate::domain::Bucket;
use crate::store::db::sqlite::{self, count};
use crate::store::{RateLimitStore, Result};

/// The largest page that was answered after a larger one was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLimit {
    /// Rows.
    pub rows: u32,
    /// When a larger page was last refused.
    pub learnt_at: DateTime<Utc>,
}

impl RateLimitStore<'_> {
    /// The largest page of a bucket; `None` if no page was ever refused.
    pub async fn page_limit(self, bucket: Bucket) -> Result<Option<PageLimit>> {
        let store = self.store;
        let sql = "select rows, learnt_at from page_limits where bucket = ?1";
        let row: Option<(i64, String)> =
            sqlx::query_as(sql).bind(bucket.as_str()).fetch_optional(&store.readers).await?;
        row.map(|(rows, at)| Ok(PageLimit { rows: count(rows), learnt_at: sqlite::time(&at)? })).transpose()
    }

    /// Stores the largest page of a bucket.
    pub async fn set_page_limit(self, bucket: Bucket, limit: PageLimit) -> Result<()> {
        let store = self.store;
        let sql = "insert into page_limits (bucket, rows, learnt_at) values (?1, ?2, ?3)
                   on conflict do update set rows = excluded.rows, learnt_at = excluded.learnt_at";
        store
            .execute(
                sqlx::query(sql).bind(bucket.as_str()).bind(limit.rows).bind(sqlite::millis(limit.learnt_at)),
            )
            .await
    }
}

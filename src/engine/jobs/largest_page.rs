//! Finds the largest page that Spotify accepts.
//!
//! Owns: what to do if a page is refused for its size ("Invalid limit"). Smaller sizes are tried
//! and remembered for a day, so that not every run gets refusals. Must not know: what a page
//! contains. Source: limits were lowered in 2026, for some endpoints and some apps only.

use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;

use super::job::Job;
use super::retry::{self, PageOrGap, RowSpan, UnreadablePlaces};
use crate::domain::Bucket;
use crate::engine::context::EngineContext;
use crate::engine::error::JobError;
use crate::spotify::SpotifyError;
use crate::store::PageLimit;

/// The sizes to fall back to.
const SMALLER: [u32; 5] = [50, 20, 10, 5, 1];
/// How long a larger page is not tried again.
const PROBE_EVERY: TimeDelta = TimeDelta::days(1);

/// What a job knows about the largest page of its bucket.
#[derive(Debug)]
pub struct LargestPage(Mutex<Largest>);

#[derive(Debug, Clone, Copy)]
struct Largest {
    /// The most rows in an answer after a larger page was refused.
    rows: Option<u32>,
    /// This job learned it, and it is not stored yet.
    is_new: bool,
}

impl LargestPage {
    /// The stored limit of `bucket`, if it was learned less than a day ago.
    pub async fn load(ctx: &EngineContext, bucket: Bucket) -> Result<Self, JobError> {
        let learned = ctx.store.rate_limits().page_limit(bucket).await?;
        // A time in the future is from before the clock was set back.
        let is_fresh = |learned: &PageLimit| (ctx.clock.now() - learned.learnt_at).abs() < PROBE_EVERY;
        let rows = learned.filter(is_fresh).map(|learned| learned.rows.max(1));
        Ok(Self(Mutex::new(Largest { rows, is_new: false })))
    }

    fn get(&self) -> Largest {
        *self.lock()
    }

    fn learn(&self, rows: u32) {
        *self.lock() = Largest { rows: Some(rows), is_new: true };
    }

    fn lock(&self) -> MutexGuard<'_, Largest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Job<'_> {
    /// Requests a page of `limit` rows, or of as many as Spotify accepts, until an answer comes.
    pub async fn sized_page<T, F, Answer>(&self, limit: u32, fetch: F) -> Result<T, SpotifyError>
    where
        F: Fn(u32) -> Answer,
        Answer: Future<Output = Result<T, SpotifyError>>,
    {
        let mut limit = self.page_size(limit);
        let mut is_refused = false;
        loop {
            let answer = retry::with_smaller_pages(&self.ctx.clock, &self.ask, limit, &fetch).await;
            match (answer, smaller(limit)) {
                (Err(SpotifyError::BadRequest { message }), Some(less)) if is_about_size(&message) => {
                    tracing::info!(%message, limit, less, "a page is too large for Spotify");
                    (limit, is_refused) = (less, true);
                }
                (answer, _) => {
                    if answer.is_ok() && is_refused {
                        self.largest_page.learn(limit);
                    }
                    return answer;
                }
            }
        }
    }

    /// [`Job::sized_page`] of the rows from `span.offset` on. It continues past a row that Spotify
    /// cannot serve; see [`retry::around_unreadable_rows`].
    pub async fn page_or_gap<T, F, Answer>(
        &self,
        span: RowSpan,
        places: &UnreadablePlaces,
        fetch: F,
    ) -> Result<PageOrGap<T>, SpotifyError>
    where
        F: Fn(u32, u32) -> Answer,
        Answer: Future<Output = Result<T, SpotifyError>>,
    {
        let fetch = &fetch;
        let page = |offset, limit| self.sized_page(limit, move |limit| fetch(offset, limit));
        retry::around_unreadable_rows(span, places, page, fetch).await
    }

    /// `limit`, or a smaller size if `limit` was refused less than a day ago.
    pub fn page_size(&self, limit: u32) -> u32 {
        self.largest_page.get().rows.map_or(limit, |rows| limit.min(rows))
    }

    /// Stores what was learned about the largest page.
    pub async fn keep_largest_page(&self) -> Result<(), JobError> {
        if let Largest { rows: Some(rows), is_new: true } = self.largest_page.get() {
            let learned = PageLimit { rows, learnt_at: self.ctx.clock.now() };
            self.ctx.store.rate_limits().set_page_limit(self.entity.bucket(), learned).await?;
        }
        Ok(())
    }
}

fn smaller(limit: u32) -> Option<u32> {
    SMALLER.into_iter().find(|size| *size < limit)
}

fn is_about_size(message: &str) -> bool {
    message.to_lowercase().contains("limit")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_shrinks_down_to_a_single_row() {
        let sizes: Vec<u32> = std::iter::successors(Some(100), |size| smaller(*size)).collect();
        assert_eq!(sizes, [100, 50, 20, 10, 5, 1]);
        assert!(is_about_size("Invalid limit"));
        assert!(!is_about_size("Invalid offset"));
    }
}

//! Pages as large as Spotify gives them.
//!
//! Owns: what follows where a page is refused for its size ("Invalid limit"): smaller ones, remembered for a
//! day, so that nothing is refused in every run. Must not know: what a page holds.
//! Source: limits were lowered in 2026, for some endpoints and some apps only.

use std::future::Future;

use chrono::TimeDelta;

use super::error::JobError;
use super::job::Job;
use super::retry;
use crate::spotify::SpotifyError;
use crate::store::PageLimit;

/// The sizes to fall back to.
const SMALLER: [u32; 5] = [50, 20, 10, 5, 1];
/// How long a larger page is not tried again.
const PROBE_EVERY: TimeDelta = TimeDelta::days(1);

impl Job<'_> {
    /// Asks for a page of `limit` rows, or of as many as Spotify gives at once, until an answer comes. The inner
    /// error is Spotify's.
    pub async fn page<T, F, Answer>(&self, limit: u32, fetch: F) -> Result<Result<T, SpotifyError>, JobError>
    where
        F: Fn(u32) -> Answer,
        Answer: Future<Output = Result<T, SpotifyError>>,
    {
        let mut limit = self.page_size(limit).await?;
        let mut is_refused = false;
        loop {
            let answer = retry::page(&self.ctx.clock, &self.ask, limit, &fetch).await;
            match (answer, smaller(limit)) {
                (Err(SpotifyError::BadRequest { message }), Some(less)) if is_about_size(&message) => {
                    tracing::info!(%message, limit, less, "a page is too large for Spotify");
                    (limit, is_refused) = (less, true);
                }
                (answer, _) => {
                    if answer.is_ok() && is_refused {
                        let learnt = PageLimit { rows: limit, learnt_at: self.ctx.clock.now() };
                        self.ctx.store.set_page_limit(self.entity.bucket(), learnt).await?;
                    }
                    return Ok(answer);
                }
            }
        }
    }

    /// `limit`, or fewer rows where so many were refused less than a day ago.
    pub async fn page_size(&self, limit: u32) -> Result<u32, JobError> {
        let learnt = self.ctx.store.page_limit(self.entity.bucket()).await?;
        // A time that lies ahead is one from before the clock was set back.
        let is_fresh = |learnt: &PageLimit| (self.ctx.clock.now() - learnt.learnt_at).abs() < PROBE_EVERY;
        Ok(learnt.filter(is_fresh).map_or(limit, |learnt| limit.min(learnt.rows.max(1))))
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

//! The end of a walk: whether it is accepted, and how it changes the library.
//!
//! Owns: which walks are accepted. `total` is a hint: if a walk finds another number of rows, a
//! second walk must find exactly the same rows, and then the difference is remembered. Must not
//! know: how pages are read, or who approves removals.

use crate::domain::Entity;
use crate::store::{Committed, Delta, FinishWalk, Finished};

use super::ListWalk;
use crate::engine::error::JobError;
use crate::engine::jobs::job::Job;

/// This many artists fewer than the total, or one in [`ARTISTS_SHARE`], may be closed accounts.
const ARTISTS_SHORT: u32 = 5;
const ARTISTS_SHARE: u32 = 10;
/// This many rows fewer than the total, or every other row, may be rows that no market has.
const ROWS_SHORT: u32 = 25;
const ROWS_SHARE: u32 = 2;

impl ListWalk<'_> {
    /// The end of the list: replaces the list with the staged rows. If the walk cannot be trusted,
    /// it begins again and returns `None`.
    pub(super) async fn settle(&mut self) -> Result<Option<Committed<Delta>>, JobError> {
        // A row that appeared at the top during the reading may be a row that was already read
        // elsewhere. Only a reading without such a row can show that.
        let has_shifted = self.cursor.top_ord < 0;
        if has_shifted && self.has_read_a_row_twice().await? {
            return self.restart().await.map(|()| None);
        }
        // A missing row and a row that was read twice can cancel each other out in the count.
        let is_complete = self.comes_out() && !self.cursor.is_doubtful;
        let settles_later = !is_complete && self.settles_later().await?;
        let found = self.job.store().library().staged_fingerprint(self.job.entity).await?;
        let is_repeated = self.cursor.found_before == Some(found);
        let is_believed = is_complete || is_repeated;
        if !is_believed && !settles_later {
            return self.walk_again(found).await;
        }
        if !is_complete && self.is_selection() {
            return Err(self.give_up(self.selection()).await?);
        }
        if self.is_initial_complete && !self.is_gone_what_is_missing(is_repeated).await? {
            return self.walk_again(found).await;
        }
        self.swap_in(is_believed).await.map(Some)
    }

    async fn walk_again(&mut self, found: u64) -> Result<Option<Committed<Delta>>, JobError> {
        self.cursor.found_before = Some(found);
        self.restart().await.map(|()| None)
    }

    /// Whether the number of rows matches the total, apart from the known difference.
    fn comes_out(&self) -> bool {
        let surplus = self.surplus_now();
        surplus == 0 || surplus == self.surplus
    }

    fn surplus_now(&self) -> i64 {
        i64::from(self.cursor.total.unwrap_or_default()) - i64::from(self.staged)
    }

    /// Accepts a first reading of the saved tracks that missed a row, or read one that has been
    /// removed since. The next incremental run counts the rows and resolves the difference.
    async fn settles_later(&self) -> Result<bool, JobError> {
        let is_first = self.job.entity == Entity::Tracks && !self.is_initial_complete;
        if !is_first || self.cursor.is_doubtful || self.is_selection() {
            return Ok(false);
        }
        let is_twofold = self.surplus_now() < 0 && self.has_read_a_row_twice().await?;
        Ok(!is_twofold)
    }

    /// Whether so many rows are missing that the answers showed only a selection of the list.
    fn is_selection(&self) -> bool {
        let short = u32::try_from(self.surplus_now()).unwrap_or(0);
        let total = self.cursor.total.unwrap_or_default();
        let (most, share) = match self.job.entity {
            Entity::Artists => (ARTISTS_SHORT, ARTISTS_SHARE),
            _ => (ROWS_SHORT, ROWS_SHARE),
        };
        let leads_in_a_circle = short > 0 && self.cursor.repeats > 0;
        leads_in_a_circle || short > most && short.saturating_mul(share) > total
    }

    fn selection(&self) -> JobError {
        let why = format!(
            "Spotify shows {} of the {} {} that it counts, so the list is incomplete; the rows so far are kept, the next try starts over",
            self.staged,
            self.cursor.total.unwrap_or_default(),
            self.job.entity
        );
        JobError::Incomplete { why }
    }

    /// Whether a row was read twice. The copy under another id would be taken for a removed row
    /// later.
    async fn has_read_a_row_twice(&self) -> Result<bool, JobError> {
        Ok(self.job.store().library().has_staged_twins().await?)
    }

    async fn swap_in(&self, is_believed: bool) -> Result<Committed<Delta>, JobError> {
        let Job { ctx, entity, .. } = self.job;
        let now = ctx.clock.now();
        let finish = FinishWalk {
            baseline: !self.is_initial_complete,
            allow_removals: self.job.allowed_removals().await?,
            still_there: self.still_there.clone(),
            consented: self.consented.clone(),
            remote: self.cursor.total.unwrap_or_default().max(self.staged),
            surplus: is_believed.then(|| self.surplus_now()),
            at: now,
            next_due_at: Some(if is_believed { self.job.next_due_at } else { now }),
        };
        let done = self.job.store().library().finish_walk(self.job.run_id(), *entity, &finish).await?;
        match done.outcome {
            Finished::Applied(delta) => Ok(Committed { outcome: delta, state: done.state }),
            Finished::Braked { gone, known } => Err(JobError::Braked { gone, known }),
        }
    }
}

//! The end of a walk: whether it is believed, and what it makes of the library.
//!
//! Owns: which walks are believed. `total` is a hint: where the rows that were found are another number, a second
//! walk must find the very same rows, and then the difference is remembered. Must not know: how pages are read,
//! nor who consents to removals.

use crate::domain::Entity;
use crate::store::{Committed, Delta, FinishWalk, Finished};

use super::ListWalk;
use crate::engine::error::JobError;
use crate::engine::jobs::job::Job;

/// So many artists fewer than the total, or one in [`ARTISTS_SHARE`], may be accounts that were closed.
const ARTISTS_SHORT: u32 = 5;
const ARTISTS_SHARE: u32 = 10;
/// So many rows fewer than the total, or every other one, may be rows that no market has.
const ROWS_SHORT: u32 = 25;
const ROWS_SHARE: u32 = 2;

impl ListWalk<'_> {
    /// The end of the list: swaps the stage in, or begins again and answers `None` where the walk
    /// cannot be trusted.
    pub(super) async fn settle(&mut self) -> Result<Option<Committed<Delta>>, JobError> {
        // What came on top while the list was read may be a row of it that was read before: only a reading through
        // which nothing comes tells.
        let has_shifted = self.cursor.top_ord < 0;
        if has_shifted && self.has_read_a_row_twice().await? {
            return self.restart().await.map(|()| None);
        }
        // A row that was left out may be made up for in number by one that was read twice.
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

    /// Whether so many rows were found as the total says, or as many fewer as ever.
    fn comes_out(&self) -> bool {
        let surplus = self.surplus_now();
        surplus == 0 || surplus == self.surplus
    }

    fn surplus_now(&self) -> i64 {
        i64::from(self.cursor.total.unwrap_or_default()) - i64::from(self.staged)
    }

    /// A first reading of the saved tracks that missed a row, or read one that is gone since, stands as
    /// it is: the next incremental run counts, and settles it.
    async fn settles_later(&self) -> Result<bool, JobError> {
        let is_first = self.job.entity == Entity::Tracks && !self.is_initial_complete;
        if !is_first || self.cursor.is_doubtful || self.is_selection() {
            return Ok(false);
        }
        let is_twofold = self.surplus_now() < 0 && self.has_read_a_row_twice().await?;
        Ok(!is_twofold)
    }

    /// Whether so many rows are missing that what was shown is a selection of the list, and not the list.
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

    /// A row that was read again under another id would be taken for one that was removed later.
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

//! The doubts before anything that a walk did not find is called gone.
//!
//! Owns: who is asked, and what is kept whatever the pages said. Must not know: how the list was read, nor
//! what a removal does.

use crate::store::Missing;

use super::super::super::error::JobError;
use super::super::super::job::Job;
use super::super::confirm;
use super::super::list::Place;
use super::Walk;

impl Walk<'_> {
    /// Before anything is marked as gone: a last look at the head, since a row that moved from a page
    /// not yet read to one already read was missed, not removed; and Spotify's own word.
    pub(super) async fn is_gone_what_is_missing(&mut self, total: u32) -> Result<bool, JobError> {
        let Job { ctx, account, entity, .. } = self.job;
        let allowed = self.job.allowed_removals().await?;
        let missing = ctx.store.missing(account.id, *entity, allowed).await?;
        if missing.gone.is_empty() {
            return Ok(true);
        }
        let one_answer = total <= ctx.settings.sync().initial_batch;
        if !one_answer && !self.is_head_still_there().await? {
            return Ok(false);
        }
        match confirm::still_there(self.job, &missing.gone).await? {
            Some(there) if there.is_empty() => Ok(true),
            // A null row hides it, or the pages contradict the account.
            Some(there) => {
                let explained = ctx.store.keep_masked(account.id, *entity, &there).await?;
                self.still_there = there;
                Ok(explained)
            }
            None => self.keep_what_may_be_hidden(missing).await,
        }
    }

    async fn is_head_still_there(&self) -> Result<bool, JobError> {
        let limit = u32::try_from(self.cursor.top.len()).unwrap_or(1).max(1);
        Ok(!self.differs_from(&self.fetch(&Place::default(), limit).await?))
    }

    /// Without Spotify's word: as many new null rows as things that are missing hide them.
    async fn keep_what_may_be_hidden(&self, missing: Missing) -> Result<bool, JobError> {
        let Job { ctx, account, entity, .. } = self.job;
        let gone = u32::try_from(missing.gone.len()).unwrap_or(u32::MAX);
        match missing.new_null_rows {
            0 => Ok(true),
            hidden if gone <= hidden => {
                let ids = missing.gone.into_iter().collect();
                Ok(ctx.store.keep_masked(account.id, *entity, &ids).await?)
            }
            _ => Err(JobError::failed(format!(
                "rows of the {entity} could not be read and some are gone, which cannot be told apart; all are kept"
            ))),
        }
    }
}

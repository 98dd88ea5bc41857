//! The checks before an item that a walk did not find is called gone.
//!
//! Owns: what Spotify is asked, and what is kept whatever the pages said. Must not know: how the
//! list was read, or how a removal is done.

use std::collections::HashSet;

use crate::store::{Gone, Missing};

use super::ListWalk;
use crate::engine::error::JobError;
use crate::engine::jobs::confirm::{self, Contains};
use crate::engine::jobs::job::Job;

impl ListWalk<'_> {
    /// The checks before a row is marked as gone. The head is read again, because a row that moved
    /// from an unread page to a read one was missed, not removed. Then Spotify is asked. Returns
    /// `false` if the list must be read again.
    pub(super) async fn is_gone_what_is_missing(&mut self, is_repeated: bool) -> Result<bool, JobError> {
        let Job { entity, .. } = self.job;
        let allowed = self.job.allowed_removals().await?;
        let missing = self.job.store().library().missing(*entity, allowed).await?;
        if missing.gone.is_empty() {
            return Ok(true);
        }
        let is_new = missing.gone.iter().any(|gone| gone.unlisted.is_none());
        if is_new && self.answers > 1 && !self.is_head_still_there().await? {
            return Ok(false);
        }
        match confirm::still_there(self.job, &ids(&missing.gone)).await? {
            Contains::Answered(there) => self.take_word(missing, there, is_repeated).await,
            Contains::Unanswered => self.keep_what_may_be_hidden(&missing).await.map(|()| true),
            Contains::Closed => {
                self.keep_what_may_be_hidden(&missing).await?;
                self.consent_to_what_is_missing_again(&missing);
                Ok(true)
            }
        }
    }

    async fn is_head_still_there(&self) -> Result<bool, JobError> {
        let limit = u32::try_from(self.cursor.top.len()).unwrap_or(1).max(1);
        Ok(!self.differs_from(&self.fetch_top(limit).await?))
    }

    /// Items that are in the library are kept, whether a null row hides them or two readings did
    /// not show them.
    async fn take_word(
        &mut self,
        missing: Missing,
        there: HashSet<String>,
        is_repeated: bool,
    ) -> Result<bool, JobError> {
        let Job { entity, .. } = self.job;
        let is_known = |gone: &&Gone| gone.unlisted.is_some_and(|row| row.is_vouched);
        let known: HashSet<String> =
            missing.gone.iter().filter(is_known).map(|gone| gone.id.clone()).collect();
        let unmasked = &there - &known;
        let contradicted = self.job.store().library().keep_masked(*entity, &unmasked).await?;
        let is_seen_twice = |id: &String| is_repeated || self.cursor.vouched.contains(id);
        if !contradicted.iter().all(is_seen_twice) {
            return Ok(false);
        }
        let stays = |id: &String| contradicted.contains(id) || known.contains(id) && there.contains(id);
        self.consented = missing.gone.into_iter().map(|gone| gone.id).filter(|id| !stays(id)).collect();
        self.still_there = there;
        Ok(true)
    }

    /// Without Spotify's answer, items are kept: each new null row may hide one missing item.
    async fn keep_what_may_be_hidden(&self, missing: &Missing) -> Result<(), JobError> {
        let Job { entity, .. } = self.job;
        let new: Vec<&Gone> = missing.gone.iter().filter(|gone| gone.unlisted.is_none()).collect();
        if !new.is_empty() && new.len() <= missing.new_null_rows as usize {
            let ids = new.into_iter().map(|gone| gone.id.clone()).collect();
            self.job.store().library().keep_masked(*entity, &ids).await?;
        }
        Ok(())
    }

    /// If the app may not ask, items that another run did not find either may be removed. This
    /// requires that this reading misses nothing else, and that no null row can hide any of them.
    fn consent_to_what_is_missing_again(&mut self, missing: &Missing) {
        let run = self.job.run_id();
        let is_open = |gone: &&Gone| gone.unlisted.is_none_or(|row| !row.is_vouched);
        let was_missing = |gone: &&Gone| gone.unlisted.is_some_and(|row| row.run != run);
        let open: Vec<&Gone> = missing.gone.iter().filter(is_open).collect();
        if missing.new_null_rows == 0 && open.iter().all(was_missing) {
            self.consented = open.into_iter().map(|gone| gone.id.clone()).collect();
        }
    }
}

fn ids(gone: &[Gone]) -> Vec<String> {
    gone.iter().map(|gone| gone.id.clone()).collect()
}

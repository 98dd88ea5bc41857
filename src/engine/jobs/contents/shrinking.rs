//! Lists that got shorter are held back until the end of the run, because all losses together may
//! need a person's approval.

use crate::domain::{ContentsState, Page};
use crate::store::{BrakedContents, ContentsCommitted, ContentsJob, LastContentsPage, needs_a_word};

use super::ContentsReading;
use crate::engine::error::JobError;
use crate::engine::jobs::job::Job;

/// A list that was read completely, is staged, and is shorter than the stored list.
#[derive(Debug)]
pub struct Shorter {
    pub list: ContentsJob,
    /// How many slots fewer.
    pub by: u32,
    /// Slots that were read.
    pub slots: u32,
    /// The values that complete it.
    pub closing: LastContentsPage,
}

/// What a run would remove.
#[derive(Debug, Default)]
pub struct Shrinking {
    /// Slots that were stored when the run began.
    known: u32,
    lists: Vec<Shorter>,
}

impl Shrinking {
    pub const fn of(known: u32) -> Self {
        Self { known, lists: Vec::new() }
    }

    pub fn add(&mut self, shorter: Shorter) {
        self.lists.push(shorter);
    }

    fn gone(&self) -> u32 {
        self.lists.iter().fold(0, |gone, list| gone.saturating_add(list.by))
    }
}

impl ContentsReading<'_> {
    /// Commits the shorter lists, or applies the brake and keeps the old ones.
    pub(super) async fn shrink(&mut self) -> Result<(), JobError> {
        let Shrinking { known, .. } = self.shrinking;
        let gone = self.shrinking.gone();
        let is_allowed = self.job.allowed_removals().await?.is_some_and(|most| gone <= most);
        if needs_a_word(gone, known) && !is_allowed {
            return self.brake(gone, known).await;
        }
        for Shorter { list, slots, closing, .. } in std::mem::take(&mut self.shrinking.lists) {
            let closing = LastContentsPage { may_shrink: true, ..closing };
            let page = Page { rows: Vec::new(), offset: slots, total: closing.total, has_next: false };
            match self.write(&list, page, Some(closing), None).await? {
                ContentsCommitted::Stored(delta) => self.delta += delta,
                other => {
                    // The staged rows are gone: the list waits for the next run.
                    tracing::warn!(playlist = %list.id, ?other, "a list that got shorter was not accepted");
                    self.mark(&list, ContentsState::Pending, None, None).await?;
                }
            }
        }
        self.job.show_progress(&self.state).await;
        Ok(())
    }

    async fn brake(&self, gone: u32, known: u32) -> Result<(), JobError> {
        let Job { next_due_at, .. } = self.job;
        let braked = BrakedContents { gone, known, next_due_at: *next_due_at };
        self.job.store().playlists().brake_contents(&braked).await?;
        Err(JobError::Braked { gone, known })
    }
}

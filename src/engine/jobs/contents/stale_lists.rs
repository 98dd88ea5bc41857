//! Lists whose contents are read again because of their age, whatever their snapshot id is.

use crate::domain::{ContentsState, Entity};
use crate::store::ContentsJob;

use super::ContentsReading;
use crate::engine::error::JobError;
use crate::engine::jobs::job::Job;
use crate::engine::timing::{budget, full_refresh};

impl ContentsReading<'_> {
    /// Reads this run's share of them, while the day's budget has room. A list that was being read
    /// when a run was interrupted keeps its old age. It is selected again and continues at its
    /// page.
    pub(super) async fn read_aged(&mut self) -> Result<(), JobError> {
        if self.everything {
            return Ok(());
        }
        let Job { ctx, run, .. } = self.job;
        let now = ctx.clock.now();
        let mut lists = self.job.store().playlists().listed_contents().await?;
        // A list that this run has read is new, however short the interval.
        let is_of_this_run =
            |list: &ContentsJob| list.synced_at.is_some_and(|at| at >= run.started_at && at <= now);
        // A list that failed a while ago has its own time for the next try.
        lists.retain(|list| {
            let waits = list.attempts.count > 0 && list.attempts.retry_at.is_some();
            list.state == ContentsState::Complete && !is_of_this_run(list) && !waits
        });
        for list in full_refresh::lists_due(lists, self.last_synced_at, now, &ctx.settings.sync()) {
            if budget::left(ctx.settings.gate().daily_budget, self.used_today().await?) == 0 {
                break;
            }
            self.list(&list).await?;
        }
        Ok(())
    }

    async fn used_today(&self) -> Result<u32, JobError> {
        self.job.used_today(Entity::PlaylistItems.bucket()).await
    }
}

//! Lists whose contents are read again for their age, whatever their snapshot id says.

use crate::domain::{ContentsState, Entity};
use crate::store::ContentsJob;

use super::ContentsReading;
use crate::engine::error::JobError;
use crate::engine::jobs::job::Job;
use crate::engine::timing::{budget, full_refresh};

impl ContentsReading<'_> {
    /// Reads this run's share of them, while something is left of the day's budget. A list that was under
    /// way when a run was cut off is as old as it was, so it comes again and goes on from its page.
    pub(super) async fn read_aged(&mut self) -> Result<(), JobError> {
        if self.everything {
            return Ok(());
        }
        let Job { ctx, run, .. } = self.job;
        let now = ctx.clock.now();
        let mut lists = self.job.store().playlists().listed_contents().await?;
        // What this very run has read is new, however short the interval.
        let is_of_this_run =
            |list: &ContentsJob| list.synced_at.is_some_and(|at| at >= run.started_at && at <= now);
        // One that came to nothing a while ago has its own time to be asked again.
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

//! Saved albums and followed artists between two readings of the whole list: their first page.
//!
//! Spotify counts the rows of these lists, and puts new albums on top, so that nearly every change shows in the first
//! page or in the number. Whatever does not is found by the next reading of the whole list, a day later at most.
//!
//! Owns: when the first page is enough. Must not know: what a walk does.

use crate::domain::{Entity, SyncState, Trigger};
use crate::engine::error::JobError;
use crate::engine::jobs::job::Job;
use crate::engine::jobs::list::{self, ListPosition};
use crate::engine::timing::full_refresh;
use crate::store::FirstPage;

/// The list's row, now synced, where the list still begins with the stored rows and is as long as it was; otherwise
/// nothing has changed but the state `running`.
pub(super) async fn unchanged(job: &Job<'_>, state: &SyncState) -> Result<Option<SyncState>, JobError> {
    if !is_enough(job, state).await? {
        return Ok(None);
    }
    job.begin(state).await?;
    let place = ListPosition::top(state.total_surplus);
    let page = list::fetch_page(job, &place, job.ctx.settings.sync().initial_batch).await?;
    if page.is_short {
        return Ok(None);
    }
    let first = FirstPage {
        total: page.total,
        rows: page.rows,
        at: job.ctx.clock.now(),
        next_due_at: Some(job.next_due_at),
    };
    Ok(job.store().library().finish_first_page(job.run_id(), &first).await?)
}

/// A person who asks wants to see what there is; a short list is its first page; and where something is open, only the
/// whole list says more.
async fn is_enough(job: &Job<'_>, state: &SyncState) -> Result<bool, JobError> {
    let sync = job.ctx.settings.sync();
    let is_candidate = matches!(job.entity, Entity::Albums | Entity::Artists)
        && job.run.request.trigger == Trigger::Schedule
        && !job.full()
        && state.is_initial_complete
        && state.failures.count == 0
        && state.braked_removals.is_none()
        && state.total_processed > sync.initial_batch
        && !full_refresh::is_list_due(state, job.ctx.clock.now(), &sync);
    Ok(is_candidate && job.store().library().unlisted(job.entity).await?.is_empty())
}

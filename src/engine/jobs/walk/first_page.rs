//! The first page of saved albums and followed artists, which is read between two readings of the
//! whole list.
//!
//! Spotify counts the rows of these lists and puts new albums at the top, so nearly every change
//! shows in the first page or in the count. The next reading of the whole list finds any other
//! change, at most a day later.
//!
//! Owns: when the first page is enough. Must not know: how a walk works.

use crate::domain::{Entity, SyncState, Trigger};
use crate::engine::error::JobError;
use crate::engine::jobs::job::Job;
use crate::engine::jobs::list::{self, ListPosition};
use crate::engine::timing::full_refresh;
use crate::store::FirstPage;

/// Returns the list's row, now synced, if the list still begins with the stored rows and has the
/// same length. Otherwise nothing has changed but the state `running`.
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

/// Whether the first page may be enough. A person who starts a sync wants the whole list. The first
/// page of a short list is the whole list. If something is unresolved, only the whole list helps.
async fn is_enough(job: &Job<'_>, state: &SyncState) -> Result<bool, JobError> {
    let sync = job.ctx.settings.sync();
    let is_candidate = matches!(job.entity, Entity::Albums | Entity::Artists)
        && job.run.request.trigger == Trigger::Schedule
        && !job.full()
        && state.is_initial_complete
        && state.failures.count == 0
        && state.braked_removals.is_none()
        // A row that was not shown is counted by Spotify, and the number would stay the same.
        && state.null_rows == 0
        && state.total_processed > sync.initial_batch
        && !full_refresh::is_list_due(state, job.ctx.clock.now(), &sync);
    Ok(is_candidate && job.store().library().unlisted(job.entity).await?.is_empty())
}

//! The saved tracks: compares the rows at the top with the stored list.

use super::{LARGEST_PAGE, Planner, number};
use crate::domain::{Bucket, SyncState};
use crate::engine::dry_run::Estimate;
use crate::engine::dry_run::lists::ListPlanner;
use crate::engine::dry_run::range::Range;
use crate::engine::dry_run::tracks::{self, TopPages, TracksPath};
use crate::engine::error::JobError;
use crate::engine::jobs::cursor::Cursor;
use crate::engine::jobs::tracks::{seen_row, stored_slots};
use crate::engine::removal_search::{self, Outlook, StoredSlot};
use crate::engine::timing::full_refresh;

impl Planner<'_> {
    pub(super) async fn tracks(&mut self, state: &SyncState) -> Result<Estimate, JobError> {
        let sync = self.parts.sync;
        let cursor = Cursor::of(state);
        let is_due = self.are_tracks_due(state).await?;
        let head = sync.incremental_batch.max(1);
        // A whole number of the sync's own pages.
        let limit = (LARGEST_PAGE / head).max(1) * head;
        let page = self.timed(self.parts.client.saved_tracks(&self.ask.clone(), 0, limit)).await?;
        let stored =
            stored_slots(&self.parts.store.account(self.account().await?).library().saved_slots().await?);
        let rows: Vec<_> = page.rows.iter().map(seen_row).collect();
        let walk = self.walk_of_tracks(state, cursor.as_ref(), &stored, page.total).await?;
        let top = TopPages { walk, head, shown: number(rows.len()) };
        let is_walked = self.is_walked(state, cursor.as_ref());
        let way = if is_walked || is_due {
            TracksPath::Walk
        } else {
            TracksPath::RemovalSearch { resumed: cursor.is_some() }
        };
        let outlook = if state.is_initial_complete {
            removal_search::outlook(stored, &rows, state.listed(page.total), (head, sync.initial_batch))
        } else {
            Outlook::Deep
        };
        let mut estimate = tracks::estimate(&top, outlook, way);
        if is_due && !is_walked {
            estimate.note = Some("due for a full refresh".to_owned());
        }
        Ok(estimate)
    }

    /// Whether they are read from end to end, regardless of their age.
    const fn is_walked(&self, state: &SyncState, cursor: Option<&Cursor>) -> bool {
        self.request.full || !state.is_initial_complete || matches!(cursor, Some(Cursor::Walk(_)))
    }

    async fn are_tracks_due(&self, state: &SyncState) -> Result<bool, JobError> {
        let (settings, used) = (self.parts, self.used(Bucket::Tracks).await?);
        let budget = settings.gate.daily_budget;
        Ok(full_refresh::are_tracks_due(state, self.parts.clock.now(), &settings.sync, budget, used))
    }

    async fn walk_of_tracks(
        &self,
        state: &SyncState,
        cursor: Option<&Cursor>,
        stored: &[StoredSlot],
        total: u32,
    ) -> Result<ListPlanner, JobError> {
        let nulls = stored.iter().filter(|slot| slot.row.is_none()).count();
        Ok(ListPlanner {
            total,
            done: self.done(state, cursor),
            batch: self.parts.sync.initial_batch,
            has_short_pages: false,
            is_first: !state.is_initial_complete,
            known: number(stored.len() - nulls),
            gone: Range::exactly(0),
            null_slots: number(nulls),
            confirm: self.confirm().await?,
        })
    }
}

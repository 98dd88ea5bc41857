//! The contents of the playlists. The estimate uses the page of playlists and the stored contents;
//! it makes no request of its own.

use super::Planner;
use crate::domain::{Bucket, Capability, ContentsState, SyncState};
use crate::engine::dry_run::Estimate;
use crate::engine::dry_run::contents::{self, Lists};
use crate::engine::error::JobError;
use crate::engine::jobs::availability::Availability;
use crate::engine::jobs::cursor::Cursor;
use crate::engine::timing::{budget, full_refresh};
use crate::store::ContentsJob;

impl Planner<'_> {
    pub(super) async fn contents(&mut self, state: &SyncState) -> Result<Estimate, JobError> {
        if self.names_playlists && self.playlists.is_none() {
            return Err(JobError::failed("reading the playlists shows which contents have changed"));
        }
        let me = self.me().await?;
        let account = self.account().await?;
        let stored = self.parts.store.account(account).playlists().listed_contents().await?;
        let unlisted = self.parts.store.account(account).playlists().unlisted_contents().await?;
        let everything = self.request.full
            || matches!(Cursor::of(state), Some(Cursor::Contents(cursor)) if cursor.everything);
        let aged = if everything { Vec::new() } else { self.aged(state, &stored).await? };
        let foreign = match self.availability(Capability::ForeignContents).await? {
            // A full resync requests one of them even if they are known to be closed.
            Availability::Closed if everything => Availability::Probe,
            availability => availability,
        };
        let page = self.playlists.as_ref().map(|(rows, total)| (rows.as_slice(), *total));
        Ok(contents::estimate(&Lists {
            me: &me.id,
            stored: &stored,
            unlisted: &unlisted,
            page,
            aged: &aged,
            everything,
            now: self.parts.clock.now(),
            items_path: self.availability(Capability::ItemsPath).await?,
            foreign,
            batch: self.parts.sync.initial_batch,
        }))
    }

    /// Lists that are read again because of their age, as far as the day's budget allows.
    async fn aged(&self, state: &SyncState, stored: &[ContentsJob]) -> Result<Vec<ContentsJob>, JobError> {
        let settings = self.parts;
        let complete = stored.iter().filter(|list| list.state == ContentsState::Complete).cloned().collect();
        let mut aged =
            full_refresh::lists_due(complete, state.last_synced_at, self.parts.clock.now(), &settings.sync);
        let used = self.used(Bucket::PlaylistItems).await?;
        let mut left = budget::left(settings.gate.daily_budget, used);
        aged.retain(|list| {
            let has_room = left > 0;
            let pages = list.item_count.unwrap_or(0).div_ceil(settings.sync.initial_batch.max(1));
            left = left.saturating_sub(pages);
            has_room
        });
        Ok(aged)
    }
}

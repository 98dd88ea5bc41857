//! How a run's work on contents ends, and its progress.

use chrono::{DateTime, Utc};

use crate::domain::{Entity, Mode, RunId, SyncState};
use crate::store::db::sqlite::{self, count};
use crate::store::playlists::items;
use crate::store::state::sync_state::{self, BrakedState, sync_state_columns};
use crate::store::{Checkpoint, Delta, PlaylistStore, Result};

/// How a reading of contents ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishContents {
    /// The time of the end.
    pub at: DateTime<Utc>,
    /// When the entity is due next.
    pub next_due_at: Option<DateTime<Utc>>,
    /// Every requested list was read, or is refused.
    pub is_success: bool,
}

/// Playlists got shorter by more than is allowed without a person's approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrakedContents {
    /// How many slots fewer, over all lists.
    pub gone: u32,
    /// Stored slots.
    pub known: u32,
    /// When the entity is due next.
    pub next_due_at: DateTime<Utc>,
}

impl PlaylistStore<'_> {
    /// Ends a run's work on contents: the initial reading is complete if no list is pending any
    /// more. Lists that Spotify refuses, or that contradict themselves, have states of their own
    /// and do not delay this. Returns the entity's row.
    #[tracing::instrument(level = "error", skip_all)]
    pub async fn finish_contents(self, run: RunId, finish: &FinishContents) -> Result<SyncState> {
        let Self { store, account } = self;
        let mut tx = store.begin().await?;
        // Staged rows of a list that disappeared while it was read.
        items::clear_stage(&mut tx, account, None).await?;
        sync_state::piece(&mut tx, (account, run), Entity::PlaylistItems, &FINISHED, Delta::default())
            .await?;
        let statement = sqlx::query(FINISH)
            .bind(account.0)
            .bind(sqlite::millis(finish.at))
            .bind(finish.next_due_at.map(sqlite::millis))
            .bind(finish.is_success);
        let state = sync_state::write(statement, &mut tx, Entity::PlaylistItems).await?;
        tx.commit().await?;
        Ok(state)
    }

    /// Applies the brake: the lists that got shorter stay as they are until a person approves.
    #[tracing::instrument(level = "error", skip_all)]
    pub async fn brake_contents(self, braked: &BrakedContents) -> Result<()> {
        let Self { store, account } = self;
        let mut tx = store.begin().await?;
        items::clear_stage(&mut tx, account, None).await?;
        let brake = BrakedState {
            gone: braked.gone,
            held: braked.known,
            remote: braked.known.saturating_sub(braked.gone),
            next_due_at: Some(braked.next_due_at),
        };
        sync_state::braked(&mut tx, account, Entity::PlaylistItems, &brake).await?;
        Ok(tx.commit().await?)
    }

    /// The stored slots of all listed playlists.
    pub async fn stored_contents(self) -> Result<u32> {
        let Self { store, account } = self;
        let sql = "select coalesce(sum(contents_count), 0) from playlists
                   where account_id = ?1 and removed_at is null";
        let slots: i64 = sqlx::query_scalar(sql).bind(account.0).fetch_one(&store.readers).await?;
        Ok(count(slots))
    }

    /// Slots read and slots in all, over the lists that are not hidden.
    pub async fn contents_progress(self) -> Result<(u32, u32)> {
        let Self { store, account } = self;
        let sql = "select coalesce(sum(iif(read, slots, 0)), 0), coalesce(sum(slots), 0) from (
                       select contents_state = 'complete' and p.contents_generation = a.contents_generation
                                  as read,
                              iif(contents_state = 'complete', contents_count,
                                  coalesce(item_count, contents_count, 0)) as slots
                       from playlists p join accounts a on a.account_id = p.account_id
                       where p.account_id = ?1 and removed_at is null and contents_state <> 'hidden')";
        let (done, total): (i64, i64) = sqlx::query_as(sql).bind(account.0).fetch_one(&store.readers).await?;
        Ok((count(done), count(total)))
    }
}

/// No walk is in progress.
const FINISHED: Checkpoint = Checkpoint { mode: Mode::Incremental, cursor: None, processed: 0, remote: None };

const FINISH: &str = concat!(
    "
with lists as (
    select coalesce(sum(contents_count), 0) as slots,
           coalesce(sum(iif(contents_state = 'complete', contents_count,
                            coalesce(item_count, contents_count, 0))), 0) as remote,
           count(*) filter (where contents_state = 'pending') as pending,
           count(*) filter (where contents_state = 'failed') as failed,
           min(iif(contents_state = 'failed', name || ': ' || contents_error, null)) as why
    from playlists where account_id = ?1 and removed_at is null and contents_state <> 'hidden')
update sync_state set
    state = 'idle', cursor = null, next_due_at = ?3, braked_removals = null,
    failures = iif(?4, 0, failures), failed_beyond = iif(?4, 0, failed_beyond),
    last_error = case lists.failed
        when 0 then null
        when 1 then 'one playlist is kept as it was; ' || lists.why
        else lists.failed || ' playlists are kept as they were; ' || lists.why
    end,
    is_initial_complete = is_initial_complete or lists.pending = 0,
    mode = iif(is_initial_complete or lists.pending = 0, 'incremental', 'initial'),
    baseline_at = coalesce(baseline_at, iif(lists.pending = 0, ?2, null)),
    last_synced_at = iif(lists.pending = 0, ?2, last_synced_at),
    total_processed = lists.slots, total_remote = lists.remote
from lists
where account_id = ?1 and entity_type = 'playlist_items'
returning ",
    sync_state_columns!()
);

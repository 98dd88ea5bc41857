//! Which playlists are to be read, and how their contents are stored.
//!
//! Owns: the `contents_` columns of `playlists` and the transaction that stores a list with its
//! version. Must not know: where contents are read, or why Spotify hides some.

mod evidence;
mod finish;
mod todo;
mod whole;

use chrono::{DateTime, Utc};

use super::items;
use crate::domain::{ContentsState, Entity, PlaylistId, PlaylistItem, Row, RunId, SnapshotId};
use crate::store::db::sqlite;
use crate::store::state::rejected_rows::{self, RejectedPlace, SeenAt};
use crate::store::state::{runs, sync_state};
use crate::store::{Checkpoint, Committed, Delta, PlaylistStore, Result};

pub use finish::{BrakedContents, FinishContents};
pub use todo::{Attempts, ContentsJob};

/// A page of a playlist's contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentsPage {
    /// The playlist.
    pub playlist: PlaylistId,
    /// Place of its first row; 0 starts the list again.
    pub first_position: u32,
    /// Its slots, in order; each has a place, whether it is readable or not.
    pub rows: Vec<Row<PlaylistItem>>,
    /// Set on the last page: the whole list replaces what is stored.
    pub last: Option<LastContentsPage>,
    /// Where to continue after this page.
    pub checkpoint: Checkpoint,
}

/// What completes a playlist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastContentsPage {
    /// The version seen before the first page.
    pub snapshot_id: Option<SnapshotId>,
    /// Slots according to the listing seen before the first page, if it contained a count.
    pub listed: Option<u32>,
    /// Slots according to the answers.
    pub total: u32,
    /// Rows were missing from one of its pages, so a matching length proves nothing.
    pub is_doubtful: bool,
    /// A shorter list is stored at once; otherwise it stays staged until the end of the run.
    pub may_shrink: bool,
    /// When the last page was read.
    pub at: DateTime<Utc>,
}

/// The result of a page of contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContentsCommitted {
    /// Kept until the last page comes.
    Staged,
    /// It was the last page: the list is stored.
    Stored(Delta),
    /// It was the last page, and the list is shorter than the stored one: it stays staged until a
    /// page without rows commits it.
    Shorter {
        /// How many slots fewer.
        by: u32,
        /// Slots that were read.
        slots: u32,
    },
    /// It was the last page, and it contradicts the listing: the list is marked as contradictory,
    /// and nothing is removed. The same result in another run is accepted.
    Doubted {
        /// What was added, if it includes everything that was stored.
        delta: Delta,
        /// It equals the stored contents, so another reading in this run would show nothing new.
        is_known: bool,
    },
}

/// Why the contents of a list are not up to date, and when they are requested again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentsMark {
    /// Their state.
    pub state: ContentsState,
    /// One sentence.
    pub why: Option<String>,
    /// Not before this time; `None`: in the next run or, if they are hidden, when this app may see
    /// more.
    pub retry_at: Option<DateTime<Utc>>,
}

impl PlaylistStore<'_> {
    /// Stores a page of a playlist; the last one stores the list and its version in one
    /// transaction.
    #[tracing::instrument(level = "error", skip_all)]
    pub async fn commit_contents(
        self,
        run: RunId,
        page: &ContentsPage,
    ) -> Result<Committed<ContentsCommitted>> {
        let Self { store, account } = self;
        let place = RejectedPlace {
            account,
            entity: Entity::PlaylistItems,
            context: page.playlist.as_str(),
            seen_at: SeenAt::Run(run),
        };
        let mut tx = store.begin().await?;
        if page.first_position == 0 {
            items::clear_stage(&mut tx, account, Some(&page.playlist)).await?;
        }
        items::catalogue(&page.rows)?.write(&mut tx).await?;
        rejected_rows::keep(&mut tx, place, &page.rows).await?;
        items::stage(&mut tx, account, &page.playlist, &items::of_page(page)).await?;
        let committed = match &page.last {
            None => ContentsCommitted::Staged,
            Some(last) => whole::store(&mut tx, (account, run), page, last).await?,
        };
        let delta = match committed {
            ContentsCommitted::Stored(delta) | ContentsCommitted::Doubted { delta, .. } => delta,
            ContentsCommitted::Staged | ContentsCommitted::Shorter { .. } => Delta::default(),
        };
        runs::add(&mut tx, run, delta).await?;
        let state =
            sync_state::piece(&mut tx, (account, run), Entity::PlaylistItems, &page.checkpoint, delta)
                .await?;
        tx.commit().await?;
        Ok(Committed { outcome: committed, state })
    }

    /// Whether these slots may be accepted as unavailable: all are stored as unavailable, or the
    /// list was never read. A first reading accepts its null rows, which are common in a list.
    pub async fn are_unavailable(self, playlist: &PlaylistId, positions: &[u32]) -> Result<bool> {
        let Self { store, account } = self;
        if positions.is_empty() {
            return Ok(true);
        }
        let sql = "select (select count(*) from v_playlist_items
                           where account_id = ?1 and playlist_id = ?2 and kind = 'unavailable'
                             and position in (select value from json_each(?3))),
                          exists (select 1 from playlists where account_id = ?1 and playlist_id = ?2
                                  and contents_synced_at is null)";
        let (found, is_first): (i64, bool) = sqlx::query_as(sql)
            .bind(account.0)
            .bind(playlist.as_str())
            .bind(sqlite::rows(&positions)?)
            .fetch_one(&store.readers)
            .await?;
        Ok(is_first || sqlite::count(found) == sqlite::len(positions))
    }

    /// A digest of the staged rows of a playlist, followed by `last`, if the list seems to have
    /// moved while it was read: a slot of the stored version is missing, or a slot occurs more
    /// often than before.
    pub async fn torn_contents(
        self,
        playlist: &PlaylistId,
        last_position: u32,
        last: &[Row<PlaylistItem>],
    ) -> Result<Option<String>> {
        let Self { store, account } = self;
        let mut tx = store.readers.begin().await?;
        let mut new = items::staged(&mut tx, account, playlist).await?;
        new.retain(|slot| slot.ord < i64::from(last_position));
        new.extend(items::of_rows(last_position, last));
        let is_torn = items::look_torn(&items::stored(&mut tx, account, playlist).await?, &new);
        Ok(is_torn.then(|| evidence::digest(&new)))
    }

    /// Whether pages of this playlist are staged: a reading of it can go on.
    pub async fn has_staged(self, playlist: &PlaylistId) -> Result<bool> {
        let Self { store, account } = self;
        let sql = "select exists (select 1 from staged_items where account_id = ?1 and playlist_id = ?2)";
        let exists = sqlx::query_scalar(sql).bind(account.0).bind(playlist.as_str());
        Ok(exists.fetch_one(&store.readers).await?)
    }

    /// Stores why the contents of a list, requested for the listed version, are not up to date. The
    /// stored contents stay.
    #[tracing::instrument(level = "error", skip_all)]
    pub async fn mark_contents(self, playlist: &PlaylistId, mark: &ContentsMark) -> Result<()> {
        let Self { store, account } = self;
        let mut tx = store.begin().await?;
        let sql = "update playlists set
                       contents_state = ?3, contents_error = ?4, contents_retry_at = ?5,
                       contents_tries = contents_tries + 1, contents_asked_snapshot_id = snapshot_id,
                       contents_doubt = null, contents_doubt_run = null,
                       contents_generation = (select contents_generation from accounts where account_id = ?1)
                   where account_id = ?1 and playlist_id = ?2";
        sqlx::query(sql)
            .bind(account.0)
            .bind(playlist.as_str())
            .bind(mark.state.as_str())
            .bind(&mark.why)
            .bind(mark.retry_at.map(sqlite::millis))
            .execute(&mut *tx)
            .await?;
        items::clear_stage(&mut tx, account, Some(playlist)).await?;
        Ok(tx.commit().await?)
    }
}

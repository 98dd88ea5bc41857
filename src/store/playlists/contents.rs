//! Which playlists are to be read, and how their contents come in.
//!
//! Owns: the `contents_` columns of `playlists` and the transaction that stores a list with its version. Must not know: where contents are read, or why Spotify hides some.

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
    /// Whose.
    pub playlist: PlaylistId,
    /// Place of its first row; 0 begins the list anew.
    pub first_position: u32,
    /// Its slots, in order; each has its place, readable or not.
    pub rows: Vec<Row<PlaylistItem>>,
    /// Set on the last page: the whole list replaces what is stored.
    pub last: Option<LastContentsPage>,
    /// From where to go on when this page is in.
    pub checkpoint: Checkpoint,
}

/// What closes a playlist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastContentsPage {
    /// The version seen before the first page.
    pub snapshot_id: Option<SnapshotId>,
    /// Slots by the listing seen before the first page, where it said so.
    pub listed: Option<u32>,
    /// Slots that the answers say there are.
    pub total: u32,
    /// Rows were left out of one of its pages, so that a length that comes out proves nothing.
    pub is_doubtful: bool,
    /// A list that gets shorter is stored at once; else it stays staged until the whole run is judged.
    pub may_shrink: bool,
    /// When the last page was read.
    pub at: DateTime<Utc>,
}

/// What a page of contents brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContentsCommitted {
    /// Kept until the last page comes.
    Staged,
    /// It was the last: the list is stored.
    Stored(Delta),
    /// It was the last, and the list is shorter than what is stored: it stays staged until a page without rows
    /// behind it lets it in.
    Shorter {
        /// Slots fewer.
        by: u32,
        /// Slots read.
        slots: u32,
    },
    /// It was the last, and it contradicts the listing: the list is marked so, and nothing is taken away. The same
    /// in another run is believed.
    Doubted {
        /// What was added of it, where it has all that was stored.
        delta: Delta,
        /// It is what was stored already, so that another reading in this run would tell nothing new.
        is_known: bool,
    },
}

/// Why the contents of a list are not up to date, and when they are asked for again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentsMark {
    /// How they stand.
    pub state: ContentsState,
    /// One sentence.
    pub why: Option<String>,
    /// Not before then; `None`: in the next run, or, where they are hidden, when this app may see more.
    pub retry_at: Option<DateTime<Utc>>,
}

impl PlaylistStore<'_> {
    /// Keeps a page of a playlist; the last one stores the list and its version in one transaction.
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

    /// Whether nothing speaks against these slots being unavailable: all are stored so, or the list was
    /// never read. A first reading believes its null rows, which in a list are common.
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

    /// A digest of what is staged of a playlist, with `last` rows behind it, where that looks as if it had moved
    /// while it was read: a slot of the stored version is missing, or one stands there more often than before.
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

    /// Says why the contents of a list, asked for under the version that is listed, are not up to date. What is
    /// stored of them stays.
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

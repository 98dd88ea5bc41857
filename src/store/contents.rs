//! The slots of one playlist, replaced whole.

use chrono::{DateTime, Utc};

use super::{Checkpoint, Delta, Result, Store};
use crate::domain::{AccountId, ContentsState, PlaylistId, PlaylistItem, Row, RunId, SnapshotId};

/// A playlist whose contents are to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentsJob {
    /// Which.
    pub id: PlaylistId,
    /// Its name.
    pub name: String,
    /// Its version as last listed.
    pub snapshot_id: Option<SnapshotId>,
    /// Its slots as last listed.
    pub item_count: Option<u32>,
    /// The owner's user id.
    pub owner_id: String,
    /// Others may edit it.
    pub collaborative: bool,
    /// How its contents stand.
    pub state: ContentsState,
}

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
    /// Slots that Spotify says there are.
    pub total: u32,
    /// When the last page was read.
    pub at: DateTime<Utc>,
}

/// What a page of contents brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentsCommitted {
    /// Kept until the last page comes.
    Staged,
    /// It was the last: the list is stored.
    Stored(Delta),
    /// It was the last, but what was read is not as long as Spotify says: what was staged of the list
    /// is dropped and nothing stored is changed. Read it again.
    Mismatch,
}

/// How a reading of contents ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishContents {
    /// When.
    pub at: DateTime<Utc>,
    /// When the next turn comes.
    pub next_due_at: Option<DateTime<Utc>>,
}

impl Store {
    /// The playlists whose contents are to be read, in the order of the list: pending and failed ones,
    /// and with `everything` also those not read since [`Store::start_contents_generation`].
    pub async fn contents_todo(&self, account: AccountId, everything: bool) -> Result<Vec<ContentsJob>> {
        todo!("{account:?} {everything}")
    }

    /// Keeps a page of a playlist; the last one stores the list and its version in one transaction.
    pub async fn commit_contents(
        &self,
        account: AccountId,
        run: RunId,
        page: &ContentsPage,
    ) -> Result<ContentsCommitted> {
        todo!("{account:?} {run:?} {page:?}")
    }

    /// Says how the contents of a playlist stand.
    pub async fn mark_contents(
        &self,
        account: AccountId,
        playlist: &PlaylistId,
        state: ContentsState,
        error: Option<&str>,
    ) -> Result<()> {
        todo!("{account:?} {playlist} {state} {error:?}")
    }

    /// Ends a run's work on contents: the initial reading is complete if no list is pending any more,
    /// and the entity equals the account if none has failed either.
    pub async fn finish_contents(
        &self,
        account: AccountId,
        run: RunId,
        finish: &FinishContents,
    ) -> Result<()> {
        todo!("{account:?} {run:?} {finish:?}")
    }

    /// A full resync begins: every list is to be read again.
    pub async fn start_contents_generation(&self, account: AccountId) -> Result<()> {
        todo!("{account:?}")
    }

    /// Slots read and slots in all, over the lists that are not hidden.
    pub async fn contents_progress(&self, account: AccountId) -> Result<(u32, u32)> {
        todo!("{account:?}")
    }
}

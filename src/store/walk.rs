//! A list being read, page by page.

use super::{Result, Store};
use crate::domain::{AccountId, Album, Artist, Entity, Mode, Playlist, Row, RunId, Saved, Track};

/// From where an entity goes on; committed with the rows that led there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// How the entity is being read.
    pub mode: Mode,
    /// The engine's own words, opaque here; `None` once nothing is under way.
    pub cursor: Option<String>,
    /// Rows read so far.
    pub processed: u32,
    /// Rows that Spotify says there are.
    pub remote: Option<u32>,
}

/// The rows of one page of one list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListRows {
    /// Saved tracks.
    Tracks(Vec<Row<Saved<Track>>>),
    /// Saved albums.
    Albums(Vec<Row<Saved<Album>>>),
    /// Followed artists.
    Artists(Vec<Row<Artist>>),
    /// The list of playlists.
    Playlists(Vec<Row<Playlist>>),
}

impl ListRows {
    /// Whose page it is.
    #[must_use]
    pub const fn entity(&self) -> Entity {
        match self {
            Self::Tracks(_) => Entity::Tracks,
            Self::Albums(_) => Entity::Albums,
            Self::Artists(_) => Entity::Artists,
            Self::Playlists(_) => Entity::Playlists,
        }
    }
}

/// A page of a walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalkPage {
    /// Its rows, in the order of the list.
    pub rows: ListRows,
    /// The place of its first row, ascending from the top of the list; the others follow one by one. A
    /// row whose place another row has taken already makes the page go behind everything staged.
    pub first_ord: i64,
    /// Initial mode: the page is in the views as soon as it is committed.
    pub visible: bool,
    /// From where to go on when this page is in.
    pub checkpoint: Checkpoint,
}

/// What a page brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// Slots that were not staged before.
    pub fresh: u32,
    /// Slots staged in all.
    pub staged: u32,
}

impl Store {
    /// Begins to read `entity` from nothing: drops what was staged of it, sets the checkpoint and the
    /// state `running`, and starts its counters at zero. Used for `playlist_items` too.
    pub async fn begin_walk(
        &self,
        account: AccountId,
        entity: Entity,
        checkpoint: &Checkpoint,
    ) -> Result<()> {
        todo!("{account:?} {entity} {checkpoint:?}")
    }

    /// Stages a page, with its checkpoint and counters, in one transaction.
    pub async fn commit_page(&self, account: AccountId, run: RunId, page: &WalkPage) -> Result<Committed> {
        todo!("{account:?} {run:?} {page:?}")
    }

    /// Slots staged by the walk that is under way.
    pub async fn staged_slots(&self, account: AccountId, entity: Entity) -> Result<u32> {
        todo!("{account:?} {entity}")
    }
}

//! Where a reading continues: the JSON in `sync_state.cursor`, written with each batch.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::{ArtistId, PlaylistId, SnapshotId, SyncState};

use crate::engine::removal_search;

/// Where a reading continues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cursor {
    /// A list is being walked.
    Walk(WalkCursor),
    /// New saved tracks are being read from the top.
    Head(IncrementalCursor),
    /// Playlist contents are being read.
    Contents(ContentsCursor),
    /// Artists are being described.
    Details(DetailsCursor),
}

/// A walk over a whole list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalkCursor {
    /// The next row's offset in the remote list.
    pub offset: u32,
    /// The cursor of the next page, if the list is read by cursor.
    pub after: Option<ArtistId>,
    /// Length of the list while this walk goes on; `None` before the first page.
    pub total: Option<u32>,
    /// The order key of the next row; it grows from the top of the list.
    pub next_ord: i64,
    /// The order key of the topmost staged row.
    pub top_ord: i64,
    /// The first rows of the list when the walk began, to notice when it moves.
    pub top: Vec<String>,
    /// Walks that were abandoned because the list moved.
    pub restarts: u8,
    /// The digest of the rows that the previous walk found, if that walk alone was not accepted.
    pub found_before: Option<u64>,
    /// A person requested a full reading.
    pub full: bool,
    /// Rows were missing from one of its pages.
    #[serde(default)]
    pub is_doubtful: bool,
    /// The last answer named a next page, although `total` rows were read.
    #[serde(default)]
    pub has_more: bool,
    /// Pages that had only rows that were read before.
    #[serde(default)]
    pub repeats: u32,
    /// Ids that a reading before this walk did not find, but that Spotify said are in the library.
    #[serde(default)]
    pub vouched: BTreeSet<String>,
}

/// A reading from the top of the saved tracks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncrementalCursor {
    /// The next row's offset in the remote list; all rows above it are new and staged.
    pub offset: u32,
    /// Length of the list while this reading goes on.
    pub total: u32,
    /// The first row of the list when the reading began.
    pub first: Option<String>,
    /// What the removal search has found since the first known row. `None`: that row was not
    /// reached.
    #[serde(default, rename = "survey")]
    pub search: Option<removal_search::SearchCheckpoint>,
}

/// A playlist that has some staged pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentsCursor {
    /// Every list is read, whatever its snapshot id is.
    pub everything: bool,
    /// The list that is being read, and how far.
    pub list: Option<ListPlace>,
}

/// How far one playlist has been read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListPlace {
    /// The list.
    pub id: PlaylistId,
    /// The version that was listed before its first page.
    pub snapshot_id: Option<SnapshotId>,
    /// The next row's offset.
    pub offset: u32,
    /// Length of the list according to the page before.
    pub total: u32,
    /// Rows were missing from one of its pages, or two pages gave different lengths.
    #[serde(default)]
    pub is_doubtful: bool,
}

/// What the last answers about artists lacked. It is kept between turns, because a turn may have
/// only one answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetailsCursor {
    /// Artists in a row whose answer had no field for genres.
    pub without_genres: u32,
    /// Artists in a row whose answer had no field for pictures.
    pub without_pictures: u32,
}

impl Cursor {
    /// The checkpoint of `state`. A checkpoint that cannot be parsed, for example from an older
    /// release, is ignored, and the reading starts again.
    pub fn of(state: &SyncState) -> Option<Self> {
        state.cursor.as_deref().and_then(|text| serde_json::from_str(text).ok())
    }

    /// The text that is stored.
    pub fn to_json(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }
}

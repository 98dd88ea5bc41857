//! A row of a list, cell by cell.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};

use super::{Movement, PeriodOf, VersionId};
use crate::domain::sync::entity::{UnknownWord, words};
use crate::domain::{AlbumId, ArtistId, ContentsState, EpisodeId, PlaylistId, RunId, RunStatus, TrackId};

/// The subject of a row, by which its details are requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemKind {
    /// A track, or a local file by its uri.
    Track(TrackId),
    /// An album.
    Album(AlbumId),
    /// An artist.
    Artist(ArtistId),
    /// A podcast's episode.
    Episode(EpisodeId),
    /// A playlist.
    Playlist(PlaylistId),
    /// The changes of one version of a playlist.
    Version(VersionId),
    /// A play, by its number.
    Play(i64),
    /// A line of the journal, by its number.
    Change(i64),
    /// A run.
    Run(RunId),
    /// A line of the log, unchanged.
    LogLine(Box<str>),
    /// The report of a period.
    Report(PeriodOf),
}

/// A row of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRow {
    /// Its subject; `None` if it is unknown, as in a slot that cannot be read.
    pub thing: Option<ItemKind>,
    /// Its uri, if it has one.
    pub uri: Option<Box<str>>,
    /// One for each column of its list, in order.
    pub cells: Box<[Cell]>,
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Not known.
    None,
    /// Text, as stored.
    Text(Box<str>),
    /// A number; places are counted from 1.
    Number(i64),
    /// A time, shown as a day if there is little room.
    Time(DateTime<Utc>),
    /// A length in milliseconds.
    Length(i64),
    /// The state of a playlist's contents.
    Standing(ListStanding),
    /// The kind of a change.
    Change(ChangeKind),
    /// The state or the result of a run.
    Run(RunStatus),
    /// The movement of a place in a ranking.
    Moved(Movement),
    /// Amounts beside each other, from 0 for nothing to 4.
    Levels(Box<[u8]>),
}

impl Cell {
    /// Text that may be missing.
    #[must_use]
    pub fn text(text: Option<impl Into<Box<str>>>) -> Self {
        text.map_or(Self::None, |text| Self::Text(text.into()))
    }

    /// A number that may be missing.
    #[must_use]
    pub fn number(number: Option<i64>) -> Self {
        number.map_or(Self::None, Self::Number)
    }

    /// A number of milliseconds as a length.
    #[must_use]
    pub fn as_length(self) -> Self {
        if let Self::Number(millis) = self { Self::Length(millis) } else { self }
    }

    /// A time that may be missing.
    #[must_use]
    pub fn time(time: Option<DateTime<Utc>>) -> Self {
        time.map_or(Self::None, Self::Time)
    }
}

/// The state of a playlist and its contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListStanding {
    /// Its newest version is stored.
    Complete,
    /// A newer version is not read yet.
    Pending,
    /// Spotify does not show it to this account.
    Hidden,
    /// It could not be read.
    Failed,
    /// It is no longer in the list; its contents are kept.
    Gone,
}

words!(ListStanding, "standing of a playlist", {
    Complete => "complete",
    Pending => "pending",
    Hidden => "hidden",
    Failed => "failed",
    Gone => "gone",
});

impl From<ContentsState> for ListStanding {
    fn from(state: ContentsState) -> Self {
        match state {
            ContentsState::Complete => Self::Complete,
            ContentsState::Pending => Self::Pending,
            ContentsState::Hidden => Self::Hidden,
            ContentsState::Failed => Self::Failed,
        }
    }
}

/// What happened to an item, in the journal's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// It was added.
    Added,
    /// It was removed.
    Removed,
    /// It was moved.
    Moved,
    /// It was changed.
    Changed,
}

words!(ChangeKind, "change", {
    Added => "added",
    Removed => "removed",
    Moved => "moved",
    Changed => "changed",
});

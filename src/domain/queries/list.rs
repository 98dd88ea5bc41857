//! The lists that can be browsed, and their columns.

use chrono::{DateTime, Utc};

use super::VersionId;
use crate::domain::{PlaylistId, RunId};

/// A list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum BrowseList {
    /// The saved tracks.
    Tracks,
    /// The saved albums.
    Albums,
    /// The followed artists.
    Artists,
    /// The playlists, those that are gone last.
    Playlists,
    /// Every slot of a playlist in its true order.
    Contents(PlaylistId),
    /// Every version of a playlist that was seen, the newest first.
    Versions(PlaylistId),
    /// What came, went and moved with one of them.
    Version(VersionId),
    /// A list of the library as it was at an instant.
    Past(PastOf, DateTime<Utc>),
    /// The journal, the newest line first.
    Changes,
    /// The journal's lines of one run, in their order.
    ChangesOf(RunId),
    /// Everything that was ever played, each once. Nobody sees it: by it a filter of the history is answered.
    Played,
    /// Every run, the newest first.
    Runs,
    /// The newest lines of the log, the newest first.
    Log,
}

/// What can be had as it was.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PastOf {
    /// The saved tracks.
    Tracks,
    /// The saved albums.
    Albums,
    /// The followed artists.
    Artists,
    /// The playlists.
    Playlists,
    /// Every slot of a playlist.
    Contents(PlaylistId),
}

impl PastOf {
    /// What one turns through.
    pub const LISTS: [Self; 4] = [Self::Tracks, Self::Albums, Self::Artists, Self::Playlists];

    /// What it is called.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Tracks => "saved tracks",
            Self::Albums => "saved albums",
            Self::Artists => "followed artists",
            Self::Playlists => "playlists",
            Self::Contents(_) => "contents",
        }
    }
}

/// What a cell tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// Its place in the list.
    Place,
    /// Its place in the version before.
    PlaceBefore,
    /// The title of a track or slot.
    Title,
    /// The name of an album, artist or playlist.
    Name,
    /// Who made it.
    Artists,
    /// From which album.
    Album,
    /// The year of release.
    Year,
    /// When it was put there.
    Added,
    /// By whom it was put there.
    AddedBy,
    /// How many tracks it has.
    Tracks,
    /// Its genres.
    Genres,
    /// Whose it is.
    Owner,
    /// How many slots it has.
    Items,
    /// How it stands.
    State,
    /// Whether it is an episode, a local file or unreadable; nothing for a track.
    Kind,
    /// When a sync saw it.
    Seen,
    /// Rows that came.
    Came,
    /// Rows that went.
    Went,
    /// Rows that stand elsewhere.
    Moved,
    /// Rows of which something else is different.
    Changed,
    /// What happened.
    Change,
    /// Of which entity.
    Entity,
    /// What else there is to say.
    Detail,
    /// Of which run.
    Run,
    /// When a run began.
    Began,
    /// How it ended.
    Ended,
    /// What set it off.
    Trigger,
    /// Whether it read everything.
    Mode,
    /// How many requests it took.
    Requests,
    /// How long it took.
    Took,
    /// What went wrong.
    Error,
    /// When it was written into the log.
    Logged,
    /// How grave it is.
    Level,
    /// What the log says.
    Line,
}

impl Column {
    /// Its heading.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Place => "#",
            Self::PlaceBefore => "was #",
            Self::Title => "title",
            Self::Name => "name",
            Self::Artists => "artists",
            Self::Album => "album",
            Self::Year => "year",
            Self::Added => "added",
            Self::AddedBy | Self::Trigger => "by",
            Self::Tracks => "tracks",
            Self::Genres => "genres",
            Self::Owner => "owner",
            Self::Items => "items",
            Self::State => "state",
            Self::Kind => "kind",
            Self::Seen => "seen",
            Self::Came => "came",
            Self::Went => "went",
            Self::Moved => "moved",
            Self::Changed => "changed",
            Self::Change => "change",
            Self::Entity => "entity",
            Self::Detail => "more",
            Self::Run => "run",
            Self::Began => "began",
            Self::Ended => "ended",
            Self::Mode => "mode",
            Self::Requests => "requests",
            Self::Took => "took",
            Self::Error => "error",
            Self::Logged => "at",
            Self::Level => "level",
            Self::Line => "line",
        }
    }

    /// The name by which a filter means it alone, as in `artist:björk`; `None` where it cannot be named.
    #[must_use]
    pub const fn field(self) -> Option<&'static str> {
        Some(match self {
            Self::Title => "title",
            Self::Name => "name",
            Self::Artists => "artist",
            Self::Album => "album",
            Self::Year => "year",
            Self::Added => "added",
            Self::AddedBy | Self::Trigger => "by",
            Self::Genres => "genre",
            Self::Owner => "owner",
            Self::State => "state",
            Self::Kind => "kind",
            Self::Seen => "seen",
            Self::Change => "change",
            Self::Entity => "entity",
            Self::Began => "began",
            Self::Ended => "ended",
            Self::Mode => "mode",
            Self::Error => "error",
            Self::Level => "level",
            _ => return None,
        })
    }

    /// Whether a word that names no column is looked for in it.
    #[must_use]
    pub const fn is_words(self) -> bool {
        use Column::{
            Album, Artists, Change, Detail, Ended, Entity, Error, Genres, Kind, Level, Line, Mode, Name,
            Owner, State, Title, Trigger,
        };
        matches!(self, Title | Name | Artists | Album | Genres | Owner | State | Kind | Change)
            || matches!(self, Entity | Detail | Ended | Trigger | Mode | Error | Level | Line)
    }
}

impl BrowseList {
    /// Its columns, in the order of a row's cells.
    #[must_use]
    pub const fn columns(&self) -> &'static [Column] {
        use Column::{
            Added, AddedBy, Album, Artists, Began, Came, Change, Changed, Detail, Ended, Entity, Error,
            Genres, Items, Kind, Level, Line, Logged, Mode, Moved, Name, Owner, Place, PlaceBefore, Requests,
            Run, Seen, State, Title, Took, Tracks, Trigger, Went, Year,
        };
        match self {
            Self::Tracks => &[Title, Artists, Album, Year, Added],
            Self::Albums => &[Name, Artists, Year, Tracks, Added],
            Self::Artists => &[Name, Genres],
            Self::Playlists => &[Name, Owner, Items, State],
            Self::Contents(_) => &[Place, Title, Artists, Kind, Added, AddedBy],
            Self::Versions(_) => &[Seen, Came, Went, Moved, Changed, Items],
            Self::Version(_) => &[Change, PlaceBefore, Place, Title, Artists],
            Self::Past(of, _) => match of {
                PastOf::Tracks => &[Title, Artists, Album, Added],
                PastOf::Albums => &[Name, Artists, Year, Tracks, Added],
                PastOf::Artists => &[Name, Genres],
                PastOf::Playlists => &[Name, Owner, Items],
                PastOf::Contents(_) => &[Place, Title, Artists, Kind, Added, AddedBy],
            },
            Self::Changes => &[Seen, Change, Entity, Name, Detail, Run],
            Self::ChangesOf(_) => &[Seen, Change, Entity, Name, Detail],
            Self::Played => &[Title, Artists, Album],
            Self::Runs => &[Began, Ended, Mode, Trigger, Requests, Came, Went, Changed, Took, Error],
            Self::Log => &[Logged, Level, Line],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::RunId;

    #[test]
    fn no_list_has_two_columns_of_one_field() {
        let playlist = PlaylistId::new("p");
        let version =
            VersionId { playlist: playlist.clone(), run: RunId(1), seen_at: chrono::DateTime::UNIX_EPOCH };
        let lists = [
            BrowseList::Tracks,
            BrowseList::Albums,
            BrowseList::Artists,
            BrowseList::Playlists,
            BrowseList::Contents(playlist.clone()),
            BrowseList::Versions(playlist.clone()),
            BrowseList::Version(version),
            BrowseList::Past(PastOf::Albums, chrono::DateTime::UNIX_EPOCH),
            BrowseList::Past(PastOf::Contents(playlist), chrono::DateTime::UNIX_EPOCH),
            BrowseList::Changes,
            BrowseList::ChangesOf(RunId(1)),
            BrowseList::Played,
            BrowseList::Runs,
            BrowseList::Log,
        ];
        for list in lists {
            let mut fields: Vec<_> = list.columns().iter().filter_map(|column| column.field()).collect();
            let count = fields.len();
            fields.sort_unstable();
            fields.dedup();
            assert_eq!(fields.len(), count, "{list:?}");
        }
    }
}

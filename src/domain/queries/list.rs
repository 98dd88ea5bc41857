//! The lists of the browser, and their columns.

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
    /// The playlists; unlisted ones last.
    Playlists,
    /// Every slot of a playlist in its real order.
    Contents(PlaylistId),
    /// Every observed version of a playlist, the newest first.
    Versions(PlaylistId),
    /// The changes of one of them.
    Version(VersionId),
    /// A list of the library at an earlier time.
    Past(PastOf, DateTime<Utc>),
    /// The journal, the newest line first.
    Changes,
    /// The journal's lines of one run, in order.
    ChangesOf(RunId),
    /// Everything that has a name, once: saved, followed, listed or played, also what is gone.
    Everything,
    /// Every item that was ever played, each once. It is never shown; the filter of the history
    /// uses it.
    Played,
    /// Every run, the newest first.
    Runs,
    /// The newest lines of the log, the newest first.
    Log,
}

/// The lists whose past state is available.
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
    /// The lists among which a person switches.
    pub const LISTS: [Self; 4] = [Self::Tracks, Self::Albums, Self::Artists, Self::Playlists];

    /// Its name.
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

/// The content of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// Its place in the list.
    Place,
    /// Its place in the previous version.
    PlaceBefore,
    /// The title of a track or slot.
    Title,
    /// The name of an album, artist or playlist.
    Name,
    /// The artists.
    Artists,
    /// The album.
    Album,
    /// The year of release.
    Year,
    /// When it was added.
    Added,
    /// Who added it.
    AddedBy,
    /// How many tracks it has.
    Tracks,
    /// Its genres.
    Genres,
    /// The owner.
    Owner,
    /// How many slots it has.
    Items,
    /// Its state.
    State,
    /// Whether it is an episode, a local file or unreadable; nothing for a track.
    Kind,
    /// When a sync saw it.
    Seen,
    /// Added rows.
    Came,
    /// Removed rows.
    Went,
    /// Moved rows.
    Moved,
    /// Rows with another change.
    Changed,
    /// The kind of change.
    Change,
    /// The entity.
    Entity,
    /// Additional details.
    Detail,
    /// The run.
    Run,
    /// When a run began.
    Began,
    /// When a run ended.
    Ended,
    /// What started it.
    Trigger,
    /// Whether it read everything.
    Mode,
    /// How many requests it took.
    Requests,
    /// How long it took.
    Took,
    /// The error.
    Error,
    /// When it was logged.
    Logged,
    /// The log level.
    Level,
    /// The text of the log.
    Line,
    /// How often it was played.
    Plays,
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
            Self::Plays => "plays",
        }
    }

    /// The name that limits a filter to it, as in `artist:björk`; `None` if it has no name.
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
            Self::Plays => "plays",
            _ => return None,
        })
    }

    /// Whether a word without a column name is searched for in it.
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
            Genres, Items, Kind, Level, Line, Logged, Mode, Moved, Name, Owner, Place, PlaceBefore, Plays,
            Requests, Run, Seen, State, Title, Took, Tracks, Trigger, Went, Year,
        };
        match self {
            Self::Tracks => &[Title, Artists, Album, Year, Added],
            Self::Albums => &[Name, Artists, Year, Tracks, Added],
            Self::Artists => &[Name, Genres],
            Self::Playlists => &[Name, Owner, Items, State],
            Self::Everything => &[Kind, Name, Artists, Album, Year, Plays, State],
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
            BrowseList::Everything,
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

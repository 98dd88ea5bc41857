//! The lists that can be browsed, and their columns.

use super::VersionId;
use crate::domain::PlaylistId;

/// A list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum List {
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
            Self::AddedBy => "by",
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
            Self::AddedBy => "by",
            Self::Genres => "genre",
            Self::Owner => "owner",
            Self::State => "state",
            Self::Kind => "kind",
            Self::Seen => "seen",
            Self::Change => "change",
            _ => return None,
        })
    }

    /// Whether a word that names no column is looked for in it.
    #[must_use]
    pub const fn is_words(self) -> bool {
        use Column::{Album, Artists, Change, Genres, Kind, Name, Owner, State, Title};
        matches!(self, Title | Name | Artists | Album | Genres | Owner | State | Kind | Change)
    }
}

impl List {
    /// Its columns, in the order of a row's cells.
    #[must_use]
    pub const fn columns(&self) -> &'static [Column] {
        use Column::{
            Added, AddedBy, Album, Artists, Came, Change, Changed, Genres, Items, Kind, Moved, Name, Owner,
            Place, PlaceBefore, Seen, State, Title, Tracks, Went, Year,
        };
        match self {
            Self::Tracks => &[Title, Artists, Album, Year, Added],
            Self::Albums => &[Name, Artists, Year, Tracks, Added],
            Self::Artists => &[Name, Genres],
            Self::Playlists => &[Name, Owner, Items, State],
            Self::Contents(_) => &[Place, Title, Artists, Kind, Added, AddedBy],
            Self::Versions(_) => &[Seen, Came, Went, Moved, Changed, Items],
            Self::Version(_) => &[Change, PlaceBefore, Place, Title, Artists],
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
            List::Tracks,
            List::Albums,
            List::Artists,
            List::Playlists,
            List::Contents(playlist.clone()),
            List::Versions(playlist),
            List::Version(version),
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

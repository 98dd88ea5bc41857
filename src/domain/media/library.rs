//! Tracks, albums, artists, playlists and plays, with the fields that the mirror stores.
//!
//! Everything that Spotify may omit is an `Option`: in 2026 it removed fields for some apps and not
//! for others, and a missing field must never cost a row.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{AlbumId, ArtistId, EpisodeId, PlaylistId, SnapshotId, TrackId};

/// An item in the library and when it was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved<T> {
    /// When it was saved, in whole seconds. Odd values occur (1998, the hour of a release), so it
    /// cannot serve as a watermark.
    pub added_at: Option<DateTime<Utc>>,
    /// The saved item.
    pub item: T,
}

/// An artist as named on a track or album.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtistRef {
    /// Missing on local files.
    pub id: Option<ArtistId>,
    /// The name; may be empty.
    pub name: String,
}

/// An album as named on a track.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlbumRef {
    /// Missing on local files.
    pub id: Option<AlbumId>,
    /// `spotify:album:...`
    pub uri: Option<String>,
    /// The name; may be empty.
    pub name: String,
    /// `1999`, `1999-05` or `1999-05-23`, as it came.
    pub release_date: Option<String>,
    /// How many tracks it has.
    pub total_tracks: Option<u32>,
    /// The artists of the album, in order.
    pub artists: Vec<ArtistRef>,
}

/// A track, or a local file in a playlist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Track {
    /// Spotify's id, or the uri of a local file.
    pub id: TrackId,
    /// `spotify:track:...` or `spotify:local:...`
    pub uri: String,
    /// The title; may be empty.
    pub name: String,
    /// The artists, in order.
    pub artists: Vec<ArtistRef>,
    /// The album.
    pub album: Option<AlbumRef>,
    /// Survives relinking, unlike the id.
    pub isrc: Option<String>,
    /// Length in milliseconds.
    pub duration_ms: Option<u64>,
    /// Marked as explicit.
    pub explicit: Option<bool>,
    /// Disc, from 1; 0 on local files.
    pub disc_number: Option<u32>,
    /// Number on its disc, from 1; 0 on local files.
    pub track_number: Option<u32>,
    /// Whether it is a file on a person's machine.
    pub is_local: bool,
}

/// A saved album.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Album {
    /// Spotify's id.
    pub id: AlbumId,
    /// `spotify:album:...`
    pub uri: String,
    /// The name; may be empty.
    pub name: String,
    /// The artists of the album, in order.
    pub artists: Vec<ArtistRef>,
    /// `album`, `single`, `compilation`, or any later value, as it came.
    pub album_type: Option<String>,
    /// `1999`, `1999-05` or `1999-05-23`, as it came.
    pub release_date: Option<String>,
    /// How many tracks it has.
    pub total_tracks: Option<u32>,
    /// Universal product code.
    pub upc: Option<String>,
}

/// An artist with all fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artist {
    /// Spotify's id.
    pub id: ArtistId,
    /// `spotify:artist:...`
    pub uri: String,
    /// The name.
    pub name: String,
    /// `None` if the answer had no such field, which says nothing about the artist.
    pub genres: Option<Vec<String>>,
    /// Urls of pictures, the largest first. `None` if the answer had no such field; empty if the
    /// artist has none.
    pub pictures: Option<Vec<String>>,
}

/// A podcast episode in a playlist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Episode {
    /// Spotify's id.
    pub id: EpisodeId,
    /// `spotify:episode:...`
    pub uri: String,
    /// The title; may be empty.
    pub name: String,
    /// The show it belongs to.
    pub show_name: Option<String>,
    /// Length in milliseconds.
    pub duration_ms: Option<u64>,
}

/// A playlist as the list of playlists shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Playlist {
    /// Spotify's id.
    pub id: PlaylistId,
    /// `spotify:playlist:...`
    pub uri: String,
    /// The name; may be empty.
    pub name: String,
    /// The owner's description.
    pub description: Option<String>,
    /// The owner's user id; empty if the answer had none.
    pub owner_id: String,
    /// The owner's display name.
    pub owner_name: Option<String>,
    /// Whether others may edit it, if known.
    pub collaborative: Option<bool>,
    /// Whether it is shown on the profile, if known.
    pub public: Option<bool>,
    /// Its version when it was listed; `None` if the answer had none.
    pub snapshot_id: Option<SnapshotId>,
    /// How many slots it has, if known.
    pub item_count: Option<u32>,
}

/// One slot of a playlist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaylistItem {
    /// Null for very old rows.
    pub added_at: Option<DateTime<Utc>>,
    /// The user id of the person who added it; null or empty for old rows.
    pub added_by: Option<String>,
    /// The content of the slot.
    pub content: PlaylistContent,
}

/// The possible contents of a playlist's slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlaylistContent {
    /// A track of Spotify's catalogue.
    Track(Track),
    /// A podcast episode.
    Episode(Episode),
    /// A file on a person's machine: no id, only a uri.
    Local(Track),
    /// Withdrawn or unreadable; the slot still counts.
    Unavailable,
    /// The server fails whenever a page includes this place, so its content is not known.
    Unread,
}

/// One play, as `recently-played` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Play {
    /// In milliseconds; in captures since 2024 the end of the play.
    pub played_at: DateTime<Utc>,
    /// What was played.
    pub what: Played,
    /// The playlist, album or artist it was played from.
    pub context_uri: Option<String>,
}

/// The played item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Played {
    /// A track, or a local file.
    Track(Track),
    /// A podcast's episode, or a chapter of an audiobook. Spotify says that it lists none of them.
    Episode(Episode),
}

impl Played {
    /// Its uri.
    #[must_use]
    pub fn uri(&self) -> &str {
        match self {
            Self::Track(track) => &track.uri,
            Self::Episode(episode) => &episode.uri,
        }
    }
}

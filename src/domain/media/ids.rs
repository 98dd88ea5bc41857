//! Identifiers as newtypes, so that an album's id cannot be passed in place of a track's.
//!
//! Spotify's ids are opaque text (22 base-62 characters today); nothing is ever parsed out of them.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps the text as it came.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text as it came.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

text_id! {
    /// A track: Spotify's id, or the `spotify:local:...` uri of a local file without one.
    TrackId,
    /// An album.
    AlbumId,
    /// An artist.
    ArtistId,
    /// A playlist.
    PlaylistId,
    /// A podcast episode (audiobook chapters arrive as episodes too).
    EpisodeId,
    /// The opaque version of a playlist: equal means unchanged, different means only "look again".
    SnapshotId,
}

/// Our own key of an account. It is stable, while Spotify's user id may be unknown (in an imported
/// history) or may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub i64);

/// One execution of the sync; the key of a row in `sync_runs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub i64);

//! What is synced, in which mode, and how Spotify groups the endpoints behind it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Defines the words of an enum, which are the same in code, tables, screens and JSON.
macro_rules! words {
    ($name:ident, $what:literal, { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $name {
            /// Every value, in the order in which it is shown and processed.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in tables, screens and JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(UnknownWord { what: $what, word: word.to_owned() }),
                }
            }
        }
    };
}
pub(crate) use words;

/// A word that is no value of the expected enum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is not a known {what}")]
pub struct UnknownWord {
    /// The kind of word that was expected.
    pub what: &'static str,
    /// The actual word.
    pub word: String,
}

/// One kind of data that is synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entity {
    /// Saved tracks.
    Tracks,
    /// Saved albums.
    Albums,
    /// Followed artists.
    Artists,
    /// The list of playlists and its metadata.
    Playlists,
    /// The contents of the playlists.
    PlaylistItems,
    /// Genres and pictures of the library's artists.
    Details,
    /// The listening history.
    Plays,
}

words!(Entity, "entity", {
    Tracks => "tracks",
    Albums => "albums",
    Artists => "artists",
    Playlists => "playlists",
    PlaylistItems => "playlist_items",
    Details => "details",
    Plays => "plays",
});

impl Entity {
    /// The entities that this release mirrors, in the order in which a run reads them.
    pub const MIRRORED: [Self; 5] =
        [Self::Tracks, Self::Albums, Self::Artists, Self::Playlists, Self::PlaylistItems];

    /// The entities that have a gauge, in the order in which they are shown: the mirrored ones, and
    /// the details, which are read slowly after them.
    pub const GAUGED: [Self; 6] =
        [Self::Tracks, Self::Albums, Self::Artists, Self::Playlists, Self::PlaylistItems, Self::Details];

    /// The endpoints that Spotify counts together with those of this entity.
    #[must_use]
    pub const fn bucket(self) -> Bucket {
        match self {
            Self::Tracks => Bucket::Tracks,
            Self::Albums => Bucket::Albums,
            Self::Artists => Bucket::Following,
            Self::Playlists => Bucket::Playlists,
            Self::PlaylistItems => Bucket::PlaylistItems,
            Self::Details => Bucket::Catalogue,
            Self::Plays => Bucket::Player,
        }
    }
}

/// How an entity is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Until it has been read completely once.
    Initial,
    /// Only changes.
    Incremental,
    /// Everything again, because a person requested it.
    Full,
}

words!(Mode, "mode", {
    Initial => "initial",
    Incremental => "incremental",
    Full => "full",
});

/// Endpoints that Spotify counts together, as far as is known: it publishes neither groups nor
/// sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bucket {
    /// `/me`
    Me,
    /// `/me/tracks`
    Tracks,
    /// `/me/albums`
    Albums,
    /// `/me/following`
    Following,
    /// `/me/playlists`
    Playlists,
    /// `/playlists/{id}` and its items
    PlaylistItems,
    /// the `contains` calls
    Contains,
    /// everything under `/me/player`
    Player,
    /// `/tracks`, `/albums`, `/artists` by id
    Catalogue,
}

words!(Bucket, "bucket", {
    Me => "me",
    Tracks => "tracks",
    Albums => "albums",
    Following => "following",
    Playlists => "playlists",
    PlaylistItems => "playlist_items",
    Contains => "contains",
    Player => "player",
    Catalogue => "catalogue",
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back_as_its_value() {
        for entity in Entity::ALL {
            assert_eq!(entity.as_str().parse::<Entity>().as_ref(), Ok(entity));
            assert_eq!(serde_json::to_value(entity).unwrap(), entity.as_str());
        }
        for bucket in Bucket::ALL {
            assert_eq!(bucket.as_str().parse::<Bucket>().as_ref(), Ok(bucket));
            assert_eq!(serde_json::to_value(bucket).unwrap(), bucket.as_str());
        }
        let behind = [Entity::Details, Entity::Plays];
        assert!(Entity::MIRRORED.iter().chain(&behind).eq(Entity::ALL), "details and plays are no mirrors");
        assert!(Entity::GAUGED.iter().chain(&behind[1..]).eq(Entity::ALL), "plays have a line of their own");
        assert_eq!("trakcs".parse::<Entity>().unwrap_err().to_string(), "`trakcs` is not a known entity");
    }
}

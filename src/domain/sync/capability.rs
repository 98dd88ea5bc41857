//! What Spotify allows some apps and not others. It does not publish this for each app, so it is
//! learned from answers.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::entity::{UnknownWord, words};
use crate::domain::Bucket;

/// Something that Spotify allows some apps and not others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// Spotify answers this app at all; closed if it refuses the app itself, its owner or its user.
    App,
    /// Contents of playlists are read from `/items`; closed means from `/tracks`.
    ItemsPath,
    /// Contents of lists that are neither the account's own nor collaborative are readable.
    ForeignContents,
    /// `/me/library/contains` answers, for all kinds.
    LibraryContains,
    /// `/me/tracks/contains` and similar ones answer, for one kind each.
    LegacyContains,
    /// One request returns many artists; closed means one by one.
    ArtistsBatch,
    /// An artist can be requested by its id.
    ArtistById,
    /// An artist's answer has the field for genres.
    ArtistGenres,
    /// An artist's answer has the field for pictures.
    ArtistPictures,
    /// What is playing now can be requested.
    NowPlaying,
}

words!(Capability, "capability", {
    App => "app",
    ItemsPath => "items_path",
    ForeignContents => "foreign_contents",
    LibraryContains => "library_contains",
    LegacyContains => "legacy_contains",
    ArtistsBatch => "artists_batch",
    ArtistById => "artist_by_id",
    ArtistGenres => "artist_genres",
    ArtistPictures => "artist_pictures",
    NowPlaying => "now_playing",
});

impl Capability {
    /// The bucket of its requests.
    #[must_use]
    pub const fn bucket(self) -> Bucket {
        match self {
            Self::App => Bucket::Me,
            Self::ItemsPath | Self::ForeignContents => Bucket::PlaylistItems,
            Self::LibraryContains | Self::LegacyContains => Bucket::Contains,
            Self::NowPlaying => Bucket::Player,
            Self::ArtistsBatch | Self::ArtistById | Self::ArtistGenres | Self::ArtistPictures => {
                Bucket::Catalogue
            }
        }
    }

    /// What a person gains or lacks by it, as a phrase without a verb.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::App => "the app itself, which Spotify refuses; the record stays as it is",
            Self::ItemsPath => {
                "the 2026 endpoint for the contents of playlists; phonolog uses the older one instead"
            }
            Self::ForeignContents => "contents of other people's lists",
            Self::LibraryContains => {
                "the 2026 endpoint that checks whether items are in the library; phonolog uses other endpoints instead"
            }
            Self::LegacyContains => {
                "the older endpoints that check whether items are in the library; phonolog uses other endpoints instead"
            }
            Self::ArtistsBatch => "many artists in one request; phonolog requests them one by one instead",
            Self::ArtistById => "artists by their ids",
            Self::ArtistGenres => "genres of artists",
            Self::ArtistPictures => "pictures of artists",
            Self::NowPlaying => {
                "what is playing now; a login made before phonolog requested this permission also lacks it"
            }
        }
    }
}

/// Whether the app has a capability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Openness {
    /// It has it.
    Open,
    /// It does not have it; this is checked again once a day.
    Closed,
}

words!(Openness, "openness", {
    Open => "open",
    Closed => "closed",
});

/// A capability in the form that is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapabilityStatus {
    /// The capability.
    pub name: Capability,
    /// Whether the app has it.
    pub state: Openness,
    /// When that was last learned.
    pub checked_at: DateTime<Utc>,
    /// What it means for the person, as a phrase.
    pub what: String,
}

#[cfg(test)]
mod tests {
    use super::Capability;

    #[test]
    fn every_word_reads_back_and_is_the_one_of_json() {
        for capability in Capability::ALL {
            assert_eq!(capability.as_str().parse::<Capability>().as_ref(), Ok(capability));
            assert_eq!(serde_json::to_value(capability).unwrap(), capability.as_str());
        }
    }
}

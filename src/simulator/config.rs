//! The contents of a simulated account, and how its Spotify behaves.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The format of the answers: one of those that apps have received since 2026.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Shape {
    /// Only `track` and `tracks`; every endpoint and field that 2026 removed is there. Extended
    /// apps receive this format.
    Legacy,
    /// Old and new names side by side, with the deprecated fields. This was seen in captures of
    /// March 2026.
    Dual,
    /// Only `item` and `items`; removed endpoints answer 403 and removed fields are missing. Apps
    /// made since February 2026 receive this format.
    #[default]
    New2026,
}

impl Shape {
    /// Every shape.
    pub const ALL: [Self; 3] = [Self::Legacy, Self::Dual, Self::New2026];

    /// Whether answers use `track` and `tracks`.
    pub(super) const fn has_old_names(self) -> bool {
        matches!(self, Self::Legacy | Self::Dual)
    }

    /// Whether answers use `item` and `items`.
    pub(super) const fn has_new_names(self) -> bool {
        matches!(self, Self::Dual | Self::New2026)
    }

    /// Whether the endpoints and fields that 2026 removed exist.
    pub(super) const fn keeps_removed(self) -> bool {
        matches!(self, Self::Legacy | Self::Dual)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Legacy => "legacy",
            Self::Dual => "dual",
            Self::New2026 => "2026",
        })
    }
}

/// A word that is no shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a shape; use legacy, dual or 2026")]
pub struct UnknownShape(String);

impl FromStr for Shape {
    type Err = UnknownShape;

    fn from_str(word: &str) -> Result<Self, UnknownShape> {
        match word {
            "legacy" => Ok(Self::Legacy),
            "dual" => Ok(Self::Dual),
            "2026" => Ok(Self::New2026),
            _ => Err(UnknownShape(word.to_owned())),
        }
    }
}

/// What is generated and how it answers. Counts are the values of the API's `total`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimConfig {
    /// Saved tracks.
    pub tracks: u32,
    /// Saved albums.
    pub albums: u32,
    /// Followed artists.
    pub artists: u32,
    /// Playlists in the library, own and followed.
    pub playlists: u32,
    /// The most rows that a generated playlist has.
    pub playlist_rows: usize,
    /// Plays before the start.
    pub plays: u32,
    /// Equal seeds give equal libraries and equal random choices.
    pub seed: u64,
    /// Added to every answer.
    pub latency: Duration,
    /// The names and fields of the answers.
    pub shape: Shape,
    /// Requests in any 30 s before a plain 429; 0 means no limit.
    pub window_limit: u32,
    /// Requests to one group of endpoints in any 24 h before `QUOTA_EXCEEDED`; 0 means no limit.
    pub day_limit: u32,
}

impl SimConfig {
    /// A medium-sized library without latency and limits.
    pub const DEFAULT: Self = Self {
        tracks: 600,
        albums: 60,
        artists: 45,
        playlists: 18,
        playlist_rows: 1200,
        plays: 0,
        seed: 1,
        latency: Duration::ZERO,
        shape: Shape::New2026,
        window_limit: 0,
        day_limit: 0,
    };
}

impl Default for SimConfig {
    fn default() -> Self {
        Self::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use super::Shape;

    #[test]
    fn every_shape_reads_back_as_itself_and_others_are_refused() {
        for shape in Shape::ALL {
            assert_eq!(shape.to_string().parse(), Ok(shape));
        }
        let refused = "2027".parse::<Shape>().unwrap_err();
        assert_eq!(refused.to_string(), "`2027` is not a shape; use legacy, dual or 2026");
    }
}

//! What a simulated account looks like and how its Spotify behaves.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Which of the shapes that apps meet since 2026 the answers have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Shape {
    /// `track` and `tracks` only; every endpoint and field that 2026 removed is there. What extended
    /// apps see.
    Legacy,
    /// Old and new names side by side, deprecated fields present. Seen in captures of March 2026.
    Dual,
    /// `item` and `items` only; removed endpoints answer 403 and removed fields are gone. What an app
    /// made since February 2026 sees.
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

    /// Whether the endpoints and fields that 2026 removed are there.
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

/// A word that names no shape.
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

/// What is generated and how it answers. Counts are what the API's `total` says.
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
    /// Equal seeds give equal libraries and equal picks.
    pub seed: u64,
    /// Added to every answer.
    pub latency: Duration,
    /// Which names and fields the answers have.
    pub shape: Shape,
    /// Requests in a rolling 30 s before a plain 429; 0 is no limit.
    pub window_limit: u32,
    /// Requests to one group of endpoints in a rolling day before `QUOTA_EXCEEDED`; 0 is no limit.
    pub day_limit: u32,
}

impl SimConfig {
    /// A library of some size without latency and limits.
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

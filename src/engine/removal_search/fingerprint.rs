//! How a track is recognised after its id has changed.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use crate::domain::Track;

/// What survives relinking, as hashes, because ten thousand of them are in memory at a time.
#[derive(Debug, Clone, Copy)]
pub struct Likeness {
    isrc: Option<u64>,
    /// Name, artists and length; `None` if one of them is missing. `None` matches nothing.
    description: Option<u64>,
}

impl Likeness {
    /// From the columns of the catalogue. `artists` are the names in order, joined by `, `.
    pub fn new(isrc: Option<&str>, name: &str, artists: &str, duration_ms: Option<u64>) -> Self {
        let hasher = BuildHasherDefault::<DefaultHasher>::new();
        let described = duration_ms.filter(|_| !name.is_empty());
        Self {
            isrc: isrc.filter(|isrc| !isrc.is_empty()).map(|isrc| hasher.hash_one(isrc)),
            description: described.map(|length| hasher.hash_one((name, artists, length))),
        }
    }

    /// From an answer.
    pub fn of(track: &Track) -> Self {
        let names: Vec<&str> = track.artists.iter().map(|artist| artist.name.as_str()).collect();
        Self::new(track.isrc.as_deref(), &track.name, &names.join(", "), track.duration_ms)
    }

    /// Whether two tracks are one recording: by ISRC if both have one, otherwise by name, artists
    /// and length. It is no equality, since it is not transitive.
    pub fn is_like(self, other: Self) -> bool {
        match (self.isrc, other.isrc) {
            (Some(one), Some(other)) => one == other,
            _ => self.description.is_some() && self.description == other.description,
        }
    }
}

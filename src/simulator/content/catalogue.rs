//! Everything that can be saved, followed and played: artists, their albums, the albums' tracks;
//! shows and episodes.
//!
//! Owns: the structure (the artist and the number of tracks of each album) and how an item's traits
//! are generated. Items are numbered in the order of creation and are never removed, so a number
//! means the same item as long as the simulator runs.

use rand::RngExt;

use super::names;
use crate::simulator::rng::{Chance, Stream, Subject, index, one_in_hundred};

/// Shows in the catalogue.
pub(in crate::simulator) const SHOWS: u32 = 12;
/// Episodes of each show.
pub(in crate::simulator) const EPISODES_PER_SHOW: u32 = 40;
/// This bit is set in the number of a track's other edition: the same recording under another id,
/// as Spotify shows it when it relinks.
const OTHER_EDITION: u32 = 1 << 30;
/// The artist of compilations.
pub(in crate::simulator) const VARIOUS_ARTISTS: u32 = 0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::simulator) enum AlbumType {
    Album,
    Single,
    Compilation,
}

impl AlbumType {
    pub(in crate::simulator) const fn word(self) -> &'static str {
        match self {
            Self::Album => "album",
            Self::Single => "single",
            Self::Compilation => "compilation",
        }
    }
}

/// An album's position in the catalogue.
#[derive(Debug, Clone, Copy)]
pub(in crate::simulator) struct SimAlbum {
    pub(in crate::simulator) artist: u32,
    pub(in crate::simulator) first_track: u32,
    pub(in crate::simulator) tracks: u32,
    pub(in crate::simulator) kind: AlbumType,
}

/// The generated traits of an artist.
pub(in crate::simulator) struct ArtistTraits {
    pub(in crate::simulator) name: String,
    pub(in crate::simulator) genres: Vec<&'static str>,
    pub(in crate::simulator) followers: u32,
    pub(in crate::simulator) popularity: u32,
}

/// The generated traits of an album.
pub(in crate::simulator) struct AlbumTraits {
    pub(in crate::simulator) name: String,
    pub(in crate::simulator) release_date: String,
    pub(in crate::simulator) precision: &'static str,
    pub(in crate::simulator) label: &'static str,
    pub(in crate::simulator) upc: String,
    pub(in crate::simulator) popularity: u32,
    pub(in crate::simulator) year: u32,
}

/// The generated traits of a track.
pub(in crate::simulator) struct TrackTraits {
    pub(in crate::simulator) name: String,
    pub(in crate::simulator) artists: Vec<u32>,
    pub(in crate::simulator) duration_ms: u32,
    pub(in crate::simulator) explicit: bool,
    pub(in crate::simulator) isrc: String,
    pub(in crate::simulator) popularity: u32,
    pub(in crate::simulator) disc: u32,
    pub(in crate::simulator) number: u32,
}

/// The whole catalogue.
#[derive(Debug, Clone)]
pub(in crate::simulator) struct SimCatalogue {
    pub(in crate::simulator) chance: Chance,
    albums: Vec<SimAlbum>,
    album_of_track: Vec<u32>,
    /// First album of each artist; the previous artist's albums end there.
    first_album: Vec<u32>,
    growth: Stream,
}

impl SimCatalogue {
    /// A catalogue with at least the given number of tracks, albums and artists.
    pub(in crate::simulator) fn with_at_least(
        chance: Chance,
        tracks: u32,
        albums: u32,
        artists: u32,
    ) -> Self {
        let growth = chance.of(Subject::Library, 0);
        let mut catalogue =
            Self { chance, albums: vec![], album_of_track: vec![], first_album: vec![0], growth };
        while catalogue.tracks() < tracks || catalogue.albums() < albums || catalogue.artists() < artists {
            catalogue.grow();
        }
        catalogue
    }

    pub(in crate::simulator) fn tracks(&self) -> u32 {
        count(self.album_of_track.len())
    }

    pub(in crate::simulator) fn albums(&self) -> u32 {
        count(self.albums.len())
    }

    /// The number of artists, including [`VARIOUS_ARTISTS`].
    pub(in crate::simulator) fn artists(&self) -> u32 {
        count(self.first_album.len())
    }

    pub(in crate::simulator) fn album(&self, album: u32) -> Option<&SimAlbum> {
        self.albums.get(album as usize)
    }

    pub(in crate::simulator) fn album_of(&self, track: u32) -> Option<u32> {
        self.album_of_track.get(recording(track) as usize).copied()
    }

    /// The artist's albums, oldest first.
    pub(in crate::simulator) fn albums_of(&self, artist: u32) -> std::ops::Range<u32> {
        let start = self.first_album.get(artist as usize).copied().unwrap_or_else(|| self.albums());
        let end = self.first_album.get(artist as usize + 1).copied().unwrap_or_else(|| self.albums());
        start..end
    }

    /// Adds one artist with albums and tracks.
    pub(in crate::simulator) fn grow(&mut self) {
        let artist = self.artists();
        self.first_album.push(self.albums());
        for _ in 0..self.growth.random_range(1..=6) {
            let (kind, tracks) = album_size(&mut self.growth);
            let album = SimAlbum { artist, first_track: self.tracks(), tracks, kind };
            let number = self.albums();
            self.album_of_track.extend(std::iter::repeat_n(number, tracks as usize));
            self.albums.push(album);
        }
    }

    pub(in crate::simulator) fn artist_traits(&self, artist: u32) -> ArtistTraits {
        let mut rng = self.chance.of(Subject::Artist, artist.into());
        let name =
            if artist == VARIOUS_ARTISTS { "Various Artists".to_owned() } else { names::artist(&mut rng) };
        ArtistTraits {
            name,
            genres: if one_in_hundred(&mut rng, 12) { vec![] } else { names::genres(&mut rng) },
            followers: rng.random_range(40..2_000_000),
            popularity: rng.random_range(0..=90),
        }
    }

    pub(in crate::simulator) fn album_traits(&self, album: u32) -> AlbumTraits {
        let mut rng = self.chance.of(Subject::Album, album.into());
        let name = names::album(&mut rng);
        let year = rng.random_range(1962..=2025_u32);
        let (precision, release_date) = match rng.random_range(0..100_u32) {
            0..=9 => ("year", format!("{year}")),
            10..=12 => ("month", format!("{year}-{:02}", rng.random_range(1..=12))),
            _ => ("day", format!("{year}-{:02}-{:02}", rng.random_range(1..=12), rng.random_range(1..=28))),
        };
        AlbumTraits {
            name,
            release_date,
            precision,
            label: names::label(&mut rng),
            upc: format!("{:012}", rng.random_range(0..1_000_000_000_000_u64)),
            popularity: rng.random_range(0..=80),
            year,
        }
    }

    pub(in crate::simulator) fn track_traits(&self, track: u32) -> Option<TrackTraits> {
        let track = recording(track);
        let album = *self.album(self.album_of(track)?)?;
        let mut rng = self.chance.of(Subject::Track, track.into());
        let name = names::track(&mut rng);
        // Guests are artists that already existed, so growth changes no track.
        let guest = 1 + count(index(&mut rng, album.artist as usize));
        let has_guest = one_in_hundred(&mut rng, 8) && guest != album.artist;
        let artists = match album.kind {
            AlbumType::Compilation => vec![guest],
            _ if has_guest => vec![album.artist, guest],
            _ => vec![album.artist],
        };
        let place = track - album.first_track;
        Some(TrackTraits {
            name,
            artists,
            duration_ms: rng.random_range(61_000..420_000),
            explicit: one_in_hundred(&mut rng, 9),
            isrc: format!(
                "QZ{:03}{:02}{:05}",
                rng.random_range(100..999_u32),
                album.artist % 100,
                track % 100_000
            ),
            popularity: rng.random_range(0..=80),
            disc: place / TRACKS_PER_DISC + 1,
            number: place % TRACKS_PER_DISC + 1,
        })
    }

    /// The name of a show and of its publisher.
    pub(in crate::simulator) fn show_traits(&self, show: u32) -> (String, String) {
        let mut rng = self.chance.of(Subject::Show, show.into());
        (names::show(&mut rng), names::person(&mut rng))
    }

    /// An episode's title, length in ms and release date.
    pub(in crate::simulator) fn episode_traits(&self, episode: u32) -> (String, u32, String) {
        let mut rng = self.chance.of(Subject::Episode, episode.into());
        let number = episode % EPISODES_PER_SHOW + 1;
        let title = names::episode(&mut rng, number);
        let date =
            format!("{}-{:02}-{:02}", 2018 + number / 6, rng.random_range(1..=12), rng.random_range(1..=28));
        (title, rng.random_range(900_000..5_400_000), date)
    }
}

const TRACKS_PER_DISC: u32 = 25;

/// The number that all editions of a track have in common.
pub(in crate::simulator) const fn recording(track: u32) -> u32 {
    track & !OTHER_EDITION
}

/// The same recording under its other id.
pub(in crate::simulator) const fn other_edition(track: u32) -> u32 {
    track ^ OTHER_EDITION
}

/// Mostly albums of about a dozen tracks; singles; a few compilations and boxes of more than one
/// page.
fn album_size(rng: &mut Stream) -> (AlbumType, u32) {
    match rng.random_range(0..100_u32) {
        0..=24 => (AlbumType::Single, rng.random_range(1..=4)),
        25..=93 => (AlbumType::Album, rng.random_range(7..=16)),
        94..=97 => (AlbumType::Compilation, rng.random_range(12..=24)),
        _ => (AlbumType::Album, rng.random_range(40..=70)),
    }
}

/// Lists of the simulator are far shorter than 2^32.
pub(in crate::simulator) fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

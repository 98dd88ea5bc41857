//! Playable items: tracks, local files and episodes have one format, and `type`, which
//! distinguishes them, may be missing.

use chrono::{DateTime, Datelike, SubsecRound, Utc};
use serde::Deserialize;

use super::page::WireRow;
use crate::domain::{
    AlbumId, AlbumRef, ArtistId, ArtistRef, Episode, EpisodeId, NowPlaying, Play, Played, Saved, Track,
    TrackId,
};
use crate::json::{LenientField, lenient_objects};

/// A track, a local file or an episode.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Playable {
    #[serde(rename = "type")]
    kind: LenientField<String>,
    id: LenientField<String>,
    uri: LenientField<String>,
    name: LenientField<String>,
    artists: LenientField<Vec<ArtistWire>>,
    album: LenientField<AlbumWire>,
    show: LenientField<Show>,
    external_ids: LenientField<ExternalIds>,
    duration_ms: LenientField<u64>,
    explicit: LenientField<bool>,
    disc_number: LenientField<u32>,
    track_number: LenientField<u32>,
    is_local: LenientField<bool>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ArtistWire {
    id: LenientField<String>,
    name: LenientField<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct AlbumWire {
    id: LenientField<String>,
    uri: LenientField<String>,
    name: LenientField<String>,
    release_date: LenientField<String>,
    total_tracks: LenientField<u32>,
    artists: LenientField<Vec<ArtistWire>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Show {
    name: LenientField<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ExternalIds {
    isrc: LenientField<String>,
    pub(super) upc: LenientField<String>,
}

lenient_objects!(Playable, ArtistWire, AlbumWire, Show, ExternalIds);

/// Which of the three it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WireKind {
    Track,
    Local,
    Episode,
    /// A `type` that is not known yet.
    Unknown,
}

impl Playable {
    /// By `type`, otherwise by the uri. A local file has the type of a track; a field of its own,
    /// its row or its uri shows that it is not one.
    pub(super) fn kind(&self, row_is_local: bool) -> WireKind {
        let uri = match &self.uri {
            LenientField::Value(uri) => uri.as_str(),
            _ => "",
        };
        let is_local =
            row_is_local || self.is_local == LenientField::Value(true) || uri.starts_with("spotify:local:");
        let kind = match &self.kind {
            LenientField::Value(kind) => kind.as_str(),
            _ if is_local => "track",
            _ => uri.split(':').nth(1).unwrap_or_default(),
        };
        match kind {
            "track" if is_local => WireKind::Local,
            "track" => WireKind::Track,
            "episode" => WireKind::Episode,
            _ => WireKind::Unknown,
        }
    }

    /// Withdrawn items come with everything null. If the id and the uri are both missing as fields,
    /// the format is unknown.
    pub(super) fn is_withdrawn(&self) -> bool {
        self.id == LenientField::Null && self.uri == LenientField::Null
    }

    pub(super) fn into_track(self, is_local: bool) -> Result<Track, &'static str> {
        let (id, uri) =
            identity("track", self.id, self.uri, is_local).ok_or("a track with neither id nor uri")?;
        Ok(Track {
            id: TrackId::new(id),
            uri,
            name: self.name.value().unwrap_or_default(),
            artists: artist_refs(self.artists),
            album: self.album.value().map(AlbumRef::from),
            isrc: self.external_ids.value().and_then(|ids| ids.isrc.text()),
            duration_ms: self.duration_ms.value(),
            explicit: self.explicit.value(),
            disc_number: self.disc_number.value(),
            track_number: self.track_number.value(),
            is_local,
        })
    }

    pub(super) fn into_episode(self) -> Result<Episode, &'static str> {
        let (id, uri) =
            identity("episode", self.id, self.uri, false).ok_or("an episode with neither id nor uri")?;
        Ok(Episode {
            id: EpisodeId::new(id),
            uri,
            name: self.name.value().unwrap_or_default(),
            show_name: self.show.value().and_then(|show| show.name.text()),
            duration_ms: self.duration_ms.value(),
        })
    }
}

/// Id and uri; one of them can replace the other. A local file has only its uri.
pub(super) fn identity(
    kind: &str,
    id: LenientField<String>,
    uri: LenientField<String>,
    is_local: bool,
) -> Option<(String, String)> {
    match (id.text(), uri.text()) {
        (_, Some(uri)) if is_local => Some((uri.clone(), uri)),
        (Some(id), Some(uri)) => Some((id, uri)),
        (Some(id), None) => {
            let uri = format!("spotify:{kind}:{id}");
            Some((id, uri))
        }
        // An answer that omits an id must not make it another item.
        (None, Some(uri)) => {
            let id = uri.strip_prefix("spotify:").and_then(|rest| rest.strip_prefix(kind)?.strip_prefix(':'));
            let id = id.filter(|id| !id.is_empty() && !id.contains(':')).unwrap_or(&uri).to_owned();
            Some((id, uri))
        }
        (None, None) => None,
    }
}

pub(super) fn artist_refs(artists: LenientField<Vec<ArtistWire>>) -> Vec<ArtistRef> {
    let artists = artists.value().unwrap_or_default();
    artists.into_iter().map(ArtistRef::from).collect()
}

impl From<ArtistWire> for ArtistRef {
    fn from(artist: ArtistWire) -> Self {
        Self { id: artist.id.text().map(ArtistId::new), name: artist.name.value().unwrap_or_default() }
    }
}

impl From<AlbumWire> for AlbumRef {
    fn from(album: AlbumWire) -> Self {
        Self {
            id: album.id.text().map(AlbumId::new),
            uri: album.uri.text(),
            name: album.name.value().unwrap_or_default(),
            release_date: album.release_date.text(),
            total_tracks: album.total_tracks.value(),
            artists: artist_refs(album.artists),
        }
    }
}

/// A row of `/me/tracks`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct SavedTrack {
    added_at: LenientField<DateTime<Utc>>,
    track: LenientField<Playable>,
}

impl WireRow for SavedTrack {
    type Domain = Saved<Track>;

    fn into_domain(self) -> Result<Saved<Track>, &'static str> {
        let track = self.track.value().ok_or("a saved row without a track")?;
        let is_local = track.kind(false) == WireKind::Local;
        Ok(Saved { added_at: seconds(self.added_at), item: track.into_track(is_local)? })
    }
}

/// When an item was added, in whole seconds, as Spotify means it.
pub(super) fn seconds(added_at: LenientField<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    added_at.value().map(|at| at.trunc_subsecs(0))
}

/// Spotify was founded in 2006. A later year is an error, and the database does not keep it.
const POSSIBLE_YEARS: std::ops::Range<i32> = 2006..2100;

/// A row of `/me/player/recently-played`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct PlayWire {
    played_at: LenientField<DateTime<Utc>>,
    track: LenientField<Playable>,
    context: LenientField<WireContext>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireContext {
    uri: LenientField<String>,
}

lenient_objects!(WireContext);

impl WireRow for PlayWire {
    type Domain = Play;

    fn into_domain(self) -> Result<Play, &'static str> {
        let track = self.track.value().ok_or("a play without a track")?;
        let what = match track.kind(false) {
            WireKind::Episode => Played::Episode(track.into_episode()?),
            kind => Played::Track(track.into_track(kind == WireKind::Local)?),
        };
        let played_at = self.played_at.value().ok_or("a play without a usable time")?;
        if !POSSIBLE_YEARS.contains(&played_at.year()) {
            return Err("a play at an impossible time");
        }
        Ok(Play {
            played_at: played_at.trunc_subsecs(3),
            what,
            context_uri: self.context.value().and_then(|context| context.uri.text()),
        })
    }
}

/// `/me/player/currently-playing`
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct NowPlayingWire {
    progress_ms: LenientField<u64>,
    is_playing: LenientField<bool>,
    item: LenientField<Playable>,
}

impl NowPlayingWire {
    /// `None` if nothing with a name plays, for example an advertisement.
    pub(super) fn into_domain(self, at: DateTime<Utc>) -> Option<NowPlaying> {
        let item = self.item.value()?;
        let (name, artists, duration_ms) = match item.kind(false) {
            WireKind::Episode => {
                let episode = item.into_episode().ok()?;
                (episode.name, episode.show_name.unwrap_or_default(), episode.duration_ms)
            }
            kind => {
                let track = item.into_track(kind == WireKind::Local).ok()?;
                let names: Vec<_> = track.artists.into_iter().map(|artist| artist.name).collect();
                (track.name, names.join(", "), track.duration_ms)
            }
        };
        let progress_ms = self.progress_ms.value().unwrap_or(0);
        let is_playing = self.is_playing.value().unwrap_or(false);
        Some(NowPlaying { name, artists, progress_ms, duration_ms, is_playing, at })
    }
}

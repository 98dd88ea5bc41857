//! Tracks, albums, artists and episodes as they were last described, each once.
//!
//! Owns: the catalogue's tables. Must not know: which list named an item, or whether it is still
//! there. Each kind needs one statement per batch. A field that an answer omits or leaves empty
//! never overwrites an earlier value. A row that would not change is not written.

use std::collections::HashSet;

use serde::Serialize;

use crate::domain::{Album, AlbumRef, Artist, ArtistRef, Episode, RunId, Track};
use crate::store::Result;
use crate::store::db::sqlite::{self, Tx};

/// The items that a batch describes, each once; the first description in the batch is used.
#[derive(Default)]
pub(in crate::store) struct CatalogueWriter<'a> {
    run: Option<RunId>,
    seen: HashSet<(CatalogueKind, &'a str)>,
    artists: Vec<ArtistRow<'a>>,
    albums: Vec<AlbumRow<'a>>,
    tracks: Vec<TrackRow<'a>>,
    episodes: Vec<&'a Episode>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum CatalogueKind {
    Artist,
    Album,
    Track,
    Episode,
}

#[derive(Serialize)]
struct ArtistRow<'a> {
    id: &'a str,
    uri: Option<&'a str>,
    name: &'a str,
    genres: Option<String>,
    image_url: Option<&'a str>,
    /// Every field of the artist was in the answer.
    in_full: bool,
}

#[derive(Serialize)]
struct AlbumRow<'a> {
    id: &'a str,
    uri: Option<&'a str>,
    name: &'a str,
    artists: String,
    credits: String,
    album_type: Option<&'a str>,
    release_date: Option<&'a str>,
    total_tracks: Option<u32>,
    upc: Option<&'a str>,
}

#[derive(Serialize)]
struct TrackRow<'a> {
    id: &'a str,
    uri: &'a str,
    name: &'a str,
    artists: String,
    credits: String,
    album_id: Option<&'a str>,
    album_name: Option<&'a str>,
    isrc: Option<&'a str>,
    duration_ms: Option<u64>,
    explicit: Option<bool>,
    disc_number: Option<u32>,
    track_number: Option<u32>,
    is_local: bool,
}

fn id_of(artist: &ArtistRef) -> Option<&str> {
    artist.id.as_ref().map(crate::domain::ArtistId::as_str)
}

/// The names in order, as every view shows them.
fn joined(artists: &[ArtistRef]) -> String {
    let names: Vec<&str> = artists.iter().map(|artist| artist.name.as_str()).collect();
    names.join(", ")
}

/// The artists for programs: a JSON array of (artist id or null, name), in order.
fn credits(artists: &[ArtistRef]) -> Result<String> {
    let credits: Vec<_> = artists.iter().map(|artist| (id_of(artist), &artist.name)).collect();
    sqlite::rows(&credits)
}

impl<'a> CatalogueWriter<'a> {
    /// The items that a page of this run describes. The time of a full artist is the time of the
    /// run.
    pub(in crate::store) fn of_run(run: RunId) -> Self {
        Self { run: Some(run), ..Self::default() }
    }

    fn named(&mut self, artists: &'a [ArtistRef]) {
        for artist in artists {
            let Some(id) = id_of(artist) else { continue };
            if self.seen.insert((CatalogueKind::Artist, id)) {
                self.artists.push(ArtistRow {
                    id,
                    uri: None,
                    name: &artist.name,
                    genres: None,
                    image_url: None,
                    in_full: false,
                });
            }
        }
    }

    /// Adds an artist with every field.
    pub(in crate::store) fn artist(&mut self, artist: &'a Artist) -> Result<()> {
        if self.seen.insert((CatalogueKind::Artist, artist.id.as_str())) {
            self.artists.push(ArtistRow {
                id: artist.id.as_str(),
                uri: Some(&artist.uri),
                name: &artist.name,
                genres: artist.genres.as_ref().map(sqlite::rows).transpose()?,
                image_url: artist.pictures.iter().flatten().next().map(String::as_str),
                in_full: artist.genres.is_some() && artist.pictures.is_some(),
            });
        }
        Ok(())
    }

    /// Adds an album with every field.
    pub(in crate::store) fn album(&mut self, album: &'a Album) -> Result<()> {
        self.named(&album.artists);
        if self.seen.insert((CatalogueKind::Album, album.id.as_str())) {
            self.albums.push(AlbumRow {
                id: album.id.as_str(),
                uri: Some(&album.uri),
                name: &album.name,
                artists: joined(&album.artists),
                credits: credits(&album.artists)?,
                album_type: album.album_type.as_deref(),
                release_date: album.release_date.as_deref(),
                total_tracks: album.total_tracks,
                upc: album.upc.as_deref(),
            });
        }
        Ok(())
    }

    fn album_of_a_track(&mut self, album: &'a AlbumRef) -> Result<()> {
        self.named(&album.artists);
        let Some(id) = album.id.as_ref().map(crate::domain::AlbumId::as_str) else {
            return Ok(());
        };
        if self.seen.insert((CatalogueKind::Album, id)) {
            self.albums.push(AlbumRow {
                id,
                uri: album.uri.as_deref(),
                name: &album.name,
                artists: joined(&album.artists),
                credits: credits(&album.artists)?,
                album_type: None,
                release_date: album.release_date.as_deref(),
                total_tracks: album.total_tracks,
                upc: None,
            });
        }
        Ok(())
    }

    /// Adds a track, with its album and artists.
    pub(in crate::store) fn track(&mut self, track: &'a Track) -> Result<()> {
        if !self.seen.insert((CatalogueKind::Track, track.id.as_str())) {
            return Ok(());
        }
        self.named(&track.artists);
        if let Some(album) = &track.album {
            self.album_of_a_track(album)?;
        }
        let album = track.album.as_ref();
        self.tracks.push(TrackRow {
            id: track.id.as_str(),
            uri: &track.uri,
            name: &track.name,
            artists: joined(&track.artists),
            credits: credits(&track.artists)?,
            album_id: album.and_then(|album| album.id.as_ref()).map(crate::domain::AlbumId::as_str),
            album_name: album.map(|album| album.name.as_str()),
            isrc: track.isrc.as_deref(),
            duration_ms: track.duration_ms,
            explicit: track.explicit,
            disc_number: track.disc_number,
            track_number: track.track_number,
            is_local: track.is_local,
        });
        Ok(())
    }

    /// Adds a podcast episode.
    pub(in crate::store) fn episode(&mut self, episode: &'a Episode) {
        if self.seen.insert((CatalogueKind::Episode, episode.id.as_str())) {
            self.episodes.push(episode);
        }
    }

    /// Writes what differs; artists first, because albums and tracks refer to them.
    pub(in crate::store) async fn write(&self, tx: &mut Tx) -> Result<()> {
        if self.seen.is_empty() {
            return Ok(());
        }
        sqlx::query(WRITE)
            .bind(self.run.map(|run| run.0))
            .bind(sqlite::rows(&self.artists)?)
            .bind(sqlite::rows(&self.albums)?)
            .bind(sqlite::rows(&self.tracks)?)
            .bind(sqlite::rows(&self.episodes)?)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }
}

/// Every kind in one call, because a call costs as much as a dozen rows; each statement takes the
/// next parameters. An artist that every walk describes again gets a new time once a month, not
/// with each walk.
const WRITE: &str = "
insert into artists as old (artist_id, uri, name, genres, image_url, details_at)
select value ->> 'id', value ->> 'uri', value ->> 'name', value ->> 'genres', value ->> 'image_url',
       iif(value ->> 'in_full', (select started_at from sync_runs where id = ?), null)
from jsonb_each(?) where true
on conflict do update set
    uri = coalesce(excluded.uri, old.uri),
    name = coalesce(nullif(excluded.name, ''), old.name),
    genres = coalesce(excluded.genres, old.genres),
    image_url = coalesce(excluded.image_url, old.image_url),
    details_at = coalesce(excluded.details_at, old.details_at)
where (old.uri, old.name, old.genres, old.image_url) is not
      (coalesce(excluded.uri, old.uri), coalesce(nullif(excluded.name, ''), old.name),
       coalesce(excluded.genres, old.genres), coalesce(excluded.image_url, old.image_url))
   or excluded.details_at > coalesce(date(old.details_at, '+30 days'), '');

insert into albums as old
    (album_id, uri, name, artists, credits, album_type, release_date, total_tracks, upc)
select value ->> 'id', value ->> 'uri', value ->> 'name', value ->> 'artists', value ->> 'credits', value ->> 'album_type',
       value ->> 'release_date', value ->> 'total_tracks', value ->> 'upc'
from jsonb_each(?) where true
on conflict do update set
    uri = coalesce(excluded.uri, old.uri),
    name = coalesce(nullif(excluded.name, ''), old.name),
    artists = coalesce(nullif(excluded.artists, ''), old.artists),
    credits = coalesce(nullif(excluded.credits, '[]'), old.credits),
    album_type = coalesce(excluded.album_type, old.album_type),
    release_date = coalesce(excluded.release_date, old.release_date),
    total_tracks = coalesce(excluded.total_tracks, old.total_tracks),
    upc = coalesce(excluded.upc, old.upc)
where (old.uri, old.name, old.artists, old.credits, old.album_type, old.release_date, old.total_tracks, old.upc) is not
      (coalesce(excluded.uri, old.uri), coalesce(nullif(excluded.name, ''), old.name),
       coalesce(nullif(excluded.artists, ''), old.artists),
       coalesce(nullif(excluded.credits, '[]'), old.credits), coalesce(excluded.album_type, old.album_type),
       coalesce(excluded.release_date, old.release_date),
       coalesce(excluded.total_tracks, old.total_tracks), coalesce(excluded.upc, old.upc));

insert into tracks as old
    (track_id, uri, name, artists, credits, album_id, album_name, isrc, duration_ms, explicit,
     disc_number, track_number, is_local)
select value ->> 'id', value ->> 'uri', value ->> 'name', value ->> 'artists', value ->> 'credits', value ->> 'album_id',
       value ->> 'album_name', value ->> 'isrc', value ->> 'duration_ms', value ->> 'explicit',
       value ->> 'disc_number', value ->> 'track_number', value ->> 'is_local'
from jsonb_each(?) where true
on conflict do update set
    uri = excluded.uri,
    name = coalesce(nullif(excluded.name, ''), old.name),
    artists = coalesce(nullif(excluded.artists, ''), old.artists),
    credits = coalesce(nullif(excluded.credits, '[]'), old.credits),
    album_id = coalesce(excluded.album_id, old.album_id),
    album_name = coalesce(nullif(excluded.album_name, ''), old.album_name),
    isrc = coalesce(excluded.isrc, old.isrc),
    duration_ms = coalesce(excluded.duration_ms, old.duration_ms),
    explicit = coalesce(excluded.explicit, old.explicit),
    disc_number = coalesce(excluded.disc_number, old.disc_number),
    track_number = coalesce(excluded.track_number, old.track_number),
    is_local = excluded.is_local
where (old.uri, old.name, old.artists, old.credits, old.album_id, old.album_name, old.isrc, old.duration_ms,
       old.explicit, old.disc_number, old.track_number, old.is_local) is not
      (excluded.uri, coalesce(nullif(excluded.name, ''), old.name),
       coalesce(nullif(excluded.artists, ''), old.artists),
       coalesce(nullif(excluded.credits, '[]'), old.credits), coalesce(excluded.album_id, old.album_id),
       coalesce(nullif(excluded.album_name, ''), old.album_name), coalesce(excluded.isrc, old.isrc),
       coalesce(excluded.duration_ms, old.duration_ms), coalesce(excluded.explicit, old.explicit),
       coalesce(excluded.disc_number, old.disc_number), coalesce(excluded.track_number, old.track_number),
       excluded.is_local);

insert into episodes as old (episode_id, uri, name, show_name, duration_ms)
select value ->> 'id', value ->> 'uri', value ->> 'name', value ->> 'show_name', value ->> 'duration_ms'
from jsonb_each(?) where true
on conflict do update set
    uri = excluded.uri,
    name = coalesce(nullif(excluded.name, ''), old.name),
    show_name = coalesce(excluded.show_name, old.show_name),
    duration_ms = coalesce(excluded.duration_ms, old.duration_ms)
where (old.uri, old.name, old.show_name, old.duration_ms) is not
      (excluded.uri, coalesce(nullif(excluded.name, ''), old.name),
       coalesce(excluded.show_name, old.show_name), coalesce(excluded.duration_ms, old.duration_ms))";

//! Converts Spotify's JSON into domain types.
//!
//! Owns: field names, formats and their three generations, and what may be missing, null or odd.
//! Must not know: how a body was fetched. Sources: Spotify's `OpenAPI` file, and answers captured
//! in the tests of public projects; if these disagree, every form is accepted.

mod library;
mod page;
mod playable;
mod playlist_row;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

use crate::domain::{
    Album, Artist, CursorPage, NowPlaying, Page, Play, Playlist, PlaylistItem, Row, Saved, SnapshotId, Track,
    User,
};
pub(super) use page::BadBody;
use page::WireRow;

/// `/me`
pub(super) fn user(body: &str) -> Result<User, BadBody> {
    let me: library::Me = serde_json::from_str(body)?;
    me.into_domain().map_err(|why| BadBody::Unknown(why.to_owned()))
}

/// `/me/tracks`
pub(super) fn saved_tracks(body: &str, offset: u32) -> Result<Page<Saved<Track>>, BadBody> {
    page::offset_page::<playable::SavedTrack>(body, offset)
}

/// `/me/albums`
pub(super) fn saved_albums(body: &str, offset: u32) -> Result<Page<Saved<Album>>, BadBody> {
    page::offset_page::<library::SavedAlbum>(body, offset)
}

/// `/me/following`
pub(super) fn followed_artists(body: &str) -> Result<CursorPage<Artist>, BadBody> {
    page::cursor_page::<library::FullArtist>(body, |artist| &artist.id)
}

/// `/artists/{id}`
pub(super) fn artist(body: &str) -> Result<Row<Artist>, BadBody> {
    page::one_row::<library::FullArtist>(body)
}

/// `/artists?ids=`
pub(super) fn artists(body: &str) -> Result<Vec<Row<Artist>>, BadBody> {
    page::artist_rows::<library::FullArtist>(body)
}

/// `/me/playlists`
pub(super) fn playlists(body: &str, offset: u32) -> Result<Page<Playlist>, BadBody> {
    page::offset_page::<library::SimplePlaylist>(body, offset)
}

/// `/playlists/{id}/items` and `/tracks`
pub(super) fn playlist_items(body: &str, offset: u32) -> Result<Page<PlaylistItem>, BadBody> {
    page::offset_page::<playlist_row::PlaylistRow>(body, offset)
}

/// `/me/library/contains` and its older counterpart: a yes or no for each of the `asked` items, in
/// their order.
pub(super) fn contains(body: &str, asked: usize) -> Result<Vec<bool>, BadBody> {
    let answers: Vec<bool> = serde_json::from_str(body)?;
    if answers.len() == asked {
        Ok(answers)
    } else {
        Err(BadBody::Unknown(format!("{} answers to {asked} questions", answers.len())))
    }
}

/// `/playlists/{id}`, only for its version.
pub(super) fn playlist_version(body: &str) -> Result<Option<SnapshotId>, BadBody> {
    let list: library::SimplePlaylist = serde_json::from_str(body)?;
    let list = list.into_domain().map_err(|why| BadBody::Unknown(why.to_owned()))?;
    Ok(list.snapshot_id)
}

/// `/me/player/currently-playing`, requested at `at`; empty if nothing plays
pub(super) fn now_playing(body: &str, at: DateTime<Utc>) -> Result<Option<NowPlaying>, BadBody> {
    if body.trim().is_empty() {
        return Ok(None);
    }
    let playing: playable::NowPlayingWire = serde_json::from_str(body)?;
    Ok(playing.into_domain(at))
}

/// `/me/player/recently-played`
pub(super) fn plays(body: &str) -> Result<Vec<Row<Play>>, BadBody> {
    page::plain_rows::<playable::PlayWire>(body)
}

/// Parses a text as every kind of answer, for the fuzz targets. Returns the kinds that fit, with
/// their readable rows.
#[doc(hidden)]
#[must_use]
pub fn read_as_each_answer(body: &str) -> Vec<(&'static str, usize)> {
    let at = DateTime::UNIX_EPOCH;
    let one = |is_read: bool| is_read.then_some(1);
    let kinds = [
        ("user", one(user(body).is_ok())),
        ("saved tracks", saved_tracks(body, 0).ok().map(|page| readable(&page.rows))),
        ("saved albums", saved_albums(body, 0).ok().map(|page| readable(&page.rows))),
        ("followed artists", followed_artists(body).ok().map(|page| readable(&page.rows))),
        ("artist", artist(body).ok().map(|row| readable(&[row]))),
        ("artists", artists(body).ok().map(|rows| readable(&rows))),
        ("playlists", playlists(body, 0).ok().map(|page| readable(&page.rows))),
        ("playlist items", playlist_items(body, 0).ok().map(|page| readable(&page.rows))),
        ("contains", one(contains(body, 1).is_ok())),
        ("playlist version", one(playlist_version(body).is_ok())),
        ("now playing", one(now_playing(body, at).is_ok_and(|playing| playing.is_some()))),
        ("plays", plays(body).ok().map(|rows| readable(&rows))),
    ];
    kinds.into_iter().filter_map(|(kind, rows)| Some((kind, rows?))).collect()
}

fn readable<T>(rows: &[Row<T>]) -> usize {
    rows.iter().filter(|row| row.readable().is_some()).count()
}

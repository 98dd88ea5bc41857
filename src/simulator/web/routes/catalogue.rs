//! The catalogue: one item by id, several by ids, and the parts that 2026 removed.

use serde_json::{Value, json};

use super::Call;
use crate::simulator::content::catalogue::count;
use crate::simulator::content::ids::IdKind;
use crate::simulator::web::answer::{Answer, ErrorReply, Reply};
use crate::simulator::web::render::{MARKETS, PageSpan, object};

const CATEGORIES: [&str; 5] = ["Chill", "Focus", "Folk", "Party", "Sleep"];

/// The item of `kind` in the path.
fn named(call: &Call<'_>, kind: IdKind) -> Result<u32, ErrorReply> {
    call.render.account.find(kind, call.id).ok_or_else(ErrorReply::not_found)
}

fn one(call: &Call<'_>, kind: IdKind, show: impl Fn(u32) -> Value) -> Answer {
    named(call, kind).map(|number| Reply::Json(show(number)))
}

pub(super) fn track(call: &Call<'_>) -> Answer {
    one(call, IdKind::Track, |track| call.render.track(track))
}

pub(super) fn album(call: &Call<'_>) -> Answer {
    one(call, IdKind::Album, |album| call.render.album(album))
}

pub(super) fn artist(call: &Call<'_>) -> Answer {
    one(call, IdKind::Artist, |artist| call.render.artist(artist))
}

pub(super) fn show(call: &Call<'_>) -> Answer {
    one(call, IdKind::Show, |show| call.render.show(show))
}

pub(super) fn episode(call: &Call<'_>) -> Answer {
    one(call, IdKind::Episode, |episode| call.render.episode(episode))
}

pub(super) fn album_tracks(call: &Call<'_>) -> Answer {
    let span = call.query.span(20, 50)?;
    one(call, IdKind::Album, |album| call.render.album_tracks(album, span))
}

pub(super) fn show_episodes(call: &Call<'_>) -> Answer {
    let span = call.query.span(20, 50)?;
    one(call, IdKind::Show, |show| call.render.show_episodes(show, span))
}

/// An artist's albums; pages of at most 10 since 2026.
pub(super) fn artist_albums(call: &Call<'_>) -> Answer {
    let (default, max) = if call.render.shape.keeps_removed() { (20, 50) } else { (5, 10) };
    let span = call.query.span(default, max)?;
    let artist = named(call, IdKind::Artist)?;
    let albums = call.render.account.catalogue.albums_of(artist);
    let total = albums.end - albums.start;
    let items = span.of(total).map(|place| call.render.discography_album(albums.start + place));
    let path = format!("/artists/{}/albums", call.id);
    Ok(Reply::Json(call.render.page(&path, span, total, items.collect())))
}

/// The first tracks of the artist's albums, ten at most.
pub(super) fn artist_top_tracks(call: &Call<'_>) -> Answer {
    let artist = named(call, IdKind::Artist)?;
    let catalogue = &call.render.account.catalogue;
    let albums = catalogue.albums_of(artist).filter_map(|album| catalogue.album(album));
    let tracks = albums.take(10).map(|album| call.render.track(album.first_track));
    Ok(Reply::Json(json!({ "tracks": tracks.collect::<Vec<Value>>() })))
}

/// Several items by their ids; null for one that does not exist.
fn many(call: &Call<'_>, name: &str, kind: IdKind, max: usize, show: impl Fn(u32) -> Value) -> Answer {
    let ids = call.query.list("ids", max)?;
    let things = ids.into_iter().map(|id| call.render.account.find(kind, id).map_or(Value::Null, &show));
    Ok(Reply::Json(object([(name, things.collect())])))
}

pub(super) fn many_tracks(call: &Call<'_>) -> Answer {
    many(call, "tracks", IdKind::Track, 50, |track| call.render.track(track))
}

pub(super) fn many_albums(call: &Call<'_>) -> Answer {
    many(call, "albums", IdKind::Album, 20, |album| call.render.album(album))
}

pub(super) fn many_artists(call: &Call<'_>) -> Answer {
    many(call, "artists", IdKind::Artist, 50, |artist| call.render.artist(artist))
}

pub(super) fn many_shows(call: &Call<'_>) -> Answer {
    many(call, "shows", IdKind::Show, 50, |show| call.render.show_ref(show))
}

pub(super) fn many_episodes(call: &Call<'_>) -> Answer {
    many(call, "episodes", IdKind::Episode, 50, |episode| call.render.episode(episode))
}

/// There are no audiobooks, so every id is unknown.
pub(super) fn many_audiobooks(call: &Call<'_>) -> Answer {
    unknown(call, "audiobooks")
}

/// There are no audiobooks, so every id is unknown.
pub(super) fn many_chapters(call: &Call<'_>) -> Answer {
    unknown(call, "chapters")
}

fn unknown(call: &Call<'_>, name: &str) -> Answer {
    let ids = call.query.list("ids", 50)?;
    Ok(Reply::Json(json!({ name: vec![Value::Null; ids.len()] })))
}

/// The albums that were last added to the catalogue.
pub(super) fn new_releases(call: &Call<'_>) -> Answer {
    let span = call.query.span(20, 50)?;
    let albums = call.render.account.catalogue.albums();
    let total = albums.min(100);
    let items = span.of(total).map(|place| call.render.album_ref(albums - 1 - place)).collect();
    Ok(Reply::Json(json!({ "albums": call.render.page("/browse/new-releases", span, total, items) })))
}

pub(super) fn categories(call: &Call<'_>) -> Answer {
    let span: PageSpan = call.query.span(20, 50)?;
    let total = count(CATEGORIES.len());
    let range = span.of(total);
    let page = CATEGORIES.get(range.start as usize..range.end as usize).unwrap_or_default();
    let items = page.iter().map(|name| category_object(call, name)).collect();
    Ok(Reply::Json(json!({ "categories": call.render.page("/browse/categories", span, total, items) })))
}

pub(super) fn category(call: &Call<'_>) -> Answer {
    let name = CATEGORIES.iter().find(|name| name.to_lowercase() == call.id);
    name.map(|name| Reply::Json(category_object(call, name))).ok_or_else(ErrorReply::not_found)
}

fn category_object(call: &Call<'_>, name: &str) -> Value {
    let id = name.to_lowercase();
    json!({ "id": id, "name": name, "href": format!("{}/browse/categories/{id}", call.render.base), "icons": [] })
}

pub(super) fn markets(_: &Call<'_>) -> Answer {
    Ok(Reply::Json(json!({ "markets": MARKETS })))
}

//! Every path under `/v1`, in one table: its group of endpoints, whether 2026 removed it, and its
//! handler.
//!
//! Owns: finding the handler of a path. The table is the only place that knows the paths.

#![allow(clippy::unnecessary_wraps, reason = "whoever stands in the table has the table's signature")]

mod catalogue;
mod contains;
mod library;
mod player;
mod playlists;

use super::answer::{Answer, ErrorReply};
use super::query::UrlQuery;
use super::render::Render;
use crate::simulator::time::Millis;

/// A request that was accepted.
pub(in crate::simulator) struct Call<'a> {
    pub(in crate::simulator) render: Render<'a>,
    pub(in crate::simulator) query: &'a UrlQuery,
    /// The value of `{id}` in the path; empty if there is none.
    pub(in crate::simulator) id: &'a str,
    pub(in crate::simulator) now: Millis,
}

/// One path.
pub(in crate::simulator) struct Route {
    /// The part after `/v1`, with `{id}` for one segment.
    pub(in crate::simulator) path: &'static str,
    /// The endpoints that the quota of a day counts together.
    pub(in crate::simulator) group: &'static str,
    /// Removed for apps made since February 2026.
    is_removed: bool,
    answer: fn(&Call<'_>) -> Answer,
}

impl Route {
    pub(in crate::simulator) fn answer(&self, call: &Call<'_>) -> Answer {
        if self.is_removed && !call.render.shape.keeps_removed() {
            return Err(ErrorReply::forbidden());
        }
        (self.answer)(call)
    }
}

const fn route(path: &'static str, group: &'static str, answer: fn(&Call<'_>) -> Answer) -> Route {
    Route { path, group, is_removed: false, answer }
}

const fn removed(path: &'static str, group: &'static str, answer: fn(&Call<'_>) -> Answer) -> Route {
    Route { path, group, is_removed: true, answer }
}

const ROUTES: &[Route] = &[
    route("/me", "me", library::me),
    route("/me/tracks", "tracks", library::tracks),
    route("/me/albums", "albums", library::albums),
    route("/me/following", "following", library::following),
    route("/me/shows", "me", library::shows),
    route("/me/episodes", "me", library::episodes),
    route("/me/audiobooks", "me", library::audiobooks),
    route("/me/top/{id}", "me", library::top),
    route("/me/playlists", "playlists", playlists::mine),
    route("/playlists/{id}", "playlist_items", playlists::one),
    route("/playlists/{id}/items", "playlist_items", playlists::items),
    removed("/playlists/{id}/tracks", "playlist_items", playlists::tracks),
    route("/playlists/{id}/images", "playlist_items", playlists::images),
    removed("/playlists/{id}/followers/contains", "contains", contains::playlist_followers),
    route("/me/library/contains", "contains", contains::library),
    removed("/me/tracks/contains", "contains", contains::tracks),
    removed("/me/albums/contains", "contains", contains::albums),
    removed("/me/shows/contains", "contains", contains::shows),
    removed("/me/episodes/contains", "contains", contains::episodes),
    removed("/me/audiobooks/contains", "contains", contains::audiobooks),
    removed("/me/following/contains", "contains", contains::following),
    route("/me/player", "player", player::state),
    route("/me/player/currently-playing", "player", player::currently_playing),
    route("/me/player/recently-played", "player", player::recently_played),
    route("/me/player/devices", "player", player::devices),
    route("/me/player/queue", "player", player::queue),
    route("/tracks/{id}", "catalogue", catalogue::track),
    route("/albums/{id}", "catalogue", catalogue::album),
    route("/albums/{id}/tracks", "catalogue", catalogue::album_tracks),
    route("/artists/{id}", "catalogue", catalogue::artist),
    route("/artists/{id}/albums", "catalogue", catalogue::artist_albums),
    route("/shows/{id}", "catalogue", catalogue::show),
    route("/shows/{id}/episodes", "catalogue", catalogue::show_episodes),
    route("/episodes/{id}", "catalogue", catalogue::episode),
    removed("/tracks", "catalogue", catalogue::many_tracks),
    removed("/albums", "catalogue", catalogue::many_albums),
    removed("/artists", "catalogue", catalogue::many_artists),
    removed("/shows", "catalogue", catalogue::many_shows),
    removed("/episodes", "catalogue", catalogue::many_episodes),
    removed("/audiobooks", "catalogue", catalogue::many_audiobooks),
    removed("/chapters", "catalogue", catalogue::many_chapters),
    removed("/artists/{id}/top-tracks", "catalogue", catalogue::artist_top_tracks),
    removed("/browse/new-releases", "catalogue", catalogue::new_releases),
    removed("/browse/categories", "catalogue", catalogue::categories),
    removed("/browse/categories/{id}", "catalogue", catalogue::category),
    removed("/markets", "catalogue", catalogue::markets),
    removed("/users/{id}", "me", library::user),
    removed("/users/{id}/playlists", "playlists", playlists::of_user),
];

/// Whether the path is a question about the library.
pub(in crate::simulator) fn is_contains(path: &str) -> bool {
    ROUTES.iter().any(|route| route.group == "contains" && route.path == path)
}

/// The route of a path, and the value of its `{id}`. A trailing slash is ignored.
pub(in crate::simulator) fn find(path: &str) -> Option<(&'static Route, &str)> {
    let path = path.strip_suffix('/').unwrap_or(path);
    ROUTES.iter().find_map(|route| Some((route, fits(route.path, path)?)))
}

/// The value of `{id}`, if `path` matches the template.
fn fits<'a>(template: &str, path: &'a str) -> Option<&'a str> {
    let mut id = "";
    let mut segments = path.split('/');
    for wanted in template.split('/') {
        let segment = segments.next()?;
        if wanted == "{id}" && !segment.is_empty() {
            id = segment;
        } else if wanted != segment {
            return None;
        }
    }
    segments.next().is_none().then_some(id)
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn a_path_finds_its_route_and_id() {
        let found = |path| find(path).map(|(route, id)| (route.path, id));
        assert_eq!(found("/me"), Some(("/me", "")));
        assert_eq!(found("/me/"), Some(("/me", "")));
        assert_eq!(found("/playlists/abc/items"), Some(("/playlists/{id}/items", "abc")));
        assert_eq!(found("/me/tracks/contains"), Some(("/me/tracks/contains", "")));
        for unknown in ["", "/", "/mee", "/me//", "/playlists//items", "/tracks/a/b", "/playlists"] {
            assert_eq!(found(unknown), None, "{unknown}");
        }
    }
}

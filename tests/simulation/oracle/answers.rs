//! What an answer shows: of which list, from which place on, and which rows.
//!
//! Reads Spotify's JSON by itself and takes whatever stands there; what cannot be read shows nothing.

use phonolog::spotify::{HttpAnswer, Outgoing};
use serde_json::Value;
use url::Url;

/// A list that Spotify shows page by page.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum List {
    Tracks,
    Albums,
    Artists,
    Playlists,
    /// What a playlist holds.
    Contents(String),
}

impl List {
    /// The word of the journal for it.
    pub const fn entity(&self) -> &'static str {
        match self {
            Self::Tracks => "tracks",
            Self::Albums => "albums",
            Self::Artists => "artists",
            Self::Playlists => "playlists",
            Self::Contents(_) => "playlist_items",
        }
    }
}

/// A row as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ShownRow {
    /// `None` where nothing can be read.
    pub uri: Option<String>,
    pub added_at: Option<String>,
    /// `track`, `episode`, `local` or `unavailable`.
    pub kind: &'static str,
}

/// A page of a list.
#[derive(Debug)]
pub struct ShownPage {
    pub list: List,
    /// The place of the first row; lists with cursors have none but the first.
    pub offset: u64,
    /// The id behind which it begins, in lists with cursors.
    pub after: Option<String>,
    /// Whether it was asked for from the beginning.
    pub is_first: bool,
    pub rows: Vec<ShownRow>,
    /// The length of the list, as it is told.
    pub total: Option<u64>,
}

/// The page that an answer shows, if it shows one.
pub fn page(request: &Outgoing, answer: &HttpAnswer) -> Option<ShownPage> {
    if answer.status != 200 || shown(request.url(), &Value::Null).is_none() {
        return None;
    }
    let body: Value = serde_json::from_str(&answer.body).ok()?;
    let (list, page, key) = shown(request.url(), &body)?;
    let offset = number(request.url(), "offset");
    let rows = page["items"].as_array()?.iter().map(|row| shown_row(row, key)).collect();
    let after = parameter(request.url(), "after");
    let is_first = offset == 0 && after.is_none();
    Some(ShownPage { list, offset, after, is_first, rows, total: page["total"].as_u64() })
}

/// The list of which Spotify failed to show a row that it was asked for alone.
pub fn list_with_a_bad_place(request: &Outgoing, answer: &HttpAnswer) -> Option<List> {
    let has_failed = answer.status >= 500 && number(request.url(), "limit") == 1;
    shown(request.url(), &Value::Null).filter(|_| has_failed).map(|(list, ..)| list)
}

fn shown<'a>(url: &Url, body: &'a Value) -> Option<(List, &'a Value, &'static str)> {
    match url.path().strip_prefix("/v1")? {
        "/me/tracks" => Some((List::Tracks, body, "track")),
        "/me/albums" => Some((List::Albums, body, "album")),
        "/me/following" => Some((List::Artists, &body["artists"], "")),
        "/me/playlists" => Some((List::Playlists, body, "")),
        path => {
            let (id, part) = path.strip_prefix("/playlists/")?.split_once('/').unzip();
            let id = id.or_else(|| path.strip_prefix("/playlists/"))?;
            let page = match part {
                Some("items" | "tracks") => body,
                Some(_) => return None,
                None if body["items"].is_object() => &body["items"],
                None => &body["tracks"],
            };
            Some((List::Contents(id.to_owned()), page, "item"))
        }
    }
}

fn shown_row(row: &Value, key: &str) -> ShownRow {
    let thing = match key {
        "" => row,
        "item" if row["item"].is_object() => &row["item"],
        "item" => &row["track"],
        key => &row[key],
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let is_local = thing["uri"].as_str().is_some_and(|uri| uri.starts_with("spotify:local:"));
    let kind = match (thing["type"].as_str(), row["is_local"].as_bool()) {
        _ if thing.is_null() => "unavailable",
        // The uri says it, too, whatever the field is.
        (_, Some(true)) => "local",
        _ if is_local => "local",
        (Some("episode"), _) => "episode",
        _ => "track",
    };
    ShownRow { uri: text(&thing["uri"]), added_at: text(&row["added_at"]), kind }
}

fn number(url: &Url, name: &str) -> u64 {
    parameter(url, name).and_then(|value| value.parse().ok()).unwrap_or_default()
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The artists that an answer describes one by one or many at once; none where it is no such answer.
pub fn described_artists(request: &Outgoing, answer: &HttpAnswer) -> Vec<String> {
    let Some(asked) = request.url().path().strip_prefix("/v1/artists").filter(|_| answer.status == 200)
    else {
        return Vec::new();
    };
    let ids = parameter(request.url(), "ids").unwrap_or_else(|| asked.trim_start_matches('/').to_owned());
    ids.split(',').map(str::to_owned).collect()
}

/// What an answer says of what is in the library: uri and whether it is there. `None` where it is none to that
/// question.
pub fn contains(request: &Outgoing, answer: &HttpAnswer) -> Option<Vec<(String, bool)>> {
    let kind = asked_kind(request.url())?;
    let answers: Vec<bool> = serde_json::from_str(&answer.body).ok().filter(|_| answer.status == 200)?;
    let asked = parameter(request.url(), "uris").or_else(|| parameter(request.url(), "ids"))?;
    let uri = |id: &str| if kind.is_empty() { id.to_owned() } else { format!("spotify:{kind}:{id}") };
    Some(asked.split(',').map(uri).zip(answers).collect())
}

/// Whether an answer refuses that question for good.
pub fn refuses_contains(request: &Outgoing, answer: &HttpAnswer) -> bool {
    asked_kind(request.url()).is_some() && matches!(answer.status, 400 | 402..=407 | 409..=424 | 426..=428)
}

/// What kind of thing is asked for; nothing where uris say it. `None` where something else is asked.
fn asked_kind(url: &Url) -> Option<&'static str> {
    match url.path().strip_prefix("/v1")? {
        "/me/library/contains" => Some(""),
        "/me/tracks/contains" => Some("track"),
        "/me/albums/contains" => Some("album"),
        "/me/following/contains" => Some("artist"),
        _ => None,
    }
}

//! Every answer of every endpoint, over a whole library, against Spotify's description of it.

use std::collections::BTreeSet;

use phonolog::simulator::Shape;
use rstest::rstest;
use serde_json::{Value, json};

use super::schema::Schema;
use super::support::{Sim, config};

/// Described paths that this Spotify does not have, and why.
const NOT_SERVED: &[(&str, &str)] = &[
    ("/search", "a mirror does not search"),
    ("/artists/{id}/related-artists", "closed to development-mode apps since November 2024"),
    ("/browse/featured-playlists", "closed since November 2024"),
    ("/browse/categories/{category_id}/playlists", "closed since November 2024"),
    ("/audio-features", "closed since November 2024"),
    ("/audio-features/{id}", "closed since November 2024"),
    ("/audio-analysis/{id}", "closed since November 2024"),
    ("/recommendations", "closed since November 2024"),
    ("/recommendations/available-genre-seeds", "closed since November 2024"),
    ("/audiobooks/{id}", "the catalogue has no audiobooks"),
    ("/audiobooks/{id}/chapters", "the catalogue has no audiobooks"),
    ("/audiobooks", "the catalogue has no audiobooks: all are null, which the description does not know"),
    ("/chapters/{id}", "the catalogue has no audiobooks"),
    ("/chapters", "the catalogue has no audiobooks: all are null, which the description does not know"),
];

/// Described paths that 2026 removed for development-mode apps.
const REMOVED: &[&str] = &[
    "/tracks",
    "/albums",
    "/artists",
    "/episodes",
    "/shows",
    "/playlists/{playlist_id}/tracks",
    "/me/tracks/contains",
    "/me/albums/contains",
    "/me/episodes/contains",
    "/me/shows/contains",
    "/me/audiobooks/contains",
    "/me/following/contains",
    "/playlists/{playlist_id}/followers/contains",
    "/users/{user_id}",
    "/users/{user_id}/playlists",
    "/artists/{id}/top-tracks",
    "/browse/new-releases",
    "/browse/categories",
    "/browse/categories/{category_id}",
    "/markets",
];

/// Fields that 2026 removed and that no other object has kept.
const REMOVED_FIELDS: &[&str] = &[
    "available_markets",
    "popularity",
    "label",
    "album_group",
    "publisher",
    "country",
    "email",
    "product",
    "explicit_content",
    "linked_from",
];

/// Asks, holds every page against the description, and remembers which paths were held.
struct Auditor {
    sim: Sim,
    schema: Schema,
    held: BTreeSet<String>,
    fields: BTreeSet<String>,
}

impl Auditor {
    async fn start(shape: Shape) -> Self {
        let schema = Schema::of(shape);
        Self { sim: Sim::start(config(shape)).await, schema, held: BTreeSet::new(), fields: BTreeSet::new() }
    }

    async fn hold(&mut self, template: &str, path: &str) -> Value {
        let body = self.sim.get(path).await;
        let complaints = self.schema.complaints(template, &body);
        assert!(complaints.is_empty(), "{path} does not hold:\n{}", complaints.join("\n"));
        assert_nulls_belong_to_local_files(&body, path);
        collect_fields(&body, &mut self.fields);
        self.held.insert(template.to_owned());
        body
    }

    /// Every page of a list, from the first on.
    async fn hold_all(&mut self, template: &str, path: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(url) = next {
            let body = self.hold(template, &url).await;
            let page =
                ["artists", "albums", "categories"].iter().find_map(|name| body.get(*name)).unwrap_or(&body);
            rows.extend(page["items"].as_array().unwrap().iter().cloned());
            next = page["next"]
                .as_str()
                .map(|url| url.split_once("/v1").unwrap().1)
                .map(|path| format!("/v1{path}"));
        }
        rows
    }
}

/// An id may be null on a local file and what it consists of, nowhere else.
fn assert_nulls_belong_to_local_files(value: &Value, path: &str) {
    match value {
        Value::Object(fields)
            if fields.get("is_local") == Some(&json!(true)) && fields.contains_key("uri") => {}
        Value::Object(fields) => {
            assert_ne!(fields.get("id"), Some(&Value::Null), "{path}: a null id on {value}");
            fields.values().for_each(|value| assert_nulls_belong_to_local_files(value, path));
        }
        Value::Array(items) => items.iter().for_each(|value| assert_nulls_belong_to_local_files(value, path)),
        _ => {}
    }
}

fn collect_fields(value: &Value, fields: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                fields.insert(name.clone());
                collect_fields(value, fields);
            }
        }
        Value::Array(items) => items.iter().for_each(|value| collect_fields(value, fields)),
        _ => {}
    }
}

fn ids(rows: &[Value], key: &str, many: usize) -> Vec<String> {
    let id = |row: &Value| row.pointer(key).and_then(Value::as_str).map(str::to_owned);
    rows.iter().filter_map(id).take(many).collect()
}

#[rstest]
#[case::legacy(Shape::Legacy)]
#[case::dual(Shape::Dual)]
#[case::new(Shape::New2026)]
#[tokio::test]
async fn every_answer_holds_against_the_description(#[case] shape: Shape) {
    let mut auditor = Auditor::start(shape).await;
    library(&mut auditor).await;
    playlists(&mut auditor, shape).await;
    player(&mut auditor).await;
    catalogue(&mut auditor).await;
    if shape != Shape::New2026 {
        removed(&mut auditor).await;
    }
    // Nothing was forgotten: each described path was held, is removed in this shape, or is not served.
    let gone = |path: &String| {
        NOT_SERVED.iter().any(|(known, _)| known == path)
            || (shape == Shape::New2026 && REMOVED.contains(&path.as_str()))
    };
    let forgotten: Vec<String> = auditor
        .schema
        .paths()
        .into_iter()
        .filter(|path| !auditor.held.contains(path) && !gone(path))
        .collect();
    assert!(forgotten.is_empty(), "never asked: {forgotten:?}");

    for field in REMOVED_FIELDS.iter().filter(|field| **field != "linked_from") {
        assert_eq!(auditor.fields.contains(*field), shape != Shape::New2026, "{field}");
    }
}

#[tokio::test]
async fn the_description_is_held_strictly() {
    let sim = Sim::start(config(Shape::New2026)).await;
    let mut schema = Schema::of(Shape::New2026);
    let good = sim.get("/v1/me/tracks").await;
    assert!(schema.complaints("/me/tracks", &good).is_empty());
    let spoilt = [
        ("/items/0/track/name", json!(7)),
        ("/items/0/added_at", json!("yesterday")),
        ("/items/0/track/album", json!(null)),
        ("/items/0/track/type", json!("song")),
        ("/total", json!(null)),
    ];
    for (place, value) in spoilt {
        let mut bad = good.clone();
        *bad.pointer_mut(place).unwrap() = value;
        assert!(!schema.complaints("/me/tracks", &bad).is_empty(), "{place} may be anything");
    }
    for missing in ["/items/0/track/duration_ms", "/items/0/track/external_ids", "/items/0/added_at"] {
        let mut bad = good.clone();
        let (parent, field) = missing.rsplit_once('/').unwrap();
        bad.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(field).unwrap();
        assert!(!schema.complaints("/me/tracks", &bad).is_empty(), "{missing} may be missing");
    }
}

async fn library(auditor: &mut Auditor) {
    auditor.hold("/me", "/v1/me").await;
    auditor.hold("/me", "/v1/me/").await;
    assert_eq!(auditor.hold_all("/me/tracks", "/v1/me/tracks?limit=50").await.len(), 130);
    assert_eq!(auditor.hold_all("/me/albums", "/v1/me/albums").await.len(), 60);
    assert_eq!(auditor.hold_all("/me/following", "/v1/me/following?type=artist").await.len(), 55);
    auditor.hold_all("/me/shows", "/v1/me/shows").await;
    auditor.hold_all("/me/episodes", "/v1/me/episodes").await;
    auditor.hold("/me/audiobooks", "/v1/me/audiobooks").await;
    auditor.hold_all("/me/top/tracks", "/v1/me/top/tracks?time_range=long_term").await;
    auditor.hold_all("/me/top/artists", "/v1/me/top/artists?time_range=long_term").await;
    let truth = auditor.sim.truth().await;
    let uris: Vec<String> = ["tracks", "albums", "artists"]
        .iter()
        .map(|list| truth[list][0]["uri"].as_str().unwrap().to_owned())
        .collect();
    let contains = auditor
        .hold("/me/library/contains", &format!("/v1/me/library/contains?uris={}", uris.join(",")))
        .await;
    assert_eq!(contains, json!([true, true, true]));
}

async fn playlists(auditor: &mut Auditor, shape: Shape) {
    let lists = auditor.hold_all("/me/playlists", "/v1/me/playlists?limit=10").await;
    assert_eq!(lists.len(), 24);
    let truth = auditor.sim.truth().await;
    let mut kinds = BTreeSet::new();
    for list in truth["playlists"].as_array().unwrap() {
        let id = list["id"].as_str().unwrap();
        auditor.hold("/playlists/{playlist_id}", &format!("/v1/playlists/{id}")).await;
        auditor.hold("/playlists/{playlist_id}/images", &format!("/v1/playlists/{id}/images")).await;
        if list["readable"] == json!(false) {
            continue;
        }
        auditor
            .hold_all("/playlists/{playlist_id}/items", &format!("/v1/playlists/{id}/items?limit=50"))
            .await;
        if shape != Shape::New2026 {
            auditor.hold_all("/playlists/{playlist_id}/tracks", &format!("/v1/playlists/{id}/tracks")).await;
        }
        kinds.extend(list["items"].as_array().unwrap().iter().map(|item| item["kind"].to_string()));
    }
    assert_eq!(kinds.len(), 4, "the library lacks a kind of row: {kinds:?}");
}

async fn player(auditor: &mut Auditor) {
    auditor.hold_all("/me/player/recently-played", "/v1/me/player/recently-played?limit=20").await;
    auditor.hold("/me/player/queue", "/v1/me/player/queue").await;
    auditor.hold("/me/player/devices", "/v1/me/player/devices").await;
    for idle in ["/v1/me/player", "/v1/me/player/currently-playing"] {
        assert_eq!(auditor.sim.status(idle).await, 204);
    }
    auditor.sim.control("/sim/mutate", json!({ "op": "start_playing" })).await;
    auditor.hold("/me/player", "/v1/me/player").await;
    auditor.hold("/me/player/currently-playing", "/v1/me/player/currently-playing").await;
    auditor.hold("/me/player/queue", "/v1/me/player/queue").await;
}

async fn catalogue(auditor: &mut Auditor) {
    let tracks = auditor.sim.rows("/v1/me/tracks?limit=50").await;
    for id in ids(&tracks, "/track/id", 20) {
        auditor.hold("/tracks/{id}", &format!("/v1/tracks/{id}")).await;
    }
    for id in ids(&tracks, "/track/album/id", 20) {
        auditor.hold("/albums/{id}", &format!("/v1/albums/{id}")).await;
        auditor.hold_all("/albums/{id}/tracks", &format!("/v1/albums/{id}/tracks")).await;
    }
    for id in ids(&tracks, "/track/artists/0/id", 20) {
        auditor.hold("/artists/{id}", &format!("/v1/artists/{id}")).await;
        auditor.hold_all("/artists/{id}/albums", &format!("/v1/artists/{id}/albums")).await;
    }
    let episodes = auditor.sim.rows("/v1/me/episodes").await;
    for id in ids(&episodes, "/episode/id", 5) {
        auditor.hold("/episodes/{id}", &format!("/v1/episodes/{id}")).await;
    }
    let shows = auditor.sim.rows("/v1/me/shows").await;
    for id in ids(&shows, "/show/id", 3) {
        auditor.hold("/shows/{id}", &format!("/v1/shows/{id}")).await;
        auditor.hold_all("/shows/{id}/episodes", &format!("/v1/shows/{id}/episodes")).await;
    }
}

async fn removed(auditor: &mut Auditor) {
    let tracks = auditor.sim.rows("/v1/me/tracks?limit=50").await;
    let episodes = auditor.sim.rows("/v1/me/episodes").await;
    let shows = auditor.sim.rows("/v1/me/shows").await;
    let many = [
        ("/tracks", ids(&tracks, "/track/id", 50)),
        ("/albums", ids(&tracks, "/track/album/id", 20)),
        ("/artists", ids(&tracks, "/track/artists/0/id", 50)),
        ("/episodes", ids(&episodes, "/episode/id", 50)),
        ("/shows", ids(&shows, "/show/id", 50)),
    ];
    for (path, ids) in &many {
        auditor.hold(path, &format!("/v1{path}?ids={}", ids.join(","))).await;
    }
    for (path, (_, ids)) in ["/me/tracks", "/me/albums"].iter().zip(&many) {
        auditor.hold(&format!("{path}/contains"), &format!("/v1{path}/contains?ids={}", ids[0])).await;
    }
    for (kind, at) in [("episodes", 3), ("shows", 4), ("audiobooks", 4)] {
        auditor
            .hold(&format!("/me/{kind}/contains"), &format!("/v1/me/{kind}/contains?ids={}", many[at].1[0]))
            .await;
    }
    let artist = &many[2].1[0];
    auditor
        .hold("/me/following/contains", &format!("/v1/me/following/contains?type=artist&ids={artist}"))
        .await;
    auditor.hold("/artists/{id}/top-tracks", &format!("/v1/artists/{artist}/top-tracks")).await;
    let list = auditor.sim.truth().await["playlists"][0]["id"].as_str().unwrap().to_owned();
    let followers = format!("/v1/playlists/{list}/followers/contains");
    assert_eq!(auditor.hold("/playlists/{playlist_id}/followers/contains", &followers).await, json!([true]));
    let me = auditor.sim.get("/v1/me").await["id"].as_str().unwrap().to_owned();
    auditor.hold("/users/{user_id}", &format!("/v1/users/{me}")).await;
    auditor.hold_all("/users/{user_id}/playlists", &format!("/v1/users/{me}/playlists")).await;
    auditor.hold_all("/browse/new-releases", "/v1/browse/new-releases").await;
    let categories = auditor.hold_all("/browse/categories", "/v1/browse/categories?limit=2").await;
    let id = categories[0]["id"].as_str().unwrap();
    auditor.hold("/browse/categories/{category_id}", &format!("/v1/browse/categories/{id}")).await;
    auditor.hold("/markets", "/v1/markets").await;
}

//! The generated library: what it holds, that pages and truth agree, and that a seed repeats.

use std::collections::HashSet;
use std::time::Instant;

use phonolog::simulator::{Shape, SimConfig, Simulator};
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{Sim, config, each, texts};

#[rstest]
#[case::legacy(Shape::Legacy)]
#[case::dual(Shape::Dual)]
#[case::new(Shape::New2026)]
#[tokio::test]
async fn pages_equal_the_truth(#[case] shape: Shape) {
    let sim = Sim::start(config(shape)).await;
    let truth = sim.truth().await;
    saved_equal(&sim, &truth, "tracks", "track").await;
    saved_equal(&sim, &truth, "albums", "album").await;
    let artists = json!(sim.rows("/v1/me/following?type=artist&limit=50").await);
    assert_eq!(each(&artists, "uri"), each(&truth["artists"], "uri"));

    let lists = json!(sim.rows("/v1/me/playlists?limit=50").await);
    for key in ["id", "name", "snapshot_id"] {
        assert_eq!(each(&lists, key), each(&truth["playlists"], key));
    }
    for list in truth["playlists"].as_array().unwrap() {
        contents_equal(&sim, list, shape).await;
    }
    // Spotify reaches back 50 plays and no further.
    let plays = sim.rows("/v1/me/player/recently-played?limit=50").await;
    let known = texts(&truth["plays"], "played_at");
    assert_eq!((plays.len(), known.len()), (50, 60));
    assert_eq!(texts(&json!(plays), "played_at"), known[..50]);
}

async fn saved_equal(sim: &Sim, truth: &Value, list: &str, wrapper: &str) {
    let rows = sim.rows(&format!("/v1/me/{list}?limit=50")).await;
    let rows: Vec<Value> =
        rows.iter().map(|row| json!({ "uri": row[wrapper]["uri"], "added_at": row["added_at"] })).collect();
    assert_eq!(json!(rows), truth[list]);
    let total = sim.get(&format!("/v1/me/{list}")).await["total"].clone();
    assert_eq!(total, json!(truth[list].as_array().unwrap().len()));
}

async fn contents_equal(sim: &Sim, list: &Value, shape: Shape) {
    let id = list["id"].as_str().unwrap();
    let whole = sim.get(&format!("/v1/playlists/{id}")).await;
    let names: &[&str] = match shape {
        Shape::Legacy => &["tracks"],
        Shape::Dual => &["tracks", "items"],
        Shape::New2026 => &["items"],
    };
    for absent in ["items", "tracks"].iter().filter(|name| !names.contains(name)) {
        assert!(whole.get(absent).is_none(), "{shape} has {absent}");
    }
    if list["readable"] == json!(false) {
        assert_eq!(shape, Shape::New2026);
        assert!(whole.get("items").is_none());
        assert_eq!(sim.status(&format!("/v1/playlists/{id}/items")).await, 403);
        return;
    }
    for name in names {
        assert_eq!(whole[name]["limit"], json!(100));
    }
    for (path, field) in [("items?limit=50", "item"), ("tracks?limit=100", "track")] {
        if shape == Shape::New2026 && field == "track" {
            assert_eq!(sim.status(&format!("/v1/playlists/{id}/tracks")).await, 403);
            continue;
        }
        let rows = sim.rows(&format!("/v1/playlists/{id}/{path}")).await;
        let read: Vec<Value> = rows.iter().map(|row| as_truth(row, shape)).collect();
        assert_eq!(json!(read), list["items"]);
    }
}

/// A row in the words of the truth.
fn as_truth(row: &Value, shape: Shape) -> Value {
    let content = match shape {
        Shape::Legacy => &row["track"],
        Shape::Dual | Shape::New2026 => &row["item"],
    };
    match shape {
        Shape::Legacy => assert!(row.get("item").is_none()),
        Shape::Dual => assert_eq!(row["item"], row["track"]),
        Shape::New2026 => assert!(row.get("track").is_none()),
    }
    let kind = match (&row["is_local"], content["type"].as_str()) {
        (_, None) => "unavailable",
        (Value::Bool(true), _) => "local",
        (_, Some(kind)) => kind,
    };
    json!({ "uri": content["uri"], "kind": kind, "added_at": row["added_at"] })
}

#[tokio::test]
async fn uris_hrefs_and_ids_fit_each_other_and_lead_back() {
    let sim = Sim::start(config(Shape::New2026)).await;
    let track = sim.get("/v1/me/tracks?limit=1").await["items"][0]["track"].clone();
    for thing in [&track, &track["album"], &track["artists"][0]] {
        let (kind, id) = (thing["type"].as_str().unwrap(), thing["id"].as_str().unwrap());
        assert_eq!(id.len(), 22);
        assert_eq!(thing["uri"], json!(format!("spotify:{kind}:{id}")));
        assert_eq!(thing["href"], json!(format!("http://{}/v1/{kind}s/{id}", sim.host)));
        assert_eq!(sim.get(thing["href"].as_str().unwrap()).await["name"], thing["name"]);
    }
}

#[test]
fn a_library_is_lifelike() {
    let truth = Simulator::new(SimConfig { tracks: 2000, albums: 120, ..SimConfig::default() }).truth();
    let tracks = texts(&truth["tracks"], "added_at");
    assert!(tracks.is_sorted_by(|newer, older| newer >= older), "saved tracks are newest first");
    let ties = tracks.windows(2).filter(|pair| pair[0] == pair[1]).count();
    assert!(ties > 200, "albums are saved at once: {ties} ties");
    assert!(tracks.iter().collect::<HashSet<_>>().len() > 300);
    assert_eq!(texts(&truth["tracks"], "uri").iter().collect::<HashSet<_>>().len(), 2000);

    let albums = texts(&truth["albums"], "added_at");
    assert!(albums[4..albums.len() - 1].is_sorted_by(|newer, older| newer[..10] >= older[..10]));
    assert!(
        albums[1] < albums[4] && albums[2] < albums[4] && albums[3] < albums[4],
        "rows 2 to 4 are out of order"
    );
    assert!(
        albums.iter().any(|at| at.starts_with("1998")) && albums.iter().any(|at| at.ends_with("T22:00:00Z"))
    );

    let lists = truth["playlists"].as_array().unwrap();
    let lengths: Vec<usize> = lists.iter().map(|list| list["items"].as_array().unwrap().len()).collect();
    assert!(
        lengths.contains(&0)
            && lengths.iter().any(|n| *n > 100)
            && lengths.iter().any(|n| (51..100).contains(n))
    );
    assert_eq!(lengths.iter().max(), Some(&250));
    let duplicates = lists.iter().any(|list| {
        let uris = each(&list["items"], "uri");
        uris.iter().filter(|uri| uri.is_string()).count()
            > uris.iter().filter(|uri| uri.is_string()).collect::<HashSet<_>>().len()
    });
    assert!(duplicates, "some list holds a track twice");
    assert!(lists.iter().any(|list| list["readable"] == json!(false)));
    let dates = lists.iter().flat_map(|list| each(&list["items"], "added_at"));
    let dates: HashSet<String> = dates.map(|at| at.to_string()).collect();
    assert!(dates.contains("null") && dates.contains("\"1970-01-01T00:00:00Z\""));
}

#[test]
fn equal_seeds_give_equal_accounts_and_others_do_not() {
    let config = SimConfig { plays: 20, ..SimConfig::default() };
    let truth = Simulator::new(config.clone()).truth();
    assert_eq!(truth, Simulator::new(config.clone()).truth());
    let other = Simulator::new(SimConfig { seed: 2, ..config }).truth();
    assert_ne!(truth["tracks"], other["tracks"]);
    assert_ne!(truth["playlists"], other["playlists"]);
}

#[rstest]
#[case(0, 0, 0, 0, 0)]
#[case(1, 1, 1, 1, 1)]
#[case(5, 900, 0, 3, 0)]
#[case(0, 0, 700, 12, 75)]
fn counts_are_what_was_asked_for(
    #[case] tracks: u32,
    #[case] albums: u32,
    #[case] artists: u32,
    #[case] playlists: u32,
    #[case] plays: u32,
) {
    let config = SimConfig { tracks, albums, artists, playlists, plays, ..SimConfig::default() };
    let truth = Simulator::new(config).truth();
    let counts = ["tracks", "albums", "artists", "playlists", "plays"]
        .map(|list| truth[list].as_array().unwrap().len());
    assert_eq!(counts, [tracks, albums, artists, playlists, plays].map(|count| count as usize));
}

#[tokio::test]
async fn a_hundred_thousand_tracks_are_quick_to_make_and_to_read_anywhere() {
    let started = Instant::now();
    let sim = Sim::start(SimConfig { tracks: 100_000, ..SimConfig::default() }).await;
    let last = sim.get("/v1/me/tracks?limit=50&offset=99950").await;
    assert_eq!((last["items"].as_array().unwrap().len(), &last["next"]), (50, &Value::Null));
    assert_eq!(last["total"], json!(100_000));
    // Without optimisation on a busy machine; a release build takes a twentieth of it.
    assert!(started.elapsed().as_secs() < 20, "took {:?}", started.elapsed());
}

//! Lists that are shown otherwise than they are.

use phonolog::simulator::Shape;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{Sim, config, texts};

const LISTS: [(&str, &str); 4] = [
    ("/v1/me/tracks", "tracks"),
    ("/v1/me/albums", "albums"),
    ("/v1/me/following?type=artist", "artists"),
    ("/v1/me/playlists", "playlists"),
];

fn page(body: &Value) -> &Value {
    body.get("artists").unwrap_or(body)
}

#[rstest]
#[case(27)]
#[case(-3)]
#[tokio::test]
async fn a_total_is_off_by_a_constant(#[case] offset: i64) {
    let sim = Sim::start(config(Shape::New2026)).await;
    for (path, _) in LISTS {
        let total = page(&sim.get(path).await)["total"].as_i64().unwrap();
        let rows = sim.rows(path).await.len();
        let fault = json!({ "match": path, "kind": "total_offset", "offset": offset });
        sim.control("/sim/faults", fault).await;
        assert_eq!(page(&sim.get(path).await)["total"], json!(total + offset), "{path}");
        assert_eq!(sim.rows(path).await.len(), rows, "{path}");
    }
}

#[tokio::test]
async fn a_hidden_row_is_listed_no_more_and_is_still_in_the_library() {
    for shape in [Shape::Legacy, Shape::New2026] {
        let sim = Sim::start(config(shape)).await;
        let truth = sim.truth().await;
        for (path, list) in &LISTS[..3] {
            let uri = texts(&truth[list], "uri")[30].clone();
            let before = sim.rows(path).await.len();
            sim.control("/sim/faults", json!({ "match": path, "kind": "hidden_row", "uris": [uri] })).await;
            let rows = sim.rows(path).await;
            assert_eq!(rows.len(), before - 1, "{path}");
            assert!(!Value::Array(rows).to_string().contains(&format!("\"{uri}\"")), "{path}");
            assert_eq!(page(&sim.get(path).await)["total"], json!(before - 1), "{path}");
            let asked = sim.get(&format!("/v1/me/library/contains?uris={uri}")).await;
            assert_eq!(asked, json!([true]), "{path}");
            if shape == Shape::Legacy && *list == "tracks" {
                let id = uri.rsplit(':').next().unwrap();
                assert_eq!(sim.get(&format!("/v1/me/tracks/contains?ids={id}")).await, json!([true]));
            }
        }
        assert_eq!(sim.truth().await, truth);
    }
}

#[tokio::test]
async fn a_stale_list_is_what_it_was_before_the_last_edits() {
    let sim = Sim::start(config(Shape::New2026)).await;
    let old = sim.rows("/v1/me/tracks").await;
    sim.control("/sim/mutate", json!({ "op": "save_tracks", "count": 3 })).await;
    let between = sim.rows("/v1/me/tracks").await;
    sim.control("/sim/mutate", json!({ "op": "remove_tracks", "count": 1 })).await;
    let new = sim.rows("/v1/me/tracks").await;
    for (edits, expected) in [(1, &between), (2, &old), (9, &old)] {
        sim.control("/sim/faults", json!({ "match": "/v1/me/tracks", "kind": "stale", "edits": edits }))
            .await;
        assert_eq!(&sim.rows("/v1/me/tracks").await, expected, "{edits}");
        sim.delete("/sim/faults").await;
    }
    assert_eq!(sim.rows("/v1/me/tracks").await, new);
}

#[tokio::test]
async fn a_circle_shows_its_first_page_whatever_is_asked_for() {
    let sim = Sim::start(config(Shape::New2026)).await;
    sim.control("/sim/faults", json!({ "match": "/v1/me/", "kind": "cursor_loop" })).await;
    for first in ["/v1/me/following?type=artist&limit=20", "/v1/me/albums?limit=20"] {
        let one = sim.get(first).await;
        let next = page(&one)["next"].as_str().unwrap().to_owned();
        assert_eq!(sim.get(&next).await, one, "{first}");
    }
}

#[tokio::test]
async fn a_page_that_is_too_large_is_refused() {
    let sim = Sim::start(config(Shape::New2026)).await;
    sim.control("/sim/faults", json!({ "match": "/v1/me/albums", "kind": "largest_page", "rows": 10 })).await;
    let refused = sim.answer("/v1/me/albums?limit=11").await;
    assert_eq!((refused.status, &refused.body["error"]["message"]), (400, &json!("Invalid limit")));
    assert_eq!(sim.status("/v1/me/albums?limit=10").await, 200);
    assert_eq!(sim.status("/v1/me/tracks?limit=50").await, 200);
}

#[tokio::test]
async fn bent_lists_add_to_each_other_and_to_what_else_strikes() {
    let sim = Sim::start(config(Shape::New2026)).await;
    let uri = texts(&sim.truth().await["albums"], "uri")[0].clone();
    sim.control(
        "/sim/faults",
        json!([
            { "match": "/v1/me/albums", "kind": "total_offset", "offset": 2 },
            { "match": "/v1/me/albums", "kind": "hidden_row", "uris": [uri] },
            { "match": "/v1/me/albums", "kind": "null_row", "count": 1 },
        ]),
    )
    .await;
    let body = sim.get("/v1/me/albums?limit=50").await;
    assert_eq!(body["total"], json!(60 + 2 - 1));
    assert_eq!(body["items"].as_array().unwrap().iter().filter(|row| row.is_null()).count(), 1);
}

//! Answers that are shown otherwise than they are: pages, plays, tags and bodies.

use phonolog::simulator::Shape;
use reqwest::Method;
use serde_json::{Value, json};

use super::support::{Sim, config, texts};

const RECENT: &str = "/v1/me/player/recently-played?limit=50";

async fn sim(fault: Value) -> Sim {
    let sim = Sim::start(config(Shape::New2026)).await;
    sim.control("/sim/faults", fault).await;
    sim
}

async fn ends(sim: &Sim) -> Vec<String> {
    texts(&sim.get(RECENT).await["items"], "played_at")
}

async fn advance(sim: &Sim, by: &str) {
    sim.control("/sim/clock", json!({ "advance": by })).await;
}

#[tokio::test]
async fn plays_that_stall_come_all_at_once_when_it_is_over() {
    let sim = sim(json!({ "match": "/v1/me/player", "kind": "stalled_plays", "lasts": "6h" })).await;
    let before = ends(&sim).await;
    advance(&sim, "1h").await;
    sim.control("/sim/mutate", json!({ "op": "play", "count": 4 })).await;
    assert_eq!(ends(&sim).await, before);
    advance(&sim, "4h 59m").await;
    assert_eq!(ends(&sim).await, before);
    advance(&sim, "1m").await;
    let after = ends(&sim).await;
    assert_eq!(after[4..], before[..46], "four are new");
}

#[tokio::test]
async fn a_late_play_is_listed_on_top_of_newer_ones() {
    let sim =
        sim(json!({ "match": "/v1/me/player", "kind": "late_plays", "late": "2h", "every_play": 1 })).await;
    let before = ends(&sim).await;
    sim.control("/sim/mutate", json!({ "op": "play", "count": 1 })).await;
    assert_eq!(ends(&sim).await, before);
    advance(&sim, "2h").await;
    assert_eq!(ends(&sim).await[1..], before[..49]);
}

#[tokio::test]
async fn plays_are_stamped_where_they_began() {
    let sim = sim(json!({ "match": "/v1/me/player", "kind": "start_stamps", "count": 1 })).await;
    let (starts, ends) = (sim.get(RECENT).await, sim.get(RECENT).await);
    let at = |page: &Value| {
        let text = page["items"][0]["played_at"].as_str().unwrap().to_owned();
        chrono::DateTime::parse_from_rfc3339(&text).unwrap().timestamp_millis()
    };
    assert_eq!(at(&ends) - at(&starts), ends["items"][0]["track"]["duration_ms"].as_i64().unwrap());
}

#[tokio::test]
async fn an_etag_that_never_changes_hides_what_did() {
    let sim = sim(json!({ "match": "/v1/me/tracks", "kind": "stuck_etag" })).await;
    let answer = sim.send(Method::GET, "/v1/me/tracks", None).await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["etag"]), (200, &"\"stuck\"".parse().unwrap()));
    sim.control("/sim/mutate", json!({ "op": "save_tracks", "count": 1 })).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let asked = client.get(format!("http://{}/v1/me/tracks", sim.host)).bearer_auth("any");
    let answer = asked.header("if-none-match", "\"stuck\"").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.text().await.unwrap()), (304, String::new()));

    sim.delete("/sim/faults").await;
    sim.control("/sim/faults", json!({ "match": "/v1", "kind": "restless_etag" })).await;
    let tag = async || sim.send(Method::GET, "/v1/me", None).await.unwrap().headers()["etag"].clone();
    assert_ne!(tag().await, tag().await);
    sim.control("/sim/faults", json!({ "match": "/v1/me", "kind": "not_modified" })).await;
    assert_eq!(sim.status("/v1/me").await, 304);
}

#[tokio::test]
async fn bodies_that_are_called_gzip_cannot_be_unpacked() {
    for kind in ["cut_gzip", "false_gzip"] {
        let sim = sim(json!({ "match": "/v1/me", "kind": kind, "count": 1 })).await;
        let answer = sim.send(Method::GET, "/v1/me", None).await.unwrap();
        assert_eq!(answer.status(), 200);
        assert!(answer.text().await.unwrap_err().is_decode(), "{kind}");
        assert_eq!(sim.status("/v1/me").await, 200);
    }
}

#[tokio::test]
async fn pages_are_short_endless_or_called_whole() {
    let sim = sim(json!({ "match": "/v1/me", "kind": "short_pages", "rows": 7 })).await;
    let lists = ["/v1/me/tracks?limit=50", "/v1/me/following?type=artist&limit=50"];
    for list in lists {
        let rows = sim.rows(list).await;
        let page = sim.get(list).await;
        let page = page.get("artists").unwrap_or(&page);
        assert_eq!(page["items"].as_array().unwrap().len(), 7);
        assert_eq!(page["total"], json!(rows.len()), "{list}: all are there in the end");
    }
    sim.delete("/sim/faults").await;
    sim.control("/sim/faults", json!({ "match": "/v1/me", "kind": "whole_page", "rows": 9 })).await;
    for list in lists {
        assert_eq!(sim.rows(list).await.len(), 9, "{list}");
    }
    sim.delete("/sim/faults").await;
    sim.control("/sim/faults", json!({ "match": "/v1/me", "kind": "endless_pages" })).await;
    let last = texts(&sim.truth().await["artists"], "uri").pop().unwrap().split_off("spotify:artist:".len());
    let artists = format!("/v1/me/following?type=artist&limit=50&after={last}");
    for list in ["/v1/me/tracks?limit=50&offset=5000", &artists] {
        let page = sim.get(list).await;
        assert!(page.get("artists").unwrap_or(&page)["next"].is_string(), "{list}: {page}");
    }
    let behind = sim.get("/v1/me/tracks?limit=50&offset=5000").await;
    assert_eq!((&behind["items"], &behind["total"]), (&json!([]), &json!(5050)));
}

#[tokio::test]
async fn contains_is_answered_as_the_fault_says() {
    let sim = Sim::start(config(Shape::New2026)).await;
    let uris = texts(&sim.truth().await["tracks"], "uri");
    let asked = format!("/v1/me/library/contains?uris={},{}", uris[0], uris[1]);
    sim.control("/sim/faults", json!({ "match": "/v1/me/library", "kind": "contains", "uris": [uris[1]] }))
        .await;
    assert_eq!(sim.get(&asked).await, json!([true, false]));
    sim.control("/sim/faults", json!({ "match": "/v1/me/library", "kind": "contains", "says": true })).await;
    assert_eq!(sim.get(&asked).await, json!([true, true]));
}

#[tokio::test]
async fn rows_repeat_and_fields_have_other_values() {
    let sim = Sim::start(config(Shape::New2026)).await;
    let right = texts(&sim.truth().await["tracks"], "uri");
    let fault = json!({ "match": "/v1/me/tracks", "kind": "repeated_row", "count": 1 });
    sim.control("/sim/faults", fault).await;
    let page = sim.get("/v1/me/tracks?limit=50").await;
    let shown: Vec<&str> =
        page["items"].as_array().unwrap().iter().map(|row| row["track"]["uri"].as_str().unwrap()).collect();
    assert_eq!((shown.len(), &page["total"]), (50, &json!(130)));
    let wrong = shown.iter().zip(&right).filter(|(shown, right)| *shown != right).count();
    assert_eq!(wrong, 1, "one row is another one's copy");

    let fault = json!({
        "match": "/v1/me/tracks", "kind": "changed_fields", "fields": ["duration_ms"], "body": 9_223_372_036_854_775_808_u64,
        "uris": [right[2]],
    });
    sim.control("/sim/faults", fault).await;
    let page = sim.get("/v1/me/tracks?limit=5").await;
    let lengths: Vec<bool> = (0..5)
        .map(|row| page["items"][row]["track"]["duration_ms"] == json!(9_223_372_036_854_775_808_u64))
        .collect();
    assert_eq!(lengths, [false, false, true, false, false]);
}

#[tokio::test]
async fn a_total_and_contents_lag_behind() {
    let sim = Sim::start(config(Shape::New2026)).await;
    let contents = async || {
        let truth = sim.truth().await;
        let lists = truth["playlists"].as_array().unwrap().clone();
        lists.into_iter().find(|list| list["readable"] == true && list["items"][5].is_object()).unwrap()
    };
    let list = contents().await;
    let path = format!("/v1/playlists/{}/items", list["id"].as_str().unwrap());
    sim.control("/sim/faults", json!([
        { "match": "/v1/playlists/", "kind": "lagging_total" }, { "match": "/v1/me/tracks", "kind": "lagging_total" },
    ]))
    .await;
    let totals =
        async || (sim.get(&path).await["total"].clone(), sim.get("/v1/me/tracks").await["total"].clone());
    let before = totals().await;
    sim.control(
        "/sim/mutate",
        json!([
            { "op": "edit_playlist", "id": list["id"], "add": 3 }, { "op": "save_tracks", "count": 2 },
        ]),
    )
    .await;
    assert_eq!(totals().await, before);
    sim.control("/sim/faults", json!({ "match": "/v1/playlists/", "kind": "stale", "edits": 1 })).await;
    let shown = sim.rows(&format!("{path}?limit=50")).await;
    assert_eq!(shown.len(), list["items"].as_array().unwrap().len(), "as before the edit");
}

#[tokio::test]
async fn a_retry_after_is_a_date_by_the_accounts_clock() {
    let fault = json!({ "match": "/v1/me", "kind": "status", "status": 429, "retry_after": { "date": 90 }, "count": 1 });
    let sim = sim(fault).await;
    let answer = sim.send(Method::GET, "/v1/me", None).await.unwrap();
    let at = |name| httpdate::parse_http_date(answer.headers()[name].to_str().unwrap()).unwrap();
    assert_eq!(at("retry-after").duration_since(at("date")).unwrap().as_secs(), 90);
    assert_eq!(sim.status("/v1/me").await, 200);
    assert_eq!(sim.requests().await["early"], json!(1));
}

#[tokio::test]
async fn a_mood_replaces_all_faults_and_shows_its_own() {
    let sim = sim(json!({ "match": "/v1", "kind": "reset" })).await;
    sim.control("/sim/mood", json!({ "mood": "field" })).await;
    let field = sim.get("/sim/faults").await;
    assert!(field["faults"].as_array().unwrap().len() > 20, "{field}");
    sim.control("/sim/mood", json!({ "mood": "field" })).await;
    assert_eq!(sim.get("/sim/faults").await, field, "the seed's own");
    sim.control("/sim/mood", json!({ "mood": "field", "seed": 9 })).await;
    assert_ne!(sim.get("/sim/faults").await, field);
    sim.control("/sim/mood", json!({ "mood": "kind" })).await;
    assert_eq!(sim.get("/sim/faults").await, json!({ "faults": [] }));
    assert_eq!(sim.post("/sim/mood", json!({ "mood": "kinder" })).await.status, 400);
}

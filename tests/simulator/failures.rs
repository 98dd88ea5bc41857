//! Limits and faults as a client meets them, and what is counted meanwhile.

use std::time::{Duration, Instant};

use phonolog::simulator::{Shape, SimConfig};
use reqwest::Method;
use serde_json::{Value, json};

use super::support::{Answer, Sim, config};

async fn advance(sim: &Sim, by: &str) {
    sim.control("/sim/clock", json!({ "advance": by })).await;
}

fn retry_after(answer: &Answer) -> u64 {
    answer.retry_after.as_ref().unwrap().parse().unwrap()
}

#[tokio::test]
async fn the_window_is_everybodys_and_opens_when_it_said() {
    let sim = Sim::start(SimConfig { window_limit: 3, ..config(Shape::New2026) }).await;
    for path in ["/v1/me", "/v1/me/tracks", "/v1/me/albums"] {
        assert_eq!(sim.status(path).await, 200);
    }
    let refused = sim.answer("/v1/me/playlists").await;
    assert_eq!(refused.body, json!({ "error": { "status": 429, "message": "API rate limit exceeded" } }));
    assert_eq!(retry_after(&refused), 30);
    assert_eq!(sim.requests().await["early"], json!(0));

    advance(&sim, "28s 400ms").await;
    let early = sim.answer("/v1/me").await;
    assert_eq!((early.status, retry_after(&early)), (429, 2));
    let counted = sim.requests().await;
    assert_eq!(
        (&counted["total"], &counted["rejected"], &counted["early"]),
        (&json!(5), &json!(2), &json!(1))
    );

    advance(&sim, "1s 600ms").await;
    assert_eq!(sim.status("/v1/me").await, 200);
    assert_eq!(sim.requests().await["early"], json!(1));
}

#[tokio::test]
async fn fields_go_missing_wherever_they_stood() {
    let sim = Sim::start(config(Shape::Legacy)).await;
    let artist = sim.answer("/v1/me/following?type=artist&limit=1").await.body["artists"]["items"][0].clone();
    assert!(artist["genres"].is_array() && artist["images"].is_array(), "{artist}");
    let path = format!("/v1/artists?ids={}", artist["id"].as_str().unwrap());
    let fields =
        json!({ "match": "/v1/artists", "kind": "without", "fields": ["genres", "images"], "count": 1 });
    sim.control("/sim/faults", fields).await;
    let mut silent = artist.clone();
    silent.as_object_mut().unwrap().retain(|name, _| name != "genres" && name != "images");
    assert_eq!(sim.answer(&path).await.body, json!({ "artists": [silent] }));
    assert_eq!(sim.answer(&path).await.body, json!({ "artists": [artist] }));
}

#[tokio::test]
async fn playlists_are_listed_wrong_as_long_as_it_is_asked_for() {
    let sim = Sim::start(config(Shape::New2026)).await;
    let first = async || sim.get("/v1/me/playlists?limit=1").await["items"][0].clone();
    let right = first().await;
    let id = &right["id"];
    sim.control(
        "/sim/faults",
        json!([
            { "match": "/v1/me/playlists", "kind": "lagging_count", "id": id, "total": 3 },
            { "match": "/v1/me/playlists", "kind": "null_owner" },
            { "match": "/v1/me/playlists", "kind": "restless_snapshot", "id": "another" },
            { "match": "/v1/me/playlists", "kind": "restless_snapshot", "id": id },
        ]),
    )
    .await;
    let (one, other) = (first().await, first().await);
    assert_eq!((&one["id"], &one["name"]), (id, &right["name"]));
    assert_eq!((&one["items"]["total"], &one["owner"]["id"]), (&json!(3), &Value::Null));
    assert_ne!(one["snapshot_id"], other["snapshot_id"]);
    let contents = format!("/v1/playlists/{}/items", id.as_str().unwrap());
    let total = right["items"]["total"].clone();
    assert_eq!(sim.get(&contents).await["total"], total, "the contents are right");
    sim.delete("/sim/faults").await;
    let lags = json!({ "match": "/v1/me/playlists", "kind": "lagging_snapshot" });
    sim.control("/sim/faults", lags).await;
    assert_eq!(first().await["snapshot_id"], right["snapshot_id"]);
    sim.control("/sim/mutate", json!({ "op": "edit_playlist", "id": id, "add": 1 })).await;
    assert_eq!(first().await["snapshot_id"], right["snapshot_id"]);
    let now = sim.get(&format!("/v1/playlists/{}", id.as_str().unwrap())).await["snapshot_id"].clone();
    assert_ne!(now, right["snapshot_id"]);
    let total = json!(total.as_u64().unwrap() + 1);
    sim.control("/sim/faults", json!({ "match": contents, "kind": "body", "body": [], "count": 1 })).await;
    assert_eq!(sim.get(&contents).await, json!([]));
    assert_eq!(sim.get(&contents).await["total"], total);
}

#[tokio::test]
async fn the_day_holds_one_group_of_endpoints_and_says_so() {
    let sim = Sim::start(SimConfig { day_limit: 2, ..config(Shape::New2026) }).await;
    for offset in [0, 50] {
        assert_eq!(sim.status(&format!("/v1/me/tracks?offset={offset}")).await, 200);
    }
    let refused = sim.answer("/v1/me/tracks?offset=100").await;
    let error = json!({ "status": 429, "message": "Too many requests", "reason": "QUOTA_EXCEEDED" });
    assert_eq!(refused.body, json!({ "error": error }));
    assert_eq!(retry_after(&refused), 86_400);
    assert_eq!(sim.status("/v1/me/albums").await, 200, "another group");
    assert_eq!(sim.requests().await["early"], json!(0));
    assert_eq!(sim.status("/v1/me/tracks").await, 429);
    assert_eq!(sim.requests().await["early"], json!(1));
    advance(&sim, "1day").await;
    assert_eq!(sim.status("/v1/me/tracks").await, 200);
}

#[tokio::test]
async fn a_refusal_on_demand_is_counted_early_by_its_match_until_its_time() {
    let sim = Sim::start(config(Shape::New2026)).await;
    let fault = json!({
        "match": "/v1/me/tracks", "kind": "status", "status": 429, "retry_after": 40,
        "reason": "QUOTA_EXCEEDED", "after": 1, "count": 1,
    });
    sim.control("/sim/faults", fault).await;
    assert_eq!(sim.status("/v1/me/tracks").await, 200);
    let refused = sim.answer("/v1/me/tracks?offset=20").await;
    assert_eq!((refused.status, retry_after(&refused)), (429, 40));
    assert_eq!(refused.body["error"]["reason"], json!("QUOTA_EXCEEDED"));
    assert_eq!(sim.status("/v1/me/albums").await, 200);
    assert_eq!(sim.requests().await["early"], json!(0));

    // Its count is used up, and even the fault may be gone: the time it named still holds.
    sim.delete("/sim/faults").await;
    assert_eq!(sim.status("/v1/me/tracks").await, 200);
    assert_eq!(sim.requests().await["early"], json!(1));
    advance(&sim, "39s 999ms").await;
    assert_eq!(sim.status("/v1/me/tracks").await, 200);
    advance(&sim, "1ms").await;
    assert_eq!(sim.status("/v1/me/tracks").await, 200);
    let counted = sim.requests().await;
    assert_eq!(
        (&counted["early"], &counted["rejected"], &counted["total"]),
        (&json!(2), &json!(1), &json!(6))
    );
    assert_eq!(counted["by_endpoint"], json!({ "/v1/me/tracks": 5, "/v1/me/albums": 1 }));

    let cleared = sim.delete("/sim/requests").await;
    assert_eq!(cleared, json!({ "total": 0, "rejected": 0, "early": 0, "by_endpoint": {} }));
}

#[tokio::test]
async fn a_retry_after_may_be_missing_or_nonsense() {
    let sim = Sim::start(config(Shape::New2026)).await;
    for (sent, seen) in [(json!(null), None), (json!("soon"), Some("soon")), (json!(0), Some("0"))] {
        let fault =
            json!({ "match": "/v1/me", "kind": "status", "status": 429, "retry_after": sent, "count": 1 });
        sim.control("/sim/faults", fault).await;
        assert_eq!(sim.answer("/v1/me").await.retry_after.as_deref(), seen);
        assert_eq!(sim.status("/v1/me").await, 200);
    }
    assert_eq!(sim.requests().await["early"], json!(0));
}

#[tokio::test]
async fn a_cut_body_and_a_reset_are_errors_of_the_connection() {
    let sim = Sim::start(config(Shape::New2026)).await;
    sim.control(
        "/sim/faults",
        json!([
            { "match": "/v1/me/tracks", "kind": "truncate", "count": 1 },
            { "match": "/v1/me/albums", "kind": "reset", "count": 1 },
        ]),
    )
    .await;
    let cut = sim.send(Method::GET, "/v1/me/tracks?limit=50", None).await.unwrap();
    assert_eq!(cut.status(), 200);
    let promised = cut.content_length().unwrap();
    assert!(promised > 10_000, "the head promises the whole body: {promised}");
    assert!(cut.bytes().await.is_err(), "the body ends in the middle");

    let reset = sim.send(Method::GET, "/v1/me/albums", None).await;
    assert!(reset.is_err_and(|error| error.is_request()), "no answer at all");
    assert_eq!((sim.status("/v1/me/tracks").await, sim.status("/v1/me/albums").await), (200, 200));
    assert_eq!(sim.requests().await["total"], json!(4));
}

#[tokio::test]
async fn emptied_pages_and_null_rows_keep_the_form_of_a_page() {
    let sim = Sim::start(config(Shape::New2026)).await;
    sim.control(
        "/sim/faults",
        json!([
            { "match": "/v1/me/tracks", "kind": "empty_page", "count": 1 },
            { "match": "/v1/me/albums", "kind": "null_row", "count": 1 },
            { "match": "/v1/me/following", "kind": "empty_page", "count": 1 },
        ]),
    )
    .await;
    let empty = sim.get("/v1/me/tracks?limit=50").await;
    assert_eq!((&empty["items"], &empty["total"], &empty["next"]), (&json!([]), &json!(0), &Value::Null));
    let nulled = sim.get("/v1/me/albums?limit=50").await;
    let rows = nulled["items"].as_array().unwrap();
    assert_eq!((rows.len(), rows.iter().filter(|row| row.is_null()).count()), (50, 1));
    assert_eq!(nulled["total"], json!(60));
    let artists = sim.get("/v1/me/following?type=artist").await["artists"].clone();
    assert_eq!(
        (&artists["items"], &artists["total"], &artists["next"]),
        (&json!([]), &json!(0), &Value::Null)
    );
    // All of them are used up.
    assert_eq!(sim.get("/v1/me/tracks?limit=50").await["total"], json!(130));
    assert!(sim.rows("/v1/me/albums").await.iter().all(|row| !row.is_null()));
}

#[tokio::test]
async fn plain_text_is_not_json_and_a_delay_delays() {
    let sim = Sim::start(config(Shape::New2026)).await;
    sim.control("/sim/faults", json!({ "match": "/v1/me/tracks", "kind": "plain_text", "status": 403 }))
        .await;
    let answer = sim.answer("/v1/me/tracks").await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.body, json!("Active premium subscription required for the owner of the app."));
    sim.control("/sim/faults", json!({ "match": "/v1/me/albums", "kind": "delay", "delay_ms": 150 })).await;
    let started = Instant::now();
    assert_eq!(sim.status("/v1/me/albums").await, 200);
    assert!(started.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn a_latency_is_added_to_every_answer() {
    let sim = Sim::start(SimConfig { latency: Duration::from_millis(60), ..config(Shape::New2026) }).await;
    let started = Instant::now();
    sim.send(Method::GET, "/v1/me", None).await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(60));
}

//! A refusal is obeyed to the second, also after a restart.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::support::{Home, Simulator};
use super::truth::assert_equal;

const LIBRARY: [&str; 10] =
    ["--tracks", "260", "--albums", "60", "--artists", "55", "--playlists", "12", "--plays", "5"];

#[tokio::test]
async fn a_short_refusal_is_waited_out_and_obeyed() {
    let simulator = Simulator::start(&LIBRARY);
    let refusal = json!({ "match": "/v1/me/tracks", "kind": "status", "status": 429, "retry_after": 5, "after": 2, "count": 1 });
    simulator.fault(refusal).await;
    let home = Home::new(&simulator);
    let started = Instant::now();
    home.sync().await;
    let took = started.elapsed();
    assert!(took >= Duration::from_secs(5), "went on after {took:?}");
    assert!(took < Duration::from_secs(20), "went on only after {took:?}");
    assert_eq!(simulator.early().await, 0);
    assert_equal(&home, &simulator).await;
    let holds = home
        .query("select bucket, retry_after_seconds, reason from rate_limit_state where reason is not null")
        .await;
    assert_eq!(holds, [json!({ "bucket": "tracks", "retry_after_seconds": 5, "reason": "rate_limited" })]);
}

#[tokio::test]
async fn the_quota_of_a_day_holds_its_bucket_and_nothing_else() {
    let simulator = Simulator::start(&LIBRARY);
    simulator
        .fault(json!({ "match": "/v1/me/albums", "kind": "status", "status": 429, "retry_after": 40_000,
                       "reason": "QUOTA_EXCEEDED", "after": 1, "count": 1 }))
        .await;
    let home = Home::new(&simulator);
    let ended = home.run(&["sync"]).await;
    assert_eq!(ended.status, 4, "{ended:?}");
    assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
    assert!(ended.stderr.contains("quota"), "{ended:?}");
    let states = home
        .query("select entity_type, state from sync_state where entity_type <> 'plays' order by entity_type")
        .await;
    let state_of =
        |entity: &str| states.iter().find(|row| row["entity_type"] == entity).map(|row| row["state"].clone());
    assert_eq!(state_of("albums"), Some(Value::from("held")));
    for entity in ["tracks", "artists", "playlists", "playlist_items"] {
        assert_eq!(state_of(entity), Some(Value::from("idle")), "{entity}");
    }
    assert_eq!(home.query("select * from v_plays").await.len(), 5, "playback is not held");
    for _ in 0..10 {
        assert_eq!(home.run(&["sync", "albums"]).await.status, 4);
    }
    assert_eq!(simulator.early().await, 0, "nothing was sent to the held bucket");
}

#[tokio::test]
async fn the_window_of_the_server_is_never_run_into_twice_early() {
    let simulator =
        Simulator::start(&["--tracks", "120", "--albums", "5", "--artists", "5", "--playlists", "3"]);
    simulator
        .fault(json!({ "match": "/v1/", "kind": "status", "status": 429, "retry_after": 2, "after": 3, "count": 2 }))
        .await;
    let home = Home::new(&simulator);
    home.sync().await;
    assert_eq!(simulator.early().await, 0);
    assert_equal(&home, &simulator).await;
}

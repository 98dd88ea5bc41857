//! A clock that was ahead leaves times behind that nobody waits for.

use serde_json::{Value, json};

use super::daemon::{Daemon, status, until};
use super::support::{Home, Simulator};

const LIBRARY: [&str; 10] =
    ["--tracks", "60", "--albums", "20", "--artists", "10", "--playlists", "3", "--plays", "5"];

async fn asked(simulator: &Simulator, path: &str) -> u64 {
    simulator.get("/sim/requests").await["by_endpoint"][path].as_u64().unwrap_or(0)
}

/// What a run leaves that began when the clock was ten years ahead.
const AHEAD: &str = "update sync_state set next_due_at = '2036-11-30T12:00:00.000Z',
                                           last_synced_at = '2036-11-30T11:00:00.000Z',
                                           read_whole_at = '2036-11-30T11:00:00.000Z'";

#[tokio::test]
async fn times_that_lie_ahead_do_not_stop_the_schedule() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    home.execute(AHEAD).await;
    let told = home.run(&["status"]).await.stdout;
    assert!(!told.contains("days"), "the next turn comes within the hour: {told}");
    home.configure(
        "[gate]\nrequests_per_second = 0\ndaily_budget = 100000\n[sync]\nlibrary_interval = \"2s\"\n",
    );
    let before = asked(&simulator, "/v1/me/tracks").await;
    let _daemon = Daemon::start(&home).await;
    // The first one walks the whole list, two pages: nobody knows how long ago that was done.
    until("two more readings", async || {
        (asked(&simulator, "/v1/me/tracks").await >= before + 3).then_some(())
    })
    .await;
    let ahead = "select entity_type from sync_state where entity_type not in ('plays', 'details')
                 and max(next_due_at, last_synced_at) > '2036'";
    assert_eq!(home.query(ahead).await, Vec::<Value>::new());
}

#[tokio::test]
async fn an_interval_that_is_made_shorter_holds_at_once_after_a_restart() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    let before = asked(&simulator, "/v1/me/tracks").await;
    home.configure(
        "[gate]\nrequests_per_second = 0\ndaily_budget = 100000\n[sync]\nlibrary_interval = \"2s\"\n",
    );
    let _daemon = Daemon::start(&home).await;
    until("another reading", async || (asked(&simulator, "/v1/me/tracks").await > before).then_some(()))
        .await;
}

#[tokio::test]
async fn requests_that_lie_ahead_are_not_of_this_day() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    home.execute("insert into request_counts values ('tracks', 2111000000, 5000), ('albums', unixepoch() + 4000, 5000)")
        .await;
    let left = home
        .query("select bucket, requests_remaining from rate_limit_state where bucket in ('tracks', 'albums') order by 1")
        .await;
    for row in &left {
        assert!(row["requests_remaining"].as_i64().unwrap() > 290, "{left:?}");
    }
    let told = status(&home).await;
    for usage in told["usage"].as_array().unwrap() {
        assert!(usage["day"].as_u64().unwrap() < 10, "{usage}");
    }
    assert!(told["entities"].as_array().unwrap().iter().all(|row| row["budget_until"].is_null()), "{told}");
}

#[tokio::test]
async fn a_hold_that_lies_ahead_lasts_as_long_as_was_asked_for() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    home.execute(
        "insert or replace into holds values ('albums', '2036-11-30T12:00:02.000Z', 2, '2036-11-30T12:00:00.000Z', 'quota_exceeded')",
    )
    .await;
    let told = home.run(&["status"]).await.stdout;
    assert!(!told.contains("2036"), "{told}");
    let ended = home.run(&["sync", "albums"]).await;
    assert_eq!(ended.status, 0, "it is waited out: {ended:?}");
    let held = home.query("select 1 from rate_limit_state where reset_at > '2036'").await;
    assert!(held.is_empty(), "what has answered is not held");
}

#[tokio::test]
async fn an_alert_is_raised_although_the_last_success_lies_ahead() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    home.execute(AHEAD).await;
    simulator.fault(json!({ "match": "/v1/me/", "kind": "status", "status": 403 })).await;
    home.configure(
        "[gate]\nrequests_per_second = 0\ndaily_budget = 100000\n[sync]\nlibrary_interval = \"1s\"\nplayback_interval = \"1s\"\n",
    );
    let _daemon = Daemon::start(&home).await;
    let alert = until("the alert", async || {
        let alerts = status(&home).await["alerts"].clone();
        alerts.as_array()?.iter().find(|alert| alert["kind"] == "stale").cloned()
    })
    .await;
    let text = alert["text"].as_str().unwrap();
    assert!(text.contains("tracks") && !text.contains("2036"), "{text}");
}

/// `Retry-After` may be a date; what counts is the time from the answer's own date to it.
#[tokio::test]
async fn a_refusal_until_a_date_is_obeyed() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let until = chrono::Utc::now() + chrono::TimeDelta::minutes(40);
    let date = until.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    simulator
        .fault(json!({ "match": "/v1/me/tracks", "kind": "status", "status": 429, "retry_after": date }))
        .await;
    let ended = home.run(&["sync", "tracks"]).await;
    assert_eq!(ended.status, 4, "{ended:?}");
    let holds = home
        .query(
            "select retry_after_seconds as seconds, reason from rate_limit_state where reset_at is not null",
        )
        .await;
    let [hold] = holds.as_slice() else { panic!("{holds:?}") };
    let seconds = hold["seconds"].as_i64().unwrap();
    assert!((2_340..=2_400).contains(&seconds), "{hold}");
    assert_eq!(hold["reason"], Value::from("quota_exceeded"));
}

#[tokio::test]
async fn the_plays_are_asked_for_before_any_list() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    for path in ["/v1/me/tracks", "/v1/me/albums", "/v1/me/following", "/v1/me/playlists"] {
        simulator.fault(json!({ "match": path, "kind": "delay", "delay_ms": 60_000 })).await;
    }
    let mut child = home.command(&["sync"]).spawn().unwrap();
    simulator.wait_for_requests(3).await;
    let requests = simulator.get("/sim/requests").await["by_endpoint"].clone();
    assert_eq!(requests["/v1/me/player/recently-played"], 1, "{requests}");
    assert_eq!(home.query("select * from v_plays").await.len(), 5);
    child.kill().unwrap();
    child.wait().unwrap();
}

//! The day's budget bounds what nobody asked for, and counts what was sent.

use serde_json::{Value, json};

use super::daemon::{Daemon, status, until};
use super::support::{Home, Simulator};

const LIBRARY: [&str; 10] =
    ["--tracks", "60", "--albums", "200", "--artists", "10", "--playlists", "3", "--plays", "5"];
const LISTS: [&str; 4] = ["tracks", "albums", "artists", "playlists"];

async fn asked(simulator: &Simulator) -> Value {
    simulator.get("/sim/requests").await["by_endpoint"].clone()
}

async fn newest_run(home: &Home) -> i64 {
    home.query("select coalesce(max(id), 0) as id from sync_runs").await[0]["id"].as_i64().unwrap()
}

#[tokio::test]
async fn the_budget_stretches_the_schedule_and_a_person_may_exceed_it() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.configure(
        "[gate]\nrequests_per_second = 0\ndaily_budget = 5\n[sync]\nlibrary_interval = \"1s\"\nplayback_interval = \"1s\"\n",
    );
    let _daemon = Daemon::start(&home).await;
    let told = until("lists that wait for the budget", async || {
        let told = status(&home).await;
        let rows = told["entities"].as_array()?;
        let waits = |list: &&str| {
            rows.iter().any(|row| row["entity_type"] == **list && !row["budget_until"].is_null())
        };
        LISTS.iter().all(waits).then_some(told.clone())
    })
    .await;
    for row in told["entities"].as_array().unwrap().iter().filter(|row| !row["budget_until"].is_null()) {
        assert_eq!(row["next_due_at"], row["budget_until"], "its next turn is when there is room");
    }
    let before = asked(&simulator).await;
    assert_eq!(before["/v1/me/albums"], 4, "the first reading, and room for no other: {before}");
    let polls = before["/v1/me/player/recently-played"].as_u64().unwrap();
    until("more polls than the budget has room for", async || {
        let asked = asked(&simulator).await["/v1/me/player/recently-played"].as_u64();
        (asked.unwrap() >= polls.max(5) + 2).then_some(())
    })
    .await;
    let after = asked(&simulator).await;
    for path in ["/v1/me/tracks", "/v1/me/albums", "/v1/me/following", "/v1/me/playlists"] {
        assert_eq!(after[path], before[path], "{path} was asked for beyond the budget");
    }
    let people = home.run(&["status"]).await.stdout;
    assert!(people.contains("the budget of 5 requests a day is used up; it continues at"), "{people}");

    let by_hand = until("a sync by hand", async || {
        let ended = home.run(&["sync", "albums"]).await;
        (!ended.stderr.contains("already running")).then_some(ended)
    })
    .await;
    assert_eq!(by_hand.status, 0, "{by_hand:?}");
    assert_eq!(asked(&simulator).await["/v1/me/albums"], 8);
}

#[tokio::test]
async fn a_first_reading_is_not_stopped_by_the_budget() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.configure("[gate]\nrequests_per_second = 0\ndaily_budget = 2\n[sync]\nlibrary_interval = \"1s\"\n");
    simulator
        .fault(json!({ "match": "/v1/me/albums", "kind": "status", "status": 500, "after": 3, "count": 5 }))
        .await;
    let _daemon = Daemon::start(&home).await;
    until("the first reading of the albums", async || {
        let row =
            home.query("select 1 from sync_state where entity_type = 'albums' and is_initial_complete").await;
        (!row.is_empty()).then_some(())
    })
    .await;
    assert_eq!(home.query("select * from v_saved_albums").await.len(), 200);
}

/// A night without a network must not cost the day after it its budget.
#[tokio::test]
async fn what_never_left_is_not_counted() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    let counted = async || {
        let sql = "select bucket, sum(requests) as sent from request_counts group by 1 order by 1";
        home.query(sql).await
    };
    let before = counted().await;
    drop(simulator);
    let ended = home.run(&["sync"]).await;
    assert_eq!(ended.status, 1, "{ended:?}");
    assert!(ended.stderr.contains("could not be reached"), "{ended:?}");
    assert_eq!(counted().await, before);
    let run = newest_run(&home).await;
    let requests = home.query("select id, requests from sync_runs order by id desc limit 1").await;
    assert_eq!(requests, [json!({ "id": run, "requests": 0 })]);
}

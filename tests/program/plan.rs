//! `sync --plan` spends at most one request per entity, changes nothing, and what it tells comes true.

use rstest::rstest;
use serde_json::{Value, json};

use super::daemon::{Daemon, wait_until_synced};
use super::support::{Home, SLOW_LIBRARY, Simulator, ended};

const LIBRARY: [&str; 12] = [
    "--tracks",
    "430",
    "--albums",
    "120",
    "--artists",
    "105",
    "--playlists",
    "30",
    "--plays",
    "60",
    "--seed",
    "11",
];
const ENTITIES: u64 = 6;

/// Everything in the database but what the gate remembers.
async fn dump(home: &Home) -> Vec<Vec<Value>> {
    let tables = "select name from sqlite_master where type = 'table'
                  and name not in ('holds', 'request_counts', '_sqlx_migrations') order by name";
    let mut rows = Vec::new();
    for table in home.query(tables).await {
        let sql =
            format!("select '{0}' as of_table, * from {0} order by 1, 2, 3", table["name"].as_str().unwrap());
        rows.push(home.query(sql.leak()).await);
    }
    assert!(rows.len() > 20, "{} tables", rows.len());
    rows
}

/// The plan's lines, by what they are about; the last one is `all`.
async fn plan(home: &Home, args: &[&str], status: i32) -> Value {
    let ended = home.run(&[&["sync", "--plan", "--json"], args].concat()).await;
    assert_eq!(ended.status, status, "{ended:?}");
    let lines = ended.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let named = lines.map(|line| {
        let event = line["event"].as_str().unwrap();
        assert!(["plan", "planned"].contains(&event), "{line}");
        (line["entity_type"].as_str().unwrap_or("all").to_owned(), line)
    });
    Value::Object(named.collect())
}

#[track_caller]
fn assert_contains(range: &Value, number: u64, what: &str) {
    let most = range["most"].as_u64().unwrap_or(u64::MAX);
    assert!(
        (range["least"].as_u64().unwrap()..=most).contains(&number),
        "{what}: {number} was to be in {range}"
    );
}

/// Plans, holds the plan to its promises, syncs, and holds the sync to the plan.
async fn planned(home: &Home, simulator: &Simulator, args: &[&str], what: &str) -> Value {
    let before = if home.database().exists() { dump(home).await } else { Vec::new() };
    simulator.delete("/sim/requests").await;
    let told = plan(home, args, 0).await;
    let spent = simulator.requests().await;
    assert!(spent <= ENTITIES, "{what}: {spent} requests for a plan");
    assert_eq!(told["all"]["spent"], spent, "{what}");
    if !before.is_empty() {
        assert_eq!(dump(home).await, before, "{what}: a plan changes nothing");
    }
    simulator.delete("/sim/requests").await;
    let synced = home.run(&[&["sync"], args].concat()).await;
    assert!([0, 5].contains(&synced.status), "{what}: {synced:?}");
    let asked = simulator.requests().await;
    assert_contains(&told["all"]["requests"], asked, what);
    told
}

#[rstest]
#[case("legacy")]
#[case("dual")]
#[case("2026")]
#[tokio::test]
async fn what_a_plan_tells_comes_true(#[case] shape: &str) {
    let simulator = Simulator::start(&[&LIBRARY[..], &["--shape", shape]].concat());
    let home = Home::new(&simulator);
    let first = planned(&home, &simulator, &[], "the first sync").await;
    assert_eq!(first["tracks"]["mode"], "initial");
    assert_eq!(first["tracks"]["requests"], json!({ "least": 9, "most": 9 }));

    let unchanged = planned(&home, &simulator, &[], "nothing changed").await;
    assert_eq!(unchanged["tracks"]["requests"], json!({ "least": 1, "most": 1 }));
    assert_eq!(unchanged["playlist_items"]["requests"]["least"], 0);

    simulator.mutate(json!({ "op": "remove_tracks", "count": 1 })).await;
    let removed = planned(&home, &simulator, &[], "one removal").await;
    assert_eq!(removed["tracks"]["changes"]["removed"], json!({ "least": 1, "most": 1 }));

    for seed in 1..=3 {
        simulator.mutate(json!({ "op": "random", "ops": 12, "seed": seed })).await;
        planned(&home, &simulator, &[], "random edits").await;
    }
    simulator.mutate(json!({ "op": "edit_playlist", "add": 3, "remove": 1, "count": 2 })).await;
    let edited = planned(&home, &simulator, &[], "playlist edits").await;
    assert!(edited["playlist_items"]["requests"]["least"].as_u64().unwrap() >= 1, "{edited}");

    let full = planned(&home, &simulator, &["--full"], "full").await;
    assert_eq!(full["tracks"]["mode"], "full");
    simulator
        .mutate(json!([{ "op": "remove_albums", "count": 2 }, { "op": "save_tracks", "count": 45 }]))
        .await;
    let named = planned(&home, &simulator, &["tracks", "albums"], "two entities").await;
    let added = &named["tracks"]["changes"]["added"];
    assert_eq!(added["least"], 45, "none of the 40 rows is known, but the numbers are");
    assert!(added["most"].as_u64().unwrap() > 400, "{added}");
}

#[tokio::test]
async fn what_is_aged_is_in_the_plan() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    home.execute(
        "update sync_state set read_whole_at = '2020-01-01T00:00:00.000Z' where entity_type = 'tracks'",
    )
    .await;
    home.execute(
        "update playlists set contents_synced_at = '2020-01-01T00:00:00.000Z' where contents_state = 'complete'",
    )
    .await;
    let told = planned(&home, &simulator, &[], "aged").await;
    assert_eq!(told["tracks"]["requests"], json!({ "least": 9, "most": 9 }));
    assert_eq!(told["playlist_items"]["note"], "1 list is due for a full refresh");
}

#[tokio::test]
async fn a_plan_before_the_first_sync_leaves_an_empty_record() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    plan(&home, &[], 0).await;
    for table in
        ["accounts", "sync_state", "sync_runs", "settings", "capabilities", "tracks", "playlists", "staged"]
    {
        let rows = home.query(format!("select * from {table}").leak()).await;
        assert_eq!(rows, Vec::<Value>::new(), "{table}");
    }
}

#[tokio::test]
async fn the_brake_is_told_beforehand() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    let ops = json!([{ "op": "remove_tracks", "count": 60 }, { "op": "remove_albums", "count": 60 }]);
    simulator.mutate(ops).await;
    let told = planned(&home, &simulator, &[], "the brake").await;
    assert_eq!(told["tracks"]["brake"], json!({ "gone": 60, "known": 430 }));
    assert_eq!(told["albums"]["brake"], json!({ "gone": 60, "known": 120 }));
    let people = home.run(&["sync", "--plan", "tracks"]).await;
    assert!(
        people.stdout.contains("the brake would stop it: 60 or more of 430 would be removed"),
        "{people:?}"
    );
}

#[tokio::test]
async fn a_reading_that_was_cut_off_is_planned_from_where_it_is() {
    let simulator = Simulator::start(&SLOW_LIBRARY);
    let home = Home::new(&simulator);
    let mut child = home.command(&["sync"]).spawn().unwrap();
    simulator.wait_for_requests(6).await;
    child.kill().unwrap();
    child.wait().unwrap();
    let told = planned(&home, &simulator, &[], "cut off").await;
    assert!(told["tracks"]["requests"]["least"].as_u64().unwrap() < 11, "{told}");
}

#[tokio::test]
async fn a_hold_is_told_and_obeyed() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    let refusal = json!({ "match": "/v1/me/albums", "kind": "status", "status": 429, "retry_after": 40_000,
                          "reason": "QUOTA_EXCEEDED", "count": 1 });
    simulator.fault(refusal).await;
    let told = plan(&home, &[], 4).await;
    assert_eq!(told["albums"]["requests"], Value::Null);
    assert!(told["albums"]["note"].as_str().unwrap().contains("quota"), "{told}");
    assert_eq!(told["artists"]["requests"]["least"], 3, "the others are planned all the same");
    assert_eq!(home.query("select bucket from holds").await, [json!({ "bucket": "albums" })]);
    simulator.delete("/sim/requests").await;
    plan(&home, &["albums"], 4).await;
    assert_eq!(simulator.requests().await, 0, "nothing is sent before its time");
    let people = home.run(&["sync", "--plan"]).await;
    assert_eq!((people.status, people.stderr.lines().count()), (4, 1), "{people:?}");
    assert_eq!(simulator.early().await, 0);
}

#[tokio::test]
async fn a_passing_refusal_is_not_waited_out_with_a_second_request() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    simulator.delete("/sim/requests").await;
    let refusal =
        json!({ "match": "/v1/me/tracks", "kind": "status", "status": 429, "retry_after": 5, "count": 1 });
    simulator.fault(refusal).await;
    plan(&home, &["tracks"], 4).await;
    assert_eq!(simulator.requests().await, 1);
}

#[tokio::test]
async fn endings_of_a_plan() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let nobody = ended(home.anonymous(&["sync", "--plan"])).await;
    assert_eq!((nobody.status, nobody.stderr.lines().count()), (3, 1), "{nobody:?}");
    let usage = home.run(&["sync", "--plan", "--allow-removals"]).await;
    assert_eq!(usage.status, 2, "{usage:?}");
    let unreachable = Home::at("http://127.0.0.1:1").run(&["sync", "--plan"]).await;
    assert_eq!((unreachable.status, unreachable.stderr.lines().count()), (1, 1), "{unreachable:?}");
}

/// The engine makes it, so that there is one gate: its requests are counted, and its holds obeyed.
#[tokio::test]
async fn a_plan_beside_an_engine_is_made_by_it() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let _daemon = Daemon::start(&home).await;
    wait_until_synced(&home).await;
    simulator.mutate(json!({ "op": "save_tracks", "count": 3 })).await;
    let (before, sent_before, counted_before) =
        (dump(&home).await, simulator.requests().await, counted(&home).await);
    let planned = plan(&home, &[], 0).await;
    assert_eq!(planned["tracks"]["changes"]["added"]["least"], 3, "{planned}");
    let spent = planned["all"]["spent"].as_u64().unwrap();
    assert!((1..=ENTITIES).contains(&spent), "{planned}");
    assert_eq!(simulator.requests().await - sent_before, spent);
    assert_eq!(counted(&home).await - counted_before, spent);
    assert_eq!(dump(&home).await, before, "nothing was changed");

    simulator
        .fault(json!({ "match": "/v1/me/tracks", "kind": "status", "status": 429, "retry_after": 40_000,
                       "reason": "QUOTA_EXCEEDED" }))
        .await;
    assert_eq!(plan(&home, &["tracks"], 4).await["tracks"]["requests"], Value::Null);
    let asked = simulator.requests().await;
    assert_eq!(plan(&home, &["tracks"], 4).await["tracks"]["requests"], Value::Null);
    assert_eq!((simulator.requests().await, simulator.early().await), (asked, 0));
}

/// What the gate has counted.
async fn counted(home: &Home) -> u64 {
    home.query("select sum(requests) as sent from request_counts").await[0]["sent"].as_u64().unwrap()
}

#[tokio::test]
async fn a_plan_beside_a_sync_under_way_is_made_all_the_same() {
    let simulator = Simulator::start(&SLOW_LIBRARY);
    let home = Home::new(&simulator);
    let mut child = home.command(&["sync"]).spawn().unwrap();
    simulator.wait_for_requests(4).await;
    let planned = home.run(&["sync", "--plan", "albums"]).await;
    assert_eq!((planned.status, planned.stderr.as_str()), (0, ""), "{planned:?}");
    assert!(child.wait().unwrap().success());
}

#[tokio::test]
async fn a_plan_for_people_fits_80_columns_and_says_that_nothing_was_done() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    for args in [&["sync", "--plan"][..], &["sync", "--plan", "--full", "details", "tracks"]] {
        let told = home.run(args).await;
        assert_eq!(told.status, 0, "{told:?}");
        println!("{}", told.stdout);
        assert!(told.stdout.lines().all(|line| line.chars().count() <= 80), "{told:?}");
        assert!(told.stdout.contains("nothing was changed"), "{told:?}");
    }
}

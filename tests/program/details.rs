//! Details trickle in behind the library and stop for everything; what Spotify closes is asked once a day.

use rstest::rstest;
use serde_json::{Value, json};

use super::support::{Home, Simulator};
use super::terminal::Terminal;
use super::truth::assert_equal;

const LIBRARY: [&str; 10] =
    ["--tracks", "60", "--albums", "12", "--artists", "70", "--playlists", "12", "--plays", "20"];

const BATCH: &str = "/v1/artists";
const SINGLE: &str = "/v1/artists/{id}";
const ITEMS: &str = "/v1/playlists/{id}/items";

/// A simulator whose list of artists tells no genres, so that there is something to bring for them.
async fn simulator(args: &[&str]) -> Simulator {
    let simulator = Simulator::start(&[&LIBRARY[..], args].concat());
    simulator.fault(json!({ "match": "/v1/me/following", "kind": "without", "fields": ["genres"] })).await;
    simulator
}

/// Requests to one endpoint since they were last forgotten.
async fn asked(simulator: &Simulator, endpoint: &str) -> u64 {
    simulator.get("/sim/requests").await["by_endpoint"][endpoint].as_u64().unwrap_or(0)
}

/// `sync details`, which never fails.
async fn sync_details(home: &Home, simulator: &Simulator) -> String {
    simulator.delete("/sim/requests").await;
    let ended = home.run(&["sync", "details"]).await;
    assert_eq!((ended.status, ended.stderr.as_str()), (0, ""), "{ended:?}");
    ended.stdout
}

/// Described artists and all of them, and the entity's state.
async fn progress(home: &Home) -> (u64, u64, String) {
    let row = home
        .query("select total_processed as done, total_remote as total, state from sync_state where entity_type = 'details'")
        .await
        .remove(0);
    let state = row["state"].as_str().unwrap().to_owned();
    (row["done"].as_u64().unwrap(), row["total"].as_u64().unwrap(), state)
}

/// A day goes by for everything that was learnt.
async fn a_day_later(home: &Home) {
    let sql = "update capabilities
               set checked_at = strftime('%Y-%m-%dT%H:%M:%fZ', checked_at, '-25 hours')";
    home.execute(sql).await;
}

async fn learnt(home: &Home) -> Vec<String> {
    let rows = home.query("select name || ' ' || state as word from capabilities order by name").await;
    rows.iter().map(|row| row["word"].as_str().unwrap().to_owned()).collect()
}

#[rstest]
#[case::many_at_once("legacy")]
#[case::one_by_one("2026")]
#[tokio::test]
async fn a_person_who_names_them_gets_all_that_the_day_allows(#[case] shape: &str) {
    let simulator = simulator(&["--shape", shape]).await;
    let home = Home::new(&simulator);
    home.sync().await;
    assert_eq!((asked(&simulator, BATCH).await, asked(&simulator, SINGLE).await), (0, 0), "only when named");
    let silent = "select count(*) as n from v_followed_artists where genres is not null";
    assert_eq!(home.query(silent).await[0]["n"], 0);

    let told = sync_details(&home, &simulator).await;
    let (done, total, state) = progress(&home).await;
    assert!(done == total && total > 50, "{done} of {total}");
    assert_eq!(state, "idle");
    assert!(told.contains(&format!("{total} rows (+{total} -0 ~0)")), "{told}");
    let (many, one) = (asked(&simulator, BATCH).await, asked(&simulator, SINGLE).await);
    match shape {
        "legacy" => assert_eq!((many, one), (total.div_ceil(50), 0)),
        _ => assert_eq!((many, one), (1, total), "what is closed is asked for once"),
    }
    let genres = home.query("select a.genres from v_followed_artists join artists a using (artist_id)").await;
    assert_eq!(genres.len(), 70);
    assert!(genres.iter().all(|row| row["genres"].is_string()), "{genres:?}");
    assert_ne!(home.query(silent).await[0]["n"], 0);
    assert_eq!(home.query("select * from v_library_changes").await, Vec::<Value>::new());
    assert_equal(&home, &simulator).await;

    // All of them are described, and the next turn costs a look at the database.
    sync_details(&home, &simulator).await;
    assert_eq!((asked(&simulator, BATCH).await, asked(&simulator, SINGLE).await), (0, 0));
}

#[tokio::test]
async fn artists_whom_the_list_tells_in_full_are_not_asked_for() {
    let simulator =
        Simulator::start(&["--tracks", "0", "--albums", "0", "--artists", "25", "--playlists", "0"]);
    let home = Home::new(&simulator);
    home.sync().await;
    sync_details(&home, &simulator).await;
    assert_eq!(progress(&home).await, (25, 25, "idle".to_owned()));
    assert_eq!((asked(&simulator, BATCH).await, asked(&simulator, SINGLE).await), (0, 0));
}

#[tokio::test]
async fn the_budget_of_the_day_is_never_gone_beyond() {
    let simulator = simulator(&[]).await;
    let home = Home::new(&simulator);
    home.configure("[gate]\nrequests_per_second = 0\ndaily_budget = 20\n");
    home.sync().await;
    let told = sync_details(&home, &simulator).await;
    assert!(told.contains("used up"), "{told}");
    // Four of twenty are kept back; one went to see whether many come at once.
    assert_eq!((asked(&simulator, BATCH).await, asked(&simulator, SINGLE).await), (1, 15));
    let (done, total, state) = progress(&home).await;
    assert!(done < total && state == "idle", "{done} of {total}, {state}");
    for _ in 0..2 {
        let told = sync_details(&home, &simulator).await;
        assert!(told.contains("used up"), "{told}");
        assert_eq!((asked(&simulator, BATCH).await, asked(&simulator, SINGLE).await), (0, 0));
    }
    let left =
        home.query("select requests_remaining as n from rate_limit_state where bucket = 'catalogue'").await;
    assert_eq!(left, [json!({ "n": 4 })]);

    let people = home.run(&["status"]).await.stdout;
    assert!(people.contains("closed by Spotify: many artists in one request"), "{people}");
    assert!(
        people.contains("closed by Spotify: contents of other people's lists (last checked just now)"),
        "{people}"
    );
    let status: Value = serde_json::from_str(&home.run(&["status", "--json"]).await.stdout).unwrap();
    let shown = |name: &str| {
        let all = status["capabilities"].as_array().unwrap();
        all.iter().find(|row| row["name"] == name).map(|row| row["state"].clone())
    };
    assert_eq!(shown("artists_batch"), Some(json!("closed")));
    assert_eq!(shown("artist_by_id"), Some(json!("open")));
    assert_eq!(shown("items_path"), Some(json!("open")));
}

#[tokio::test]
async fn a_refusal_holds_them_and_is_no_failure() {
    let simulator = simulator(&["--shape", "legacy"]).await;
    let home = Home::new(&simulator);
    home.sync().await;
    simulator
        .fault(json!({ "match": "/v1/artists", "kind": "status", "status": 429, "retry_after": 40_000,
                       "reason": "QUOTA_EXCEEDED", "after": 1, "count": 1 }))
        .await;
    let told = sync_details(&home, &simulator).await;
    assert!(told.contains("details         held: "), "{told}");
    let (done, total, state) = progress(&home).await;
    assert!(done == 50 && total > 50 && state == "held", "{done} of {total}, {state}");
    for _ in 0..3 {
        sync_details(&home, &simulator).await;
        assert_eq!(simulator.early().await, 0);
        assert_eq!(asked(&simulator, BATCH).await, 0);
    }
    assert_eq!(home.query("select status from sync_runs where status <> 'done'").await, Vec::<Value>::new());
    home.sync().await;
    assert!(learnt(&home).await.contains(&"artists_batch open".to_owned()), "it had answered before");
}

/// Spotify was seen to answer 429 from the very first call to what it removed.
#[tokio::test]
async fn a_first_call_that_is_refused_is_not_made_again() {
    let simulator = simulator(&["--shape", "legacy"]).await;
    let home = Home::new(&simulator);
    home.configure("[gate]\nrequests_per_second = 0\nwait = \"0s\"\n");
    home.sync().await;
    simulator
        .fault(json!({ "match": "/v1/artists?", "kind": "status", "status": 429, "retry_after": 1 }))
        .await;
    sync_details(&home, &simulator).await;
    assert!(learnt(&home).await.contains(&"artists_batch closed".to_owned()));
    while progress(&home).await.2 == "held" {
        sync_details(&home, &simulator).await;
    }
    let (done, total, _) = progress(&home).await;
    assert_eq!(done, total);
    assert_eq!((asked(&simulator, BATCH).await, asked(&simulator, SINGLE).await), (0, total));
    assert_eq!(simulator.early().await, 0);
}

#[tokio::test]
async fn a_kill_costs_at_most_one_answer() {
    let simulator = simulator(&["--latency-ms", "10"]).await;
    let home = Home::new(&simulator);
    home.sync().await;
    simulator.delete("/sim/requests").await;
    let mut child = home.command(&["sync", "details"]).spawn().unwrap();
    simulator.wait_for_requests(12).await;
    child.kill().unwrap();
    child.wait().unwrap();
    let before = asked(&simulator, SINGLE).await;
    sync_details(&home, &simulator).await;
    let (done, total, _) = progress(&home).await;
    assert_eq!(done, total);
    let asked = before + asked(&simulator, SINGLE).await;
    assert!(asked <= total + 1, "{asked} requests for {total} artists");
    assert_equal(&home, &simulator).await;
}

#[tokio::test]
async fn an_artist_whom_spotify_does_not_know_is_asked_for_once() {
    let simulator = simulator(&[]).await;
    let home = Home::new(&simulator);
    home.sync().await;
    simulator
        .fault(json!({ "match": "/v1/artists/", "kind": "status", "status": 404, "after": 3, "count": 2 }))
        .await;
    sync_details(&home, &simulator).await;
    let (done, total, _) = progress(&home).await;
    assert_eq!(done, total);
    assert_eq!(asked(&simulator, SINGLE).await, total);
    sync_details(&home, &simulator).await;
    assert_eq!(asked(&simulator, SINGLE).await, 0);
}

#[tokio::test]
async fn an_app_that_may_not_ask_is_told_so_and_asks_once_a_day() {
    let simulator = simulator(&[]).await;
    let home = Home::new(&simulator);
    home.sync().await;
    simulator.fault(json!({ "match": "/v1/artists", "kind": "status", "status": 403 })).await;
    for (many, one) in [(1, 1), (0, 0), (0, 0)] {
        let told = sync_details(&home, &simulator).await;
        assert!(told.contains("does not let this app request artists"), "{told}");
        assert_eq!((asked(&simulator, BATCH).await, asked(&simulator, SINGLE).await), (many, one));
        assert_eq!(progress(&home).await.2, "idle");
    }
    a_day_later(&home).await;
    sync_details(&home, &simulator).await;
    assert_eq!((asked(&simulator, BATCH).await, asked(&simulator, SINGLE).await), (1, 1));

    simulator.delete("/sim/faults").await;
    sync_details(&home, &simulator).await;
    assert_eq!((asked(&simulator, BATCH).await, asked(&simulator, SINGLE).await), (0, 0));
    a_day_later(&home).await;
    sync_details(&home, &simulator).await;
    let (done, total, _) = progress(&home).await;
    assert_eq!(done, total);
    assert!(learnt(&home).await.contains(&"artist_by_id open".to_owned()));
}

#[tokio::test]
async fn fields_that_nobody_has_any_more_end_the_asking() {
    let simulator = simulator(&[]).await;
    let home = Home::new(&simulator);
    home.sync().await;
    simulator
        .fault(json!({ "match": "/v1/artists", "kind": "without", "fields": ["genres", "images"] }))
        .await;
    let told = sync_details(&home, &simulator).await;
    assert!(told.contains("neither genres nor pictures"), "{told}");
    assert_eq!(asked(&simulator, SINGLE).await, 20);
    sync_details(&home, &simulator).await;
    assert_eq!(asked(&simulator, SINGLE).await, 0);
    a_day_later(&home).await;
    sync_details(&home, &simulator).await;
    assert_eq!(
        (asked(&simulator, BATCH).await, asked(&simulator, SINGLE).await),
        (1, 1),
        "the probe of a day"
    );

    // One of the two is back: it is worth asking for again.
    simulator.delete("/sim/faults").await;
    simulator.fault(json!({ "match": "/v1/artists", "kind": "without", "fields": ["images"] })).await;
    a_day_later(&home).await;
    sync_details(&home, &simulator).await;
    let (done, total, _) = progress(&home).await;
    assert_eq!(done, total);
    let learnt = learnt(&home).await;
    assert!(learnt.contains(&"artist_genres open".to_owned()), "{learnt:?}");
    assert!(learnt.contains(&"artist_pictures closed".to_owned()), "{learnt:?}");
}

#[tokio::test]
async fn lists_that_are_hidden_cost_one_request_a_day_in_all() {
    let simulator = simulator(&[]).await;
    let home = Home::new(&simulator);
    home.sync().await;
    let hidden = home.query("select * from v_playlists where contents_state = 'hidden'").await.len();
    assert!(hidden >= 2, "{hidden}");
    for (later, requests) in [(false, 0), (true, 1), (false, 0), (true, 1)] {
        if later {
            a_day_later(&home).await;
        }
        simulator.delete("/sim/requests").await;
        home.sync().await;
        assert_eq!(asked(&simulator, ITEMS).await, requests);
        assert_equal(&home, &simulator).await;
    }
}

#[tokio::test]
async fn lists_that_are_shown_again_are_all_read() {
    let simulator = simulator(&["--shape", "legacy"]).await;
    let home = Home::new(&simulator);
    home.sync().await;
    let hide = "update playlists set contents_state = 'hidden'
                where not collaborative and owner_id <> (select user_id from accounts)";
    let close = "update capabilities set state = 'closed' where name = 'foreign_contents'";
    home.execute(hide).await;
    home.execute(close).await;
    home.sync().await;
    let hidden = "select playlist_id from v_playlists where contents_state = 'hidden'";
    let lists = home.query(hidden).await.len();
    assert!(lists >= 2, "{lists}");

    a_day_later(&home).await;
    home.sync().await;
    assert_eq!(home.query(hidden).await, Vec::<Value>::new());
    assert_equal(&home, &simulator).await;
    assert!(learnt(&home).await.contains(&"foreign_contents open".to_owned()));
}

#[tokio::test]
async fn the_newer_path_to_contents_is_tried_once_a_day() {
    let simulator = simulator(&["--shape", "legacy"]).await;
    simulator.fault(json!({ "match": "/v1/playlists/", "kind": "status", "status": 403, "count": 1 })).await;
    let home = Home::new(&simulator);
    home.sync().await;
    assert!(learnt(&home).await.contains(&"items_path closed".to_owned()));
    let read_again = async || {
        home.execute("update playlists set contents_snapshot_id = 'older'").await;
        simulator.delete("/sim/requests").await;
        home.sync().await;
        (asked(&simulator, ITEMS).await, asked(&simulator, "/v1/playlists/{id}/tracks").await)
    };
    // Other people's lists, which come from the newer path alone.
    let (foreign, own) = read_again().await;
    assert!(foreign > 0 && own > 0, "{foreign}, {own}");
    a_day_later(&home).await;
    assert_eq!(read_again().await, (foreign + own, 0), "it answered, and is used from now on");
    assert!(learnt(&home).await.contains(&"items_path open".to_owned()));

    // Where it is still refused, that is all it costs.
    home.execute("update capabilities set state = 'closed' where name = 'items_path'").await;
    a_day_later(&home).await;
    let first = "select playlist_id as id from playlists where item_count > 0
                     and (collaborative or owner_id = (select user_id from accounts)) order by ord limit 1";
    let first = home.query(first).await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/playlists/{first}/items");
    simulator.fault(json!({ "match": path, "kind": "status", "status": 403, "count": 1 })).await;
    assert_eq!(read_again().await, (foreign + 1, own));
    assert!(learnt(&home).await.contains(&"items_path closed".to_owned()));
}

/// The dashboard, tall enough for the row of the details.
fn tall_dashboard(home: &Home) -> Terminal {
    let mut command = home.command(&[]);
    command.env("LANG", "C.UTF-8");
    Terminal::open_engine_room(command, 120, 36)
}

#[tokio::test]
async fn a_running_engine_brings_its_share_by_itself() {
    let simulator = simulator(&[]).await;
    let home = Home::new(&simulator);
    let terminal = tall_dashboard(&home);
    terminal.wait_for("initial sync done");
    // A twenty-fourth of 300, one of which went to see whether many come at once.
    assert_eq!((asked(&simulator, BATCH).await, asked(&simulator, SINGLE).await), (1, 11));
    let (done, total, state) = progress(&home).await;
    assert_eq!((done, state.as_str()), (11, "idle"));
    terminal.wait_for(&format!("{done} of {total}"));
    assert_eq!(home.query("select id from sync_runs").await.len(), 1, "one run, details and all");
}

#[tokio::test]
async fn they_give_way_to_a_key_at_once() {
    let simulator = simulator(&["--latency-ms", "150"]).await;
    let home = Home::new(&simulator);
    home.configure("[gate]\nrequests_per_second = 0\ndaily_budget = 20000\n");
    let terminal = tall_dashboard(&home);
    terminal.wait_until("details at work", |screen| {
        let row = screen.rows(0, 120).find(|row| row.trim_start().starts_with("details"))?;
        let done: u32 = row.split_once(" of ")?.0.rsplit(' ').next()?.parse().ok()?;
        (5..40).contains(&done).then_some(())
    });
    simulator.mutate(json!({ "op": "save_tracks", "count": 2 })).await;
    terminal.press("s");
    terminal.wait_for("62 of 62");
    terminal.wait_for("by key");
    terminal.wait_for("incremental sync done");
    let (done, total, _) = progress(&home).await;
    assert!(done < total, "{done} of {total}: they came to their end");
    let runs = home.query("select trigger, status from sync_runs order by id").await;
    assert_eq!(
        runs,
        [json!({ "trigger": "schedule", "status": "done" }), json!({ "trigger": "key", "status": "done" })]
    );
    assert_equal(&home, &simulator).await;
}

//! The dashboard in a real terminal: what is seen, what the keys do, what goes on by itself.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::browser::paste_back;
use super::daemon::Daemon;
use super::support::{Home, Simulator, ended};
use super::terminal::Terminal;
use super::truth::assert_equal;

const LIBRARY: [&str; 10] =
    ["--tracks", "260", "--albums", "60", "--artists", "55", "--playlists", "12", "--plays", "5"];

/// What the simulator's account calls itself.
const WHOSE: &str = "Marlowe Vane";
const ENTITIES: [&str; 5] = ["tracks", "albums", "artists", "playlists", "playlist_items"];

/// The dashboard at the least size that shows all of it.
pub fn dashboard(home: &Home) -> Terminal {
    let mut command = home.command(&[]);
    command.env("LANG", "C.UTF-8");
    Terminal::open_engine_room(command, 80, 24)
}

fn terminal(mut command: std::process::Command) -> Terminal {
    command.env("LANG", "C.UTF-8");
    Terminal::open(command, 80, 24)
}

/// Waits until every entity is read whole and the run is over.
pub fn wait_until_synced(terminal: &Terminal) {
    terminal.wait_until("five full gauges at rest", |screen| {
        let text = screen.contents();
        let is_full = text.matches("100 %").count() == 5 && text.matches("✓ idle").count() == 5;
        (is_full && text.contains("sync done")).then_some(())
    });
}

async fn polls(simulator: &Simulator) -> u64 {
    simulator.get("/sim/requests").await["by_endpoint"]["/v1/me/player/recently-played"].as_u64().unwrap_or(0)
}

async fn wait_for_polls(simulator: &Simulator, count: u64) {
    let deadline = std::time::Instant::now() + super::terminal::PATIENCE;
    while polls(simulator).await < count {
        assert!(std::time::Instant::now() < deadline, "fewer than {count} polls");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn gauges_fill_and_rest() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let terminal = dashboard(&home);
    terminal.wait_until("a row for each entity", |screen| {
        let rows: Vec<String> = screen.rows(0, 80).collect();
        let has_row = |name: &&str| rows.iter().any(|row| row.trim_start().starts_with(*name));
        ENTITIES.iter().all(has_row).then_some(())
    });
    wait_until_synced(&terminal);
    terminal.wait_for("260 of 260");
    let title = terminal.text().lines().next().unwrap().to_owned();
    assert!(title.contains(WHOSE), "{title}");
    assert_equal(&home, &simulator).await;
}

#[tokio::test]
async fn a_full_resync_asks_first() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let terminal = dashboard(&home);
    wait_until_synced(&terminal);
    let before = simulator.requests().await;

    terminal.press("R");
    let cost = terminal.wait_until("the cost", |screen| {
        let text = screen.contents();
        let asked = text.contains("Read everything again?");
        let line = text.lines().find(|line| line.contains("requests in total"))?;
        asked.then(|| line.to_owned())
    });
    assert!(cost.contains(|c: char| c.is_ascii_digit()), "{cost}");
    terminal.press("\u{1b}");
    terminal.wait_for_no("Read everything again?");
    // One more key and its answer: what the first ones set off would have been sent by now.
    terminal.press("?");
    terminal.wait_for("phonolog: help");
    terminal.press("\u{1b}");
    terminal.wait_for_no("phonolog: help");
    assert_eq!(simulator.requests().await, before, "nothing was confirmed");
    assert_eq!(home.query("select id from sync_runs").await.len(), 1);

    terminal.press("R");
    terminal.wait_for("Read everything again?");
    terminal.press("y");
    terminal.wait_for("full resync done");
    let runs = home.query("select mode, trigger, status from sync_runs order by id desc limit 1").await;
    assert_eq!(runs, [json!({ "mode": "full", "trigger": "key", "status": "done" })]);
    assert!(simulator.requests().await >= before + 6 + 2 + 2, "pages of 50 were read again");
    assert_equal(&home, &simulator).await;
}

#[tokio::test]
async fn a_key_starts_a_run() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let terminal = dashboard(&home);
    wait_until_synced(&terminal);
    simulator.mutate(json!({ "op": "save_tracks", "count": 2 })).await;
    terminal.press("s");
    terminal.wait_for("262 of 262");
    terminal.wait_for("incremental sync done");
    let runs = home.query("select mode, trigger, added from sync_runs order by id desc limit 1").await;
    assert_eq!(runs, [json!({ "mode": "incremental", "trigger": "key", "added": 2 })]);
    assert_equal(&home, &simulator).await;
}

#[tokio::test]
async fn a_pause_is_remembered() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.configure("[gate]\nrequests_per_second = 0\n[sync]\nplayback_interval = \"1s\"\n");
    let mut terminal = dashboard(&home);
    wait_until_synced(&terminal);
    terminal.press("p");
    terminal.wait_for("playback is still recorded");
    terminal.press("q");
    assert_eq!(terminal.ended().code(), Some(0));

    // What is due is not read as long as the pause lasts.
    home.execute("update sync_state set next_due_at = null where entity_type <> 'plays'").await;
    let polled = polls(&simulator).await;
    let terminal = dashboard(&home);
    terminal.wait_for("playback is still recorded");
    wait_for_polls(&simulator, polled + 2).await;
    assert_eq!(home.query("select id from sync_runs").await.len(), 1);

    terminal.press("p");
    terminal.wait_for_no("playback is still recorded");
    terminal.wait_for("incremental sync done");
    assert_eq!(home.query("select id from sync_runs").await.len(), 2);
}

#[tokio::test]
async fn a_short_hold_is_counted_down() {
    let simulator = Simulator::start(&LIBRARY);
    simulator
        .fault(json!({ "match": "/v1/me/albums", "kind": "status", "status": 429, "retry_after": 5, "after": 1, "count": 1 }))
        .await;
    let home = Home::new(&simulator);
    let terminal = dashboard(&home);
    let mut seen: Vec<String> = Vec::new();
    terminal.wait_until("the end of the hold", |screen| {
        let text = screen.contents();
        let left = text.split_once("held 0:0").and_then(|(_, left)| left.get(..1)).map(ToOwned::to_owned);
        if let Some(left) = &left
            && seen.last() != Some(left)
        {
            seen.push(left.clone());
        }
        (left.is_none() && !seen.is_empty()).then_some(())
    });
    let falling: BTreeSet<String> = seen.iter().cloned().collect();
    assert!(falling.into_iter().rev().eq(seen.iter().cloned()), "{seen:?}");
    assert!(seen.len() >= 3, "{seen:?}");
    wait_until_synced(&terminal);
    assert_eq!(simulator.early().await, 0);
    assert_equal(&home, &simulator).await;
}

#[tokio::test]
async fn plays_come_in_while_a_quota_holds_the_library() {
    let simulator = Simulator::start(&LIBRARY);
    simulator
        .fault(json!({ "match": "/v1/me/tracks", "kind": "status", "status": 429, "retry_after": 40_000,
                       "reason": "QUOTA_EXCEEDED", "after": 2, "count": 1 }))
        .await;
    let home = Home::new(&simulator);
    home.configure("[gate]\nrequests_per_second = 0\n[sync]\nplayback_interval = \"1s\"\n");
    let terminal = dashboard(&home);
    terminal.wait_for("Spotify's daily quota");
    terminal.wait_for("◷ held");
    terminal.wait_until("the other entities", |screen| {
        (screen.contents().matches("✓ idle").count() == 4).then_some(())
    });
    let polled = polls(&simulator).await;
    wait_for_polls(&simulator, polled + 3).await;
    simulator.mutate(json!({ "op": "play", "count": 2 })).await;
    terminal.wait_for("7 stored");
    terminal.press("s");
    terminal.wait_for("held by a rate limit");
    assert_eq!(simulator.early().await, 0, "nothing was sent to the held bucket");
    assert_eq!(home.query("select * from v_saved_tracks").await.len(), 100);
}

#[tokio::test]
async fn without_a_login_it_says_how_and_goes_on_once_there_is_one() {
    let client = "0123456789abcdef0123456789abcdef";
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.configure("[gate]\nrequests_per_second = 0\n[sync]\nplayback_interval = \"1s\"\n");
    let app = |mut command: std::process::Command| {
        command.env("PHONOLOG_CLIENT_ID", client);
        command
    };
    let _daemon = Daemon::start_as(&home, app(home.anonymous(&["daemon"]))).await;
    let terminal = terminal(app(home.anonymous(&[])));
    terminal.enter_engine_room();
    terminal.wait_for("needs login");
    terminal.wait_for("phonolog login");
    terminal.press("s");
    terminal.wait_for("log in first");
    let refused = ended(app(home.anonymous(&["sync"]))).await;
    assert_eq!(refused.status, 3, "{refused:?}");
    assert_eq!(simulator.requests().await, 0, "without a login nothing is asked");

    let login = paste_back(&home, &simulator, client, |url| url).await;
    assert_eq!(login.status, 0, "{login:?}");
    wait_until_synced(&terminal);
    terminal.wait_for_no("needs login");
    assert_equal(&home, &simulator).await;
    let done: Vec<Value> = home.query("select id from sync_runs where status = 'done'").await;
    assert_eq!(done.len(), 1, "what was refused without a login waits for nothing else: {done:?}");
}

#[tokio::test]
async fn a_window_too_small_says_so_and_a_large_one_shows_more() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let terminal = dashboard(&home);
    wait_until_synced(&terminal);
    terminal.resize(30, 8);
    terminal.wait_for("needs 40×10");
    terminal.resize(80, 24);
    terminal.wait_for("playlist_items");
    terminal.wait_for_no("needs 40×10");
    terminal.resize(120, 36);
    terminal.wait_for(&home.database().display().to_string());
}

#[tokio::test]
async fn a_thousand_keys_and_a_pasted_text_harm_nothing() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let terminal = dashboard(&home);
    wait_until_synced(&terminal);
    let before = simulator.requests().await;
    terminal.press(&"?jxk?".repeat(200));
    terminal.wait_until("pastes to be marked", |screen| screen.bracketed_paste().then_some(()));
    // As a terminal marks a paste: it holds the keys of a full resync, and the one that leaves.
    terminal.press(&format!("\u{1b}[200~{}\u{1b}[201~", "Rys pc q\n".repeat(20)));
    terminal.press("?");
    terminal.wait_for("phonolog: help");
    terminal.press("?");
    terminal.wait_for_no("phonolog: help");
    assert_eq!(simulator.requests().await, before);
    let runs: Vec<Value> = home.query("select id from sync_runs").await;
    assert_eq!(runs.len(), 1, "{runs:?}");
    assert_equal(&home, &simulator).await;
}

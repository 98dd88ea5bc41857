//! What cannot go on is told on every screen, with what comes next, and all that is stored can be browsed.

use serde_json::json;
use sqlx::{Connection, Executor, SqliteConnection};

use super::screen::{dashboard, wait_until_synced};
use super::support::{Home, Simulator};
use super::terminal::Terminal;

const LIBRARY: [&str; 10] =
    ["--tracks", "60", "--albums", "8", "--artists", "6", "--playlists", "5", "--plays", "5"];

/// The screens that browse: their keys, and a word that is stored.
const SCREENS: [(&str, &str); 6] = [
    ("2", "1 of 60"),
    ("3", "1 of 5"),
    ("4", "5 plays"),
    ("5", "[Tracks]"),
    ("6", "Changes"),
    ("7", "[Runs]"),
];

/// Every screen says so, and shows what is stored.
fn assert_told_everywhere(terminal: &Terminal, told: &str) {
    terminal.wait_for(told);
    for (key, stored) in SCREENS {
        terminal.press(key);
        terminal.wait_until(&format!("`{told}` and `{stored}` on screen {key}"), |screen| {
            let text = screen.contents();
            (text.contains(&format!("[{key} ")) && text.contains(told) && text.contains(stored)).then_some(())
        });
    }
    terminal.press("2\r");
    terminal.wait_for("spotify:track:");
    terminal.wait_for(told);
    terminal.press("1");
}

#[tokio::test]
async fn a_server_that_cannot_be_reached() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    drop(simulator);
    let mut terminal = dashboard(&home);
    terminal.wait_for("60 of 60");
    terminal.press("s");
    assert_told_everywhere(&terminal, "5 entities failed, next try");
    terminal.press("q");
    assert_eq!(terminal.ended().code(), Some(0));
}

#[tokio::test]
async fn a_quota_of_a_day_that_is_used_up() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let terminal = dashboard(&home);
    wait_until_synced(&terminal);
    simulator
        .fault(json!({ "match": "/v1/me/tracks", "kind": "status", "status": 429, "retry_after": 40_000,
                       "reason": "QUOTA_EXCEEDED", "count": 1 }))
        .await;
    terminal.press("s");
    assert_told_everywhere(&terminal, "Spotify's daily quota");
    assert_eq!(simulator.early().await, 0);
}

#[tokio::test]
async fn a_login_that_is_gone() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let terminal = dashboard(&home);
    wait_until_synced(&terminal);
    simulator.post("/sim/token", json!({ "revoke": true })).await;
    terminal.press("s");
    assert_told_everywhere(&terminal, "needs login: ");
    // The first sync and the one that met it: what is due waits for a login, too.
    assert_eq!(home.query("select id from sync_runs").await.len(), 2);
}

#[tokio::test]
async fn a_database_that_another_program_keeps_locked() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.configure("[gate]\nrequests_per_second = 0\n[sync]\nplayback_interval = \"1s\"\n");
    let terminal = dashboard(&home);
    wait_until_synced(&terminal);
    let url = format!("sqlite:{}", home.database().display());
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    other.execute("begin immediate").await.unwrap();
    terminal.press("s");
    assert_told_everywhere(&terminal, "database is locked by another");
    other.execute("rollback").await.unwrap();
    // It goes on by itself.
    terminal.wait_for_no("database is locked by another");
    terminal.press("s");
    terminal.wait_for("incremental sync done");
}

//! Plays, statistics, changes and runs in a real terminal, over a library that was really synced and an
//! export that was really imported.

use serde_json::{Value, json};

use super::screen::{dashboard, wait_until_synced};
use super::support::{Home, Simulator, ended};
use super::terminal::Terminal;

const LIBRARY: [&str; 10] =
    ["--tracks", "120", "--albums", "8", "--artists", "6", "--playlists", "5", "--plays", "5"];

/// Plays of an hour each day in 2024, a song for each weekday, as an extended history tells them.
fn export(home: &Home) -> std::path::PathBuf {
    let first = chrono::DateTime::from_timestamp(1_704_106_800, 0).unwrap(); // a Monday, at eleven
    let row = |day: i32| {
        let at = first + chrono::TimeDelta::days(day.into());
        json!({
            "ts": at.format("%Y-%m-%dT%H:%M:%SZ").to_string(), "ms_played": 180_000, "platform": "linux",
            "spotify_track_uri": format!("spotify:track:{:022}", day % 7),
            "master_metadata_track_name": format!("Weekday {}", day % 7),
            "master_metadata_album_artist_name": "The Calendars", "master_metadata_album_album_name": "Week",
            "skipped": day % 10 == 0, "incognito_mode": day == 365,
        })
    };
    let path = home.data_dir().join("Streaming_History_Audio_2024_0.json");
    std::fs::write(&path, Value::from((0..366).map(row).collect::<Vec<_>>()).to_string()).unwrap();
    path
}

fn type_date(terminal: &Terminal, date: &str) {
    terminal.press("d");
    terminal.wait_for("Esc no date");
    terminal.press(date);
    terminal.wait_for(date);
    terminal.press("\r");
}

/// Esc alone: one that is followed at once is read as Alt.
fn back(terminal: &Terminal, to: &str) {
    terminal.press("\u{1b}");
    terminal.wait_for(to);
}

#[tokio::test]
async fn what_was_played_and_what_changed_can_be_looked_into() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.configure("[gate]\nrequests_per_second = 0\n[stats]\ntime_zone = \"UTC\"\n");
    home.sync().await;
    // One after the other, so that what goes is not what has just come.
    simulator.mutate(json!({ "op": "remove_tracks", "count": 1 })).await;
    home.sync().await;
    simulator.mutate(json!({ "op": "save_tracks", "count": 3 })).await;
    home.sync().await;
    let path = export(&home);
    let imported = ended(home.anonymous(&["import", &path.display().to_string()])).await;
    assert_eq!(imported.status, 0, "{imported:?}");
    let mut terminal = dashboard(&home);
    wait_until_synced(&terminal);

    // Plays: to a date, one of them in full, and to the oldest.
    terminal.press("4");
    terminal.wait_for("371 plays");
    type_date(&terminal, "2024-03-06");
    terminal.wait_for("Wednesday, 6 March 2024");
    terminal.wait_for("Weekday 2 – The Calendars");
    type_date(&terminal, "2024-12-31");
    terminal.wait_for("Tuesday, 31 December 2024");
    terminal.press("\r");
    terminal.wait_for("extended history of a privacy export");
    terminal.wait_until("a private session, and how often it was played", |screen| {
        let text = screen.contents();
        let has = |label: &str, value: &str| {
            text.lines().any(|line| line.trim_start().starts_with(label) && line.trim_end().ends_with(value))
        };
        (has("private", "yes") && has("skipped", "no") && has("played", "3:00")).then_some(())
    });
    back(&terminal, "371 plays");
    terminal.press("G");
    terminal.wait_for("Monday, 1 January 2024");

    // Of one song alone, from the newest to the oldest; then of nothing.
    terminal.press("/artist:calendars \"weekday 4\"\r");
    terminal.wait_for("1 title");
    terminal.wait_for("Friday, 27 December 2024");
    let others = |screen: &vt100::Screen| screen.contents().matches("Weekday ").count();
    let of_it = |screen: &vt100::Screen| screen.contents().matches("Weekday 4 ").count();
    terminal.wait_until("that song alone", |screen| {
        (of_it(screen) > 5 && of_it(screen) == others(screen)).then_some(())
    });
    terminal.press("G");
    terminal.wait_for("Friday, 5 January 2024");
    terminal.press("/ nonsense\r");
    terminal.wait_for("No play matches the filter. Press Esc to clear it.");
    back(&terminal, "371 plays");

    // Statistics: a year of it, its calendar and hours, and what is known of it.
    terminal.press("5");
    terminal.wait_for("[Tracks]");
    terminal.wait_for("Weekday 0");
    terminal.press("tttt");
    terminal.wait_for("[Calendar]");
    terminal.wait_for("played on");
    for _ in 2024..current_year() {
        terminal.press("h");
    }
    terminal.wait_for("366 plays, 18h 18m");
    terminal.wait_for("played on 366 days");
    terminal.press("t");
    terminal.wait_for("[Hours]");
    terminal.press("t");
    terminal.wait_for("[Growth]");
    terminal.wait_for("−1");

    // Changes: filtered, a line in full, and the library of before.
    terminal.press("6");
    terminal.wait_for("1 of 4");
    terminal.press("/change:removed\r");
    terminal.wait_for("1 of 1 (all: 4)");
    terminal.press("\r");
    terminal.wait_for("by run");
    back(&terminal, "1 of 1 (all: 4)");
    back(&terminal, "1 of 4");
    let first_end = home.query("select max(baseline_at) as at from sync_state").await.remove(0);
    let before = first_end["at"].as_str().unwrap().to_owned();
    type_date(&terminal, &before);
    terminal.wait_for("saved tracks as of");
    terminal.wait_for("1 of 120");
    terminal.press("]");
    terminal.wait_for("saved albums as of");
    terminal.wait_for("1 of 8");
    type_date(&terminal, "2001-01-01");
    terminal.wait_for("the saved albums are known only since");

    // Runs: one with its changes, and the log as it is written.
    terminal.press("7");
    terminal.wait_for("[Runs]");
    // Rows that have not come yet cannot be gone to.
    terminal.wait_for("1 of 3");
    terminal.press("G");
    terminal.wait_for("3 of 3");
    terminal.press("k\r");
    terminal.wait_for("started by");
    terminal.press("\r");
    terminal.wait_for("1 of 1");
    back(&terminal, "started by");
    back(&terminal, "[Runs]");
    terminal.press("]");
    terminal.wait_for("[Log]");
    terminal.wait_for("INFO");
    terminal.press("q");
    assert_eq!(terminal.ended().code(), Some(0));
    terminal.assert_restored();
}

fn current_year() -> i32 {
    chrono::Datelike::year(&chrono::Utc::now())
}

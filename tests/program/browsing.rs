//! The library in a real terminal, over a library that was really synced.

use serde_json::{Value, json};
use vt100::MouseProtocolMode;

use super::screen::{dashboard, wait_until_synced};
use super::support::{Home, Simulator};

const LIBRARY: [&str; 8] = ["--tracks", "260", "--albums", "20", "--artists", "10", "--playlists", "12"];

/// A track whose title says in plain letters which one it is.
async fn plain_track(home: &Home) -> Value {
    let sql = "select name, artists, uri, album, isrc, substr(added_at, 1, 10) as day, position
               from v_saved_tracks s
               where name not glob '*[^A-Za-z ]*' and length(name) between 8 and 22
                 and artists not glob '*[^A-Za-z ]*' and length(artists) < 20
                 and (select count(*) from v_saved_tracks o where o.name like '%' || s.name || '%') = 1
               order by position desc limit 1";
    home.query(sql).await.remove(0)
}

#[tokio::test]
async fn the_library_is_filtered_and_a_track_told_in_full() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let mut terminal = dashboard(&home);
    wait_until_synced(&terminal);
    let track = plain_track(&home).await;
    let text = |field: &str| track[field].as_str().unwrap().to_owned();
    let before = simulator.requests().await;

    terminal.press("2");
    terminal.wait_for("[2 Library]");
    terminal.wait_for("1 of 260");
    terminal.press("G");
    terminal.wait_for("260 of 260");
    // In capitals, which make no difference.
    terminal.press(&format!("/title:\"{}\"", text("name").to_uppercase()));
    terminal.wait_for("1 of 1 (all: 260)");
    let row = terminal.wait_until("the row", |screen| {
        let rows = screen.contents();
        rows.lines().find(|line| line.trim_start().starts_with('>')).map(ToOwned::to_owned)
    });
    assert!(row.contains(&text("name")), "{row}");
    terminal.press("\r");
    terminal.press("\r");
    terminal.wait_for(&text("uri"));
    terminal.wait_for(&text("isrc"));
    terminal.wait_for(&text("artists"));
    let screen = terminal.text();
    let place = track["position"].as_u64().unwrap() + 1;
    let has = |label: &str, value: &str| {
        screen.lines().any(|line| line.trim_start().starts_with(label) && line.contains(value))
    };
    assert!(has("place", &place.to_string()) && has("saved", &text("day")[..7]), "{screen}");

    terminal.press("\u{1b}");
    terminal.wait_for("1 of 1 (all: 260)");
    assert_eq!(simulator.requests().await, before, "browsing asks Spotify for nothing");
    terminal.press("q");
    assert_eq!(terminal.ended().code(), Some(0));
    terminal.assert_restored();
}

#[tokio::test]
async fn rows_come_in_while_the_list_is_open_and_a_playlist_shows_its_versions() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let terminal = dashboard(&home);
    wait_until_synced(&terminal);
    terminal.press("2");
    terminal.wait_for("1 of 260");
    simulator.mutate(json!({ "op": "save_tracks", "count": 2 })).await;
    terminal.press("1s2");
    terminal.wait_for("1 of 262");

    let sql = "select playlist_id, position from v_playlists
               where contents_state = 'complete' and item_count > 3 order by position limit 1";
    let list = home.query(sql).await.remove(0);
    let place = usize::try_from(list["position"].as_u64().unwrap()).unwrap();
    terminal.press("3");
    terminal.wait_for("1 of 12");
    terminal.press(&("j".repeat(place) + "v"));
    terminal.wait_for("versions");
    terminal.wait_for("1 of 1");
    let id = list["playlist_id"].as_str().unwrap();
    simulator.mutate(json!({ "op": "edit_playlist", "id": id, "add": 2, "remove": 1, "move": 0 })).await;
    // The run that brought the tracks may still look at the playlists.
    terminal.press("1");
    terminal.wait_for("incremental sync done");
    terminal.press("s3");
    terminal.wait_for("1 of 2");
    terminal.press("\r");
    terminal.wait_until("two that came and one that went", |screen| {
        let text = screen.contents();
        (text.matches("+ added").count() == 2 && text.matches("− removed").count() == 1).then_some(())
    });
}

#[tokio::test]
async fn a_database_that_is_gone_is_a_sentence_and_the_screen_goes_on() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let terminal = dashboard(&home);
    wait_until_synced(&terminal);
    // The engine holds its file open; whoever comes now finds none.
    let moved = home.dir.path().join("elsewhere.db");
    std::fs::rename(home.database(), &moved).unwrap();
    terminal.press("2");
    terminal.wait_for("there is no database at");
    std::fs::rename(&moved, home.database()).unwrap();
    terminal.press("r");
    terminal.wait_for("1 of 260");
}

#[tokio::test]
async fn the_mouse_is_taken_only_where_it_is_wanted() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let mut terminal = dashboard(&home);
    wait_until_synced(&terminal);
    terminal.wait_until("the mouse", |screen| {
        (screen.mouse_protocol_mode() == MouseProtocolMode::PressRelease).then_some(())
    });
    // A click on the tab of the library: the second line, column 20.
    terminal.press("\u{1b}[<0;20;2M");
    terminal.wait_for("[2 Library]");
    terminal.press("q");
    assert_eq!(terminal.ended().code(), Some(0));
    terminal.assert_restored();

    home.configure("[gate]\nrequests_per_second = 0\n[ui]\nmouse = false\n");
    let terminal = dashboard(&home);
    wait_until_synced(&terminal);
    terminal.wait_until("no mouse", |screen| {
        (screen.mouse_protocol_mode() == MouseProtocolMode::None).then_some(())
    });
}

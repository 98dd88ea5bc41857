//! What a terminal may do to every screen: change its size without end, paste, stop and go on, hang up, vanish.

use std::time::Instant;

use rustix::process::Signal;

use super::screen::{dashboard, wait_until_synced};
use super::support::{Home, Simulator};
use super::terminal::{PATIENCE, Terminal};
use super::truth::assert_equal;

const LIBRARY: [&str; 10] =
    ["--tracks", "120", "--albums", "8", "--artists", "6", "--playlists", "5", "--plays", "5"];

/// Keys that lead to a screen, and what stands on it.
const SCREENS: [(&str, &str); 9] = [
    ("1", "[1 Home]"),
    ("2", "1 of 120"),
    ("2\r", "spotify:track:"),
    ("3", "1 of 5"),
    ("4", "5 plays"),
    ("5", "[5 Statistics]"),
    ("6", "[6 Changes]"),
    ("7", "[Runs]"),
    ("7]", "[Log]"),
];

fn go(terminal: &Terminal, (keys, shown): (&str, &str)) {
    for key in keys.chars() {
        terminal.press(&key.to_string());
        // What is opened next must be there first.
        match key {
            '2' => terminal.wait_for("[2 Library]"),
            '7' => terminal.wait_for("[7 Runs]"),
            _ => {}
        }
        if keys == "2\r" && key == '2' {
            terminal.wait_for(" of 120");
        }
    }
    terminal.wait_for(shown);
}

/// Back from whatever lies open: the tabs close it.
fn leave(terminal: &Terminal, keys: &str) {
    match keys {
        "2\r" => {
            terminal.press("\u{1b}");
            terminal.wait_for("1 of 120");
        }
        "7]" => {
            terminal.press("[");
            terminal.wait_for("[Runs]");
        }
        _ => {}
    }
}

#[tokio::test]
async fn a_storm_of_sizes_over_every_screen() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let mut terminal = dashboard(&home);
    wait_until_synced(&terminal);
    for screen in SCREENS {
        go(&terminal, screen);
        for step in 0..60_u16 {
            terminal.resize(1 + step * 37 % 200, 1 + step * 23 % 60);
        }
        terminal.resize(80, 24);
        terminal.wait_for(screen.1);
        leave(&terminal, screen.0);
    }
    terminal.press("q");
    assert_eq!(terminal.ended().code(), Some(0));
    terminal.assert_restored();
}

#[tokio::test]
async fn a_thousand_keys_at_once_on_every_screen() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let mut terminal = dashboard(&home);
    wait_until_synced(&terminal);
    let before = simulator.requests().await;
    for screen in SCREENS {
        go(&terminal, screen);
        let begun = Instant::now();
        // Moves, sorts, and the help, open and closed again.
        terminal.press(&"jkGgS<>I?j?".repeat(91));
        terminal.press(&format!("\u{1b}[200~{}\u{1b}[201~", "jk".repeat(500)));
        // Only the last one leads there: the others have been read before it.
        terminal.press("13");
        terminal.wait_for("[3 Playlists]");
        assert!(begun.elapsed() < PATIENCE / 4, "{}: {:?}", screen.0, begun.elapsed());
        go(&terminal, (&screen.0[..1], ""));
        leave(&terminal, screen.0);
    }
    assert_eq!(simulator.requests().await, before, "no key asked for anything");
    assert_eq!(home.query("select id from sync_runs").await.len(), 1);
    terminal.press("q");
    assert_eq!(terminal.ended().code(), Some(0));
    assert_equal(&home, &simulator).await;
}

#[tokio::test]
async fn every_screen_stops_and_goes_on() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let mut terminal = dashboard(&home);
    wait_until_synced(&terminal);
    for screen in SCREENS {
        go(&terminal, screen);
        terminal.signal(Signal::TSTP);
        terminal.wait_until("the shell's own screen", |screen| (!screen.alternate_screen()).then_some(()));
        terminal.wait_until_stopped();
        terminal.assert_restored();
        terminal.signal(Signal::CONT);
        terminal.wait_until("the screen again", |seen| {
            (seen.alternate_screen() && seen.contents().contains(screen.1)).then_some(())
        });
        leave(&terminal, screen.0);
    }
    terminal.press("q");
    assert_eq!(terminal.ended().code(), Some(0));
    terminal.assert_restored();
}

/// Whatever screen is open, a hang-up and a closed terminal end it, and leave a database that is whole.
#[tokio::test]
async fn every_screen_ends_with_its_terminal() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    for screen in SCREENS {
        let mut terminal = dashboard(&home);
        terminal.wait_for("120 of 120");
        go(&terminal, screen);
        terminal.signal(Signal::HUP);
        assert_eq!(terminal.ended().code(), Some(0), "{screen:?}");

        let terminal = dashboard(&home);
        terminal.wait_for("120 of 120");
        go(&terminal, screen);
        assert_eq!(terminal.close().ended().code(), Some(0), "{screen:?}");
    }
    home.sync().await;
    assert_equal(&home, &simulator).await;
}

//! Draws the pictures of the README: runs `phonolog demo` in a terminal, waits for good moments, and
//! writes each screen as an SVG that needs nothing but a monospaced font.

#[path = "pictures/svg.rs"]
mod svg;

use std::path::Path;
use std::process::Command;

use vt100::Screen;

use crate::terminal::Terminal;

const COLUMNS: u16 = 108;
const ROWS: u16 = 28;

#[test]
#[ignore = "takes as long as the demo, and writes assets/screenshots/"]
fn draw_the_pictures() {
    let terminal = Terminal::open(demo(), COLUMNS, ROWS);
    let moment = |what: &str, file: &str, title: &str, is_now: fn(&str) -> bool| {
        let picture = terminal.wait_until(what, |screen: &Screen| {
            is_now(&screen.contents()).then(|| svg::picture(screen, title))
        });
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/screenshots").join(file);
        std::fs::write(path, picture).unwrap();
    };
    moment(
        "a short hold in the middle of a sync",
        "dashboard.svg",
        "Home while a library is read and a short rate limit counts down",
        |text| text.contains("held 0:04"),
    );
    // On the way there, in steps within the terminal's patience.
    terminal.wait_for("+ ");
    terminal.wait_for("− ");
    moment(
        "at rest after some edits",
        "idle.svg",
        "Home at rest: what was listened to, with the sync in one line",
        |text| text.contains(" playlists  ") && text.contains("checked"),
    );
    terminal.press("2");
    moment(
        "the library",
        "library.svg",
        "The saved tracks, newest first, with tabs for albums and artists",
        |text| text.contains("[2 Library]") && text.contains("1 of 1,2"),
    );
    terminal.press("5");
    moment(
        "what was played most",
        "statistics.svg",
        "The tracks that were played most, with how much of the time is known",
        |text| text.contains("[5 Statistics]") && text.contains("known"),
    );
    terminal.press("6");
    moment("the journal", "changes.svg", "What came, went and changed in the library", |text| {
        text.contains("[6 Changes]") && text.contains("removed")
    });
    terminal.press("q");
}

fn demo() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_phonolog"));
    command.arg("demo").env("LANG", "C.UTF-8").env_remove("NO_COLOR");
    command
}

//! How a dashboard ends: by key, by signal, with its terminal, by `kill -9`; and what it leaves.

use rustix::process::Signal;

use super::screen::{dashboard, wait_until_synced};
use super::support::{Home, SLOW_LIBRARY, Simulator};
use super::terminal::Terminal;
use super::truth::assert_equal;

#[tokio::test]
async fn a_key_leaves_and_says_what_that_means() {
    let simulator = Simulator::start(&SLOW_LIBRARY);
    let home = Home::new(&simulator);
    let mut terminal = dashboard(&home);
    wait_until_synced(&terminal);
    terminal.press("q");
    assert_eq!(terminal.ended().code(), Some(0));
    terminal.assert_restored();
    let left = terminal.text();
    assert!(left.trim_start().starts_with("phonolog has stopped recording"), "{left}");
    let lines = left.lines().filter(|line| !line.trim().is_empty()).count();
    assert!(lines <= 2, "one sentence, wrapped: {left}");
}

#[tokio::test]
async fn leaving_in_mid_sync_stops_between_two_pages() {
    let simulator = Simulator::start(&SLOW_LIBRARY);
    let home = Home::new(&simulator);
    let mut terminal = dashboard(&home);
    simulator.wait_for_requests(6).await;
    terminal.wait_for("initial sync");
    terminal.press("\u{3}");
    assert_eq!(terminal.ended().code(), Some(0));
    terminal.assert_restored();
    home.sync().await;
    assert_equal(&home, &simulator).await;
}

#[tokio::test]
async fn sigterm_restores_the_terminal() {
    let simulator = Simulator::start(&SLOW_LIBRARY);
    let home = Home::new(&simulator);
    let mut terminal = dashboard(&home);
    terminal.wait_for("initial sync");
    terminal.signal(Signal::TERM);
    assert_eq!(terminal.ended().code(), Some(143));
    terminal.assert_restored();
}

#[tokio::test]
async fn sighup_ends_it_silently() {
    let simulator = Simulator::start(&SLOW_LIBRARY);
    let home = Home::new(&simulator);
    let mut terminal = dashboard(&home);
    terminal.wait_for("initial sync");
    terminal.signal(Signal::HUP);
    assert_eq!(terminal.ended().code(), Some(0));
    assert_eq!(terminal.text().trim(), "");
}

#[tokio::test]
async fn a_closed_terminal_ends_it() {
    let simulator = Simulator::start(&SLOW_LIBRARY);
    let home = Home::new(&simulator);
    let terminal = dashboard(&home);
    wait_until_synced(&terminal);
    assert_eq!(terminal.close().ended().code(), Some(0));
    // The lock is free, the database whole.
    home.sync().await;
    assert_equal(&home, &simulator).await;
}

/// No hang-up comes, reading yields nothing for ever: only a write finds out.
#[tokio::test]
async fn a_closed_terminal_without_a_hang_up_ends_it_with_the_next_frame() {
    let simulator = Simulator::start(&SLOW_LIBRARY);
    let home = Home::new(&simulator);
    home.configure("[gate]\nrequests_per_second = 0\n[sync]\nplayback_interval = \"1s\"\n");
    let mut command = home.command(&[]);
    command.env("LANG", "C.UTF-8");
    let terminal = Terminal::open_uncontrolling(command, 80, 24);
    terminal.wait_for("checked just now");
    assert_eq!(terminal.close().ended().code(), Some(0));
}

#[tokio::test]
async fn a_killed_dashboard_leaves_what_the_next_sync_goes_on_from() {
    let simulator = Simulator::start(&SLOW_LIBRARY);
    let home = Home::new(&simulator);
    let mut terminal = dashboard(&home);
    simulator.wait_for_requests(9).await;
    terminal.signal(Signal::KILL);
    assert_eq!(terminal.ended().code(), None, "killed");
    home.sync().await;
    assert_equal(&home, &simulator).await;
    let runs = home.query("select status from sync_runs order by id").await;
    assert_eq!(runs[0]["status"], "interrupted");
    assert_eq!(runs[1]["status"], "done");
}

#[tokio::test]
async fn without_a_terminal_the_status_is_told() {
    let simulator = Simulator::start(&SLOW_LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    let before = simulator.requests().await;
    let told = home.run(&[]).await;
    assert_eq!(told.status, 0, "{told:?}");
    assert!(told.stdout.contains("520/520"), "{told:?}");
    assert!(!told.stdout.contains('\u{1b}'), "{told:?}");
    assert_eq!(simulator.requests().await, before);
}

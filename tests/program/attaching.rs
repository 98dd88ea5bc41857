//! Screens and commands that share one engine, and what becomes of it when one of them goes.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};

use super::daemon::{Daemon, status, until, wait_until_synced};
use super::screen::{dashboard, wait_until_synced as wait_until_drawn};
use super::support::{Home, SLOWER_LIBRARY, Simulator};
use super::truth::assert_equal;

const LIBRARY: [&str; 10] =
    ["--tracks", "260", "--albums", "60", "--artists", "55", "--playlists", "12", "--plays", "5"];

#[tokio::test]
async fn a_key_in_one_terminal_shows_in_the_other_and_a_killed_screen_changes_nothing() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let daemon = Daemon::start(&home).await;
    let (mut a, mut b) = (dashboard(&home), dashboard(&home));
    wait_until_drawn(&a);
    wait_until_drawn(&b);
    assert!(a.text().lines().next().unwrap().contains("attached"), "{}", a.text());
    a.press("p");
    b.wait_for("playback is still recorded");
    b.press("p");
    a.wait_for_no("playback is still recorded");

    a.signal(Signal::KILL);
    assert_eq!(a.ended().code(), None);
    simulator.mutate(json!({ "op": "save_tracks", "count": 2 })).await;
    b.press("s");
    b.wait_for("262 of 262");
    b.press("q");
    assert_eq!(b.ended().code(), Some(0));
    b.assert_restored();
    assert!(b.text().contains("continues recording"), "{}", b.text());
    assert_eq!(status(&home).await["host"], "daemon");
    assert_equal(&home, &simulator).await;
    drop(daemon);
}

#[tokio::test]
async fn a_hang_up_ends_an_attached_screen_silently_and_the_daemon_does_not_notice() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let _daemon = Daemon::start(&home).await;
    let mut hung_up = dashboard(&home);
    wait_until_drawn(&hung_up);
    hung_up.signal(Signal::HUP);
    assert_eq!(hung_up.ended().code(), Some(0));
    assert_eq!(hung_up.text().trim(), "");
    let closed = dashboard(&home);
    wait_until_drawn(&closed);
    assert_eq!(closed.close().ended().code(), Some(0));
    assert_eq!(status(&home).await["host"], "daemon");
}

#[tokio::test]
async fn a_daemon_that_goes_is_missed_and_one_that_comes_back_is_found() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let mut daemon = Daemon::start(&home).await;
    let screen = dashboard(&home);
    wait_until_drawn(&screen);
    daemon.signal(Signal::KILL);
    daemon.ended().await;
    screen.wait_for("reconnecting");
    screen.wait_for("engine not reachable");
    screen.press("p");
    screen.wait_for("the engine does not answer");
    assert_eq!(home.query("select value from settings where name = 'paused'").await, Vec::<Value>::new());

    let _back = Daemon::start(&home).await;
    screen.wait_for("attached");
    screen.wait_for_no("engine not reachable");
    screen.press("p");
    screen.wait_for("playback is still recorded");
}

#[tokio::test]
async fn while_the_daemon_is_away_q_leaves() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let mut daemon = Daemon::start(&home).await;
    let mut screen = dashboard(&home);
    wait_until_drawn(&screen);
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.ended().await, Some(0));
    screen.wait_for("reconnecting");
    let pressed = Instant::now();
    screen.press("q");
    assert_eq!(screen.ended().code(), Some(0));
    assert!(pressed.elapsed() < Duration::from_secs(2), "{:?}", pressed.elapsed());
    screen.assert_restored();
}

/// Stopped, so that it holds its connections and says nothing.
#[tokio::test]
async fn a_daemon_that_hangs_freezes_no_screen() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let daemon = Daemon::start(&home).await;
    let mut screen = dashboard(&home);
    wait_until_drawn(&screen);
    daemon.signal(Signal::STOP);
    screen.press("p");
    screen.wait_for("requesting a pause");
    screen.press("?");
    screen.wait_for("phonolog: help");
    screen.press("\u{1b}");
    screen.wait_for_no("phonolog: help");
    screen.press("q");
    assert_eq!(screen.ended().code(), Some(0));
    daemon.signal(Signal::CONT);
}

#[tokio::test]
async fn where_the_owning_screen_leaves_the_one_that_is_attached_goes_on() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let mut owner = dashboard(&home);
    wait_until_drawn(&owner);
    let heir = dashboard(&home);
    heir.wait_for("attached");
    assert_eq!(status(&home).await["host"], "screen");
    owner.press("q");
    assert_eq!(owner.ended().code(), Some(0));
    assert!(owner.text().contains("Another open screen"), "{}", owner.text());
    heir.wait_until("an engine of its own", |screen| {
        let title = screen.contents().lines().next()?.to_owned();
        (title.contains("engine") && !title.contains("attached")).then_some(())
    });
    simulator.mutate(json!({ "op": "save_tracks", "count": 2 })).await;
    heir.press("s");
    heir.wait_for("262 of 262");
    assert_equal(&home, &simulator).await;
}

#[tokio::test]
async fn where_the_owning_screen_is_killed_the_one_that_is_attached_goes_on() {
    let simulator = Simulator::start(&SLOWER_LIBRARY);
    let home = Home::new(&simulator);
    let mut owner = dashboard(&home);
    owner.wait_for("initial sync");
    let heir = dashboard(&home);
    heir.wait_for("attached");
    owner.signal(Signal::KILL);
    assert_eq!(owner.ended().code(), None);
    wait_until_drawn(&heir);
    assert_equal(&home, &simulator).await;
}

#[tokio::test]
async fn where_the_owning_screen_is_killed_one_of_several_goes_on_and_the_others_attach_to_it() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let mut owner = dashboard(&home);
    wait_until_drawn(&owner);
    let heirs = [(); 3].map(|()| dashboard(&home));
    for heir in &heirs {
        heir.wait_for("attached");
    }
    owner.signal(Signal::KILL);
    assert_eq!(owner.ended().code(), None);
    until("one engine of its own and two that are attached", async || {
        let titles = heirs.each_ref().map(|heir| heir.text().lines().next().unwrap_or_default().to_owned());
        let attached = titles.iter().filter(|title| title.contains("attached")).count();
        let own =
            titles.iter().filter(|title| title.contains("engine") && !title.contains("attached")).count();
        (attached == 2 && own == 1).then_some(())
    })
    .await;
    simulator.mutate(json!({ "op": "save_tracks", "count": 2 })).await;
    heirs[0].press("s");
    for heir in &heirs {
        heir.wait_for("262 of 262");
    }
    assert_equal(&home, &simulator).await;
}

#[tokio::test]
async fn a_sync_is_handed_to_the_engine_that_runs_and_tells_how_it_goes() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let _daemon = Daemon::start(&home).await;
    wait_until_synced(&home).await;
    simulator.mutate(json!({ "op": "save_tracks", "count": 3 })).await;
    let told = home.run(&["sync", "tracks", "--json"]).await;
    assert_eq!(told.status, 0, "{told:?}");
    let last: Value = serde_json::from_str(told.stdout.lines().last().unwrap()).unwrap();
    assert_eq!((&last["event"], &last["run"]["added"]), (&json!("finished"), &json!(3)));
    assert_eq!((&last["run"]["trigger"], &last["status"]["host"]), (&json!("cli"), &json!("daemon")));

    simulator
        .fault(json!({ "match": "/v1/me/tracks", "kind": "status", "status": 429, "retry_after": 40_000,
                       "reason": "QUOTA_EXCEEDED", "count": 1 }))
        .await;
    let held = home.run(&["sync", "tracks"]).await;
    assert_eq!(held.status, 4, "{held:?}");
}

#[tokio::test]
async fn watching_a_sync_can_be_left_without_stopping_it() {
    let simulator = Simulator::start(&SLOWER_LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    let _daemon = Daemon::start(&home).await;
    until("a daemon at rest", async || (status(&home).await["run"]["status"] == "done").then_some(())).await;
    simulator.delete("/sim/requests").await;
    let mut watching = home.command(&["sync", "--full"]).spawn().unwrap();
    simulator.wait_for_requests(4).await;
    let busy = home.run(&["sync"]).await;
    assert_eq!(busy.status, 1, "{busy:?}");
    assert!(busy.stderr.contains("already running"), "{busy:?}");
    let pid = rustix::process::Pid::from_child(&watching);
    rustix::process::kill_process(pid, Signal::HUP).unwrap();
    assert_eq!(watching.wait().unwrap().code(), Some(130));
    until("the end of the sync", async || {
        let told = status(&home).await;
        (told["run"]["mode"] == "full" && told["run"]["status"] == "done").then_some(())
    })
    .await;
}

#[tokio::test]
async fn pause_resume_and_cancel_reach_the_engine_and_a_pause_holds_without_one() {
    let simulator = Simulator::start(&SLOWER_LIBRARY);
    let home = Home::new(&simulator);
    {
        let _daemon = Daemon::start(&home).await;
        simulator.wait_for_requests(4).await;
        assert_eq!(home.run(&["cancel", "--json"]).await.stdout.trim(), r#"{"cancelled":true}"#);
        until("a stopped run", async || (status(&home).await["run"]["status"] == "cancelled").then_some(()))
            .await;
        assert_eq!(home.run(&["cancel"]).await.status, 1, "nothing is left to stop");
        assert_eq!(home.run(&["pause", "--json"]).await.stdout.trim(), r#"{"paused":true}"#);
        until("a pause", async || (status(&home).await["paused"] == true).then_some(())).await;
    }
    assert_eq!(status(&home).await["paused"], true, "a pause outlives the engine");
    assert_eq!(home.run(&["resume"]).await.status, 0);
    assert_eq!(status(&home).await["paused"], false);
    let nobody = home.run(&["cancel"]).await;
    assert_eq!((nobody.status, nobody.stderr.lines().count()), (1, 1), "{nobody:?}");
}

#[tokio::test]
async fn a_watched_status_tells_each_change() {
    use std::io::{BufRead, BufReader};
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let _daemon = Daemon::start(&home).await;
    wait_until_synced(&home).await;
    let mut watching = home.command(&["status", "--watch", "--json"]).spawn().unwrap();
    let mut lines = BufReader::new(watching.stdout.take().unwrap()).lines();
    let mut next = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(next()["paused"], false);
    assert_eq!(home.run(&["pause"]).await.status, 0);
    while next()["paused"] != true {}
    rustix::process::kill_process(rustix::process::Pid::from_child(&watching), Signal::TERM).unwrap();
    assert_eq!(watching.wait().unwrap().code(), Some(0));
}

async fn asked(simulator: &Simulator, endpoint: &str) -> u64 {
    simulator.get("/sim/requests").await["by_endpoint"][endpoint].as_u64().unwrap_or(0)
}

const POLL: &str = "/v1/me/player/recently-played";
const NOW_PLAYING: &str = "/v1/me/player/currently-playing";

async fn another_poll(simulator: &Simulator) {
    let before = asked(simulator, POLL).await;
    until("two polls", async || (asked(simulator, POLL).await >= before + 2).then_some(())).await;
}

#[tokio::test]
async fn what_plays_now_is_asked_for_by_a_screen_with_an_engine_of_its_own() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let mut screen = dashboard(&home);
    until("a look at what plays", async || (asked(&simulator, NOW_PLAYING).await > 0).then_some(())).await;
    screen.press("q");
    assert_eq!(screen.ended().code(), Some(0));
}

/// A command that waits, a status that is watched: nobody of these looks at what plays.
#[tokio::test]
async fn without_a_screen_nobody_asks_what_plays_and_an_attached_one_does() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    // A history that is asked for each second needs a day's budget to match, else nothing is left to look with.
    home.configure(
        "[gate]\nrequests_per_second = 0\ndaily_budget = 100000\n[sync]\nplayback_interval = \"1s\"\n",
    );
    let _daemon = Daemon::start(&home).await;
    wait_until_synced(&home).await;
    let mut watching = home.command(&["status", "--watch", "--json"]).spawn().unwrap();
    home.sync().await;
    another_poll(&simulator).await;
    assert_eq!(asked(&simulator, NOW_PLAYING).await, 0);
    watching.kill().unwrap();
    watching.wait().unwrap();

    let _screen = dashboard(&home);
    until("a look at what plays", async || (asked(&simulator, NOW_PLAYING).await > 0).then_some(())).await;
}

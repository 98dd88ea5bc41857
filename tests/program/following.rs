//! `phonolog sync` at a running engine ends when its run does, whatever comes after; and what is said of an
//! engine that does not answer.

use std::process::Child;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::daemon::{Daemon, status, until, wait_until_synced};
use super::support::{Ended, Home, Simulator};

const LIBRARY: [&str; 12] = [
    "--tracks",
    "60",
    "--albums",
    "60",
    "--artists",
    "5",
    "--playlists",
    "3",
    "--plays",
    "5",
    "--latency-ms",
    "20",
];

/// Something is due in every moment, so the end of each run is the beginning of the next.
const RESTLESS: &str =
    "[gate]\nrequests_per_second = 0\ndaily_budget = 100000\n[sync]\nlibrary_interval = \"1s\"\n";

/// Waits for the end of a child, for a minute at most.
async fn end_of(mut child: Child) -> Ended {
    until("the end of the command", async || child.try_wait().unwrap()).await;
    let output = child.wait_with_output().unwrap();
    Ended {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Starts a sync as soon as the engine takes it.
async fn sync(home: &Home, args: &[&str]) -> Ended {
    loop {
        let ended = end_of(home.command(&[&["sync"], args].concat()).spawn().unwrap()).await;
        if !ended.stderr.contains("already running") {
            return ended;
        }
    }
}

#[tokio::test]
async fn a_sync_returns_although_the_next_run_begins_in_the_same_moment() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.configure(RESTLESS);
    let _daemon = Daemon::start(&home).await;
    wait_until_synced(&home).await;
    // Slow enough that everything else is due when it ends.
    simulator.fault(json!({ "match": "/v1/me/tracks", "kind": "delay", "delay_ms": 700 })).await;
    for _ in 0..4 {
        let ended = sync(&home, &["--full", "tracks"]).await;
        assert_eq!(ended.status, 0, "{ended:?}");
        assert_eq!(ended.stdout.lines().filter(|line| line.starts_with("done: ")).count(), 1, "{ended:?}");
    }
}

/// Stopped by Ctrl-Z or a closed lid, it sees nothing of the end of its run; what it says is of that run.
#[tokio::test]
async fn a_sync_that_was_stopped_meanwhile_tells_how_its_own_run_ended() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.configure(RESTLESS);
    let _daemon = Daemon::start(&home).await;
    wait_until_synced(&home).await;
    simulator
        .fault(json!({ "match": "/v1/me/albums", "kind": "status", "status": 429, "retry_after": 40_000,
                       "reason": "QUOTA_EXCEEDED", "count": 1 }))
        .await;
    until("held albums", async || {
        let held = "select 1 from sync_state where entity_type = 'albums' and state = 'held'";
        (!home.query(held).await.is_empty()).then_some(())
    })
    .await;
    // Slow enough that it is still under way when it is stopped.
    simulator.fault(json!({ "match": "/v1/me/tracks", "kind": "delay", "delay_ms": 700 })).await;
    let (child, run) = until("a run of ours", async || {
        let before = newest_run(&home).await;
        let mut child = home.command(&["sync", "--full", "albums", "tracks"]).spawn().unwrap();
        let ours = until("a run, or a refusal", async || {
            let ours = "select id from sync_runs where trigger = 'cli' order by id desc limit 1";
            let id = home.query(ours).await.first().map(|row| row["id"].as_i64().unwrap());
            match id.filter(|id| *id > before) {
                Some(id) => Some(Some(id)),
                None => child.try_wait().unwrap().map(|_| None),
            }
        })
        .await;
        ours.map(|id| (child, id))
    })
    .await;
    kill_process(Pid::from_child(&child), Signal::STOP).unwrap();
    until("two newer runs", async || (newest_run(&home).await >= run + 2).then_some(())).await;
    kill_process(Pid::from_child(&child), Signal::CONT).unwrap();
    let ended = end_of(child).await;
    assert_eq!(ended.status, 4, "its own run was held, the newer ones are done: {ended:?}");
    assert!(ended.stderr.contains("quota"), "{ended:?}");
}

async fn newest_run(home: &Home) -> i64 {
    home.query("select coalesce(max(id), 0) as id from sync_runs").await[0]["id"].as_i64().unwrap()
}

#[tokio::test]
async fn an_engine_that_does_not_answer_is_not_called_well() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let daemon = Daemon::start(&home).await;
    wait_until_synced(&home).await;
    daemon.signal(Signal::STOP);
    let told = home.run(&["status"]).await;
    assert_eq!(told.status, 0, "{told:?}");
    assert!(told.stdout.contains("running, but it does not respond"), "{told:?}");
    let json: Value = status(&home).await;
    assert_eq!((&json["engine"], &json["engine_answers"]), (&json!("running"), &json!(false)));
    let cancel = home.run(&["cancel"]).await;
    assert_eq!(cancel.status, 1, "{cancel:?}");
    assert!(cancel.stderr.contains("does not respond"), "{cancel:?}");
    daemon.signal(Signal::CONT);
    until("an engine that answers", async || (status(&home).await["engine_answers"] == true).then_some(()))
        .await;
}

#[tokio::test]
async fn a_paused_record_without_an_engine_does_not_contradict_itself() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    assert_eq!(home.run(&["pause"]).await.status, 0);
    let told = home.run(&["status"]).await.stdout;
    assert!(told.contains("stays paused") && !told.contains("still recorded"), "{told}");
}

//! Backups, the doctor, what is forgotten, and the small commands.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use serde_json::{Value, json};

use super::daemon::{Daemon, status, until, wait_until_synced};
use super::support::{Home, SLOWER_LIBRARY, Simulator, ended};
use super::terminal::PATIENCE;
use super::truth::assert_equal;

const LIBRARY: [&str; 10] =
    ["--tracks", "60", "--albums", "12", "--artists", "9", "--playlists", "6", "--plays", "4"];

async fn findings(home: &Home) -> (i32, Vec<Value>) {
    let told = home.run(&["doctor", "--json"]).await;
    (told.status, told.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn state_of<'a>(findings: &'a [Value], check: &str) -> &'a str {
    let found = findings.iter().find(|finding| finding["check"] == check);
    found.unwrap_or_else(|| panic!("no {check} in {findings:?}"))["state"].as_str().unwrap()
}

#[tokio::test]
async fn a_backup_of_a_running_sync_restores_to_a_database_that_passes_the_doctor() {
    let simulator = Simulator::start(&SLOWER_LIBRARY);
    let home = Home::new(&simulator);
    let copy = home.dir.path().join("copy.db");
    let name = copy.to_str().unwrap().to_owned();
    {
        let _daemon = Daemon::start(&home).await;
        simulator.wait_for_requests(6).await;
        let made = home.run(&["backup", &name]).await;
        assert_eq!(made.status, 0, "{made:?}");
        assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(status(&home).await["run"]["status"], "running", "it was made while a sync ran");
        let twice = home.run(&["backup", &name]).await;
        assert_eq!((twice.status, twice.stderr.lines().count()), (1, 1), "{twice:?}");
        let refused = home.run(&["restore", &name]).await;
        assert_eq!(refused.status, 1, "{refused:?}");
        assert!(refused.stderr.contains("is using this database"), "{refused:?}");
        wait_until_synced(&home).await;
    }
    let now = home.query("select count(*) as n from v_saved_tracks").await;
    let restored = home.run(&["restore", &name, "--json"]).await;
    assert_eq!(restored.status, 0, "{restored:?}");
    let (passed, found) = findings(&home).await;
    assert_eq!(passed, 0, "{found:?}");
    assert_eq!(state_of(&found, "database"), "ok");
    let then = home.query("select count(*) as n from v_saved_tracks").await;
    assert_ne!(now, then, "the copy is from the middle of the sync");

    let told: Value = serde_json::from_str(&restored.stdout).unwrap();
    let kept = told["kept"].as_str().unwrap().to_owned();
    let back = home.run(&["restore", &kept]).await;
    assert_eq!(back.status, 0, "{back:?}");
    assert_eq!(
        home.query("select count(*) as n from v_saved_tracks").await,
        now,
        "the old one was kept whole"
    );
    home.run(&["restore", &name]).await;
    home.sync().await;
    assert_equal(&home, &simulator).await;
}

#[tokio::test]
async fn what_is_no_backup_is_not_restored_and_the_record_stays() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    let copy = home.dir.path().join("copy.db");
    let name = copy.to_str().unwrap().to_owned();
    assert_eq!(home.run(&["backup", &name]).await.status, 0);
    let whole = std::fs::read(&copy).unwrap();
    let mut cut = whole.clone();
    cut.truncate(whole.len() / 2);
    let mut spoilt = whole.clone();
    for byte in &mut spoilt[8192..12_288] {
        *byte = 0x5a;
    }
    let text = b"PRAGMA no database".to_vec();
    for (what, bytes) in [("cut", cut), ("spoilt", spoilt), ("text", text), ("empty", Vec::new())] {
        std::fs::write(&copy, bytes).unwrap();
        let refused = home.run(&["restore", &name]).await;
        assert_eq!((refused.status, refused.stderr.lines().count()), (1, 1), "{what}: {refused:?}");
        assert_equal(&home, &simulator).await;
    }
    let gone = home.run(&["restore", "/nonexistent/copy.db"]).await;
    assert_eq!((gone.status, gone.stderr.lines().count()), (1, 1), "{gone:?}");
    let left: Vec<_> =
        std::fs::read_dir(home.data_dir()).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("restor")), "{left:?}");
}

#[tokio::test]
async fn a_damaged_database_is_told_and_a_backup_brings_it_back() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    let copy = home.dir.path().join("copy.db");
    let name = copy.to_str().unwrap().to_owned();
    assert_eq!(home.run(&["backup", &name]).await.status, 0);
    let mut bytes = std::fs::read(home.database()).unwrap();
    for byte in &mut bytes[8192..40_960] {
        *byte = 0x5a;
    }
    std::fs::write(home.database(), bytes).unwrap();
    let (status, found) = findings(&home).await;
    assert_eq!((status, state_of(&found, "database")), (1, "bad"), "{found:?}");
    let refused = home.run(&["backup", "--force", &name]).await;
    assert_eq!(refused.status, 1, "{refused:?}");
    let restored = home.run(&["restore", &name]).await;
    assert_eq!(restored.status, 0, "{restored:?}: a failed backup spoils no good one");
    assert_equal(&home, &simulator).await;
}

#[tokio::test]
async fn the_doctor_sees_what_is_wrong() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    let (status, found) = findings(&home).await;
    assert_eq!(status, 0, "{found:?}");
    for check in ["config", "data", "database file", "database", "login", "reachability", "holds", "terminal"]
    {
        assert_eq!(state_of(&found, check), "ok", "{found:?}");
    }
    assert_eq!(state_of(&found, "engine"), "warning");

    std::fs::set_permissions(home.database(), std::fs::Permissions::from_mode(0o644)).unwrap();
    let (status, found) = findings(&home).await;
    assert_eq!((status, state_of(&found, "database file")), (1, "bad"));
    std::fs::set_permissions(home.database(), std::fs::Permissions::from_mode(0o600)).unwrap();

    let nobody = super::support::ended(home.anonymous(&["doctor"])).await;
    assert!(nobody.status == 1 && nobody.stdout.contains("phonolog login"), "{nobody:?}");
    home.configure("[gate]\nbrust = 1\n");
    let (status, found) = findings(&home).await;
    assert_eq!((status, state_of(&found, "config")), (1, "bad"));
}

#[tokio::test]
async fn an_unreachable_spotify_is_told() {
    let home = Home::at("http://127.0.0.1:9");
    let (status, found) = findings(&home).await;
    assert_eq!((status, state_of(&found, "reachability")), (1, "bad"), "{found:?}");
}

#[tokio::test]
async fn everything_is_forgotten_once_it_is_confirmed_and_nothing_else() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    let mine = home.data_dir().join("mine.txt");
    std::fs::write(&mine, "precious").unwrap();
    std::fs::write(home.data_dir().join("token.json"), "{}").unwrap();
    let asked = home.run(&["forget"]).await;
    assert_eq!(asked.status, 1, "{asked:?}");
    assert!(home.database().exists());
    {
        let _daemon = Daemon::start(&home).await;
        let refused = home.run(&["forget", "--yes"]).await;
        assert_eq!(refused.status, 1, "{refused:?}");
        assert!(home.database().exists());
    }
    let done = home.run(&["forget", "--yes"]).await;
    assert_eq!(done.status, 0, "{done:?}");
    let left: Vec<_> =
        std::fs::read_dir(home.data_dir()).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left, ["mine.txt"]);
}

#[tokio::test]
async fn runs_and_logs_are_shown() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    home.sync().await;
    let runs = home.run(&["runs", "--json"]).await.stdout;
    let runs: Vec<Value> = runs.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(runs.len(), 2);
    assert_eq!((&runs[0]["mode"], &runs[1]["mode"]), (&json!("incremental"), &json!("initial")));
    assert_eq!(home.run(&["runs", "--limit", "1", "--json"]).await.stdout.lines().count(), 1);
    assert!(home.run(&["runs"]).await.stdout.contains("initial"));
    let logs = home.run(&["logs", "--lines", "3"]).await;
    assert!(logs.status == 0 && (1..=3).contains(&logs.stdout.lines().count()), "{logs:?}");
}

#[tokio::test]
async fn a_line_of_the_log_names_its_run_entity_and_page_at_every_level() {
    let simulator =
        Simulator::start(&["--tracks", "120", "--albums", "0", "--artists", "0", "--playlists", "0"]);
    let home = Home::new(&simulator);
    let once = json!({ "match": "/v1/me/tracks", "kind": "status", "status": 502, "after": 1, "count": 1 });
    simulator.fault(once).await;
    home.sync().await;
    let log = home.run(&["logs", "--lines", "1000"]).await.stdout;
    let tried_again = "INFO run{id=1}:entity{name=tracks}:page{offset=50}: phonolog::engine::jobs::retry: ";
    assert!(log.contains(tried_again), "{log}");

    simulator.fault(json!({ "match": "/v1/me/albums", "kind": "status", "status": 404 })).await;
    let mut warnings_alone = home.command(&["sync"]);
    warnings_alone.env("PHONOLOG_LOG", "warn");
    assert_eq!(ended(warnings_alone).await.status, 1);
    let all = home.run(&["logs", "--lines", "1000"]).await.stdout;
    let added = all.strip_prefix(&log).unwrap();
    assert!(!added.contains("INFO"), "{added}");
    assert!(added.contains("WARN run{id=2}:entity{name=albums}: phonolog::engine::run: "), "{added}");
}

#[tokio::test]
async fn who_follows_the_log_gets_what_comes_until_interrupted() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    let newest = home.run(&["logs", "--lines", "1"]).await.stdout;
    let mut following =
        home.command(&["logs", "--follow", "--lines", "1"]).stdout(Stdio::piped()).spawn().unwrap();
    let (send, lines) = std::sync::mpsc::channel();
    let told = BufReader::new(following.stdout.take().unwrap());
    let reading =
        std::thread::spawn(move || told.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
    assert_eq!(lines.recv_timeout(PATIENCE).unwrap(), newest.trim_end());
    assert!(lines.try_recv().is_err(), "one line was asked for");

    home.sync().await;
    let come = home.run(&["logs", "--lines", "1000"]).await.stdout;
    let (_, come) = come.split_once(&newest).unwrap();
    assert!(!come.is_empty(), "a sync says nothing");
    for expected in come.lines() {
        assert_eq!(lines.recv_timeout(PATIENCE).unwrap(), expected);
    }
    let pid = rustix::process::Pid::from_child(&following);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(following.wait().unwrap().code(), Some(0));
    reading.join().unwrap().unwrap();
}

#[tokio::test]
async fn completions_and_manual_pages_name_every_command() {
    let home = Home::at("http://127.0.0.1:9");
    for shell in ["bash", "zsh", "fish"] {
        let script = home.run(&["completions", shell]).await;
        assert!(script.status == 0 && script.stdout.contains("daemon"), "{shell}");
    }
    let page = home.run(&["man"]).await.stdout;
    assert!(page.contains(".TH") && page.contains("backup"), "{page}");
    let dir = home.dir.path().join("man");
    assert_eq!(home.run(&["man", "--dir", dir.to_str().unwrap()]).await.status, 0);
    assert!(dir.join("phonolog-daemon.1").exists());
}

#[tokio::test]
async fn every_command_has_examples_in_its_help() {
    let home = Home::at("http://127.0.0.1:9");
    let help = home.run(&["--help"]).await.stdout;
    let commands = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let names =
        commands.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    let names: Vec<_> =
        names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").collect();
    assert!(names.len() > 15, "{names:?}");
    for name in names {
        let help = home.run(&[name, "--help"]).await.stdout;
        assert!(help.contains("Examples:"), "{name}: {help}");
    }
}

/// Somebody's daemon is on the same database: status tells what it knows, not what the database says.
#[tokio::test]
async fn status_asks_the_engine_that_runs() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let _daemon = Daemon::start(&home).await;
    wait_until_synced(&home).await;
    let next = until("a next look at the plays", async || {
        status(&home).await["plays"]["next_poll_at"].as_str().map(str::to_owned)
    })
    .await;
    assert!(next.ends_with('Z'), "only the engine knows: {next}");
    assert!(home.run(&["status"]).await.stdout.contains("running in a daemon"));
}

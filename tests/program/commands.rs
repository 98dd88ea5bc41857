//! What commands print, and with which status they end.

use serde_json::Value;

use super::browser::paste_back;
use super::support::{BINARY, Home, Simulator, ended};

const LIBRARY: [&str; 10] =
    ["--tracks", "60", "--albums", "12", "--artists", "9", "--playlists", "6", "--plays", "4"];

#[tokio::test]
async fn the_demo_runs_once_without_a_terminal() {
    let mut command = std::process::Command::new(BINARY);
    command.args(["demo", "--once"]).stdin(std::process::Stdio::null());
    let ended = ended(command).await;
    assert_eq!(ended.status, 0, "{ended:?}");
    assert!(ended.stdout.contains("Spotify asks for a pause"), "{ended:?}");
    assert!(ended.stdout.lines().last().unwrap().starts_with("done: "), "{ended:?}");
}

#[tokio::test]
async fn status_as_json_has_what_programs_rely_on() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    let status: Value = serde_json::from_str(&home.run(&["status", "--json"]).await.stdout).unwrap();
    assert_eq!(status["protocol"], 1);
    assert_eq!(status["engine"], "none");
    assert_eq!(status["plays"]["stored"], 4);
    assert_eq!(status["plays"]["gaps"], 0);
    assert!(status["database"].as_str().unwrap().starts_with("sqlite:"));
    let entities = status["entities"].as_array().unwrap();
    let tracks = entities.iter().find(|entity| entity["entity_type"] == "tracks").unwrap();
    assert_eq!((&tracks["done"], &tracks["total"]), (&Value::from(60), &Value::from(60)));
    assert_eq!((&tracks["mode"], &tracks["state"]), (&Value::from("incremental"), &Value::from("idle")));
    for field in ["last_synced_at", "next_due_at"] {
        assert!(tracks[field].as_str().unwrap().ends_with('Z'), "{tracks}");
    }
    assert_eq!(tracks["error"], Value::Null);
    let limit = &status["rate_limits"].as_array().unwrap()[0];
    assert!(limit["requests_remaining"].as_u64().unwrap() < 300, "{limit}");
    assert_eq!(status["not_mirrored"].as_array().unwrap().len(), 3);
    let people = home.run(&["status"]).await.stdout;
    assert!(people.contains("60/60") && people.contains("saved shows, episodes, audiobooks"), "{people}");
}

#[tokio::test]
async fn status_before_anything_was_recorded_says_so_and_makes_nothing() {
    let home = Home::at("http://127.0.0.1:9");
    let ended = home.run(&["status"]).await;
    assert_eq!(ended.status, 0, "{ended:?}");
    assert!(ended.stdout.contains("phonolog login"), "{ended:?}");
    assert!(!home.data_dir().exists());
}

#[tokio::test]
async fn a_database_elsewhere_is_made_where_it_is_named() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let elsewhere = home.dir.path().join("else/where/music.db");
    let mut command = home.command(&["sync", "artists"]);
    command.arg("--database").arg(format!("sqlite:{}", elsewhere.display()));
    let ended = ended(command).await;
    assert_eq!(ended.status, 0, "{ended:?}");
    assert!(elsewhere.exists() && !home.database().exists());
}

#[tokio::test]
async fn sync_for_programs_is_one_json_object_a_line() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let ended = home.run(&["sync", "--json", "tracks", "plays"]).await;
    let events: Vec<Value> = ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = events.last().unwrap();
    assert_eq!(last["event"], "finished");
    assert_eq!(last["run"]["status"], "done");
    assert_eq!(home.query("select * from v_saved_albums").await.len(), 0, "only what was named is read");
}

#[tokio::test]
async fn contents_alone_work_from_the_stored_list_and_are_never_whole_before_it_is() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let early = home.run(&["sync", "playlist_items"]).await;
    assert_eq!(early.status, 1, "{early:?}");
    assert!(early.stderr.contains("sync playlists"), "{early:?}");
    let complete = "select is_initial_complete as done from sync_state where entity_type = 'playlist_items'";
    assert_eq!(home.query(complete).await, [serde_json::json!({ "done": 0 })]);
    assert_eq!(home.run(&["sync", "playlists"]).await.status, 0);
    simulator.delete("/sim/requests").await;
    assert_eq!(home.run(&["sync", "playlist_items"]).await.status, 0);
    assert_eq!(home.query(complete).await, [serde_json::json!({ "done": 1 })]);
    let asked = simulator.get("/sim/requests").await;
    assert_eq!(asked["by_endpoint"]["/v1/me/playlists"], Value::Null, "{asked}");
}

#[tokio::test]
async fn the_secret_of_the_login_stands_nowhere() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.configure("[gate]\nrequests_per_second = 0\n[log]\nfilter = \"trace\"\n");
    home.sync().await;
    let mut folders = vec![home.data_dir()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
                continue;
            }
            let bytes = std::fs::read(entry.path()).unwrap();
            let secret = b"secret-of-the-tests";
            assert!(
                !bytes.windows(secret.len()).any(|window| window == secret),
                "{}",
                entry.path().display()
            );
        }
    }
}

#[tokio::test]
async fn a_login_by_pasting_back_is_kept_and_used() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let client = "0123456789abcdef0123456789abcdef";
    let redirected = paste_back(&home, &simulator, client, |url| url).await;
    assert_eq!(redirected.status, 0, "{redirected:?}");
    let mut sync = home.anonymous(&["sync", "tracks"]);
    sync.env("PHONOLOG_CLIENT_ID", client);
    let synced = ended(sync).await;
    assert_eq!(synced.status, 0, "{synced:?}");
    assert_eq!(home.query("select * from v_saved_tracks").await.len(), 60);
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(home.data_dir().join("token.json")).unwrap().permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_pasted_address_with_the_wrong_state_is_refused() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let spoil = |url: String| url.replace("state=", "state=x");
    let refused = paste_back(&home, &simulator, "0123456789abcdef0123456789abcdef", spoil).await;
    assert_eq!(refused.status, 1, "{refused:?}");
    assert_eq!(refused.stderr.lines().count(), 1, "{refused:?}");
    assert!(!home.data_dir().join("token.json").exists());
}

#[tokio::test]
async fn an_interrupted_sync_keeps_everything_and_goes_on() {
    let simulator = Simulator::start(&[
        "--tracks",
        "400",
        "--albums",
        "5",
        "--artists",
        "5",
        "--playlists",
        "2",
        "--latency-ms",
        "50",
    ]);
    let home = Home::new(&simulator);
    let mut child = home.command(&["sync"]).spawn().unwrap();
    simulator.wait_for_requests(4).await;
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(
        home.query("select status from sync_runs").await,
        [serde_json::json!({ "status": "cancelled" })]
    );
    let kept = home.query("select count(*) as n from v_saved_tracks").await[0]["n"].as_u64().unwrap();
    assert!((50..400).contains(&kept), "{kept} tracks");
    home.sync().await;
    super::truth::assert_equal(&home, &simulator).await;
}

#[tokio::test]
async fn the_first_command_of_the_readme_and_its_test_command_stand_where_ci_looks_for_them() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let first = |command: &str| readme.lines().find(|line| line.starts_with(command)).map(str::to_owned);
    assert_eq!(first("cargo run").as_deref(), Some("cargo run --locked -- demo"));
    assert_eq!(first("cargo test").as_deref(), Some("cargo test --locked"));
}

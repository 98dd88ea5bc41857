//! Where secrets lie: what a kill leaves of them, and folders and files that are not for them.

use std::fs::Permissions;
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use rustix::fs::{CWD, Mode, mkfifoat};
use serde_json::{Value, json};

use super::bad_input::assert_sentence;
use super::browser::paste_back;
use super::daemon::{Daemon, status, until};
use super::support::{Ended, Home, Simulator, ended};
use super::terminal::PATIENCE;

const LIBRARY: [&str; 10] =
    ["--tracks", "30", "--albums", "5", "--artists", "5", "--playlists", "2", "--plays", "5"];
const CLIENT: &str = "0123456789abcdef0123456789abcdef";

async fn logged_in(simulator: &Simulator) -> Home {
    let home = Home::new(simulator);
    let login = paste_back(&home, simulator, CLIENT, |url| url).await;
    assert_eq!(login.status, 0, "{login:?}");
    home
}

async fn run(home: &Home, args: &[&str]) -> Ended {
    let mut command = home.anonymous(args);
    command.env("PHONOLOG_CLIENT_ID", CLIENT);
    ended(command).await
}

fn write_privately(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}

fn secrets(home: &Home) -> Vec<String> {
    let entries = std::fs::read_dir(home.data_dir()).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.contains("token")).collect();
    names.sort();
    names
}

/// Has Spotify renew the stored login and leaves what a process leaves that is killed before the new one is put in
/// its place.
async fn killed_before_the_rename(home: &Home, simulator: &Simulator, left: &str) {
    let file = home.data_dir().join("token.json");
    let mut login: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", login["refresh_token"].as_str().unwrap()),
        ("client_id", CLIENT),
    ];
    let url = format!("{}/api/token", simulator.base);
    let answer = reqwest::Client::new().post(url).form(&form).send().await.unwrap();
    let grant: Value = answer.json().await.unwrap();
    for name in ["access_token", "refresh_token"] {
        login[name] = grant[name].clone();
    }
    let later: chrono::DateTime<chrono::Utc> = login["expires_at"].as_str().unwrap().parse().unwrap();
    login["expires_at"] = json!(later + chrono::TimeDelta::seconds(1));
    write_privately(&home.data_dir().join(left), &login.to_string());
}

#[tokio::test]
async fn a_rotated_login_that_a_kill_left_beside_is_taken_up() {
    for left in ["token.json.4711", "token.json.aB3dE9.new"] {
        let simulator = Simulator::start(&LIBRARY);
        let home = logged_in(&simulator).await;
        killed_before_the_rename(&home, &simulator, left).await;
        write_privately(&home.data_dir().join("token.json.99"), "{\"access_tok");
        simulator.post("/sim/token", json!({ "expire": true })).await;
        let found = run(&home, &["doctor"]).await;
        assert!(found.stdout.contains(left), "{found:?}");
        let synced = run(&home, &["sync", "tracks"]).await;
        assert_eq!(synced.status, 0, "{synced:?}");
        assert_eq!(secrets(&home), ["token.json"]);
        let found = run(&home, &["doctor"]).await;
        assert!(!found.stdout.contains("was killed"), "{found:?}");
    }
}

#[tokio::test]
async fn logout_and_forget_leave_nothing_of_a_login_that_a_kill_left() {
    let simulator = Simulator::start(&LIBRARY);
    for command in [["logout"].as_slice(), &["forget", "--yes"]] {
        let home = logged_in(&simulator).await;
        killed_before_the_rename(&home, &simulator, "token.json.4711").await;
        write_privately(&home.data_dir().join("api-token.aB3dE9.new"), "abc");
        write_privately(&home.data_dir().join("token.json.aB3dE9.new"), "");
        let dropped = run(&home, command).await;
        assert_eq!(dropped.status, 0, "{dropped:?}");
        assert!(secrets(&home).iter().all(|name| name.starts_with("api-token")), "{:?}", secrets(&home));
        assert!(command[0] == "logout" || secrets(&home).is_empty());
        // Nor does a later start bring it back.
        write_privately(&home.dir.path().join("gone"), "");
        assert_eq!(run(&home, &["sync"]).await.status, 3);
    }
}

#[tokio::test]
async fn no_login_is_kept_where_others_can_write() {
    let simulator = Simulator::start(&LIBRARY);
    let home = logged_in(&simulator).await;
    let theirs = home.dir.path().join("theirs");
    std::fs::write(&theirs, "").unwrap();
    for number in 1..2_000 {
        let _ = symlink(&theirs, home.data_dir().join(format!("token.json.{number}")));
    }
    std::fs::set_permissions(home.data_dir(), Permissions::from_mode(0o777)).unwrap();
    simulator.post("/sim/token", json!({ "expire": true })).await;
    assert_sentence(
        &run(&home, &["sync"]).await,
        3,
        &["other users can write to the directory", "chmod go-w"],
    );
    let login = run(&home, &["login", "--no-browser"]).await;
    assert_sentence(&login, 1, &["other users can write to the directory", "chmod go-w"]);
    let doctor = run(&home, &["doctor"]).await;
    assert!(doctor.status == 1 && doctor.stdout.contains("chmod go-w"), "{doctor:?}");
    assert_eq!(std::fs::read_to_string(&theirs).unwrap(), "");
    std::fs::set_permissions(home.data_dir(), Permissions::from_mode(0o700)).unwrap();
    assert_eq!(run(&home, &["sync", "tracks"]).await.status, 0);
    assert_eq!(std::fs::read_to_string(&theirs).unwrap(), "");
}

#[tokio::test]
async fn a_pipe_in_place_of_a_secret_is_refused_at_once() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    std::fs::create_dir(home.data_dir()).unwrap();
    let pipe = |name: &str| mkfifoat(CWD, home.data_dir().join(name), Mode::RUSR | Mode::WUSR).unwrap();
    pipe("token.json");
    assert_sentence(&run(&home, &["sync"]).await, 3, &["it is a pipe", "phonolog login"]);
    pipe("api-token");
    home.configure("[gate]\nrequests_per_second = 0\n[api]\nlisten = \"127.0.0.1:0\"\n");
    assert_sentence(&home.run(&["daemon"]).await, 1, &["it is a pipe"]);
}

#[tokio::test]
async fn half_an_api_token_is_made_anew() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    std::fs::create_dir(home.data_dir()).unwrap();
    home.configure("[gate]\nrequests_per_second = 0\n[api]\nlisten = \"127.0.0.1:0\"\n");
    let file = home.data_dir().join("api-token");
    for broken in ["", "0123456789abc"] {
        write_privately(&file, broken);
        drop(Daemon::start(&home).await);
        assert_eq!(std::fs::read_to_string(&file).unwrap().trim().len(), 64);
    }
    assert_eq!(secrets(&home), ["api-token"]);
}

#[tokio::test]
async fn a_webhook_of_this_machine_is_told_without_a_proxy() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let (hook, proxy) =
        (TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("127.0.0.1:0").unwrap());
    let url = format!("http://{}/secret-topic", hook.local_addr().unwrap());
    home.configure(&format!("[gate]\nrequests_per_second = 0\n[alerts]\nwebhook = \"{url}\"\n"));
    simulator
        .fault(json!({ "match": "/v1/me/albums", "kind": "status", "status": 429, "retry_after": 86_400,
                       "reason": "QUOTA_EXCEEDED", "count": 1 }))
        .await;
    let mut command = home.command(&["daemon"]);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env(name, format!("http://{}", proxy.local_addr().unwrap()));
    }
    let _daemon = Daemon::start_as(&home, command).await;
    until("an alert", async || (!status(&home).await["alerts"].as_array()?.is_empty()).then_some(())).await;
    hook.set_nonblocking(true).unwrap();
    let (mut stream, _) = until("a call of the webhook", async || hook.accept().ok()).await;
    stream.set_nonblocking(false).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut begin = [0; 19];
    stream.read_exact(&mut begin).unwrap();
    assert_eq!(&begin, b"POST /secret-topic ");
    proxy.set_nonblocking(true).unwrap();
    assert!(proxy.accept().is_err(), "the proxy was asked");
}

#[tokio::test]
async fn a_unit_that_systemd_could_not_read_is_not_written() {
    let home = Home::at("http://127.0.0.1:9");
    let unit = home.dir.path().join("xdg/systemd/user/phonolog.service");
    let mut command = home.command(&["daemon", "--install"]);
    command.env("PHONOLOG_DATA_DIR", home.dir.path().join("a\nExecStartPre=b"));
    assert_sentence(&ended(command).await, 1, &["cannot be written into a unit"]);
    assert!(!unit.exists());
    let mut command = home.command(&["daemon", "--install"]);
    command.env("PHONOLOG_DATA_DIR", home.dir.path().join("a b%h$x\"y'z"));
    let written = ended(command).await;
    assert_eq!(written.status, 0, "{written:?}");
    let text = std::fs::read_to_string(&unit).unwrap();
    assert!(text.contains(r#"a b%%h$$x\"y'z""#), "{text}");
}

//! The engine without a screen: how it runs, who may attach, what signals do, and what is left of it.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::support::{Home, SLOW_LIBRARY, Simulator, ended};
use super::terminal::PATIENCE;
use super::truth::assert_equal;

const LIBRARY: [&str; 10] =
    ["--tracks", "260", "--albums", "60", "--artists", "55", "--playlists", "12", "--plays", "5"];

/// A daemon in a process of its own, ended with the test.
pub struct Daemon(pub Child);

impl Daemon {
    /// Starts one and waits until it answers.
    pub async fn start(home: &Home) -> Self {
        Self::start_as(home, home.command(&["daemon"])).await
    }

    pub async fn start_as(home: &Home, mut command: Command) -> Self {
        let mut daemon = Self(command.spawn().unwrap());
        until("an engine that answers", async || {
            assert!(daemon.0.try_wait().unwrap().is_none(), "the daemon ended");
            (status(home).await["host"] == "daemon").then_some(())
        })
        .await;
        daemon
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.0), signal).unwrap();
    }

    /// Waits for the end; gives its status.
    pub async fn ended(&mut self) -> Option<i32> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.code();
            }
            assert!(Instant::now() < deadline, "the daemon did not end");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Asks again and again, for a minute at most.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "{what} was waited for in vain");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub async fn status(home: &Home) -> Value {
    // While a database is being made there is none to tell of.
    serde_json::from_str(&home.run(&["status", "--json"]).await.stdout).unwrap_or_default()
}

/// Waits until the daemon has mirrored everything.
pub async fn wait_until_synced(home: &Home) {
    until("a finished sync", async || (status(home).await["run"]["status"] == "done").then_some(())).await;
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// As curl would: an HTTP request over the socket, and the answer's body.
fn ask(home: &Home, request: &str) -> String {
    let mut stream = UnixStream::connect(home.socket()).unwrap();
    stream
        .write_all(format!("{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes())
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test]
async fn a_daemon_records_and_answers_and_ends_by_a_signal() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let mut daemon = Daemon::start(&home).await;
    wait_until_synced(&home).await;
    assert_equal(&home, &simulator).await;
    assert!(ask(&home, "GET /healthz").starts_with("HTTP/1.1 200"));
    let runs = ask(&home, "GET /v1/runs");
    assert!(runs.contains("\"status\":\"done\"") && runs.contains("\"protocol\":1"), "{runs}");
    let told = ask(&home, "GET /v1/status");
    let told: Value = serde_json::from_str(told.split_once("\r\n\r\n").unwrap().1).unwrap();
    let printed = status(&home).await;
    let shape = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(shape(&told), shape(&printed), "one shape");
    assert_eq!(told["database"], format!("sqlite:{}", home.database().display()));

    let socket = home.socket();
    assert_eq!((mode(&socket), mode(socket.parent().unwrap())), (0o600, 0o700));
    assert_eq!((mode(&home.database()), mode(&home.data_dir())), (0o600, 0o700));
    for entry in std::fs::read_dir(home.data_dir().join("logs")).unwrap().flatten() {
        assert_eq!(mode(&entry.path()) & 0o077, 0, "{}", entry.path().display());
    }
    assert_eq!(mode(&home.data_dir().join("logs")), 0o700);

    daemon.signal(Signal::TERM);
    assert_eq!(daemon.ended().await, Some(0));
    assert!(!socket.exists(), "the socket was left behind");
    assert_eq!(status(&home).await["engine"], "none");
}

#[tokio::test]
async fn sigterm_in_mid_sync_ends_it_between_two_pages_within_five_seconds() {
    let simulator = Simulator::start(&SLOW_LIBRARY);
    let home = Home::new(&simulator);
    let mut daemon = Daemon::start(&home).await;
    simulator.wait_for_requests(5).await;
    let asked_to_end = Instant::now();
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.ended().await, Some(0));
    assert!(asked_to_end.elapsed() < Duration::from_secs(5), "{:?}", asked_to_end.elapsed());
    let running = home.query("select id from sync_runs where status = 'running'").await;
    assert!(running.is_empty(), "{running:?}");
    home.sync().await;
    assert_equal(&home, &simulator).await;
}

#[tokio::test]
async fn a_second_engine_is_told_who_holds_the_database_and_after_a_kill_the_next_takes_over_at_once() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let mut first = Daemon::start(&home).await;
    let second = home.run(&["daemon"]).await;
    assert_eq!(second.status, 1, "{second:?}");
    assert!(second.stderr.contains(&format!("process {}", first.0.id())), "{second:?}");
    assert_eq!(second.stderr.lines().count(), 1, "{second:?}");

    first.signal(Signal::KILL);
    assert_eq!(first.ended().await, None);
    assert!(home.socket().exists(), "a kill leaves the socket");
    let _next = Daemon::start(&home).await;
    wait_until_synced(&home).await;
    assert_equal(&home, &simulator).await;
}

#[tokio::test]
async fn a_hangup_reads_the_config_again_and_what_is_faulty_changes_nothing() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let daemon = Daemon::start(&home).await;
    wait_until_synced(&home).await;
    assert_eq!(status(&home).await["daily_budget"], 300);

    home.configure("[gate]\nrequests_per_second = 0\ndaily_budget = 123\n");
    daemon.signal(Signal::HUP);
    until("another budget", async || (status(&home).await["daily_budget"] == 123).then_some(())).await;

    home.configure("[gate]\nrequests_per_second = 0\ndaily_budget = 77\nburst = 9\n");
    let reloaded: Value = serde_json::from_str(&home.run(&["reload", "--json"]).await.stdout).unwrap();
    assert_eq!(reloaded, json!({ "changed": ["gate.daily_budget"], "needs_restart": ["gate.burst"] }));
    home.configure("[gate]\nbrust = 9\n");
    let mut command = home.command(&["reload"]);
    // The command's own reading of the config must not be what fails.
    let good = home.dir.path().join("good.toml");
    std::fs::write(&good, "").unwrap();
    command.env("PHONOLOG_CONFIG", &good);
    let refused = ended(command).await;
    assert_eq!(refused.status, 1, "{refused:?}");
    assert!(
        refused.stderr.contains("gate.burst") && refused.stderr.contains("were not changed"),
        "{refused:?}"
    );
    home.configure("[gate]\nrequests_per_second = 0\n");
}

#[tokio::test]
async fn the_service_manager_is_told() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let path = home.dir.path().join("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    manager.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut command = home.command(&["daemon"]);
    command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "200000");
    let mut daemon = Daemon(command.spawn().unwrap());
    let heard = |wanted: &str| {
        let mut bytes = [0; 1024];
        loop {
            let count = manager.recv(&mut bytes).unwrap();
            let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
            if text.contains(wanted) {
                return;
            }
        }
    };
    heard("READY=1");
    heard("WATCHDOG=1");
    heard("STATUS=last sync done");
    daemon.signal(Signal::TERM);
    heard("STOPPING=1");
    assert_eq!(daemon.ended().await, Some(0));
}

#[tokio::test]
async fn the_unit_is_written_and_removed_and_a_strangers_is_left_alone() {
    let home = Home::at("http://127.0.0.1:9");
    home.configure("");
    let unit = home.dir.path().join("xdg/systemd/user/phonolog.service");
    let wrote = home.run(&["daemon", "--install"]).await;
    assert_eq!(wrote.status, 0, "{wrote:?}");
    assert!(wrote.stdout.contains(&unit.display().to_string()), "{wrote:?}");
    assert!(wrote.stdout.contains("systemctl --user enable --now phonolog"), "{wrote:?}");
    let text = std::fs::read_to_string(&unit).unwrap();
    let data = format!("daemon --data-dir \"{}\"", home.data_dir().display());
    assert!(text.contains(&data) && !text.contains("@PHONOLOG@"), "{text}");
    assert_eq!(home.run(&["daemon", "--uninstall"]).await.status, 0);
    assert!(!unit.exists());
    let nothing = home.run(&["daemon", "--uninstall"]).await;
    assert!(nothing.status == 0 && nothing.stdout.contains("nothing was removed"), "{nothing:?}");
    std::fs::write(&unit, "[Unit]\n").unwrap();
    for flag in ["--install", "--uninstall"] {
        let refused = home.run(&["daemon", flag]).await;
        assert_eq!((refused.status, refused.stderr.lines().count()), (1, 1), "{refused:?}");
    }
    assert_eq!(std::fs::read_to_string(&unit).unwrap(), "[Unit]\n");
}

#[tokio::test]
async fn a_socket_folder_that_others_can_enter_is_not_used() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let folder = home.runtime_dir().join("phonolog");
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
    let told = home.dir.path().join("stderr");
    let mut command = home.command(&["daemon"]);
    command.stderr(std::fs::File::create(&told).unwrap());
    let _daemon = Daemon(command.spawn().unwrap());
    wait_until_synced(&home).await;
    let told = std::fs::read_to_string(told).unwrap();
    assert!(told.contains("other users can enter it") && told.contains("recording continues"), "{told}");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
}

#[tokio::test]
async fn over_tcp_the_token_of_the_data_folder_opens_and_nothing_tells_it() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    home.configure(&format!(
        "[gate]\nrequests_per_second = 0\n[api]\nlisten = \"127.0.0.1:{port}\"\n[log]\nfilter = \"trace\"\n"
    ));
    let _daemon = Daemon::start(&home).await;
    let file = home.data_dir().join("api-token");
    until("the token", async || file.exists().then_some(())).await;
    assert_eq!(mode(&file), 0o600);
    let token = std::fs::read_to_string(&file).unwrap().trim().to_owned();
    let http = reqwest::Client::new();
    let url = format!("http://127.0.0.1:{port}/v1/status");
    assert_eq!(http.get(&url).send().await.unwrap().status(), 401);
    let told = http.get(&url).bearer_auth(&token).send().await.unwrap();
    assert_eq!(told.status(), 200);
    assert!(!told.text().await.unwrap().contains(&token));
    let doctor = home.run(&["doctor"]).await;
    assert!(!doctor.stdout.contains(&token) && !doctor.stdout.contains("secret-of-the-tests"), "{doctor:?}");
    for entry in std::fs::read_dir(home.data_dir().join("logs")).unwrap().flatten() {
        let log = std::fs::read_to_string(entry.path()).unwrap();
        assert!(!log.contains(&token) && !log.contains("secret-of-the-tests"));
    }
}

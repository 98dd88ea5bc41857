//! Files that a backup must not replace, addresses and sockets, and the unit of the service.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};

use super::super::daemon::{Daemon, status, until, wait_until_synced};
use super::super::support::{Home, Simulator, ended};
use super::{LIBRARY, NOWHERE, names};

#[tokio::test]
async fn no_backup_replaces_a_file_of_phonologs_own() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    let folder = home.data_dir();
    std::fs::write(folder.join("token.json"), "{}").unwrap();
    std::fs::write(folder.join("api-token"), "x").unwrap();
    std::fs::write(folder.join("phonolog.db.before-7"), "x").unwrap();
    std::fs::hard_link(home.database(), home.dir.path().join("second-name")).unwrap();
    symlink(folder.join("phonolog.db-wal"), home.dir.path().join("link")).unwrap();
    symlink(&folder, home.dir.path().join("link-to-folder")).unwrap();
    let own = [
        "data/phonolog.db",
        "data/phonolog.db-wal",
        "data/phonolog.db-shm",
        "data/phonolog.db-journal",
        "data/phonolog.db.lock",
        "data/phonolog.db.writers",
        "data/phonolog.db.before-7",
        "data/token.json",
        "data/api-token",
        "data/../data/phonolog.db-wal",
        "link-to-folder/phonolog.db-shm",
        "link",
        "second-name",
        "config.toml",
    ];
    let before = names(&folder);
    for name in own {
        let target = home.dir.path().join(name).display().to_string();
        let refused = home.run(&["backup", "--force", &target]).await;
        assert_eq!((refused.status, refused.stderr.lines().count()), (1, 1), "{name}: {refused:?}");
    }
    assert_eq!(names(&folder), before);
    let beside = folder.join("phonolog.db.bak").display().to_string();
    assert_eq!(home.run(&["backup", &beside]).await.status, 0);
}

#[tokio::test]
async fn an_api_on_every_network_is_told_everywhere() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    for address in ["0.0.0.0:0", "[::]:0"] {
        home.configure(&format!("[gate]\nrequests_per_second = 0\n[api]\nlisten = \"{address}\"\n"));
        let told = "listens on every network";
        let checked = home.run(&["config", "--check"]).await;
        assert!(checked.status == 0 && checked.stderr.contains(told), "{checked:?}");
        assert!(home.run(&["doctor"]).await.stdout.contains(told));
        {
            let _daemon = Daemon::start(&home).await;
            wait_until_synced(&home).await;
            until("the alert", async || {
                let alerts = status(&home).await["alerts"].clone();
                alerts.as_array()?.iter().any(|alert| alert["kind"] == "exposed").then_some(())
            })
            .await;
        }
        assert!(home.run(&["status"]).await.stdout.contains(told), "no engine runs");
    }
}

#[tokio::test]
async fn recording_goes_on_where_the_socket_has_no_place() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    std::fs::write(home.runtime_dir().join("phonolog"), "somebody else's").unwrap();
    let mut command = home.command(&["daemon"]);
    command.stderr(std::fs::File::create(home.dir.path().join("stderr")).unwrap());
    let mut daemon = Daemon(command.spawn().unwrap());
    until("a finished sync", async || {
        assert!(daemon.0.try_wait().unwrap().is_none(), "the daemon ended");
        let status = status(&home).await;
        (status["run"]["status"] == "done" && status["engine"] == "running").then_some(())
    })
    .await;
    let said = std::fs::read_to_string(home.dir.path().join("stderr")).unwrap();
    assert!(said.contains("recording continues"), "{said}");
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.ended().await, Some(0));
}

#[tokio::test]
async fn reload_finds_the_engine_wherever_other_commands_do() {
    if Path::new(&format!("/run/user/{}", rustix::process::geteuid().as_raw())).exists() {
        return; // There the socket lies in it.
    }
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let mut command = home.command(&["daemon"]);
    command.env_remove("XDG_RUNTIME_DIR").env("TMPDIR", home.dir.path());
    let daemon = Daemon(command.spawn().unwrap());
    until("an engine that reads its config again", async || {
        let mut command = home.command(&["reload"]);
        command.env("TMPDIR", home.dir.path());
        (ended(command).await.status == 0).then_some(())
    })
    .await;
    kill_process(Pid::from_child(&daemon.0), Signal::TERM).unwrap();
}

/// An address that nobody listens at.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[tokio::test]
async fn idle_connections_without_the_token_keep_nobody_out() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let address = free_address();
    home.configure(&format!("[gate]\nrequests_per_second = 0\n[api]\nlisten = \"{address}\"\n"));
    let _daemon = Daemon::start(&home).await;
    let token = std::fs::read_to_string(home.data_dir().join("api-token")).unwrap();
    // Idle connections are cut off after five seconds; who has the token must not have to wait for that. A busy
    // machine may be slow to answer once, but not each time.
    let http = reqwest::Client::builder().timeout(std::time::Duration::from_secs(4)).build().unwrap();
    let mut idle = Vec::new();
    for _ in 0..5 {
        // More than there is room for, anew for each question.
        idle.extend((0..200).map(|_| TcpStream::connect(address).unwrap()));
        let url = format!("http://{address}/v1/status");
        if let Ok(answer) = http.get(url).bearer_auth(token.trim()).send().await {
            assert_eq!(answer.status(), 200);
            return;
        }
    }
    panic!("nobody with the token was let in");
}

#[tokio::test]
async fn the_installed_unit_is_shut_off_and_systemd_understands_it() {
    let home = Home::at(NOWHERE);
    home.configure("");
    let wrote = home.run(&["daemon", "--install"]).await;
    assert_eq!(wrote.status, 0, "{wrote:?}");
    let unit = home.dir.path().join("xdg/systemd/user/phonolog.service");
    let text = std::fs::read_to_string(&unit).unwrap();
    assert!(text.contains("LimitCORE=0\n") && !text.contains("/bin/kill"), "{text}");
    assert!(home.data_dir().is_dir(), "the service may write to it only if it is there");
    if !text.contains("PrivateUsers=yes") {
        return; // This kernel lets nobody make user namespaces.
    }
    let rated = Command::new("systemd-analyze").args(["security", "--offline=true"]).arg(&unit).output();
    let Ok(rated) = rated else { return }; // systemd is not on this machine
    let said = String::from_utf8_lossy(&rated.stdout);
    let line = said.lines().find(|line| line.contains("Overall exposure level"));
    let Some(line) = line else { return }; // This one cannot do it offline.
    let level: f64 = line.split(": ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(level < 2.5, "{said}");
    let faults = String::from_utf8_lossy(&rated.stderr);
    assert!(!faults.contains("Unknown key") && !faults.contains("Failed to parse"), "{faults}");
}

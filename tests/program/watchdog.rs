//! What the service manager hears of a daemon that is at work, so that it does not kill it.

use std::io::Write;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::time::{Duration, Instant};

use super::daemon::{Daemon, status, until};
use super::support::{Home, Simulator};
use super::terminal::PATIENCE;

/// As in the unit, but shorter: after so long without a beat the manager kills the daemon.
const WATCHDOG: Duration = Duration::from_secs(4);

/// The manager's end of the socket.
struct Manager {
    socket: UnixDatagram,
    last_beat: Instant,
}

impl Manager {
    /// A daemon that was started by a manager.
    fn start(home: &Home) -> (Self, Daemon) {
        let path = home.dir.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut command = home.command(&["daemon"]);
        command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", WATCHDOG.as_micros().to_string());
        let daemon = Daemon(command.spawn().unwrap());
        let mut manager = Self { socket, last_beat: Instant::now() };
        while manager.hear() != "READY=1" {}
        manager.last_beat = Instant::now();
        (manager, daemon)
    }

    /// The next word; the daemon must not have been silent for longer than the manager bears.
    fn hear(&mut self) -> String {
        let mut bytes = [0; 1024];
        let count = self.socket.recv(&mut bytes).unwrap();
        let word = String::from_utf8_lossy(&bytes[..count]).trim().to_owned();
        if word == "WATCHDOG=1" {
            self.last_beat = Instant::now();
        }
        assert!(self.last_beat.elapsed() < WATCHDOG, "no beat for {:?}", self.last_beat.elapsed());
        word
    }

    fn hear_beats(&mut self, count: usize) {
        let mut heard = 0;
        while heard < count {
            heard += usize::from(self.hear() == "WATCHDOG=1");
        }
    }
}

#[tokio::test]
async fn a_daemon_in_a_long_sync_is_not_taken_for_dead() {
    let library = ["--tracks", "900", "--albums", "0", "--artists", "0", "--playlists", "20"];
    let simulator = Simulator::start(&[&library[..], &["--plays", "5", "--latency-ms", "300"]].concat());
    let home = Home::new(&simulator);
    let (mut manager, _daemon) = Manager::start(&home);
    let began = Instant::now();
    let mut statuses = 0;
    loop {
        let word = manager.hear();
        statuses += usize::from(word.starts_with("STATUS="));
        if word.starts_with("STATUS=last sync done") {
            break;
        }
    }
    assert!(began.elapsed() > WATCHDOG, "too short a sync to say anything: {:?}", began.elapsed());
    assert!(statuses > 1, "the manager is told what is done");
}

/// Snapshots come faster than beats for as long as somebody looks.
#[tokio::test]
async fn a_daemon_that_is_looked_at_is_not_taken_for_dead() {
    let library = ["--tracks", "5", "--albums", "0", "--artists", "0", "--playlists", "0", "--plays", "5"];
    let simulator = Simulator::start(&library);
    let home = Home::new(&simulator);
    home.configure(
        "[gate]\nrequests_per_second = 0\ndaily_budget = 100000\n[sync]\nplayback_interval = \"1s\"\nlibrary_interval = \"1s\"\n",
    );
    let (mut manager, _daemon) = Manager::start(&home);
    until("an engine that answers", async || (status(&home).await["host"] == "daemon").then_some(())).await;
    let mut screen = UnixStream::connect(home.socket()).unwrap();
    screen.write_all(b"GET /v1/events?screen=true HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    manager.last_beat = Instant::now();
    manager.hear_beats(4);
}

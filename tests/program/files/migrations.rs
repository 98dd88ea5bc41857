//! Migrations and restores, killed, stopped and followed.

use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::json;

use super::super::daemon::Daemon;
use super::super::support::{Home, ended};
use super::super::terminal::PATIENCE;
use super::{NOWHERE, Running, names, number, older, version};

#[tokio::test]
async fn a_migration_killed_at_any_moment_is_harmless() {
    const PLAYS: i64 = 60_000;
    let home = Home::at(NOWHERE);
    let before = older(&home, PLAYS).await;
    let (mut delay, mut kills) = (Duration::ZERO, 0);
    // Any command that writes; each time it lives a little longer.
    while version(&home).await == before {
        let mut writer = Running::start(home.anonymous(&["pause"]));
        let began = Instant::now();
        while began.elapsed() < delay && writer.is_running() {
            std::thread::yield_now();
        }
        writer.kill();
        kills += 1;
        assert_eq!(number(&home, "select count(*) as n from plays").await, PLAYS);
        let whole = home.query("select integrity_check as n from pragma_integrity_check").await;
        assert_eq!(whole, [json!({ "n": "ok" })], "after {delay:?}");
        delay += Duration::from_millis(60);
    }
    assert!(kills > 3, "the migration was too quick to be killed");
    let paused = home.run(&["pause"]).await;
    assert_eq!(paused.status, 0, "{paused:?}");
    let copies = names(&home.data_dir());
    let copies: Vec<_> =
        copies.iter().filter(|name| name.contains(".before-") || name.contains(".part")).collect();
    assert_eq!(copies, [&format!("phonolog.db.before-{before}")]);
    assert_eq!(home.run(&["doctor", "--json"]).await.stdout.matches("\"check\":\"leftover\"").count(), 0);
}

#[tokio::test]
async fn a_migration_is_told_to_the_service_manager_and_ends_soon_by_a_signal() {
    const PLAYS: i64 = 120_000;
    let home = Home::at(NOWHERE);
    let before = older(&home, PLAYS).await;
    let socket = home.dir.path().join("notify");
    let heard = UnixDatagram::bind(&socket).unwrap();
    heard.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut command = home.command(&["daemon"]);
    command.env("NOTIFY_SOCKET", &socket);
    let mut daemon = Daemon(command.spawn().unwrap());
    let mut buffer = [0; 4096];
    let mut all = String::new();
    while !all.contains("upgrading the database: 1 of") {
        let length = heard.recv(&mut buffer).unwrap();
        all.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
        all.push('\n');
    }
    assert!(all.contains("EXTEND_TIMEOUT_USEC=60000000") && !all.contains("READY=1"), "{all}");
    let signalled = Instant::now();
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.ended().await, Some(0));
    assert!(signalled.elapsed() < Duration::from_secs(10), "the unit gives it 15 s");
    assert_eq!(version(&home).await, before);
    let done = ended(home.anonymous(&["pause"])).await;
    assert_eq!(done.status, 0, "{done:?}");
    assert!(done.stderr.contains("upgrading the database"), "{done:?}");
    assert_eq!(number(&home, "select count(*) as n from v_plays").await, PLAYS);
}

#[tokio::test]
async fn a_restore_killed_at_any_moment_leaves_the_old_or_the_new_database() {
    let home = Home::at(NOWHERE);
    older(&home, 20_000).await;
    let copy = home.dir.path().join("copy.db").display().to_string();
    assert_eq!(home.run(&["pause"]).await.status, 0);
    assert_eq!(home.run(&["backup", &copy]).await.status, 0);
    home.execute("delete from settings").await;
    home.execute("update accounts set user_id = 'another'").await;
    let mut delay = Duration::ZERO;
    loop {
        let mut restore = Running::start(home.anonymous(&["restore", &copy]));
        let began = Instant::now();
        while began.elapsed() < delay && restore.is_running() {
            std::thread::yield_now();
        }
        let is_done = !restore.is_running();
        restore.kill();
        // The next start; it finishes what was begun, or leaves it.
        let next = home.run(&["resume"]).await;
        assert_eq!(next.status, 0, "after {delay:?}: {next:?}");
        let user = home.query("select user_id as n from accounts").await;
        assert!(user == [json!({ "n": "another" })] || user == [json!({ "n": "sim-user" })], "{user:?}");
        assert_eq!(number(&home, "select count(*) as n from plays").await, 20_000);
        let left = names(&home.data_dir());
        assert!(!left.iter().any(|name| name.contains(".restor") || name.contains(".part")), "{left:?}");
        if is_done {
            assert_eq!(user, [json!({ "n": "sim-user" })]);
            break;
        }
        delay += Duration::from_millis(40);
    }
}

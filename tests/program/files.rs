//! The files of the database: who may write beside whom, what a kill leaves, and what happens when they are moved,
//! full or read-only.

use std::io::Write;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use super::daemon::{Daemon, status, until, wait_until_synced};
use super::support::{Home, Simulator, ended};

const LIBRARY: [&str; 10] =
    ["--tracks", "60", "--albums", "12", "--artists", "9", "--playlists", "6", "--plays", "4"];
/// Nobody answers there.
const NOWHERE: &str = "http://127.0.0.1:9";

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// A privacy export of so many rows.
fn export(home: &Home, rows: usize) -> PathBuf {
    let path = home.dir.path().join("endsong_0.json");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    let mut between = "[";
    for number in 0..rows {
        let at = chrono::DateTime::from_timestamp(1_500_000_000 + 200 * i64::try_from(number).unwrap(), 0)
            .unwrap();
        let row = json!({
            "ts": at.format("%Y-%m-%dT%H:%M:%SZ").to_string(), "ms_played": 199_000,
            "spotify_track_uri": format!("spotify:track:{}", number % 500), "master_metadata_track_name": "Song",
            "master_metadata_album_artist_name": "Somebody",
        });
        write!(file, "{between}{row}").unwrap();
        between = ",";
    }
    file.write_all(b"]").unwrap();
    file.into_inner().unwrap();
    path
}

/// A process that is killed where the test ends before it.
struct Running(Child);

impl Running {
    fn start(mut command: Command) -> Self {
        Self(command.spawn().unwrap())
    }

    fn is_running(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }

    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An import that has stored something and goes on for long.
async fn long_import(home: &Home) -> Running {
    let path = export(home, 300_000);
    let mut import = Running::start(home.anonymous(&["import", path.to_str().unwrap()]));
    until("rows of the import", async || {
        assert!(import.is_running(), "the import ended");
        let log = std::fs::metadata(home.data_dir().join("phonolog.db-wal"));
        (log.is_ok_and(|log| log.len() > 500_000)).then_some(())
    })
    .await;
    import
}

#[tokio::test]
async fn neither_restore_nor_forget_runs_beside_an_import_nor_an_import_beside_them() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    let copy = home.dir.path().join("copy.db").display().to_string();
    assert_eq!(home.run(&["backup", &copy]).await.status, 0);
    let mut import = long_import(&home).await;
    for args in [vec!["restore", copy.as_str()], vec!["forget", "--yes"]] {
        let refused = home.run(&args).await;
        assert_eq!((refused.status, refused.stderr.lines().count()), (1, 1), "{refused:?}");
        let named = format!("(process {}: an import)", import.0.id());
        assert!(refused.stderr.contains(&named), "{refused:?}");
        assert!(import.is_running(), "what was tried came too late");
    }
    // A sync may run beside it, and another import.
    home.sync().await;
    assert!(import.is_running(), "the sync came too late");
    import.kill();
    assert_eq!(home.run(&["restore", &copy]).await.status, 0);

    // The other way round: the restore's lock, held by somebody else.
    let lock = home.data_dir().join("phonolog.db.writers");
    let Ok(holder) = Command::new("flock").args([lock.as_os_str(), "sleep".as_ref(), "60".as_ref()]).spawn()
    else {
        return; // util-linux is not on this machine
    };
    let _holder = Running(holder);
    until("the lock", async || {
        let refused = home.run(&["import", &copy]).await;
        (refused.status == 1 && refused.stderr.contains("at work on this database")).then_some(())
    })
    .await;
}

/// A database of an older phonolog with so many plays.
async fn older(home: &Home, plays: i64) -> i64 {
    std::fs::create_dir_all(home.data_dir()).unwrap();
    let options = SqliteConnectOptions::new().filename(home.database()).create_if_missing(true);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let all = Migrator::new(folder).await.unwrap();
    let some: Vec<_> = all.iter().take(7).cloned().collect();
    let version = some.last().unwrap().version;
    Migrator::with_migrations(some).run(&pool).await.unwrap();
    sqlx::raw_sql(
        "insert into accounts (account_id, user_id, created_at) values (1, 'sim-user', '');
         insert into export_items (id, names, uri) values (1, '{}', 'spotify:track:x');
         insert into export_circumstances (id, fields) values (1, '{}');",
    )
    .execute(&pool)
    .await
    .unwrap();
    let rows = "with recursive n(i) as (select 1 union all select i + 1 from n where i < ?1)
                insert into export_rows (id, account_id, format, ended_ms, ms_played, item_id, circumstances_id)
                select i, 1, 'extended', 1500000000000 + i * 200000, 199000, 1, 1 from n";
    sqlx::query(rows).bind(plays).execute(&pool).await.unwrap();
    sqlx::raw_sql(
        "insert into plays (account_id, played_at, uri, ms_played, source, export_row_id)
         select 1, strftime('%Y-%m-%dT%H:%M:%S.000Z', ended_ms / 1000, 'unixepoch'), 'spotify:track:x', ms_played,
                'extended', id
         from export_rows",
    )
    .execute(&pool)
    .await
    .unwrap();
    pool.close().await;
    version
}

async fn number(home: &Home, sql: &'static str) -> i64 {
    home.query(sql).await[0]["n"].as_i64().unwrap()
}

async fn version(home: &Home) -> i64 {
    number(home, "select max(version) as n from _sqlx_migrations").await
}

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
        copies.iter().filter(|name| name.contains(".before-") || name.ends_with(".part")).collect();
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
    heard.set_read_timeout(Some(super::terminal::PATIENCE)).unwrap();
    let mut command = home.command(&["daemon"]);
    command.env("NOTIFY_SOCKET", &socket);
    let mut daemon = Daemon(command.spawn().unwrap());
    let mut buffer = [0; 4096];
    let mut all = String::new();
    while !all.contains("bringing the database up to date: 1 of") {
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
    assert!(done.stderr.contains("bringing the database up to date"), "{done:?}");
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
        assert!(!left.iter().any(|name| name.contains(".restor") || name.ends_with(".part")), "{left:?}");
        if is_done {
            assert_eq!(user, [json!({ "n": "sim-user" })]);
            break;
        }
        delay += Duration::from_millis(40);
    }
}

#[tokio::test]
async fn a_daemon_and_an_import_make_a_new_database_together() {
    for _ in 0..4 {
        let simulator = Simulator::start(&LIBRARY);
        let home = Home::new(&simulator);
        let path = export(&home, 20);
        let daemon = Daemon(home.command(&["daemon"]).spawn().unwrap());
        let import = home.run(&["import", path.to_str().unwrap()]).await;
        assert_eq!(import.status, 0, "{import:?}");
        wait_until_synced(&home).await;
        drop(daemon);
        assert_eq!(number(&home, "select count(*) as n from export_rows").await, 20);
    }
}

#[tokio::test]
async fn a_database_that_is_deleted_under_a_daemon_is_noticed_and_what_it_held_is_kept() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let told = home.dir.path().join("told");
    home.configure(&format!(
        "[gate]\nrequests_per_second = 0\n[alerts]\ncommand = [\"sh\", \"-c\", \"cat > {}\"]\n",
        told.display()
    ));
    let mut command = home.command(&["daemon"]);
    command.stderr(std::fs::File::create(home.dir.path().join("stderr")).unwrap());
    let mut daemon = Daemon::start_as(&home, command).await;
    wait_until_synced(&home).await;
    let tracks = number(&home, "select count(*) as n from v_saved_tracks").await;
    for name in ["phonolog.db", "phonolog.db-wal", "phonolog.db-shm"] {
        std::fs::remove_file(home.data_dir().join(name)).unwrap();
    }
    assert_eq!(daemon.ended().await, Some(1), "so that the service manager starts it again");
    let said = std::fs::read_to_string(home.dir.path().join("stderr")).unwrap();
    assert!(said.contains("was deleted or replaced while phonolog ran"), "{said}");
    let alert: Value = serde_json::from_str(&std::fs::read_to_string(told).unwrap()).unwrap();
    assert_eq!((&alert["kind"], &alert["state"]), (&json!("storage"), &json!("raised")));
    let kept = names(&home.data_dir());
    let kept = kept.iter().find(|name| name.contains(".before-replaced-")).unwrap();
    assert!(said.contains(kept), "{said}");
    let kept = home.data_dir().join(kept).display().to_string();
    assert_eq!(home.run(&["restore", &kept]).await.status, 0);
    assert_eq!(number(&home, "select count(*) as n from v_saved_tracks").await, tracks);
}

#[tokio::test]
async fn a_lock_file_that_is_deleted_lets_no_second_engine_in_and_is_made_again() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let mut daemon = Daemon::start(&home).await;
    let lock = home.data_dir().join("phonolog.db.lock");
    std::fs::remove_file(&lock).unwrap();
    let second = home.run(&["daemon"]).await;
    assert_eq!(second.status, 1, "{second:?}");
    assert!(second.stderr.contains("another phonolog"), "{second:?}");
    until("a new lock file", async || lock.exists().then_some(())).await;
    let pid = daemon.0.id().to_string();
    until("the holder in it", async || {
        std::fs::read_to_string(&lock).unwrap().starts_with(&format!("{pid}\nengine\n")).then_some(())
    })
    .await;
    let second = home.run(&["daemon"]).await;
    assert!(second.status == 1 && second.stderr.contains(&pid), "{second:?}");
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.ended().await, Some(0));
    assert!(home.run(&["logs"]).await.stdout.contains("the lock file was deleted or replaced"));
}

/// A file system of its own; `None` where this user may mount none.
struct Mount(PathBuf);

impl Mount {
    fn tmpfs(at: &Path, options: &str) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(at).output();
        if mounted.is_ok_and(|mounted| mounted.status.success()) {
            return Some(Self(at.to_owned()));
        }
        eprintln!("not tested: this user may not mount a file system");
        None
    }

    fn make_read_only(&self) {
        let remounted = Command::new("mount").args(["-o", "remount,ro"]).arg(&self.0).status().unwrap();
        assert!(remounted.success());
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test]
async fn everything_is_read_from_a_read_only_file_system() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let Some(mount) = Mount::tmpfs(&home.data_dir(), "mode=700") else { return };
    home.sync().await;
    mount.make_read_only();
    let copy = home.dir.path().join("copy.db").display().to_string();
    let commands: [&[&str]; 7] = [
        &["status"],
        &["stats"],
        &["changes"],
        &["runs"],
        &["export", "tracks"],
        &["backup", &copy],
        &["changes", "tracks", "--as-of", "2099-01-01"],
    ];
    for args in commands {
        let read = home.run(args).await;
        assert!(
            !read.stderr.contains("cannot be written") && !read.stderr.contains("read-only"),
            "{args:?}: {read:?}"
        );
        if args[0] != "changes" {
            assert_eq!(read.status, 0, "{args:?}: {read:?}");
        }
    }
    let doctor = home.run(&["doctor"]).await;
    assert!(doctor.stdout.contains("every page, index and reference is as it should be"), "{doctor:?}");
    let refused = home.run(&["sync"]).await;
    assert_eq!((refused.status, refused.stderr.lines().count()), (1, 1), "{refused:?}");
}

#[tokio::test]
async fn a_log_that_was_left_on_a_read_only_file_system_is_told_with_what_to_do() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let Some(mount) = Mount::tmpfs(&home.data_dir(), "mode=700") else { return };
    {
        // Killed, it leaves its log.
        let _daemon = Daemon::start(&home).await;
        wait_until_synced(&home).await;
    }
    std::fs::remove_file(home.data_dir().join("phonolog.db-shm")).unwrap();
    assert!(home.data_dir().join("phonolog.db-wal").metadata().unwrap().len() > 0);
    mount.make_read_only();
    let refused = home.run(&["stats"]).await;
    assert_eq!((refused.status, refused.stderr.lines().count()), (1, 1), "{refused:?}");
    assert!(refused.stderr.contains("copy") && refused.stderr.contains("-wal"), "{refused:?}");

    let elsewhere = home.dir.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    for name in ["phonolog.db", "phonolog.db-wal"] {
        std::fs::copy(home.data_dir().join(name), elsewhere.join(name)).unwrap();
    }
    let url = format!("sqlite:{}", elsewhere.join("phonolog.db").display());
    assert_eq!(home.run(&["stats", "--database", &url]).await.status, 0);
}

#[tokio::test]
async fn a_migration_that_has_no_room_says_so_before_it_begins() {
    let home = Home::at(NOWHERE);
    let Some(_mount) = Mount::tmpfs(&home.data_dir(), "mode=700,size=24m") else { return };
    let before = older(&home, 60_000).await;
    let refused = home.run(&["pause"]).await;
    assert_eq!((refused.status, refused.stderr.lines().count()), (1, 1), "{refused:?}");
    assert!(refused.stderr.contains("needs about") && refused.stderr.contains("are free"), "{refused:?}");
    assert_eq!(version(&home).await, before);
    assert!(!names(&home.data_dir()).iter().any(|name| name.contains(".before-")));
}

#[tokio::test]
async fn a_disk_without_inodes_is_told_as_a_full_one() {
    let home = Home::at(NOWHERE);
    let Some(_mount) = Mount::tmpfs(&home.data_dir(), "mode=700,nr_inodes=4") else { return };
    for number in 0..8 {
        if std::fs::write(home.data_dir().join(number.to_string()), "").is_err() {
            break;
        }
    }
    let refused = home.run(&["sync"]).await;
    assert_eq!(refused.status, 1, "{refused:?}");
    assert!(refused.stderr.contains("full") && !refused.stderr.contains("owner and mode"), "{refused:?}");
}

#[tokio::test]
async fn what_a_killed_dry_run_leaves_is_told_and_removed_by_the_next_start_and_by_forget() {
    let home = Home::at(NOWHERE);
    older(&home, 200).await;
    assert_eq!(home.run(&["pause"]).await.status, 0);
    let path = export(&home, 200_000).display().to_string();
    for removed_by in [vec!["resume"], vec!["forget", "--yes"]] {
        let mut trial = Running::start(home.anonymous(&["import", "--dry-run", &path]));
        let is_trial = |name: &String| name.starts_with(".phonolog-trial-");
        until("the copy of a dry run", async || {
            assert!(trial.is_running(), "the dry run ended");
            let names = names(&home.data_dir());
            let folder = names.iter().find(|name| is_trial(name))?;
            home.data_dir().join(folder).join("trial.db").exists().then_some(())
        })
        .await;
        let busy = home.run(&["doctor", "--json"]).await.stdout;
        assert!(!busy.contains("\"check\":\"leftover\""), "it runs still: {busy}");
        trial.kill();
        let found = home.run(&["doctor", "--json"]).await.stdout;
        assert!(found.contains("\"check\":\"leftover\"") && found.contains(".phonolog-trial-"), "{found}");
        let done = home.run(&removed_by).await;
        assert_eq!(done.status, 0, "{done:?}");
        let left = if home.data_dir().exists() { names(&home.data_dir()) } else { Vec::new() };
        assert!(!left.iter().any(is_trial), "{removed_by:?}: {left:?}");
    }
}

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
    assert!(said.contains("recording goes on"), "{said}");
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

//! What commands print: into full disks, closed pipes, terminals, and to readers who take their time.

use std::io::{Read, Write};
use std::process::Command;

use pty_process::Size;
use pty_process::blocking::{Command as PtyCommand, open};
use serde_json::{Value, json};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use super::support::{Home, Simulator, ended};

const LIBRARY: [&str; 10] =
    ["--tracks", "60", "--albums", "3", "--artists", "3", "--playlists", "3", "--plays", "4"];

/// A home in which everything has something to print.
async fn recorded() -> (Simulator, Home) {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    simulator.mutate(json!({ "op": "save_tracks", "count": 2 })).await;
    home.sync().await;
    let row = json!([{ "ts": "2020-01-01T10:00:00Z", "ms_played": 90_000, "spotify_track_uri": "spotify:track:x" }]);
    std::fs::write(home.dir.path().join("endsong_0.json"), row.to_string()).unwrap();
    (simulator, home)
}

/// Every command that prints something and ends by itself.
fn commands(home: &Home) -> Vec<Vec<String>> {
    let file = home.dir.path().join("endsong_0.json").display().to_string();
    let backup = |number: u32| home.dir.path().join(format!("backup{number}.db")).display().to_string();
    let lists = home.dir.path().join("lists").display().to_string();
    let (one, other) = (backup(1), backup(2));
    let lines = [
        "status",
        "status --json",
        "sync",
        "sync --json",
        "sync --plan",
        "sync --plan --json",
        "stats",
        "stats --json",
        "stats top-tracks",
        "stats days --json",
        "changes",
        "changes --json",
        "changes --as-of 0s",
        "changes --as-of 0s --json",
        "runs",
        "runs --json",
        "logs",
        "doctor",
        "doctor --json",
        "export tracks",
        "export plays --form jsonl",
        "export changes",
        "export playlists --form m3u8",
        "config",
        "config --sample",
        "config --check",
        "completions bash",
        "man",
        "daemon --uninstall",
    ];
    let mut commands: Vec<Vec<String>> =
        lines.iter().map(|line| line.split(' ').map(str::to_owned).collect()).collect();
    for line in [
        vec!["import", &file],
        vec!["import", "--json", &file],
        vec!["import", "--dry-run", &file],
        vec!["backup", &one],
        vec!["backup", "--json", &other],
        vec!["export", "tracks", "--to", &lists],
    ] {
        commands.push(line.into_iter().map(str::to_owned).collect());
    }
    commands
}

fn command(home: &Home, args: &[String]) -> Command {
    home.command(&args.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Every byte that a program sends to its terminal.
fn on_a_terminal(command: Command) -> String {
    let (mut pty, pts) = open().unwrap();
    pty.resize(Size::new(40, 120)).unwrap();
    let mut child = PtyCommand::from(command).spawn(pts).unwrap();
    // Whoever draws a screen ends with that, and the test has something to look at.
    pty.write_all(b"q").unwrap();
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    // Once nobody holds the other end, Linux answers with an error, macOS with an end of file.
    while let Ok(count @ 1..) = pty.read(&mut piece) {
        bytes.extend_from_slice(&piece[..count]);
    }
    child.wait().unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_output_that_cannot_be_written_is_one_sentence_and_no_success() {
    let (_simulator, home) = recorded().await;
    for args in commands(&home) {
        let mut command = command(&home, &args);
        command.stdout(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
        let told = ended(command).await;
        assert_eq!((told.status, told.stderr.lines().count()), (1, 1), "{args:?}: {told:?}");
        assert!(
            told.stderr.contains("cannot be written completely (No space left on device)"),
            "{args:?}: {told:?}"
        );
    }
}

#[tokio::test]
async fn a_reader_that_has_left_is_no_fault() {
    let (_simulator, home) = recorded().await;
    for args in commands(&home) {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = command(&home, &args);
        command.stdout(writer);
        let told = ended(command).await;
        // What doctor finds is its own matter.
        let is_well = told.status == 0 || args[0] == "doctor";
        assert!(is_well && told.stderr.is_empty(), "{args:?}: {told:?}");
    }
}

#[tokio::test]
async fn a_reader_who_takes_an_hour_keeps_nobody_from_emptying_the_log() {
    let (_simulator, home) = recorded().await;
    home.execute(
        "insert into library_changes (account_id, run_id, observed_at, entity_type, change, item_key, uri, name, detail)
         select account_id, run_id, observed_at, entity_type, change, item_key, uri, name, detail
         from library_changes, json_each('[' || rtrim(replace(hex(zeroblob(4000)), '00', '1,'), ',') || ']')",
    )
    .await;
    let lines: [&[&str]; 4] = [
        &["export", "changes"],
        &["changes"],
        &["changes", "--json"],
        &["export", "changes", "--form", "jsonl"],
    ];
    for args in lines {
        let mut child = home.command(args).spawn().unwrap();
        let mut output = child.stdout.take().unwrap();
        output.read_exact(&mut [0]).unwrap();
        // More than a pipe holds is still to come.
        home.execute("update accounts set display_name = 'another'").await;
        let options = SqliteConnectOptions::new().filename(home.database());
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
        let emptied = sqlx::query("pragma wal_checkpoint(truncate)").fetch_one(&pool).await.unwrap();
        pool.close().await;
        assert_eq!(emptied.get::<i64, _>(0), 0, "{args:?} keeps the log");
        assert_eq!(child.try_wait().unwrap(), None, "{args:?} had more to print");
        let mut rest = Vec::new();
        output.read_to_end(&mut rest).unwrap();
        assert!(rest.len() > 256 * 1024, "{args:?}: {}", rest.len());
        assert!(child.wait().unwrap().success(), "{args:?}");
    }
}

#[tokio::test]
async fn a_name_beyond_all_measure_is_cut_in_lines_and_whole_for_programs() {
    let (_simulator, home) = recorded().await;
    home.execute("update tracks set name = 'n' || replace(hex(zeroblob(50000)), '00', 'ab')").await;
    home.execute("update library_changes set name = 'n' || replace(hex(zeroblob(50000)), '00', 'ab')").await;
    home.execute("update accounts set display_name = replace(hex(zeroblob(50000)), '00', 'ab')").await;
    home.execute("update sync_state set last_error = replace(hex(zeroblob(50000)), '00', 'ab')").await;
    let lines: [&[&str]; 7] = [
        &["status"],
        &["changes"],
        &["changes", "--as-of", "0s"],
        &["stats"],
        &["stats", "top-tracks"],
        &["runs"],
        &["doctor"],
    ];
    for args in lines {
        let told = home.run(args).await;
        let longest = told.stdout.lines().map(str::len).max().unwrap_or_else(|| panic!("{args:?}: {told:?}"));
        assert!((10..3_000).contains(&longest), "{args:?}: {longest}");
    }
    for args in [&["changes", "--json"][..], &["export", "tracks"]] {
        let told = home.run(args).await;
        assert!(told.stdout.lines().any(|line| line.len() > 100_000), "{args:?}");
    }
}

#[tokio::test]
async fn what_is_not_known_stays_unknown_in_an_export() {
    let (_simulator, home) = recorded().await;
    home.execute("update tracks set explicit = true").await;
    home.execute(
        "update tracks set explicit = null where track_id in (select track_id from saved_tracks limit 30)",
    )
    .await;
    let told = home.run(&["export", "tracks", "--form", "jsonl"]).await;
    let rows: Vec<Value> = told.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (known, unknown): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row["explicit"] == true);
    assert!(!known.is_empty() && !unknown.is_empty());
    assert!(unknown.iter().all(|row| row["explicit"].is_null()), "{unknown:?}");
    let csv = home.run(&["export", "tracks"]).await.stdout;
    assert!(!csv.contains(",false,") && csv.contains(",true,"), "{csv}");
}

#[tokio::test]
async fn a_terminal_is_steered_by_nothing_that_is_printed_on_it() {
    let (_simulator, home) = recorded().await;
    for table in ["tracks", "library_changes"] {
        let name = "'S' || char(27) || ']2;evil' || char(7) || char(155) || '2Jx' || char(8238) || char(127)";
        let pool = SqlitePoolOptions::new().max_connections(1);
        let pool = pool.connect_with(SqliteConnectOptions::new().filename(home.database())).await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(format!("update {table} set name = {name}")))
            .execute(&pool)
            .await
            .unwrap();
        pool.close().await;
    }
    for args in [
        &["export", "tracks"][..],
        &["export", "tracks", "--form", "jsonl"],
        &["export", "tracks", "--raw"],
        &["changes", "--json"],
        &["changes"],
        &["stats", "top-tracks", "--json"],
    ] {
        let text = on_a_terminal(home.command(args));
        assert!(text.contains('S'), "{args:?}: {text}");
        let steers = |letter: &char| letter.is_control() && !matches!(letter, '\r' | '\n' | '\t');
        assert_eq!(text.chars().find(steers), None, "{args:?}: {text:?}");
        assert!(!text.contains('\u{202e}'), "{args:?}");
    }
    let piped = home.run(&["export", "tracks"]).await.stdout;
    assert!(piped.contains("S\u{1b}]2;evil\u{7}\u{9b}2Jx\u{202e}\u{7f}"), "{piped:?}");
}

#[tokio::test]
async fn a_terminal_without_a_cursor_gets_the_status() {
    let (_simulator, home) = recorded().await;
    let mut command = home.command(&[]);
    command.env("TERM", "dumb");
    let text = on_a_terminal(command);
    assert!(text.contains("next due") && text.contains("tracks"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text:?}");
}

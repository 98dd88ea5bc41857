//! `phonolog changes`: what changed, and the library as it was.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::bad_input::assert_sentence;
use super::support::{Home, Simulator, ended};
use super::terminal::Terminal;

const LIBRARY: [&str; 10] =
    ["--tracks", "90", "--albums", "12", "--artists", "9", "--playlists", "6", "--seed", "5"];

fn now() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn edits() -> Value {
    json!([
        { "op": "save_tracks", "count": 7 }, { "op": "remove_tracks", "count": 3 },
        { "op": "save_albums", "count": 2 }, { "op": "remove_albums", "count": 1 },
        { "op": "follow_artists", "count": 2 }, { "op": "unfollow_artists", "count": 1 },
        { "op": "create_playlists", "count": 1 }, { "op": "delete_playlists", "count": 1 },
        { "op": "edit_playlist", "add": 3, "remove": 1, "move": 2 },
    ])
}

/// What `phonolog changes` says to programs.
async fn told(home: &Home, args: &[&str]) -> Vec<Value> {
    let ended = home.run(&[&["changes", "--json"], args].concat()).await;
    assert_eq!((ended.status, ended.stderr.as_str()), (0, ""), "{args:?}");
    ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Some fields of every row.
fn only(rows: &Value, fields: &[&str]) -> Vec<Value> {
    let row = |row: &Value| fields.iter().map(|field| row[*field].clone()).collect();
    rows.as_array().unwrap().iter().map(row).collect()
}

/// The same without an order.
fn sorted(mut rows: Vec<Value>) -> Vec<Value> {
    rows.sort_by_key(ToString::to_string);
    rows
}

/// Holds the library as of a time against what the simulator said then.
async fn assert_was(home: &Home, at: &str, truth: &Value) {
    let past = async |args: &[&str]| Value::Array(told(home, &[&["--as-of", at], args].concat()).await);
    let saved = ["uri", "added_at"];
    assert_eq!(only(&past(&[]).await, &saved), only(&truth["tracks"], &saved));
    let albums = only(&past(&["--entity", "albums"]).await, &saved);
    assert_eq!(sorted(albums), sorted(only(&truth["albums"], &saved)));
    let artists = only(&past(&["--entity", "artists"]).await, &["uri"]);
    assert_eq!(sorted(artists), sorted(only(&truth["artists"], &["uri"])));
    let lists = past(&["--entity", "playlists"]).await;
    assert_eq!(only(&lists, &["playlist_id", "name"]), only(&truth["playlists"], &["id", "name"]));
    let readable = truth["playlists"].as_array().unwrap().iter().filter(|list| list["readable"] == true);
    for (n, list) in readable.enumerate() {
        // By id, uri and name in turn.
        let id = list["id"].as_str().unwrap();
        let called = match n % 3 {
            0 => id.to_owned(),
            1 => format!("spotify:playlist:{id}"),
            _ => list["name"].as_str().unwrap().to_owned(),
        };
        let slot = ["uri", "kind", "added_at"];
        let items = past(&["--playlist", &called]).await;
        assert_eq!(only(&items, &slot), only(&list["items"], &slot), "{called}");
    }
}

#[tokio::test]
async fn the_library_as_of_a_time_is_what_it_was_then() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let mut versions = Vec::new();
    for seed in 0..4 {
        home.sync().await;
        versions.push((now(), simulator.get("/sim/truth").await));
        simulator.mutate(edits()).await;
        simulator.mutate(json!([{ "op": "random", "ops": 20, "seed": seed }])).await;
    }
    home.sync().await;
    // Everything again, with nothing changed, changes no past.
    assert_eq!(home.run(&["sync", "--full"]).await.status, 0);
    for (at, truth) in &versions {
        assert_was(&home, at, truth).await;
    }
    assert_was(&home, &now(), &simulator.get("/sim/truth").await).await;
}

#[tokio::test]
async fn changes_for_programs_are_the_rows_of_the_view() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    assert_eq!(told(&home, &[]).await, Vec::<Value>::new());
    simulator.mutate(edits()).await;
    home.sync().await;
    let between = now();
    simulator.mutate(edits()).await;
    home.sync().await;

    let mut view = home.query("select * from v_library_changes order by id").await;
    for row in &mut view {
        row["detail"] = serde_json::from_str(row["detail"].as_str().unwrap()).unwrap();
    }
    assert_eq!(told(&home, &[]).await, view);
    let seen = |row: &Value| row["observed_at"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    let (before, after): (Vec<Value>, Vec<Value>) =
        view.iter().cloned().partition(|row| seen(row) < between.parse::<DateTime<Utc>>().unwrap());
    assert!(!before.is_empty() && !after.is_empty());
    assert_eq!(told(&home, &["--since", &between]).await, after);
    assert_eq!(told(&home, &["--until", &between]).await, before);
    assert_eq!(told(&home, &["--since", "1h", "--limit", "3"]).await, view[view.len() - 3..]);
    let of = |entity: &'static str| view.iter().filter(move |row| row["entity_type"] == entity).cloned();
    let two = told(&home, &["--entity", "albums", "--entity", "artists"]).await;
    assert_eq!(sorted(two), sorted(of("albums").chain(of("artists")).collect()));
    let gone = of("playlists").find(|row| row["change"] == "removed").unwrap();
    let about = told(&home, &["--playlist", gone["uri"].as_str().unwrap()]).await;
    assert!(about.contains(&gone), "{about:?}");
}

#[tokio::test]
async fn people_get_a_line_per_change_under_its_day() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    let quiet = home.run(&["changes"]).await;
    assert_eq!((quiet.status, quiet.stdout.lines().count()), (0, 1), "{quiet:?}");
    simulator.mutate(edits()).await;
    home.sync().await;

    let text = home.run(&["changes"]).await.stdout;
    let mut lines = text.lines();
    let day = lines.next().unwrap();
    assert!(chrono::NaiveDate::parse_from_str(day, "%a %Y-%m-%d").is_ok(), "{day}");
    let rows = told(&home, &[]).await;
    for (line, row) in lines.filter(|line| line.starts_with("  ")).zip(&rows) {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(
            (words[1], words[2]),
            (row["change"].as_str().unwrap(), row["entity_type"].as_str().unwrap())
        );
        assert!(line.contains(row["name"].as_str().unwrap().trim()), "{line}: {row}");
    }
    // The second that a line shows is late enough to have it.
    let last = text.lines().last().unwrap().split_whitespace().next().unwrap();
    let day = text.lines().rfind(|line| !line.is_empty() && !line.starts_with(' ')).unwrap();
    let then = told(&home, &["--as-of", &format!("{} {last}", &day[4..]), "--entity", "artists"]).await;
    assert_eq!(then.len(), 10);
    let past = home.run(&["changes", "--as-of", &now(), "--entity", "artists"]).await.stdout;
    assert_eq!(past.lines().next().unwrap().split(": ").last(), Some("10"), "{past}");
    assert_eq!(past.lines().count(), 11, "{past}");
}

#[tokio::test]
async fn lines_are_as_wide_as_the_terminal_and_no_wider() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    simulator.mutate(edits()).await;
    home.sync().await;
    let piped = home.run(&["changes"]).await.stdout;
    let mut terminal = Terminal::open(home.command(&["changes"]), 56, 60);
    assert_eq!(terminal.ended().code(), Some(0));
    let shown = terminal.text();
    let beginnings = |text: &str| -> Vec<String> {
        text.lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| line.chars().take(37).collect())
            .collect()
    };
    assert!(piped.lines().any(|line| line.chars().count() > 56), "{piped}");
    assert_eq!(beginnings(&shown), beginnings(&piped), "no line was wrapped");
}

#[tokio::test]
async fn a_reader_that_leaves_early_is_no_fault() {
    let simulator =
        Simulator::start(&["--tracks", "5", "--albums", "2", "--artists", "2", "--playlists", "1"]);
    let home = Home::new(&simulator);
    home.sync().await;
    simulator.mutate(json!([{ "op": "save_tracks", "count": 900 }])).await;
    home.sync().await;
    for args in [["changes", "--json"].as_slice(), &["changes", "--json", "--as-of", "0s"]] {
        let mut child = home.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        reader.read_line(&mut first).unwrap();
        drop(reader);
        let mut complaint = String::new();
        child.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
        assert_eq!((child.wait().unwrap().code(), complaint.as_str()), (Some(0), ""), "{first}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_under_the_output_is_said() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    let mut full = home.command(&["changes", "--as-of", "0s"]);
    full.stdout(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    let full = tokio::task::spawn_blocking(move || full.output().unwrap()).await.unwrap();
    assert_eq!(full.status.code(), Some(1));
    assert!(String::from_utf8(full.stderr).unwrap().contains("cannot be written completely"));
}

#[tokio::test]
async fn changes_are_read_beside_a_running_sync() {
    let simulator = Simulator::start(&["--tracks", "300", "--latency-ms", "40"]);
    let home = Home::new(&simulator);
    home.sync().await;
    simulator.mutate(json!([{ "op": "save_tracks", "count": 2 }])).await;
    home.sync().await;
    simulator.delete("/sim/requests").await;
    let mut running = home.command(&["sync", "--full"]).spawn().unwrap();
    simulator.wait_for_requests(3).await;
    assert_eq!(told(&home, &[]).await.len(), 2);
    assert_eq!(told(&home, &["--as-of", "0s"]).await.len(), 302);
    assert!(running.try_wait().unwrap().is_none(), "the sync was still under way");
    running.kill().unwrap();
    running.wait().unwrap();
}

#[tokio::test]
async fn nothing_recorded_yet_is_no_change_and_no_past() {
    let home = Home::at("http://127.0.0.1:9");
    let none = ended(home.anonymous(&["changes"])).await;
    assert_eq!((none.status, none.stderr.as_str()), (0, ""), "{none:?}");
    assert!(none.stdout.contains("phonolog login"), "{none:?}");
    let none = ended(home.anonymous(&["changes", "--json"])).await;
    assert_eq!((none.status, none.stdout.as_str()), (0, ""), "{none:?}");
    assert_sentence(&ended(home.anonymous(&["changes", "--as-of", "1d"])).await, 1, &["phonolog login"]);
    assert!(!home.data_dir().exists());
}

#[tokio::test]
async fn times_lists_and_names_that_are_none_get_a_sentence() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    assert_eq!(home.run(&["sync", "tracks"]).await.status, 0);
    let refused = async |args: &[&str], status, words: &[&str]| {
        assert_sentence(&home.run(&[&["changes"], args].concat()).await, status, words);
    };
    for flag in ["--since", "--until", "--as-of"] {
        refused(&[flag, "last week"], 2, &["`last week` is not a time", "7d"]).await;
        refused(&[flag, "2999-01-01"], 2, &["in the future"]).await;
    }
    refused(&["--as-of", "30d"], 1, &["the saved tracks are known only since 20", "choose a later time"])
        .await;
    refused(&["--as-of", "0s", "--entity", "albums"], 1, &["the saved albums are not known yet"]).await;
    refused(&["--as-of", "0s", "--playlist", "Any"], 1, &["`Any`", "none is known yet"]).await;
    let two = ["--as-of", "0s", "--entity", "albums", "--entity", "artists"];
    refused(&two, 2, &["one list at a time"]).await;
    refused(&["--as-of", "0s", "--entity", "playlist_items"], 2, &["--playlist"]).await;
    refused(&["--as-of", "0s", "--entity", "tracks", "--playlist", "Any"], 2, &["use only one"]).await;

    assert_eq!(home.run(&["sync", "playlists"]).await.status, 0);
    let lists = told(&home, &["--as-of", "0s", "--entity", "playlists"]).await;
    let name = lists[0]["name"].as_str().unwrap();
    let misspelt = name.to_uppercase() + "x";
    refused(&["--playlist", &misspelt], 1, &[&misspelt, "did you mean", name]).await;
    refused(&["--as-of", "0s", "--playlist", name], 1, &["the contents of this playlist are not known yet"])
        .await;
    let entity = home.run(&["changes", "--entity", "plays"]).await;
    assert_eq!(entity.status, 2, "{entity:?}");
    assert!(entity.stderr.contains("playlist_items") && !entity.stderr.contains("details"), "{entity:?}");
    let both = home.run(&["changes", "--as-of", "0s", "--since", "1d"]).await;
    assert_eq!(both.status, 2, "{both:?}");
}

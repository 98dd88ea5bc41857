//! Privacy exports on the real binary: each row once, whatever was there before, and whatever happens.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::plays::{coverage, known, later, plays, poll, truth};
use super::support::{Home, Simulator, ended};

async fn import(home: &Home, path: &Path) -> Value {
    let done = ended(home.anonymous(&["import", "--json", &path.display().to_string()])).await;
    assert_eq!(done.status, 0, "{done:?}");
    serde_json::from_str(&done.stdout).unwrap()
}

/// The account's plays as an extended history tells them.
async fn export(simulator: &Simulator, dir: &Path) -> PathBuf {
    let mut before: Option<chrono::DateTime<chrono::Utc>> = None;
    let mut rows = Vec::new();
    for play in truth(simulator).await {
        let end: chrono::DateTime<chrono::Utc> = play["played_at"].as_str().unwrap().parse().unwrap();
        // The simulator plays one after another.
        let lasts = before.map_or(180_000, |before| (end - before).num_milliseconds().min(180_000));
        before = Some(end);
        rows.push(json!({
            "ts": end.format("%Y-%m-%dT%H:%M:%SZ").to_string(), "ms_played": lasts, "platform": "linux",
            "spotify_track_uri": play["uri"], "master_metadata_track_name": "As the export calls it",
            "master_metadata_album_artist_name": "Somebody", "master_metadata_album_album_name": "Somewhere",
            "reason_end": "trackdone", "ip_addr": "192.0.2.1", "skipped": false,
        }));
    }
    let path = dir.join("Streaming_History_Audio_2026_0.json");
    std::fs::write(&path, Value::from(rows).to_string()).unwrap();
    path
}

/// Rows of somebody who listens all day.
fn many(rows: usize, dir: &Path) -> PathBuf {
    let row = |number: usize| {
        let at = chrono::DateTime::from_timestamp(1_500_000_000 + 200 * i64::try_from(number).unwrap(), 0)
            .unwrap();
        json!({
            "ts": at.format("%Y-%m-%dT%H:%M:%SZ").to_string(), "ms_played": 199_000,
            "spotify_track_uri": format!("spotify:track:{}", number % 500), "master_metadata_track_name": "Song",
            "master_metadata_album_artist_name": "Somebody",
        })
    };
    let path = dir.join("endsong_0.json");
    std::fs::write(&path, Value::from((0..rows).map(row).collect::<Vec<_>>()).to_string()).unwrap();
    path
}

#[tokio::test]
async fn an_export_of_that_time_closes_the_gap_and_doubles_nothing() {
    let (simulator, home) = known("0").await;
    simulator.mutate(json!({ "op": "play", "count": 20 })).await;
    poll(&home).await;
    later(&simulator, 24).await;
    simulator.mutate(json!({ "op": "play", "count": 120 })).await;
    poll(&home).await;
    let gap = coverage(&home).await.into_iter().find(|known| known["state"] == "gap").unwrap();
    let asked = simulator.requests().await;
    let path = export(&simulator, home.dir.path()).await;

    let report = import(&home, &path).await;
    assert_eq!(
        report["total"],
        json!({ "rows": 140, "stored": 140, "matched": 70, "duplicate": 0, "rejected": 0 })
    );
    assert_eq!(simulator.requests().await, asked, "an import asks nobody");
    let all = plays(&home).await;
    assert_eq!(all.len(), 140);
    assert!(all.iter().all(|play| play["source"] == "extended" && !play["ms_played"].is_null()));
    assert!(all.iter().any(|play| !play["context_uri"].is_null()), "the API's context stays");
    assert!(all.iter().any(|play| play["name"] != "As the export calls it"), "so do its names");
    let known = coverage(&home).await;
    assert!(!known.iter().any(|known| known["state"] == "gap"), "{known:?}");
    let filled = json!({ "state": "imported", "from_at": gap["from_at"], "to_at": gap["to_at"] });
    assert!(known.contains(&filled), "{known:?}");

    let again = import(&home, &path).await;
    assert_eq!(
        again["total"],
        json!({ "rows": 140, "stored": 0, "matched": 0, "duplicate": 140, "rejected": 0 })
    );
    assert_eq!(plays(&home).await, all);
    poll(&home).await;
    assert_eq!(plays(&home).await, all);
}

#[tokio::test]
async fn the_order_of_import_and_polls_does_not_matter_and_a_login_takes_the_import_over() {
    let (simulator, first) = known("40").await;
    let path = export(&simulator, first.dir.path()).await;
    import(&first, &path).await;

    let second = Home::new(&simulator);
    import(&second, &path).await;
    assert_eq!(second.query("select user_id from accounts").await, [json!({ "user_id": "local" })]);
    assert_eq!(plays(&second).await.len(), 40);
    poll(&second).await;
    assert_ne!(second.query("select user_id from accounts").await, [json!({ "user_id": "local" })]);
    assert_eq!(plays(&second).await, plays(&first).await);
}

#[tokio::test]
async fn a_dry_run_tells_what_would_come_and_changes_nothing() {
    let (simulator, home) = known("10").await;
    let path = export(&simulator, home.dir.path()).await;
    let before = (plays(&home).await, coverage(&home).await);
    let done = home.run(&["import", "--dry-run", &path.display().to_string()]).await;
    assert_eq!(done.status, 0, "{done:?}");
    assert!(
        done.stdout.contains("10 rows, 10 new (10 replace plays from the API), 0 already known"),
        "{done:?}"
    );
    assert!(done.stdout.contains("nothing was changed"), "{done:?}");
    assert_eq!((plays(&home).await, coverage(&home).await), before);
    assert_eq!(home.query("select * from export_rows").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_dry_run_makes_no_database() {
    let (simulator, _) = known("3").await;
    let home = Home::new(&simulator);
    let path = export(&simulator, home.dir.path()).await;
    let done = home.run(&["import", "--dry-run", &path.display().to_string()]).await;
    assert!(done.stdout.contains("3 rows, 3 new"), "{done:?}");
    assert!(!home.database().exists());
}

#[tokio::test]
async fn a_kill_in_the_middle_and_the_import_again_are_the_import_once() {
    let simulator =
        Simulator::start(&["--tracks", "0", "--albums", "0", "--artists", "0", "--playlists", "0"]);
    let (once, killed) = (Home::new(&simulator), Home::new(&simulator));
    let path = many(60_000, once.dir.path());
    import(&once, &path).await;
    // An import that was cut off before it began makes the database.
    killed.sync().await;
    let mut child = killed.anonymous(&["import", &path.display().to_string()]).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_mins(1);
    while killed.query("select 1 from export_rows limit 1").await.is_empty() {
        assert!(Instant::now() < deadline, "nothing was stored within a minute");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let stored = killed.query("select count(*) as n from export_rows").await[0]["n"].as_u64().unwrap();
    assert!(stored < 60_000, "the import was over before it could be killed");
    let report = import(&killed, &path).await;
    assert_eq!(report["total"]["stored"].as_u64().unwrap() + stored, 60_000);
    let sql = "select played_at, uri, ms_played, source, counts from v_plays order by played_at, uri";
    assert_eq!(killed.query(sql).await, once.query(sql).await);
    assert_eq!(coverage(&killed).await, coverage(&once).await);
    assert_eq!(killed.query("select * from plays_unsettled").await, Vec::<Value>::new());
}

#[tokio::test]
async fn what_is_no_whole_export_is_a_sentence_and_what_was_good_is_kept() {
    let simulator =
        Simulator::start(&["--tracks", "0", "--albums", "0", "--artists", "0", "--playlists", "0"]);
    let home = Home::new(&simulator);
    let dir = home.dir.path();
    let good = std::fs::read_to_string(many(20, dir)).unwrap();
    let run = async |name: &str, text: &[u8]| {
        let path = dir.join(name);
        std::fs::write(&path, text).unwrap();
        ended(home.anonymous(&["import", &path.display().to_string()])).await
    };
    let cut = run("endsong_1.json", &good.as_bytes()[..good.len() - 40]).await;
    assert_eq!(cut.status, 1);
    assert!(
        cut.stderr.ends_with("endsong_1.json is incomplete; the 19 rows before it were imported\n"),
        "{cut:?}"
    );
    assert_eq!(plays(&home).await.len(), 19);

    let broken = run("export.zip", b"PK\x03\x04 and no more").await;
    assert_eq!(broken.status, 1);
    assert!(broken.stderr.contains("export.zip is not a complete zip file"), "{broken:?}");
    let other = run("letter.json", b"Dear reader").await;
    assert_eq!(other.status, 1);
    assert!(other.stderr.contains("no listening history found"), "{other:?}");
    let odd = run(
        "endsong_2.json",
        br#"[{"ts":"2020-01-01T00:00:00Z","ms_played":"x"},{"ts":"2020-01-01T00:00:00Z","ms_played":5}]"#,
    )
    .await;
    assert_eq!(odd.status, 0);
    assert!(odd.stdout.contains("2 rows, 1 new, 0 already known, 1 rejected"), "{odd:?}");
    assert!(odd.stdout.contains("row 1 has a length that is not a number"), "{odd:?}");
    let missing = ended(home.anonymous(&["import", "/nonexistent.zip"])).await;
    assert_eq!(missing.status, 1);
    assert!(missing.stderr.contains("/nonexistent.zip cannot be read"), "{missing:?}");
    for done in [cut, broken, other, missing] {
        assert!(!done.stderr.contains("panicked") && !done.stderr.contains("Backtrace"), "{done:?}");
    }
}

#[tokio::test]
async fn an_import_and_a_sync_write_side_by_side() {
    let simulator =
        Simulator::start(&["--tracks", "400", "--playlists", "5", "--plays", "30", "--latency-ms", "5"]);
    let home = Home::new(&simulator);
    poll(&home).await;
    let path = many(30_000, home.dir.path());
    let (report, ()) = tokio::join!(import(&home, &path), home.sync());
    assert_eq!(report["total"]["stored"], 30_000);
    let truth = simulator.get("/sim/truth").await;
    super::truth::assert_library_equal(&home, &truth).await;
    assert_eq!(home.query("select count(*) as n from v_plays").await, [json!({ "n": 30_030 })]);
}

/// A file of rows, some of which cannot be imported.
fn rows_at(dir: &Path, name: &str, minutes: &[i64]) -> PathBuf {
    let row = |minute: &i64| {
        let at = chrono::DateTime::from_timestamp(1_500_000_000 + 60 * minute, 0).unwrap();
        json!({
            "ts": at.format("%Y-%m-%dT%H:%M:%SZ").to_string(), "ms_played": if *minute == 7 { -1 } else { 50_000 },
            "spotify_track_uri": format!("spotify:track:{minute}"), "master_metadata_track_name": "Song",
            "master_metadata_album_artist_name": "Somebody, \"quoted\"",
        })
    };
    let path = dir.join(name);
    std::fs::write(&path, Value::from(minutes.iter().map(row).collect::<Vec<_>>()).to_string()).unwrap();
    path
}

async fn listed(home: &Home) -> Vec<(i64, i64, i64, bool)> {
    let done = ended(home.anonymous(&["imports", "--json"])).await;
    assert_eq!(done.status, 0, "{done:?}");
    let import = |line: &str| {
        let import: Value = serde_json::from_str(line).unwrap();
        let number = |name: &str| import[name].as_i64().unwrap_or(-1);
        (number("id"), number("rows"), number("plays"), !import["undone_at"].is_null())
    };
    done.stdout.lines().map(import).collect()
}

#[tokio::test]
async fn an_import_is_listed_taken_back_and_imported_again() {
    let simulator =
        Simulator::start(&["--tracks", "0", "--albums", "0", "--artists", "0", "--playlists", "0"]);
    let home = Home::new(&simulator);
    let dir = tempfile::tempdir().unwrap();
    let first = rows_at(dir.path(), "Streaming_History_Audio_2017_0.json", &[1, 2, 3]);
    let second = rows_at(dir.path(), "Streaming_History_Audio_2017_1.json", &[2, 3, 4, 5]);
    import(&home, &first).await;
    import(&home, &second).await;
    assert_eq!(listed(&home).await, [(2, 4, 2, false), (1, 3, 3, false)]);
    let again = import(&home, &second).await;
    assert_eq!(again["total"], json!({"rows": 4, "stored": 0, "matched": 0, "duplicate": 4, "rejected": 0}));
    assert_eq!(listed(&home).await.len(), 2, "the same bytes are not read again");

    let trial = ended(home.anonymous(&["import", "--undo", "1", "--dry-run", "--json"])).await;
    let told = json!({"dry_run": true, "id": 1, "file": "Streaming_History_Audio_2017_0.json", "removed": 1, "kept": 2});
    assert_eq!(serde_json::from_str::<Value>(&trial.stdout).unwrap(), told, "{trial:?}");
    assert_eq!(listed(&home).await, [(2, 4, 2, false), (1, 3, 3, false)]);
    let undone = ended(home.anonymous(&["import", "--undo", "1"])).await;
    assert_eq!(undone.status, 0, "{undone:?}");
    assert_eq!(listed(&home).await, [(2, 4, 4, false), (1, 3, 0, true)]);
    assert_eq!(home.query("select 1 from v_plays").await.len(), 4);
    let refused = ended(home.anonymous(&["import", "--undo", "1"])).await;
    assert!(refused.status == 1 && refused.stderr.contains("was undone"), "{refused:?}");
    let unknown = ended(home.anonymous(&["import", "--undo", "9"])).await;
    assert!(unknown.status == 1 && unknown.stderr.contains("`phonolog imports` lists them"), "{unknown:?}");

    assert_eq!(import(&home, &first).await["total"]["stored"], 1);
    assert_eq!(home.query("select 1 from v_plays").await.len(), 5);
}

#[tokio::test]
async fn rejected_rows_are_written_to_a_file_with_their_reason() {
    let simulator =
        Simulator::start(&["--tracks", "0", "--albums", "0", "--artists", "0", "--playlists", "0"]);
    let home = Home::new(&simulator);
    let dir = tempfile::tempdir().unwrap();
    let export = rows_at(dir.path(), "Streaming_History_Audio_2017_0.json", &[6, 7, 8]);
    let rejects = dir.path().join("rejects.csv");
    let paths = [export.display().to_string(), rejects.display().to_string()];
    let args = ["import", &paths[0], "--rejects", &paths[1]];
    let done = ended(home.anonymous(&args)).await;
    assert_eq!(done.status, 0, "{done:?}");
    let rows: Vec<Vec<String>> = csv::Reader::from_path(&rejects)
        .unwrap()
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect();
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!(row[..3], [paths[0].clone(), "2".to_owned(), "has a negative length".to_owned()]);
    assert_eq!(serde_json::from_str::<Value>(&row[3]).unwrap()["ms_played"], -1);
    let again = ended(home.anonymous(&args)).await;
    assert!(again.status == 1 && again.stderr.contains("exists already"), "{again:?}");
}

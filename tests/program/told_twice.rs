//! What exports mean: each play once, at its own time, and no more of the history than they prove.

use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::plays::{coverage, known, later, poll};
use super::support::{Ended, Home, ended};

/// A home without a server: an import asks nobody.
fn home() -> Home {
    Home::at("http://127.0.0.1:9")
}

fn write(home: &Home, name: &str, rows: &[Value]) -> PathBuf {
    let path = home.dir.path().join(name);
    std::fs::write(&path, Value::from(rows).to_string()).unwrap();
    path
}

async fn import(home: &Home, path: &Path) -> Ended {
    ended(home.anonymous(&["import", &path.display().to_string()])).await
}

async fn take_in(home: &Home, name: &str, rows: &[Value]) -> String {
    let done = import(home, &write(home, name, rows)).await;
    assert_eq!(done.status, 0, "{done:?}");
    done.stdout
}

async fn count(home: &Home, sql: &'static str) -> i64 {
    home.query(sql).await[0]["n"].as_i64().unwrap()
}

const PLAYS: &str = "select count(*) as n from v_plays";

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn ts(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A row as new exports word it.
fn row(number: i64, at: DateTime<Utc>) -> Value {
    json!({
        "ts": ts(at), "platform": "ios", "ms_played": 181_000 + number, "conn_country": "SE",
        "master_metadata_track_name": format!("Tune {number}"),
        "master_metadata_album_artist_name": "Some duo", "master_metadata_album_album_name": "Tunes",
        "spotify_track_uri": format!("spotify:track:{number:022}"), "reason_start": "trackdone",
        "reason_end": "trackdone", "shuffle": false, "skipped": false, "offline": false,
        "offline_timestamp": (at - TimeDelta::seconds(200)).timestamp(), "incognito_mode": false,
    })
}

fn changed(row: &Value, mut fields: Value) -> Value {
    let mut row = row.clone();
    row.as_object_mut().unwrap().append(fields.as_object_mut().unwrap());
    row
}

fn every_quarter_of_an_hour(rows: i64) -> Vec<Value> {
    let first = time("2023-05-01T09:00:00Z");
    (0..rows).map(|number| row(number, first + TimeDelta::minutes(15 * number))).collect()
}

#[tokio::test]
async fn exports_of_two_years_tell_the_plays_of_both_once() {
    let home = home();
    let new = every_quarter_of_an_hour(30);
    let old: Vec<Value> = new[..20]
        .iter()
        .map(|row| {
            let began = row["offline_timestamp"].as_i64().unwrap() * 1000 + 503;
            changed(
                row,
                json!({
                    "skipped": null, "offline_timestamp": began, "platform": "iOS 12.1 (iPhone9,3)",
                    "reason_end": "none", "city": "Lund", "master_metadata_album_album_name": "Tunes (old)",
                }),
            )
        })
        .collect();
    take_in(&home, "endsong_0.json", &old).await;
    let told = take_in(&home, "Streaming_History_Audio_2023_0.json", &new).await;
    assert!(told.contains("30 rows, 30 new (20 replace plays from the API), 0 already known"), "{told}");
    assert_eq!(count(&home, PLAYS).await, 30);
    assert_eq!(count(&home, "select sum(plays) as n from v_stats_days").await, 30);
    assert_eq!(count(&home, "select count(*) as n from v_plays where album = 'Tunes'").await, 30);
    assert_eq!(count(&home, "select count(*) as n from export_rows").await, 50);
    // The same under another name, and joined to one file.
    take_in(&home, "again.json", &old).await;
    take_in(&home, "joined.json", &[old, new].concat()).await;
    assert_eq!(count(&home, PLAYS).await, 30);
}

#[tokio::test]
async fn a_play_without_a_connection_stands_in_the_hour_in_which_it_was_heard() {
    let home = home();
    let online_again = time("2023-06-10T20:05:11Z");
    let left = time("2023-06-10T08:00:00Z");
    let rows: Vec<Value> = (0..10)
        .map(|number| {
            let began = (left + TimeDelta::hours(number)).timestamp();
            // In the units of both generations.
            let began = if number % 2 == 0 { began } else { began * 1000 + 77 };
            changed(&row(number, online_again), json!({ "offline": true, "offline_timestamp": began }))
        })
        .collect();
    take_in(&home, "Streaming_History_Audio_2023_0.json", &rows).await;
    assert_eq!(count(&home, "select count(distinct hour) as n from v_stats_plays").await, 10);
    assert_eq!(
        home.query("select min(played_at) as first from v_plays").await,
        [json!({ "first": "2023-06-10T08:03:01.000Z" })]
    );
}

#[tokio::test]
async fn a_part_of_a_history_claims_no_more_than_its_neighbours_prove() {
    let (simulator, home) = known("0").await;
    simulator.mutate(json!({ "op": "play", "count": 20 })).await;
    poll(&home).await;
    // A gap that nothing of this may clear.
    later(&simulator, 24).await;
    simulator.mutate(json!({ "op": "play", "count": 120 })).await;
    poll(&home).await;
    let gaps = async || {
        let known = coverage(&home).await;
        known.into_iter().filter(|known| known["state"] == "gap").collect::<Vec<_>>()
    };
    let before = gaps().await;
    assert_eq!(before.len(), 1);
    let imported =
        async || count(&home, "select count(*) as n from v_play_coverage where state = 'imported'").await;

    // Out of order, from long ago to now.
    let now = Utc::now();
    let mut mixed: Vec<Value> =
        (0..60).map(|number| row(number, now - TimeDelta::hours(13 * ((number * 37) % 60)))).collect();
    take_in(&home, "Streaming_History_Audio_2026_7.json", &mixed).await;
    assert_eq!(imported().await, 0);
    // One part of `endsong`, in order; a file that is cut off; a row of the future, one of 1970.
    let recent = |number: i64| row(100 + number, now - TimeDelta::hours(300 - number));
    let sorted: Vec<Value> = (0..20).map(recent).collect();
    take_in(&home, "endsong_2.json", &sorted).await;
    let whole = Value::from(sorted.clone()).to_string();
    let cut = home.dir.path().join("Streaming_History_Audio_2026_9.json");
    std::fs::write(&cut, &whole[..whole.len() - 30]).unwrap();
    assert_eq!(import(&home, &cut).await.status, 1);
    for wrong in [now + TimeDelta::days(3650), DateTime::UNIX_EPOCH + TimeDelta::days(3)] {
        mixed = sorted.clone();
        mixed.push(row(1, wrong));
        let told = take_in(&home, "Streaming_History_Audio_2026_8.json", &mixed).await;
        assert!(told.contains("1 rejected"), "{told}");
    }
    assert_eq!(
        (imported().await, gaps().await),
        (1, before.clone()),
        "the wrong row costs its neighbourhood"
    );

    // A silence of more than a week is not known; what lies on both sides of it is.
    let quiet: Vec<Value> =
        [970, 899, 898, 720, 719].map(|hours| row(500 + hours, now - TimeDelta::hours(hours))).into();
    take_in(&home, "Streaming_History_Audio_2026_1.json", &quiet).await;
    let spans = home
        .query("select from_at, to_at from v_play_coverage where state = 'imported' order by from_at")
        .await;
    let ends: Vec<&str> = spans.iter().map(|span| span["to_at"].as_str().unwrap()).collect();
    let at = |before: TimeDelta| (now - before).format("%Y-%m-%dT%H:%M:%S.000Z").to_string();
    let last = TimeDelta::hours(281) + TimeDelta::minutes(1);
    assert_eq!(ends, [at(TimeDelta::hours(898)), at(TimeDelta::hours(719)), at(last)]);
    assert_eq!(gaps().await, before);
}

#[tokio::test]
async fn numbers_out_of_range_cost_their_rows_alone() {
    let home = home();
    let mut rows = every_quarter_of_an_hour(3);
    rows.push(changed(&rows[0], json!({ "ts": "9999-12-31T23:59:59Z" })));
    rows.push(changed(&rows[0], json!({ "ts": "1999-01-01T00:00:00Z" })));
    rows.push(changed(&rows[1], json!({ "ms_played": i64::MAX })));
    rows.push(changed(&rows[1], json!({ "ms_played": 86_400_001 })));
    let told = take_in(&home, "Streaming_History_Audio_2023_0.json", &rows).await;
    assert!(told.contains("7 rows, 3 new, 0 already known, 4 rejected"), "{told}");
    for why in ["before Spotify existed", "in the future", "of more than a day"] {
        assert!(told.contains(why), "{told}");
    }
    assert_eq!(count(&home, "select sum(plays) as n from v_stats_days").await, 3);
    assert_eq!(count(&home, "select sum(ms) as n from v_stats_days").await, 3 * 181_000 + 3);
    assert_eq!(count(&home, "select count(*) as n from stats_months").await, 1);
}

#[tokio::test]
async fn account_data_of_an_audiobook_are_chapters_of_it() {
    let home = home();
    let chapter = |number: i64| {
        json!({
            "endTime": format!("2023-05-01 {:02}:10", 9 + number), "audiobookName": "A long tale",
            "chapterName": format!("Part {number}"), "authorName": "Some writer", "msPlayed": 1_500_000,
        })
    };
    let rows: Vec<Value> = (0..5).map(chapter).collect();
    take_in(&home, "StreamingHistory_audiobook_0.json", &rows).await;
    let told = home.query("select name, artists, track_id from v_plays order by played_at limit 1").await;
    assert_eq!(told, [json!({ "name": "Part 0", "artists": "A long tale", "track_id": null })]);
    assert_eq!(count(&home, "select count(distinct uri) as n from plays").await, 5);
    let top = home.run(&["stats", "top-tracks", "--since", "2023", "--json"]).await;
    let top: Value = serde_json::from_str(&top.stdout).unwrap();
    assert_eq!(top["rows"], json!([]));
}

#[tokio::test]
async fn rows_that_name_nothing_count_in_totals_and_stand_in_no_list() {
    let home = home();
    let none = json!({
        "master_metadata_track_name": null, "master_metadata_album_artist_name": null,
        "master_metadata_album_album_name": null, "spotify_track_uri": null,
    });
    let rows = every_quarter_of_an_hour(30);
    let lost: Vec<Value> = (0..)
        .zip(&rows)
        .map(|(n, row)| if n < 4 { row.clone() } else { changed(row, none.clone()) })
        .collect();
    take_in(&home, "lost.json", &lost).await;
    let stats = async |what: &str| -> Value {
        let done = home.run(&["stats", what, "--since", "2023", "--limit", "50", "--json"]).await;
        serde_json::from_str(&done.stdout).unwrap()
    };
    for list in ["top-tracks", "not-saved", "skips"] {
        let rows = stats(list).await["rows"].as_array().unwrap().clone();
        assert!(rows.iter().all(|row| row["name"] != ""), "{list}: {rows:?}");
    }
    assert_eq!(stats("top-tracks").await["rows"].as_array().unwrap().len(), 4);
    assert_eq!(count(&home, "select sum(plays) as n from v_stats_days").await, 30);
    // A later export names them again.
    take_in(&home, "restored.json", &rows).await;
    assert_eq!(stats("top-tracks").await["rows"].as_array().unwrap().len(), 30);
    assert_eq!(count(&home, PLAYS).await, 30);
}

#[tokio::test]
async fn a_skip_by_the_button_is_one_in_the_years_that_say_no_to_everything() {
    let home = home();
    let first = time("2018-05-01T09:00:00Z");
    let rows: Vec<Value> = (0..12)
        .map(|number| {
            let row = row(number, first + TimeDelta::minutes(15 * number));
            if number % 3 > 0 {
                row
            } else {
                changed(&row, json!({ "reason_end": "fwdbtn", "ms_played": 5000 }))
            }
        })
        .collect();
    take_in(&home, "Streaming_History_Audio_2018_0.json", &rows).await;
    assert_eq!(count(&home, "select sum(skips) as n from v_stats_days").await, 4);
    assert_eq!(count(&home, "select sum(judged) as n from v_stats_days").await, 12);
    let told = home.run(&["stats", "skips", "--since", "2018"]).await.stdout;
    assert!(told.contains("33.3 % of 12 plays were skipped"), "{told}");
    assert!(
        told.contains("history complete for less than 0.1 % of this period"),
        "a little is not 0 %: {told}"
    );
}

#[tokio::test]
async fn a_row_too_short_to_be_listed_takes_no_recorded_play_away() {
    let (simulator, home) = known("0").await;
    simulator.mutate(json!({ "op": "play", "count": 1, "ended_ago": "1h" })).await;
    poll(&home).await;
    let play = home.query("select uri, played_at from v_plays").await[0].clone();
    let ended = time(play["played_at"].as_str().unwrap());
    let short = json!({ "spotify_track_uri": play["uri"], "ms_played": 12_000 });
    let rows = [changed(&row(1, ended - TimeDelta::seconds(50)), short)];
    take_in(&home, "Streaming_History_Audio_2026_0.json", &rows).await;
    assert_eq!(count(&home, PLAYS).await, 2);
    assert_eq!(count(&home, "select count(*) as n from v_plays where source = 'api'").await, 1);
}

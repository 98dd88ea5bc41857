//! A made-up privacy export, imported by another process beside the engine. A second one that
//! repeats it follows, and one of the two is taken back.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use phonolog::clock::Clock;
use phonolog::domain::{Circumstances, ExportFormat, ExportItem, ExportRow};
use phonolog::store::{ImportId, LockPurpose, MigrationWatch, PlayStore, ProvenSpan, Store};
use rand::RngExt;

use crate::life::World;
use crate::trace::Who::Other;

/// Years before the story begins, so that no row tells a play that Spotify lists, too.
const FROM: i64 = 1_500_000_000;
const TO: i64 = 1_600_000_000;
/// Long enough to count as a play.
const PLAYED_MS: i64 = 200_000;

/// Rows, and what plays they make: uri and end.
type Exported = (Vec<ExportRow>, Vec<(String, String)>);

/// Imports so many rows, the same with half as many others, and takes one of both back.
pub async fn import(world: &Arc<World>, count: u32) {
    let mut rng = world.script.lock().unwrap().chance();
    let first = draw(&mut rng, count);
    let others = draw(&mut rng, count / 2);
    let second = ([first.0.clone(), others.0].concat(), [first.1.clone(), others.1].concat());
    let is_first_undone = rng.random_bool(0.5);
    world.trace(Other, || {
        let undone = if is_first_undone { "first" } else { "second" };
        let (first, second) = (first.0.len(), second.0.len());
        format!("`phonolog import` stores {first} rows, then {second} with the same among them; the {undone} is undone")
    });
    let (store, lock) =
        Store::open_locked(&world.url(), LockPurpose::Import, &MigrationWatch::default()).await.unwrap();
    let now = world.clock.now();
    let account = store.accounts().ensure(now).await.unwrap().id;
    let plays = store.account(account).plays();
    let files = [write(plays, &first.0, now).await, write(plays, &second.0, now).await];
    let (undone, left) = if is_first_undone { (files[0], second.1) } else { (files[1], first.1) };
    plays.undo_import(undone, now).await.unwrap();
    store.close().await;
    drop(lock);
    world.oracle.lock().unwrap().imported(left);
}

/// Writes the rows, and the time that they cover.
async fn write(plays: PlayStore<'_>, rows: &[ExportRow], now: DateTime<Utc>) -> ImportId {
    let mut writer = plays.export_writer().unwrap();
    writer.begin_file("Streaming_History_Audio_0.json", now);
    writer.write(rows).await.unwrap();
    let file = writer.file().unwrap();
    writer.close().await;
    plays.settle_exports().await.unwrap();
    let end = |row: &ExportRow| DateTime::<Utc>::from_timestamp_millis(row.ended_ms).unwrap();
    let (from, to) = (rows.iter().map(end).min().unwrap(), rows.iter().map(end).max().unwrap());
    plays.cover_by_import(&[ProvenSpan { from, to, file, next_file: None }]).await.unwrap();
    file
}

fn draw(rng: &mut impl RngExt, count: u32) -> Exported {
    let first = DateTime::<Utc>::from_timestamp(rng.random_range(FROM..TO), 0).unwrap();
    let one = |n: u32| {
        let uri = format!("spotify:track:{:022}", rng.random_range(0..50_u32));
        let ended = first + TimeDelta::seconds(400 * i64::from(n));
        let item = ExportItem {
            track_uri: Some(uri.clone()),
            track: Some("A track of an export".to_owned()),
            artist: Some("Somebody".to_owned()),
            ..ExportItem::default()
        };
        let row = ExportRow {
            format: ExportFormat::Extended,
            ended_ms: ended.timestamp_millis(),
            ms_played: Some(PLAYED_MS),
            item: Arc::new(item),
            circumstances: Arc::new(Circumstances::default()),
            offline_timestamp: None,
        };
        (row, (uri, ended.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)))
    };
    (0..count.max(1)).map(one).unzip()
}

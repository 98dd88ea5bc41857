//! A made-up privacy export, imported by another process beside the engine.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use phonolog::clock::Clock;
use phonolog::domain::{Circumstances, ExportFormat, ExportItem, ExportRow};
use phonolog::store::{LockPurpose, MigrationWatch, Store};
use rand::RngExt;

use crate::life::World;
use crate::trace::Who::Other;

/// Years before the story begins, so that no row tells a play that Spotify lists, too.
const FROM: i64 = 1_500_000_000;
const TO: i64 = 1_600_000_000;
/// Long enough to count as a play.
const PLAYED_MS: i64 = 200_000;

/// Writes so many rows, and the time that they cover.
pub async fn import(world: &Arc<World>, rows: u32) {
    let (rows, plays) = draw(world, rows);
    world.trace(Other, || format!("`phonolog import` stores {} rows", rows.len()));
    let (store, lock) =
        Store::open_locked(&world.url(), LockPurpose::Import, &MigrationWatch::default()).await.unwrap();
    let now = world.clock.now();
    let account = store.accounts().ensure(now).await.unwrap().id;
    let mut writer = store.account(account).plays().export_writer().unwrap();
    writer.begin_file("Streaming_History_Audio_0.json", now);
    writer.write(&rows).await.unwrap();
    writer.close().await;
    store.account(account).plays().settle_exports().await.unwrap();
    let end = |row: &ExportRow| DateTime::<Utc>::from_timestamp_millis(row.ended_ms).unwrap();
    let span = (rows.iter().map(end).min().unwrap(), rows.iter().map(end).max().unwrap());
    store.account(account).plays().cover_by_import(&[span]).await.unwrap();
    store.close().await;
    drop(lock);
    world.oracle.lock().unwrap().imported(plays);
}

/// Rows, and what plays they make: uri and end.
fn draw(world: &World, count: u32) -> (Vec<ExportRow>, Vec<(String, String)>) {
    let mut rng = world.script.lock().unwrap().chance();
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

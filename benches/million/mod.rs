//! A million made-up plays of ten years, stored through the store's own door as rows of an export.

#![allow(clippy::indexing_slicing, clippy::cast_possible_truncation, clippy::cast_sign_loss)]

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use phonolog::domain::{AccountId, Circumstances, ExportFormat, ExportItem, ExportRow};
use phonolog::store::{Access, Store};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub const PLAYS: i64 = 1_000_000;
const TRACKS: u32 = 30_000;
const ARTISTS: u32 = 5_000;
const BATCH: usize = 10_000;

/// When the newest of them was played.
pub fn end() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_454)
}

/// A database without plays, and whose they will be.
pub async fn opened(url: &str) -> Result<(Store, AccountId), Box<dyn Error>> {
    let store = Store::open(url, Access::ReadWrite).await?;
    let account = store.accounts().ensure(end()).await?.id;
    store.account(account).statistics().keep_by("Europe/Berlin".parse()?, Duration::from_secs(30)).await?;
    Ok((store, account))
}

/// Ten years of plays, not summed up yet: more than half of what one is fond of at the time, the rest of anything.
pub async fn fill(store: &Store, account: AccountId) -> Result<(), Box<dyn Error>> {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let end = end();
    let first = (end - TimeDelta::days(3650)).timestamp_millis();
    let apart = (end.timestamp_millis() - first) / PLAYS;
    let mut writer = store.account(account).plays().export_writer()?;
    let items: Vec<_> = (0..TRACKS).map(|track| Arc::new(item(track))).collect();
    let circumstances = [false, true]
        .map(|skipped| Arc::new(Circumstances { skipped: Some(skipped), ..Circumstances::default() }));
    let mut batch = Vec::with_capacity(BATCH);
    for n in 0..PLAYS {
        let rank = (f64::from(TRACKS) * random.random::<f64>().powi(3)) as u32;
        let fond_of = u32::try_from(n * 120 / PLAYS)? * 230;
        let track = if random.random_bool(0.6) { (fond_of + rank / 20) % TRACKS } else { rank };
        batch.push(ExportRow {
            format: ExportFormat::Extended,
            ended_ms: first + n * apart + random.random_range(0..apart),
            ms_played: Some(random.random_range(1_000..260_000)),
            item: Arc::clone(&items[track as usize]),
            circumstances: Arc::clone(&circumstances[usize::from(random.random_bool(0.2))]),
            offline_timestamp: None,
        });
        if batch.len() == BATCH {
            writer.write(&batch).await?;
            batch.clear();
        }
    }
    writer.write(&batch).await?;
    writer.close().await;
    store.account(account).plays().settle_exports().await?;
    Ok(())
}

fn item(track: u32) -> ExportItem {
    ExportItem {
        track_uri: Some(format!("spotify:track:{track:022}")),
        track: Some(format!("Song {track}")),
        artist: Some(format!("Artist {}", track % ARTISTS)),
        album: Some(format!("Album {}", track / 10)),
        ..ExportItem::default()
    }
}

/// Sums up what is to be summed up; answers how many seconds it took.
pub async fn settle(store: &Store, account: AccountId) -> Result<f64, Box<dyn Error>> {
    let begun = Instant::now();
    while store.account(account).statistics().settle_step().await? {}
    Ok(begun.elapsed().as_secs_f64())
}

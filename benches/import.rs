//! How fast a privacy export is imported, and with how much memory: the release binary, a million generated rows in
//! twelve files inside a zip, database on this machine's disk.
//!
//! ```sh
//! cargo bench --locked --bench import
//! ```
//!
//! Prints, for a first import and for the same again: wall
//! time of the whole process, peak memory, and what became of the rows. `-- PATH` leaves the zip there.

// A measuring tool prints, may panic where its own numbers do not fit, and rounds.
#![allow(clippy::print_stdout, clippy::indexing_slicing, clippy::cast_precision_loss)]

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use chrono::DateTime;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const ROWS: usize = 1_000_000;
const FILES: usize = 12;
const TRACKS: u32 = 30_000;
const ROUNDS: usize = 3;
const SEED: u64 = 1;
/// 2010-01-01: about sixteen years of somebody who listens a lot, none of them in the future.
const BEGINNING: i64 = 1_262_304_000;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    // Cargo itself passes `--bench`.
    let named = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let path = named.map_or_else(|| folder.path().join("export.zip"), PathBuf::from);
    generate(&path)?;
    println!("| import | median of {ROUNDS} | slowest | peak memory | rows | new | known already |");
    println!("|---|---|---|---|---|---|---|");
    let (mut first, mut again) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let home = tempfile::tempdir()?;
        first.push(import(&path, home.path())?);
        again.push(import(&path, home.path())?);
    }
    report("first", &mut first);
    report("the same again", &mut again);
    Ok(())
}

struct Measured {
    took: Duration,
    peak_kib: u64,
    total: serde_json::Value,
}

fn report(what: &str, measured: &mut [Measured]) {
    measured.sort_by_key(|one| one.took);
    let median = &measured[measured.len() / 2];
    let slowest = measured.iter().map(|one| one.took).max().unwrap_or_default();
    let peak = measured.iter().map(|one| one.peak_kib).max().unwrap_or_default();
    println!(
        "| {what} | {:.1} s | {:.1} s | {:.1} MB | {} | {} | {} |",
        median.took.as_secs_f64(),
        slowest.as_secs_f64(),
        peak as f64 * 1024.0 / 1e6,
        median.total["rows"],
        median.total["stored"],
        median.total["duplicate"],
    );
}

/// One import by a fresh process, which could reach nobody if it tried.
fn import(zip: &Path, home: &Path) -> Result<Measured, Box<dyn Error>> {
    let started = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_phonolog"))
        .arg("import")
        .arg("--json")
        .arg(zip)
        .env_clear()
        .env("HOME", home)
        .env("PHONOLOG_DATA_DIR", home.join("data"))
        .env("PHONOLOG_API_URL", "http://127.0.0.1:9/v1")
        .stdout(Stdio::piped())
        .spawn()?;
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak_kib = 0;
    let ended = loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak_kib = peak_kib.max(kib.unwrap_or(0));
        if let Some(ended) = child.try_wait()? {
            break ended;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let took = started.elapsed();
    let said = std::io::read_to_string(child.stdout.take().ok_or("no output")?)?;
    if !ended.success() {
        return Err(format!("the import ended with {ended}: {said}").into());
    }
    let report: serde_json::Value = serde_json::from_str(&said)?;
    Ok(Measured { took, peak_kib, total: report["total"].clone() })
}

/// An export as the account page gives it: every field, ascending in time, some rows twice.
fn generate(path: &Path) -> Result<(), Box<dyn Error>> {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut zip = ZipWriter::new(BufWriter::new(File::create(path)?));
    let mut now = BEGINNING;
    for number in 0..FILES {
        let name = format!("Spotify Extended Streaming History/Streaming_History_Audio_{number}.json");
        zip.start_file(name, SimpleFileOptions::default())?;
        let rows = ROWS / FILES + usize::from(number < ROWS % FILES);
        for row in 0..rows {
            zip.write_all(if row == 0 { b"[" } else { b"," })?;
            now += row_of(&mut rng, now, &mut zip)?;
        }
        zip.write_all(b"]")?;
    }
    zip.finish()?.flush()?;
    Ok(())
}

/// Writes a row that ends at `now`; answers when the next may end.
fn row_of(rng: &mut ChaCha8Rng, now: i64, out: &mut impl Write) -> Result<i64, Box<dyn Error>> {
    // A few tracks are played often, most seldom.
    let track = rng.random_range(0..TRACKS).min(rng.random_range(0..TRACKS));
    let ms =
        if rng.random_bool(0.2) { rng.random_range(0..30_000) } else { rng.random_range(120_000..300_000) };
    let reason = ["trackdone", "fwdbtn", "endplay", "clickrow"][rng.random_range(0..4)];
    let platform = ["ios", "android", "linux", "web_player windows 10"][rng.random_range(0..4)];
    let ts = DateTime::from_timestamp(now, 0).ok_or("no such time")?.format("%Y-%m-%dT%H:%M:%SZ");
    write!(
        out,
        r#"{{"ts":"{ts}","platform":"{platform}","ms_played":{ms},"conn_country":"SE","ip_addr":"192.0.2.1","master_metadata_track_name":"Song number {track}","master_metadata_album_artist_name":"Artist {}","master_metadata_album_album_name":"Album {}","spotify_track_uri":"spotify:track:{track:022}","episode_name":null,"episode_show_name":null,"spotify_episode_uri":null,"audiobook_title":null,"audiobook_uri":null,"audiobook_chapter_uri":null,"audiobook_chapter_title":null,"reason_start":"{reason}","reason_end":"{reason}","shuffle":{},"skipped":{},"offline":false,"offline_timestamp":{},"incognito_mode":false}}"#,
        track / 20,
        track / 10,
        rng.random_bool(0.5),
        reason == "fwdbtn",
        now - ms / 1000,
    )?;
    Ok(ms / 1000 + 1 + if rng.random_bool(0.03) { rng.random_range(600..20_000) } else { 0 })
}

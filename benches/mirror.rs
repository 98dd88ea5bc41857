//! How fast a library is mirrored, and with how much memory: the release binary against the simulator on loopback,
//! pacing off, database on this machine's disk.
//!
//! ```sh
//! cargo bench --locked --bench mirror
//! ```
//!
//! Prints, for the first sync and for one of an unchanged library: wall time of the whole process, peak
//! memory, requests, the least number of requests that could do it, and pages committed a second.

// A measuring tool prints, may panic where its own simulator misbehaves, and rounds.
#![allow(clippy::print_stdout, clippy::indexing_slicing, clippy::cast_precision_loss)]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use phonolog::simulator::{SimConfig, Simulator};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const ROUNDS: usize = 5;
const ROWS_PER_REQUEST: u32 = 50;

/// One sync of a fresh process.
struct Measured {
    took: Duration,
    peak_kib: u64,
    requests: u64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    println!("| library | sync | median of {ROUNDS} | slowest | peak memory | requests | least | pages/s |");
    println!("|---|---|---|---|---|---|---|---|");
    measure(
        "10,000 tracks alone",
        SimConfig { tracks: 10_000, albums: 0, artists: 0, playlists: 0, ..SimConfig::default() },
    )
    .await?;
    measure(
        "10,000 tracks, 500 albums, 400 artists, 100 playlists",
        SimConfig { tracks: 10_000, albums: 500, artists: 400, playlists: 100, ..SimConfig::default() },
    )
    .await
}

async fn measure(name: &str, library: SimConfig) -> Result<(), Box<dyn Error>> {
    let (mut first, mut again) = (Vec::new(), Vec::new());
    let mut contents = 0;
    for _ in 0..ROUNDS {
        let simulator = Simulator::new(library.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let base = format!("http://{}", listener.local_addr()?);
        let stop = CancellationToken::new();
        let server = tokio::spawn(simulator.clone().serve(listener, stop.clone()));
        let home = tempfile::tempdir()?;
        std::fs::write(home.path().join("config.toml"), "[gate]\nrequests_per_second = 0\n")?;
        first.push(sync(&simulator, &base, home.path())?);
        again.push(sync(&simulator, &base, home.path())?);
        contents = least_for_contents(&simulator);
        stop.cancel();
        server.await??;
    }
    let pages = |rows: u32| u64::from(rows.div_ceil(ROWS_PER_REQUEST).max(1));
    let short = pages(library.albums) + pages(library.artists) + pages(library.playlists);
    // Who is it, and the plays.
    let least = 2 + pages(library.tracks) + short + contents;
    report(name, "first", &mut first, least);
    report(name, "unchanged", &mut again, 2 + 1 + short);
    Ok(())
}

/// Requests that read every readable list that is not empty, and one that learns that others are not.
fn least_for_contents(simulator: &Simulator) -> u64 {
    let truth = simulator.truth();
    let lists = truth["playlists"].as_array().cloned().unwrap_or_default();
    let rows = |list: &serde_json::Value| list["items"].as_array().map_or(0, Vec::len) as u64;
    let readable = lists.iter().filter(|list| list["readable"] == true);
    let hidden = lists.iter().any(|list| list["readable"] == false);
    readable.map(|list| rows(list).div_ceil(u64::from(ROWS_PER_REQUEST))).sum::<u64>() + u64::from(hidden)
}

fn report(name: &str, what: &str, measured: &mut [Measured], least: u64) {
    measured.sort_by_key(|one| one.took);
    let median = &measured[measured.len() / 2];
    let slowest = measured.iter().map(|one| one.took).max().unwrap_or_default();
    let peak = measured.iter().map(|one| one.peak_kib).max().unwrap_or_default();
    println!(
        "| {name} | {what} | {:.2} s | {:.2} s | {:.1} MB | {} | {least} | {:.0} |",
        median.took.as_secs_f64(),
        slowest.as_secs_f64(),
        peak as f64 * 1024.0 / 1e6,
        median.requests,
        median.requests as f64 / median.took.as_secs_f64(),
    );
}

fn sync(simulator: &Simulator, base: &str, home: &Path) -> Result<Measured, Box<dyn Error>> {
    let before = simulator.requests().total;
    let started = Instant::now();
    let child = Command::new(env!("CARGO_BIN_EXE_phonolog"))
        .arg("sync")
        .env_clear()
        .env("HOME", home)
        .env("PHONOLOG_CONFIG", home.join("config.toml"))
        .env("PHONOLOG_DATA_DIR", home.join("data"))
        .env("PHONOLOG_API_URL", format!("{base}/v1"))
        .env("PHONOLOG_ACCESS_TOKEN", "any")
        .stdout(Stdio::null())
        .spawn()?;
    let peak_kib = watch(child)?;
    Ok(Measured { took: started.elapsed(), peak_kib, requests: simulator.requests().total - before })
}

/// Waits for the end; answers the highest resident size seen, which the kernel keeps for us.
fn watch(mut child: Child) -> Result<u64, Box<dyn Error>> {
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak = 0;
    loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(kib.unwrap_or(0));
        if let Some(ended) = child.try_wait()? {
            return if ended.success() {
                Ok(peak)
            } else {
                Err(format!("the sync ended with {ended}").into())
            };
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

//! What a story is set in: the account, how its Spotify answers, and how the engine is configured.

use std::sync::Arc;
use std::time::Duration;

use phonolog::config;
use phonolog::simulator::{Shape, SimConfig, Simulator};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::clock::SimClock;
use crate::older;

/// Every option that holds for a whole story.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// What all chance comes from.
    pub seed: u64,
    pub tracks: u32,
    pub albums: u32,
    pub artists: u32,
    pub playlists: u32,
    pub playlist_rows: usize,
    pub plays: u32,
    /// `legacy`, `dual` or `2026`.
    pub shape: String,
    pub latency_ms: u64,
    /// Requests in 30 s and in a day before Spotify refuses; 0 is no limit.
    pub window_limit: u32,
    pub day_limit: u32,
    /// Rows a page.
    pub initial_batch: u32,
    pub incremental_batch: u32,
    pub full_interval_hours: u64,
    pub requests_per_second: u32,
    pub burst: u32,
    pub daily_budget: u32,
    pub gate_wait_seconds: u64,
    /// How many migrations the database has in the beginning; all where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub migrations: Option<usize>,
}

/// Often small or empty, where the edges are.
fn size(rng: &mut ChaCha8Rng, most: u32) -> u32 {
    let most = if rng.random_ratio(1, 4) { most.min(6) } else { most };
    rng.random_range(0..=most)
}

impl Setting {
    pub fn draw(seed: u64, rng: &mut ChaCha8Rng) -> Self {
        Self {
            seed,
            tracks: size(rng, 140),
            albums: size(rng, 45),
            artists: size(rng, 45),
            playlists: size(rng, 14),
            playlist_rows: if rng.random_ratio(1, 8) { 120 } else { rng.random_range(4..=24) },
            plays: size(rng, 60),
            latency_ms: if rng.random_ratio(1, 2) { rng.random_range(1..400) } else { 0 },
            shape: Shape::ALL[rng.random_range(0..3)].to_string(),
            window_limit: if rng.random_ratio(1, 4) { rng.random_range(40..120) } else { 0 },
            day_limit: if rng.random_ratio(1, 4) { rng.random_range(60..200) } else { 0 },
            initial_batch: rng.random_range(5..=10),
            incremental_batch: rng.random_range(3..=8),
            full_interval_hours: 24 * rng.random_range(1..40),
            requests_per_second: rng.random_range(0..4),
            burst: rng.random_range(1..8),
            // A small budget is spread over the day: what takes two runs elsewhere then takes many.
            daily_budget: if rng.random_ratio(1, 8) {
                rng.random_range(50..300)
            } else {
                rng.random_range(300..500)
            },
            gate_wait_seconds: rng.random_range(0..90),
            migrations: rng.random_ratio(1, 6).then(|| rng.random_range(0..older::newest())),
        }
    }

    pub fn simulator(&self, clock: &SimClock) -> Simulator {
        let config = SimConfig {
            tracks: self.tracks,
            albums: self.albums,
            artists: self.artists,
            playlists: self.playlists,
            playlist_rows: self.playlist_rows,
            plays: self.plays,
            seed: self.seed,
            latency: Duration::from_millis(self.latency_ms),
            shape: self.shape.parse().unwrap(),
            window_limit: self.window_limit,
            day_limit: self.day_limit,
        };
        Simulator::with_time(config, Arc::new(clock.clone()))
    }

    pub const fn sync(&self) -> config::SyncConfig {
        config::SyncConfig {
            library_interval: Duration::from_hours(1),
            playback_interval: Duration::from_mins(30),
            initial_batch: self.initial_batch,
            incremental_batch: self.incremental_batch,
            full_interval: Duration::from_hours(self.full_interval_hours),
        }
    }

    pub fn gate(&self) -> config::GateConfig {
        config::GateConfig {
            requests_per_second: f64::from(self.requests_per_second),
            burst: self.burst,
            daily_budget: self.daily_budget,
            wait: Duration::from_secs(self.gate_wait_seconds),
        }
    }
}

//! Commands over a made-up Spotify.

use clap::Args;

/// `phonolog demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// One full sync in plain lines, a summary, then exit.
    #[arg(long)]
    pub once: bool,
}

/// `phonolog simulate`
#[derive(Debug, Args)]
pub struct Simulate {
    /// Where to listen; loopback only.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub listen: std::net::SocketAddr,
    /// Saved tracks.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub tracks: u32,
    /// Saved albums.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(0..=20_000))]
    pub albums: u32,
    /// Followed artists.
    #[arg(long, default_value_t = 80, value_parser = clap::value_parser!(u32).range(0..=20_000))]
    pub artists: u32,
    /// Playlists.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    pub playlists: u32,
    /// Plays in the history at the start.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub plays: u32,
    /// Equal seeds give equal libraries.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How long each answer takes, in milliseconds.
    #[arg(long, default_value_t = 0)]
    pub latency_ms: u64,
    /// How Spotify answers: legacy, dual or 2026.
    #[arg(long, default_value = "2026")]
    pub shape: crate::simulator::Shape,
    /// Requests allowed in 30 s; 0 is no limit.
    #[arg(long, default_value_t = 0)]
    pub window_limit: u32,
    /// Requests allowed per group of endpoints in 24 h; 0 is no limit.
    #[arg(long, default_value_t = 0)]
    pub day_limit: u32,
}

//! Commands with a simulated Spotify.

use clap::Args;

pub(super) const SIMULATE_EXAMPLES: &str = "\
Examples:
  phonolog simulate --listen 127.0.0.1:8080
  phonolog simulate --listen 127.0.0.1:0 --tracks 10000 --shape 2026
  phonolog simulate --mood field
  phonolog simulate --fault '{\"match\":\"/v1/me/tracks\",\"kind\":\"total_offset\",\"offset\":27}'

Then, in another terminal:
  PHONOLOG_API_URL=http://127.0.0.1:8080/v1 PHONOLOG_ACCESS_TOKEN=any phonolog sync

While it runs, these addresses accept and return JSON:
  GET /sim/truth       show the account
  POST /sim/mutate     edit the account: saves, removals, playlists, plays
  GET, POST, DELETE /sim/faults
                       show, add or end faults
  POST /sim/mood       replace all faults by a mood: kind, field or hostile
  GET, DELETE /sim/requests
                       show or clear the log of requests, with those sent too early
  POST /sim/clock      move the account's clock forward
  POST /sim/token      expire or revoke tokens
docs/simulator.md explains each of them with examples.";

/// `phonolog demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// Run one full sync, print its progress and a summary, then exit.
    #[arg(long)]
    pub once: bool,
}

/// `phonolog simulate`
#[derive(Debug, Args)]
pub struct Simulate {
    /// Address to listen on; loopback only.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub listen: std::net::SocketAddr,
    /// Number of saved tracks.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub tracks: u32,
    /// Number of saved albums.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(0..=20_000))]
    pub albums: u32,
    /// Number of followed artists.
    #[arg(long, default_value_t = 80, value_parser = clap::value_parser!(u32).range(0..=20_000))]
    pub artists: u32,
    /// Number of playlists.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    pub playlists: u32,
    /// Number of plays in the history at the start.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub plays: u32,
    /// Seed of the library; the same seed gives the same library.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Delay of each response, in milliseconds.
    #[arg(long, default_value_t = 0)]
    pub latency_ms: u64,
    /// Format of the responses: legacy, dual or 2026.
    #[arg(long, default_value = "2026")]
    pub shape: crate::simulator::Shape,
    /// Requests allowed in 30 s; 0 means no limit.
    #[arg(long, default_value_t = 0)]
    pub window_limit: u32,
    /// Requests allowed per group of endpoints in 24 h; 0 means no limit.
    #[arg(long, default_value_t = 0)]
    pub day_limit: u32,
    /// Faults of the service: kind (none), field (those that people report) or hostile (all kinds, often).
    #[arg(long, default_value = "kind")]
    pub mood: crate::simulator::Mood,
    /// A fault as JSON (repeatable); docs/simulator.md lists all kinds.
    #[arg(long = "fault", value_name = "JSON", value_parser = read_fault)]
    pub faults: Vec<crate::simulator::Fault>,
}

fn read_fault(text: &str) -> Result<crate::simulator::Fault, String> {
    let fault: crate::simulator::Fault = serde_json::from_str(text).map_err(|error| error.to_string())?;
    fault.complaint().map_or(Ok(fault), |complaint| Err(complaint.to_owned()))
}

//! Commands over a made-up Spotify.

use clap::Args;

pub(super) const SIMULATE_EXAMPLES: &str = "\
Examples:
  phonolog simulate --listen 127.0.0.1:8080
  phonolog simulate --listen 127.0.0.1:0 --tracks 10000 --shape 2026
  phonolog simulate --mood field
  phonolog simulate --fault '{\"match\":\"/v1/me/tracks\",\"kind\":\"total_offset\",\"offset\":27}'

Then, in another terminal:
  PHONOLOG_API_URL=http://127.0.0.1:8080/v1 PHONOLOG_ACCESS_TOKEN=any phonolog sync

While it runs it takes orders at these addresses, as JSON:
  GET /sim/truth       the account as it is
  POST /sim/mutate     edits of the account: saves, removals, playlists, plays
  GET, POST, DELETE /sim/faults
                       what goes wrong: shows, adds, ends
  POST /sim/mood       kind, field or hostile, in place of all faults
  GET, DELETE /sim/requests
                       what was asked so far, and how often too early
  POST /sim/clock      moves the account's clock on
  POST /sim/token      ends or revokes tokens
docs/simulator.md explains each of them with commands to try.";

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
    /// How Spotify behaves: kind (every answer is right), field (what people report) or hostile (everything, often).
    #[arg(long, default_value = "kind")]
    pub mood: crate::simulator::Mood,
    /// A fault, as JSON; may be given several times. docs/simulator.md lists all kinds.
    #[arg(long = "fault", value_name = "JSON", value_parser = read_fault)]
    pub faults: Vec<crate::simulator::Fault>,
}

fn read_fault(text: &str) -> Result<crate::simulator::Fault, String> {
    let fault: crate::simulator::Fault = serde_json::from_str(text).map_err(|error| error.to_string())?;
    fault.complaint().map_or(Ok(fault), |complaint| Err(complaint.to_owned()))
}

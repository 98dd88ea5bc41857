//! Commands about the listening: taken in from exports, summed up.

use clap::{Args, ValueEnum};

pub(super) const IMPORT_EXAMPLES: &str = "\
Examples:
  phonolog import my_spotify_data.zip
  phonolog import \"Spotify Extended Streaming History\"     a folder
  phonolog import --dry-run my_spotify_data.zip            only say what would come of it
  phonolog import --json *.zip | jq .total

Ask for \"Extended streaming history\" at https://www.spotify.com/account/privacy; it comes within
30 days. Account data work, too, but tell the last year only, without seconds. Importing again
changes nothing. Addresses and user names are not kept.";

/// `phonolog import`
#[derive(Debug, Args)]
pub struct Import {
    /// Exports as they came: zip files, folders, or single files.
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<std::path::PathBuf>,
    /// Change nothing, and say what would come of it.
    #[arg(long)]
    pub dry_run: bool,
    /// The report as one JSON object.
    #[arg(long)]
    pub json: bool,
}

pub(super) const STATS_EXAMPLES: &str = "\
Examples:
  phonolog stats                              an overview of everything
  phonolog stats --since 2025                 of a year
  phonolog stats top-tracks --since 30d       of the last thirty days
  phonolog stats artists --since 2025-11 --limit 50
  phonolog stats days --since 2025-01-01..2025-12-31 --json | jq .rows
  phonolog stats never-played                 saved, but never played

A PERIOD is a year or a month (2025, 2025-11), days from..to, both included,
or since when until now: 30d, 12h, a day as 2025-11-01, or any other time that
phonolog changes understands. Days and hours are those of stats.time_zone.";

/// `phonolog stats`
#[derive(Debug, Args)]
pub struct StatsArgs {
    /// What to tell; an overview where nothing is named.
    #[arg(value_name = "STATISTIC", value_enum)]
    pub statistic: Option<Statistic>,
    /// In which time; in all that is known where nothing is said.
    #[arg(long, value_name = "PERIOD")]
    pub since: Option<String>,
    /// At most so many rows; of days the newest.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
    /// Sum up all plays again first, where `phonolog doctor` finds damaged sums.
    #[arg(long)]
    pub recount: bool,
    /// As one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// What statistics there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Statistic {
    /// What was played most, by uri
    TopTracks,
    /// Artists; a track counts for each of its artists
    Artists,
    /// Albums, all editions of one together
    Albums,
    /// Genres of the artists
    Genres,
    /// Plays and time by day
    Days,
    /// Plays and time by hour of the day
    Hours,
    /// Plays and time by day of the week
    Weekdays,
    /// Days in a row with listening
    Streaks,
    /// How much was skipped, and what most
    Skips,
    /// Saved tracks that were never played
    NeverPlayed,
    /// What was played most of what is not saved
    NotSaved,
}

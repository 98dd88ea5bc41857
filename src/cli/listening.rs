//! Commands about the listening history: import and statistics.

use clap::{Args, ValueEnum};

pub(super) const IMPORT_EXAMPLES: &str = "\
Examples:
  phonolog import my_spotify_data.zip
  phonolog import \"Spotify Extended Streaming History\"     a folder
  phonolog import --dry-run my_spotify_data.zip            only show what would be imported
  phonolog import --json *.zip | jq .total
  phonolog import --rejects rejects.csv my_spotify_data.zip  write what cannot be imported to a file
  phonolog imports                                         list what was imported
  phonolog import --undo 3                                 undo import 3

Request \"Extended streaming history\" at https://www.spotify.com/account/privacy; it arrives within
30 days. \"Account data\" works, too, but covers only the last year, without seconds.
Importing the same files again changes nothing. IP addresses and user names are not stored.";

/// `phonolog import`
#[derive(Debug, Args)]
pub struct Import {
    /// Privacy exports: zip files, folders or single files.
    #[arg(value_name = "PATH", required_unless_present = "undo")]
    pub paths: Vec<std::path::PathBuf>,
    /// Undo the import with this number (see phonolog imports); keeps plays that other files or Spotify's
    /// own list also contain.
    #[arg(long, value_name = "ID", conflicts_with_all = ["paths", "rejects"])]
    pub undo: Option<i64>,
    /// Write rejected rows and the reason for each to this CSV file.
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<std::path::PathBuf>,
    /// Show what would be imported or undone; change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Print the report as one JSON object.
    #[arg(long)]
    pub json: bool,
}

pub(super) const IMPORTS_EXAMPLES: &str = "\
Examples:
  phonolog imports
  phonolog imports --json | jq 'select(.undone_at == null)'

Each imported file has a number; phonolog import --undo undoes the import with that number.";

pub(super) const SEARCH_EXAMPLES: &str = "\
Examples:
  phonolog search hyperballad
  phonolog search artist:bjork plays:>10
  phonolog search kind:song gone:yes --json | jq -r .uri

Every word must occur; accents and case do not matter. artist: album: year: kind: and state:
search one column, plays:>10 compares a number, saved:no and gone:yes match the state.
Exit status: 0 found, 1 nothing found or failed, 2 usage.";

/// `phonolog search`
#[derive(Debug, Args)]
pub struct Search {
    /// Words that must occur.
    #[arg(value_name = "WORDS", required = true)]
    pub words: Vec<String>,
    /// Show at most this many.
    #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// Print one JSON object per line.
    #[arg(long)]
    pub json: bool,
}

pub(super) const REPORT_EXAMPLES: &str = "\
Examples:
  phonolog report                                this year, as Markdown
  phonolog report 2025 --against 2024            two years side by side
  phonolog report 2025 --html 2025.html          one page without scripts or external files
  phonolog report 2025-06..2025-08 --card summer.svg

A PERIOD is written as for phonolog stats --in. Files are not replaced.";

/// `phonolog report`
#[derive(Debug, Args)]
pub struct Report {
    /// Period to report [default: this year].
    #[arg(value_name = "PERIOD")]
    pub period: Option<String>,
    /// Compare with another period.
    #[arg(long, value_name = "PERIOD")]
    pub against: Option<String>,
    /// Write the report as one HTML file instead of printing it.
    #[arg(long, value_name = "FILE")]
    pub html: Option<std::path::PathBuf>,
    /// Write a picture to share, as SVG, instead of printing.
    #[arg(long, value_name = "FILE")]
    pub card: Option<std::path::PathBuf>,
}

pub(super) const STATS_EXAMPLES: &str = "\
Examples:
  phonolog stats                              an overview of everything
  phonolog stats --in 2025                    one year
  phonolog stats --since 2025                 from 2025 on
  phonolog stats top-tracks --since 30d       the last thirty days
  phonolog stats artists --since 2025-11 --limit 50
  phonolog stats days --in 2025-01-01..2025-12-31 --json | jq .rows
  phonolog stats never-played                 saved, but never played

A PERIOD is a year (2025), a month (2025-11), a day (2025-11-24) or a range of these
(2025-01-01..2025-12-31, both included). A TIME is a year, a month, a day, 30d, 12h, or any
other time that phonolog changes accepts. Days and hours use stats.time_zone.";

/// `phonolog stats`
#[derive(Debug, Args)]
pub struct StatsArgs {
    /// Statistic to show [default: an overview].
    #[arg(value_name = "STATISTIC", value_enum)]
    pub statistic: Option<Statistic>,
    /// Count what was played from this time on [default: the whole history].
    #[arg(long, value_name = "TIME", conflicts_with = "period")]
    pub since: Option<String>,
    /// Count what was played in this period.
    #[arg(long = "in", value_name = "PERIOD")]
    pub period: Option<String>,
    /// Show at most this many rows; for days, the newest.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
    /// Recompute all sums first; needed only if `phonolog doctor` finds them damaged.
    #[arg(long)]
    pub recount: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// The statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Statistic {
    /// Tracks played most, by uri
    TopTracks,
    /// Artists played most; a track counts for each of its artists
    Artists,
    /// Albums played most; all editions of an album together
    Albums,
    /// Genres played most, from the artists
    Genres,
    /// Plays and time by day
    Days,
    /// Plays and time by hour of the day
    Hours,
    /// Plays and time by day of the week
    Weekdays,
    /// Consecutive days with plays
    Streaks,
    /// Share of skipped plays, and what was skipped most
    Skips,
    /// Saved tracks that were never played
    NeverPlayed,
    /// Tracks played most that are not saved
    NotSaved,
}

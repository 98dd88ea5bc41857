//! The command line, as clap types and nothing else. The comments are the help texts, as people read
//! them: without backticks.
#![allow(clippy::doc_markdown)]

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Keep a complete, local record of your Spotify library and listening, live in your terminal.
#[derive(Debug, Parser)]
#[command(name = "phonolog", version, about, after_help = EXAMPLES)]
pub struct Cli {
    /// Where settings and data lie.
    #[command(flatten)]
    pub places: Places,
    /// What to do; the dashboard where nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  phonolog demo              look around with a made-up library
  phonolog login             connect your Spotify account
  phonolog                   open the dashboard and keep recording
  phonolog sync --json       one sync for a script, a JSON object per line
  phonolog status            what is recorded, and what is due
  phonolog import my.zip     take in a privacy export
  phonolog changes           what came, went and changed in the library
  phonolog stats --since 30d what was played most, and when";

const STATS_EXAMPLES: &str = "\
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

const CHANGES_EXAMPLES: &str = "\
Examples:
  phonolog changes --since 7d                 the last seven days
  phonolog changes --entity tracks --limit 20
  phonolog changes --playlist \"Road trip\"     of one playlist and its contents
  phonolog changes --json | jq .name          one JSON object per line

  phonolog changes --as-of 2026-11-01         the saved tracks as they were
  phonolog changes --as-of 30d --entity playlists
  phonolog changes --as-of 30d --playlist \"Road trip\"

A TIME is 2026-11-01T10:00:00Z, a local \"2026-11-01 10:00\", a day as 2026-11-01
(its beginning), or how long ago: 7d, 12h, 90min.";

const EXPORT_EXAMPLES: &str = "\
Examples:
  phonolog export tracks > tracks.csv
  phonolog export plays --form jsonl | jq .name
  phonolog export playlists --form m3u8 --to ~/playlists    a file for each playlist

In CSV a cell that a spreadsheet would take for a formula (it begins with =, +, - or @) gets an
apostrophe in front; --raw leaves it away. JSON is always exact. Exit status: 0 done, 1 failed, 2 usage.";
const IMPORT_EXAMPLES: &str = "\
Examples:
  phonolog import my_spotify_data.zip
  phonolog import \"Spotify Extended Streaming History\"     a folder
  phonolog import --dry-run my_spotify_data.zip            only say what would come of it
  phonolog import --json *.zip | jq .total

Ask for \"Extended streaming history\" at https://www.spotify.com/account/privacy; it comes within
30 days. Account data work, too, but tell the last year only, without seconds. Importing again
changes nothing. Addresses and user names are not kept.";

/// Where settings and data lie.
#[derive(Debug, Clone, Default, Args)]
pub struct Places {
    /// Database, token, lock and logs lie here [env: PHONOLOG_DATA_DIR].
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<String>,
    /// Another database, as sqlite:PATH [env: PHONOLOG_DATABASE_URL].
    #[arg(long, global = true, value_name = "URL")]
    pub database: Option<String>,
    /// Another config file [env: PHONOLOG_CONFIG].
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<String>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Look around: the dashboard over a made-up library and a throw-away database.
    #[command(
        after_help = "Examples:\n  phonolog demo\n  phonolog demo --once    one sync in plain lines, then exit"
    )]
    Demo(Demo),
    /// Connect your Spotify account.
    #[command(
        after_help = "Examples:\n  phonolog login\n  phonolog login --no-browser    over ssh: open the URL anywhere, paste back where it leads"
    )]
    Login(Login),
    /// Forget the login; everything recorded stays.
    #[command(after_help = "Examples:\n  phonolog logout")]
    Logout,
    /// Sync once, then exit.
    #[command(
        after_help = "Examples:\n  phonolog sync\n  phonolog sync tracks albums\n  phonolog sync details           genres of artists, as far as the day's budget goes\n  phonolog sync --full            read everything again\n  phonolog sync --plan            what a sync would cost and change, and do nothing\n  phonolog sync --plan --full     what reading everything again would cost\n  phonolog sync --json | jq .     one JSON object per line\n\nExit status: 0 done, 1 failed, 2 usage, 3 needs login, 4 held by a rate limit, 5 stopped by the brake, 130 interrupted."
    )]
    Sync(Sync),
    /// Say what is recorded, how far each part is, and what is due.
    #[command(
        after_help = "Examples:\n  phonolog status\n  phonolog status --watch            again with each change, until Ctrl-C\n  phonolog status --json | jq .entities"
    )]
    Status(Status),
    /// Run the engine without a screen; screens and commands attach to it.
    #[command(
        after_help = "Examples:\n  phonolog daemon                until SIGTERM or Ctrl-C; SIGHUP reads the config again\n  phonolog daemon --install      as a service of systemd's user manager\n  phonolog daemon --uninstall\n\nExit status: 0 ended by a signal, 1 failed or another engine runs, 2 usage."
    )]
    Daemon(Daemon),
    /// Stop the library sync until it is resumed; playback is still recorded.
    #[command(
        after_help = "Examples:\n  phonolog pause\n  phonolog pause --json\n\nExit status: 0 done, 1 failed."
    )]
    Pause(Facts),
    /// Take the library sync up again.
    #[command(after_help = "Examples:\n  phonolog resume\n\nExit status: 0 done, 1 failed.")]
    Resume(Facts),
    /// Stop the sync that is under way after its page, which is kept.
    #[command(after_help = "Examples:\n  phonolog cancel\n\nExit status: 0 done, 1 no sync is running.")]
    Cancel(Facts),
    /// Have the running engine read its config again.
    #[command(
        after_help = "Examples:\n  phonolog reload\n  phonolog reload --json\n\nExit status: 0 done, 1 the config is faulty or no engine runs."
    )]
    Reload(Facts),
    /// Show the newest syncs.
    #[command(after_help = "Examples:\n  phonolog runs\n  phonolog runs --limit 5 --json | jq .status")]
    Runs(Runs),
    /// Show the newest lines of the log.
    #[command(
        after_help = "Examples:\n  phonolog logs\n  phonolog logs --lines 200\n  phonolog logs --follow    until Ctrl-C"
    )]
    Logs(Logs),
    /// Look whether everything is as it should be.
    #[command(
        after_help = "Examples:\n  phonolog doctor\n  phonolog doctor --json | jq 'select(.state == \"bad\")'\n\nExit status: 0 nothing is wrong, 1 something is."
    )]
    Doctor(Facts),
    /// Write a copy of the database, consistent also while a sync runs, and verify it.
    #[command(
        after_help = "Examples:\n  phonolog backup ~/phonolog-2026-11-25.db\n\nExit status: 0 done, 1 failed."
    )]
    Backup(Backup),
    /// Put a copy in the database's place; what was there is kept beside it.
    #[command(
        after_help = "Examples:\n  phonolog restore ~/phonolog-2026-11-25.db\n\nRefused while an engine runs. Exit status: 0 done, 1 failed."
    )]
    Restore(Restore),
    /// Write a list for other programs: CSV, JSON lines, or M3U8.
    #[command(after_help = EXPORT_EXAMPLES)]
    Export(Export),
    /// Erase everything that phonolog keeps on this machine: the record, the login, the logs.
    #[command(
        after_help = "Examples:\n  phonolog forget          asks first\n  phonolog forget --yes\n\nBackups that you made, and the config, stay. Exit status: 0 done, 1 failed or not confirmed."
    )]
    Forget(Forget),
    /// Print shell completions.
    #[command(
        after_help = "Examples:\n  phonolog completions bash > ~/.local/share/bash-completion/completions/phonolog"
    )]
    Completions(Completions),
    /// Print the manual page, or write one for each command.
    #[command(
        after_help = "Examples:\n  phonolog man | man -l -\n  phonolog man --dir ~/.local/share/man/man1"
    )]
    Man(Man),
    /// Show what changed in the library, or the library as it was.
    #[command(after_help = CHANGES_EXAMPLES)]
    Changes(Changes),
    /// Take in a privacy export: the complete listening history, without a single request.
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(Import),
    /// Tell what was played most, when, how long, and what never.
    #[command(after_help = STATS_EXAMPLES)]
    Stats(Stats),
    /// Show, check or write the config.
    #[command(
        after_help = "Examples:\n  phonolog config              the settings in force\n  phonolog config --check      only say whether they are valid\n  phonolog config --sample     every key with its default, as a file\n  phonolog config --write      put that file in place, if there is none"
    )]
    Config(ConfigArgs),
    /// Serve a made-up Spotify on loopback, for tests and for trying things out.
    #[command(
        after_help = "Examples:\n  phonolog simulate --listen 127.0.0.1:8080\n  phonolog simulate --listen 127.0.0.1:0 --tracks 10000 --shape 2026\n\nThen, in another terminal:\n  PHONOLOG_API_URL=http://127.0.0.1:8080/v1 PHONOLOG_ACCESS_TOKEN=any phonolog sync"
    )]
    Simulate(Simulate),
}

/// `phonolog demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// One full sync in plain lines, a summary, then exit.
    #[arg(long)]
    pub once: bool,
}

/// `phonolog login`
#[derive(Debug, Args)]
pub struct Login {
    /// Open no browser: print the URL and read the redirected one from standard input.
    #[arg(long)]
    pub no_browser: bool,
}

/// `phonolog sync`
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Sync {
    /// tracks, albums, artists, playlists, playlist_items, plays; all of these where none is named.
    /// Also details (genres and pictures of the library's artists), within what is left of the day's budget.
    #[arg(value_name = "ENTITY", value_parser = entity)]
    pub entities: Vec<crate::domain::Entity>,
    /// Read everything again, whether it seems to have changed or not.
    #[arg(long)]
    pub full: bool,
    /// Only say how many requests it would take, how long, and what would change, for at most one request per
    /// entity. Nothing is done.
    #[arg(long, conflicts_with = "allow_removals")]
    pub plan: bool,
    /// Allow the removals that the last sync stopped at, at most as many as it showed.
    #[arg(long)]
    pub allow_removals: bool,
    /// One JSON object per line.
    #[arg(long)]
    pub json: bool,
}

/// `phonolog status`
#[derive(Debug, Default, Args)]
pub struct Status {
    /// As one JSON object; with --watch one per line.
    #[arg(long)]
    pub json: bool,
    /// Tell it again with each change, until Ctrl-C.
    #[arg(long)]
    pub watch: bool,
}

/// A command that prints facts and takes nothing else.
#[derive(Debug, Args)]
pub struct Facts {
    /// As JSON, one object a line.
    #[arg(long)]
    pub json: bool,
}

/// `phonolog daemon`
#[derive(Debug, Args)]
pub struct Daemon {
    /// Log to standard error instead of the rolling file.
    #[arg(long)]
    pub stderr: bool,
    /// Write the unit for systemd's user manager, and say what to do next.
    #[arg(long, conflicts_with_all = ["uninstall", "stderr"])]
    pub install: bool,
    /// Remove that unit.
    #[arg(long, conflicts_with = "stderr")]
    pub uninstall: bool,
}

/// `phonolog runs`
#[derive(Debug, Args)]
pub struct Runs {
    /// How many.
    #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// One JSON object per line.
    #[arg(long)]
    pub json: bool,
}

/// `phonolog logs`
#[derive(Debug, Args)]
pub struct Logs {
    /// How many lines.
    #[arg(long, short = 'n', value_name = "COUNT", default_value_t = 50)]
    pub lines: usize,
    /// Go on with what comes, until Ctrl-C.
    #[arg(long, short)]
    pub follow: bool,
}

/// `phonolog backup`
#[derive(Debug, Args)]
pub struct Backup {
    /// The file to write.
    #[arg(value_name = "FILE")]
    pub file: std::path::PathBuf,
    /// Replace the file if it is there already.
    #[arg(long)]
    pub force: bool,
    /// As one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `phonolog restore`
#[derive(Debug, Args)]
pub struct Restore {
    /// A file that phonolog backup wrote.
    #[arg(value_name = "FILE")]
    pub file: std::path::PathBuf,
    /// As one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `phonolog export`
#[derive(Debug, Args)]
pub struct Export {
    /// What to write; of playlists every slot.
    pub what: ExportWhat,
    /// In which form.
    #[arg(long, default_value = "csv")]
    pub form: ExportForm,
    /// Into this folder, of playlists a file for each; standard output where none is named.
    #[arg(long, value_name = "DIR")]
    pub to: Option<std::path::PathBuf>,
    /// In CSV, leave text as it is even where a spreadsheet would take it for a formula.
    #[arg(long)]
    pub raw: bool,
}

/// A list to be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportWhat {
    /// The saved tracks.
    Tracks,
    /// The saved albums.
    Albums,
    /// The followed artists.
    Artists,
    /// The playlists with their contents.
    Playlists,
    /// The plays.
    Plays,
    /// The journal.
    Changes,
}

impl ExportWhat {
    /// The word for it, also of its file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tracks => "tracks",
            Self::Albums => "albums",
            Self::Artists => "artists",
            Self::Playlists => "playlists",
            Self::Plays => "plays",
            Self::Changes => "changes",
        }
    }
}

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportForm {
    /// Comma-separated values with a heading.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// For players; playlists only.
    M3u8,
}

impl ExportForm {
    /// How a file of it is called.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::M3u8 => "m3u8",
        }
    }
}

/// `phonolog forget`
#[derive(Debug, Args)]
pub struct Forget {
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
}

/// `phonolog completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// For which shell.
    pub shell: clap_complete::Shell,
}

/// `phonolog man`
#[derive(Debug, Args)]
pub struct Man {
    /// Write a page for each command into this folder.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<std::path::PathBuf>,
}

/// `phonolog changes`
#[derive(Debug, Args)]
pub struct Changes {
    /// Only what a sync saw then or later.
    #[arg(long, value_name = "TIME", conflicts_with = "as_of")]
    pub since: Option<String>,
    /// Only what a sync saw before then.
    #[arg(long, value_name = "TIME", conflicts_with = "as_of")]
    pub until: Option<String>,
    /// Only tracks, albums, artists, playlists or playlist_items; may be given several times.
    #[arg(long = "entity", value_name = "ENTITY", value_parser = journalled)]
    pub entities: Vec<crate::domain::Entity>,
    /// Only this playlist: its id, its uri or its exact name. With --as-of its contents.
    #[arg(long, value_name = "PLAYLIST")]
    pub playlist: Option<String>,
    /// Only the newest ones.
    #[arg(long, value_name = "COUNT", conflicts_with = "as_of", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
    /// Instead of changes, the library as it was then: the saved tracks, or what --entity or --playlist
    /// names.
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<String>,
    /// One JSON object per line, with the columns of v_library_changes, or of the list's own view.
    #[arg(long)]
    pub json: bool,
}

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

/// `phonolog stats`
#[derive(Debug, Args)]
pub struct Stats {
    /// What to tell; an overview where nothing is named.
    #[arg(value_name = "STATISTIC", value_enum)]
    pub statistic: Option<Statistic>,
    /// In which time; in all that is known where nothing is said.
    #[arg(long, value_name = "PERIOD")]
    pub since: Option<String>,
    /// At most so many rows; of days the newest.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
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

/// `phonolog config`
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// Only say whether the settings are valid.
    #[arg(long, conflicts_with_all = ["sample", "write"])]
    pub check: bool,
    /// Print every key with its default, as a file.
    #[arg(long, conflicts_with = "write")]
    pub sample: bool,
    /// Put the sample in place, if there is no config file yet.
    #[arg(long)]
    pub write: bool,
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

/// Reads an entity's name, and says which there are where it is none.
fn entity(word: &str) -> Result<crate::domain::Entity, String> {
    one_of(crate::domain::Entity::ALL, word)
}

/// Reads the name of an entity whose changes are kept.
fn journalled(word: &str) -> Result<crate::domain::Entity, String> {
    one_of(&crate::domain::Entity::MIRRORED, word)
}

fn one_of(entities: &[crate::domain::Entity], word: &str) -> Result<crate::domain::Entity, String> {
    entities.iter().find(|entity| entity.as_str() == word).copied().ok_or_else(|| {
        let known = entities.iter().map(|entity| entity.as_str()).collect::<Vec<_>>();
        format!("there is no such entity; choose from {}", known.join(", "))
    })
}

//! The command line, as clap types and nothing else. The comments are the help texts, as people read
//! them: without backticks.
//! One file for each group of commands.
#![allow(clippy::doc_markdown)]

mod demo;
mod engine;
mod library;
mod listening;
mod maintenance;

use clap::{Args, Parser, Subcommand};

use demo::SIMULATE_EXAMPLES;
pub use demo::{Demo, Simulate};
pub use engine::{Daemon, Facts, Logs, Runs};
pub use library::{ChangesArgs, Export, ExportForm, ExportWhat, Status, SyncArgs};
pub use listening::{Import, Report, Search, Statistic, StatsArgs};
pub use maintenance::{Backup, Completions, ConfigArgs, Forget, Login, Man, Restore};

use library::{CHANGES_EXAMPLES, EXPORT_EXAMPLES};
use listening::{IMPORT_EXAMPLES, IMPORTS_EXAMPLES, REPORT_EXAMPLES, SEARCH_EXAMPLES, STATS_EXAMPLES};

/// Keep a complete, local record of your Spotify library and listening, live in your terminal.
#[derive(Debug, Parser)]
#[command(name = "phonolog", version, about, after_help = EXAMPLES)]
pub struct Cli {
    /// File locations.
    #[command(flatten)]
    pub places: Places,
    /// Command to run (default: open the dashboard).
    #[command(subcommand)]
    pub command: Option<CliCommand>,
}

const EXAMPLES: &str = "\
Examples:
  phonolog demo              try the dashboard with a made-up library
  phonolog login             connect your Spotify account
  phonolog                   open the dashboard and keep recording
  phonolog sync --json       sync once and print one JSON object per line
  phonolog status            show what is recorded and what is due
  phonolog import my.zip     import a privacy export
  phonolog changes           show what was added, removed and changed
  phonolog stats --since 30d show what you played most, and when";

/// File locations.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct Places {
    /// Directory of the database, token, lock and logs [env: PHONOLOG_DATA_DIR].
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<String>,
    /// Use another database, written as sqlite:PATH [env: PHONOLOG_DATABASE_URL].
    #[arg(long, global = true, value_name = "URL")]
    pub database: Option<String>,
    /// Use another config file [env: PHONOLOG_CONFIG].
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<String>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum CliCommand {
    /// Try the dashboard with a made-up library and a temporary database.
    #[command(
        after_help = "Examples:\n  phonolog demo\n  phonolog demo --once    run one sync, print its progress, then exit"
    )]
    Demo(Demo),
    /// Connect your Spotify account.
    #[command(
        after_help = "Examples:\n  phonolog login\n  phonolog login --no-browser    over ssh: log in with a browser elsewhere"
    )]
    Login(Login),
    /// Delete the login; the record stays.
    #[command(after_help = "Examples:\n  phonolog logout")]
    Logout,
    /// Sync once, then exit.
    #[command(
        after_help = "Examples:\n  phonolog sync\n  phonolog sync tracks albums\n  phonolog sync details           genres of artists, within the daily budget\n  phonolog sync --full            read all lists completely\n  phonolog sync --plan            show what a sync would cost and change\n  phonolog sync --plan --full     show what a full sync would cost\n  phonolog sync --json | jq .     one JSON object per line\n\nExit status: 0 done, 1 failed, 2 usage, 3 needs login, 4 held by a rate limit, 5 stopped by the brake, 130 interrupted."
    )]
    Sync(SyncArgs),
    /// Show what is recorded, the progress of each list, and what is due.
    #[command(
        after_help = "Examples:\n  phonolog status\n  phonolog status --watch            print again on every change until Ctrl-C\n  phonolog status --json | jq .entities"
    )]
    Status(Status),
    /// Run the engine without a screen; screens and commands attach to it.
    #[command(
        after_help = "Examples:\n  phonolog daemon                run until SIGTERM or Ctrl-C; SIGHUP reloads the config\n  phonolog daemon --install      install a systemd user service\n  phonolog daemon --uninstall\n\nExit status: 0 stopped by a signal, 1 failed or another engine is running, 2 usage."
    )]
    Daemon(Daemon),
    /// Pause the library sync; plays are still recorded.
    #[command(
        after_help = "Examples:\n  phonolog pause\n  phonolog pause --json\n\nExit status: 0 done, 1 failed."
    )]
    Pause(Facts),
    /// Resume the library sync.
    #[command(after_help = "Examples:\n  phonolog resume\n\nExit status: 0 done, 1 failed.")]
    Resume(Facts),
    /// Stop the running sync after its current page; the page is kept.
    #[command(after_help = "Examples:\n  phonolog cancel\n\nExit status: 0 done, 1 no sync is running.")]
    Cancel(Facts),
    /// Reload the config of the running engine.
    #[command(
        after_help = "Examples:\n  phonolog reload\n  phonolog reload --json\n\nExit status: 0 done, 1 the config is invalid or no engine is running."
    )]
    Reload(Facts),
    /// Show the most recent syncs.
    #[command(after_help = "Examples:\n  phonolog runs\n  phonolog runs --limit 5 --json | jq .status")]
    Runs(Runs),
    /// Show the last lines of the log.
    #[command(
        after_help = "Examples:\n  phonolog logs\n  phonolog logs --lines 200\n  phonolog logs --follow    until Ctrl-C"
    )]
    Logs(Logs),
    /// Check config, files, database, login, clock and network.
    #[command(
        after_help = "Examples:\n  phonolog doctor\n  phonolog doctor --json | jq 'select(.state == \"bad\")'\n\nExit status: 0 no problem found, 1 at least one check failed."
    )]
    Doctor(Facts),
    /// Write and verify a copy of the database; works during a sync.
    #[command(
        after_help = "Examples:\n  phonolog backup ~/phonolog-2026-11-25.db\n\nExit status: 0 done, 1 failed."
    )]
    Backup(Backup),
    /// Replace the database with a backup; the old database is kept beside it.
    #[command(
        after_help = "Examples:\n  phonolog restore ~/phonolog-2026-11-25.db          asks first, on a terminal\n  phonolog restore ~/phonolog-2026-11-25.db --yes\n\nNot possible while an engine is running. Exit status: 0 done, 1 failed."
    )]
    Restore(Restore),
    /// Export a list as CSV, JSON lines or M3U8.
    #[command(after_help = EXPORT_EXAMPLES)]
    Export(Export),
    /// Erase the record, the login and the logs from this machine.
    #[command(
        after_help = "Examples:\n  phonolog forget          asks first\n  phonolog forget --yes\n\nYour backups and the config are kept. Exit status: 0 done, 1 failed or not confirmed."
    )]
    Forget(Forget),
    /// Print shell completions.
    #[command(
        after_help = "Examples:\n  phonolog completions bash > ~/.local/share/bash-completion/completions/phonolog"
    )]
    Completions(Completions),
    /// Print the manual page, or write one page per command.
    #[command(
        after_help = "Examples:\n  phonolog man | man -l -\n  phonolog man --dir ~/.local/share/man/man1"
    )]
    Man(Man),
    /// Show changes of the library, or the library at an earlier time.
    #[command(after_help = CHANGES_EXAMPLES)]
    Changes(ChangesArgs),
    /// Import a privacy export (your complete listening history); makes no requests.
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(Import),
    /// List the imported files.
    #[command(after_help = IMPORTS_EXAMPLES)]
    Imports(Facts),
    /// Show listening statistics: top lists, days, hours, streaks, skips.
    #[command(after_help = STATS_EXAMPLES)]
    Stats(StatsArgs),
    /// Print what you listened to in a year or another period, or write it as a page or a picture.
    #[command(after_help = REPORT_EXAMPLES)]
    Report(Report),
    /// Search songs, albums, artists and playlists by name, including removed ones.
    #[command(after_help = SEARCH_EXAMPLES)]
    Search(Search),
    /// Show, check or create the config file.
    #[command(
        after_help = "Examples:\n  phonolog config              print the current settings\n  phonolog config --check      check the config file\n  phonolog config --sample     print a config file with every key and its default\n  phonolog config --write      create such a file, if there is none"
    )]
    Config(ConfigArgs),
    /// Serve a made-up Spotify on loopback for tests and experiments.
    #[command(
        after_help = SIMULATE_EXAMPLES
    )]
    Simulate(Simulate),
}

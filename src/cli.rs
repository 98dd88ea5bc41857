//! The command line, as clap types and nothing else. The comments are the help texts, as people read
//! them: without backticks.
//! One file for each group of commands.
#![allow(clippy::doc_markdown)]

mod engine;
mod library;
mod listening;
mod made_up;
mod upkeep;

use clap::{Args, Parser, Subcommand};

pub use engine::{Daemon, Facts, Logs, Runs};
pub use library::{ChangesArgs, Export, ExportForm, ExportWhat, Status, SyncArgs};
pub use listening::{Import, Statistic, StatsArgs};
use made_up::SIMULATE_EXAMPLES;
pub use made_up::{Demo, Simulate};
pub use upkeep::{Backup, Completions, ConfigArgs, Forget, Login, Man, Restore};

use library::{CHANGES_EXAMPLES, EXPORT_EXAMPLES};
use listening::{IMPORT_EXAMPLES, STATS_EXAMPLES};

/// Keep a complete, local record of your Spotify library and listening, live in your terminal.
#[derive(Debug, Parser)]
#[command(name = "phonolog", version, about, after_help = EXAMPLES)]
pub struct Cli {
    /// Where settings and data lie.
    #[command(flatten)]
    pub places: Places,
    /// What to do; the dashboard where nothing is said.
    #[command(subcommand)]
    pub command: Option<CliCommand>,
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
pub enum CliCommand {
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
    Sync(SyncArgs),
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
    Changes(ChangesArgs),
    /// Take in a privacy export: the complete listening history, without a single request.
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(Import),
    /// Tell what was played most, when, how long, and what never.
    #[command(after_help = STATS_EXAMPLES)]
    Stats(StatsArgs),
    /// Show, check or write the config.
    #[command(
        after_help = "Examples:\n  phonolog config              the settings in force\n  phonolog config --check      only say whether they are valid\n  phonolog config --sample     every key with its default, as a file\n  phonolog config --write      put that file in place, if there is none"
    )]
    Config(ConfigArgs),
    /// Serve a made-up Spotify on loopback, for tests and for trying things out.
    #[command(
        after_help = SIMULATE_EXAMPLES
    )]
    Simulate(Simulate),
}

//! The composition root: one file per command, their output, and the parts of a process.
//!
//! Owns: how the parts are connected, and what a command prints. Used only by `main`.

mod commands;
mod output;
mod runtime;
use std::process::ExitCode;

use color_eyre::Result;

use crate::cli::{Cli, CliCommand, Places};
use crate::config::{Config, Flags};
use crate::tui::Keymap;
use commands::account::{login, logout};
use commands::engine::{control, daemon, dashboard, demo, simulate, sync};
use commands::inspect::{config, doctor, logs, manuals, runs, status};
use commands::record::{backup, changes, export, forget, import, imports, report, search, stats};
use output::print;

pub use output::failure::Failure;

/// Runs the command; returns its exit status.
pub async fn run(cli: Cli) -> Result<u8> {
    print::finish(dispatch(cli).await)
}

async fn dispatch(cli: Cli) -> Result<u8> {
    let places = cli.places;
    match cli.command {
        None => dashboard::open(loaded(&places)?).await,
        Some(CliCommand::Demo(args)) => demo::show(&args).await,
        Some(CliCommand::Login(args)) => login::connect(load(&places)?, &args).await,
        Some(CliCommand::Logout) => logout::forget_login(&load(&places)?),
        Some(CliCommand::Sync(args)) => sync::once(loaded(&places)?, &args).await,
        Some(CliCommand::Status(args)) => status::show(&load(&places)?, &args).await,
        Some(CliCommand::Changes(args)) => changes::show(&load(&places)?, &args).await,
        Some(CliCommand::Daemon(args)) => daemon::run(loaded(&places)?, &args).await,
        Some(CliCommand::Pause(args)) => control::pause(&load(&places)?, true, args.json).await,
        Some(CliCommand::Resume(args)) => control::pause(&load(&places)?, false, args.json).await,
        Some(CliCommand::Cancel(args)) => control::cancel(&load(&places)?, args.json).await,
        Some(CliCommand::Reload(args)) => control::reload(&load(&places)?, args.json).await,
        Some(CliCommand::Runs(args)) => runs::show(&load(&places)?, &args).await,
        Some(CliCommand::Logs(args)) => logs::show(&load(&places)?, &args).await,
        Some(CliCommand::Doctor(args)) => doctor::examine(load(&places), args.json).await,
        Some(CliCommand::Backup(args)) => backup::write(&load(&places)?, &args).await,
        Some(CliCommand::Restore(args)) => backup::restore(&load(&places)?, &args).await,
        Some(CliCommand::Export(args)) => export::write(&load(&places)?, &args).await,
        Some(CliCommand::Forget(args)) => forget::everything(&load(&places)?, &args),
        Some(CliCommand::Completions(args)) => manuals::completions(&args),
        Some(CliCommand::Man(args)) => manuals::man(&args),
        Some(CliCommand::Report(args)) => report::write(&load(&places)?, &args).await,
        Some(CliCommand::Search(args)) => search::find(&load(&places)?, &args).await,
        Some(CliCommand::Stats(args)) => stats::show(&load(&places)?, &args).await,
        Some(CliCommand::Import(args)) => import::take_in(load(&places)?, args).await,
        Some(CliCommand::Imports(args)) => imports::list(&load(&places)?, args.json).await,
        Some(CliCommand::Config(args)) => config::show(&flags(&places), &args),
        Some(CliCommand::Simulate(args)) => simulate::serve(&args).await,
    }
}

fn flags(places: &Places) -> Flags {
    Flags {
        data_dir: places.data_dir.clone(),
        database: places.database.clone(),
        config: places.config.clone(),
    }
}

/// The config and the flags that it was loaded from, so that it can be read again.
#[derive(Debug, Clone)]
struct Loaded {
    config: Config,
    flags: Flags,
}

fn loaded(places: &Places) -> Result<Loaded> {
    Ok(Loaded { config: load(places)?, flags: flags(places) })
}

fn load(places: &Places) -> Result<Config> {
    settings(&flags(places))
}

/// The settings, if all of them are valid. Only the screen knows the actions of keys, so it checks
/// them here: every command reports an error in the file, not only one that opens a screen.
fn settings(flags: &Flags) -> Result<Config> {
    let config = Config::load(flags, &|name| std::env::var(name).ok())?;
    Keymap::new(&config.keys)?;
    Ok(config)
}

/// Prints the error in one sentence, and returns the exit status.
#[must_use]
pub fn report(error: &color_eyre::Report) -> ExitCode {
    print::error(&error.to_string());
    ExitCode::from(error.downcast_ref::<Failure>().map_or(1, Failure::exit_status))
}

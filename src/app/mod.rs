//! The composition root: one file per command.
//!
//! Owns: how the parts are joined, and what a command prints. Used by `main` alone.
#![allow(clippy::print_stdout, clippy::print_stderr)] // Commands are what may print.

mod changes;
mod config;
mod dashboard;
mod demo;
mod engine_room;
mod failure;
mod import;
mod logging;
mod login;
mod logout;
mod out;
mod paper;
mod period;
mod plan;
mod progress;
mod signals;
mod simulate;
mod stats;
mod status;
mod sync;
mod token_file;
mod when;

use std::process::ExitCode;

use color_eyre::Result;

use crate::cli::{Cli, Command, Places};
use crate::config::{Config, Flags};

pub use failure::Failure;

/// Runs the command; answers its exit status.
pub async fn run(cli: Cli) -> Result<u8> {
    let places = cli.places;
    match cli.command {
        None => dashboard::open(load(&places)?).await,
        Some(Command::Demo(args)) => demo::show(&args).await,
        Some(Command::Login(args)) => login::connect(load(&places)?, &args).await,
        Some(Command::Logout) => logout::forget_login(&load(&places)?),
        Some(Command::Sync(args)) => sync::once(load(&places)?, &args).await,
        Some(Command::Status(args)) => status::tell(&load(&places)?, &args).await,
        Some(Command::Changes(args)) => changes::show(&load(&places)?, &args).await,
        Some(Command::Stats(args)) => stats::tell(&load(&places)?, &args).await,
        Some(Command::Import(args)) => import::take_in(load(&places)?, args).await,
        Some(Command::Config(args)) => config::show(&flags(&places), &args),
        Some(Command::Simulate(args)) => simulate::serve(&args).await,
    }
}

fn flags(places: &Places) -> Flags {
    Flags {
        data_dir: places.data_dir.clone(),
        database: places.database.clone(),
        config: places.config.clone(),
    }
}

fn load(places: &Places) -> Result<Config> {
    Ok(Config::load(&flags(places), &|name| std::env::var(name).ok())?)
}

/// Says what went wrong in one sentence, and with which exit status to leave.
#[must_use]
pub fn report(error: &color_eyre::Report) -> ExitCode {
    out::complain(&error.to_string());
    ExitCode::from(error.downcast_ref::<Failure>().map_or(1, Failure::exit_status))
}

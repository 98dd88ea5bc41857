//! phonolog's binary: parses the command line, prepares for panics, runs one command.

#![forbid(unsafe_code)]

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use phonolog::{app, cli::Cli};

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Err(error) = prepare_for_panics() {
        return app::report(&error);
    }
    // One worker for the engine, and this thread for the screen: parsing a page never delays a key,
    // and more threads would only wake each other.
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            return app::report(&app::Failure::failed(format!("cannot start the runtime: {error}")).into());
        }
    };
    let done = runtime.block_on(app::run(cli));
    // A thread that waits for a line of standard input must not delay the exit.
    runtime.shutdown_background();
    match done {
        Ok(status) => ExitCode::from(status),
        Err(error) => app::report(&error),
    }
}

/// A panic is a bug in phonolog: the terminal is restored first, then one sentence reports it.
fn prepare_for_panics() -> color_eyre::Result<()> {
    let mut hooks = color_eyre::config::HookBuilder::default()
        .display_env_section(false)
        .panic_section("This is a bug in phonolog. The record is safe. Please report it with the log.");
    if !std::io::stderr().is_terminal() || std::env::var_os("NO_COLOR").is_some() {
        hooks = hooks.theme(color_eyre::config::Theme::new());
    }
    let (panic_hook, eyre_hook) = hooks.into_hooks();
    eyre_hook.install()?;
    let hook = panic_hook.into_panic_hook();
    std::panic::set_hook(Box::new(move |info| {
        phonolog::tui::restore();
        tracing::error!(%info, "a fault in phonolog");
        hook(info);
    }));
    Ok(())
}

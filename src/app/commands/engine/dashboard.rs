//! `phonolog`: the dashboard of the running engine, otherwise of one of its own; before that, a
//! screen for a person without a login.

use std::sync::Arc;

use color_eyre::Result;
use tokio_util::sync::CancellationToken;

use crate::app::commands::inspect::config::keep_theme;
use crate::cli;
use crate::clock::{SharedClock, SystemClock};
use crate::config::Config;
use crate::domain::Host;
use crate::engine::Schedule;
use crate::handle::Handle;
use crate::tui::{
    self, ColorChoice, ExitReason, KeepTheme, Keymap, Opening, Outside, TerminalSignals, UiSettings,
};

use super::demo;
use crate::app::commands::account::first_run::{self, Passed};
use crate::app::commands::inspect::status;
use crate::app::output::print;
use crate::app::runtime::connect;
use crate::app::runtime::engine_proxy::{self, Ended};
use crate::app::runtime::{logging, query_service, web_browser};
use crate::app::{Failure, Loaded};

/// Opens the dashboard; without a terminal, prints the status.
pub async fn open(loaded: Loaded) -> Result<u8> {
    if !print::has_screen() {
        return status::show(&loaded.config, &cli::Status::default()).await;
    }
    let (loaded, signals) = loop {
        match first_run::pass(loaded.clone()).await? {
            Passed::On(loaded, signals) => break (*loaded, signals),
            Passed::Demo(signals) => match demo::go_on(signals).await? {
                // Back to the screen that it was opened from.
                ExitReason::Quit => {}
                left => return finish(Ok(left)),
            },
            Passed::Left(left) => return finish(Ok(left)),
        }
    };
    let _log = logging::start(&loaded.config)?;
    let (leave, stop) = (CancellationToken::new(), CancellationToken::new());
    let reached =
        connect::reach(&loaded, Schedule::Recurring, Host::Screen, &CancellationToken::new()).await?;
    let (handle, board) = engine_proxy::connect(&reached, loaded.clone(), stop.clone());
    let board = tokio::spawn(board.work(reached));
    let left = draw(&loaded.config, handle, SystemClock::shared(), signals, false, leave).await;
    stop.cancel();
    let ended = board.await.map_err(|error| Failure::failed(format!("the engine failed: {error}")))?;
    if matches!(left, Ok(ExitReason::Quit)) {
        print::line(farewell(ended));
    }
    finish(left)
}

/// Whether recording continues, and how to continue it.
const fn farewell(ended: Ended) -> &'static str {
    match ended {
        Ended::Own { watchers: 0 } => {
            "phonolog has stopped recording; the record is safe. `phonolog daemon --install` keeps it recording without a screen."
        }
        Ended::Own { .. } => "Another open screen continues recording.",
        Ended::Attached => "The engine runs in another process and continues recording.",
    }
}

/// Draws until a person leaves. The signals that a previous screen watched are used further.
pub async fn draw(
    config: &Config,
    handle: Handle,
    clock: SharedClock,
    signals: Option<TerminalSignals>,
    is_demo: bool,
    stop: CancellationToken,
) -> Result<ExitReason> {
    let opening = Opening {
        settings: look(config),
        keymap: Keymap::new(&config.keys)?,
        signals: signals.map_or_else(TerminalSignals::watch, Ok)?,
        is_demo,
    };
    let reader = query_service::start(config.paths.database_url(), config.paths.log_dir(), clock.clone());
    let file = config.paths.config_file.clone();
    // What is tried in the demo leaves no trace.
    let keep_theme: Option<KeepTheme> = (!is_demo).then(|| -> KeepTheme {
        Arc::new(move |name| keep_theme(&file, name).map_err(|error| error.to_string()))
    });
    let outside = Outside { reader: Some(reader), browser: Arc::new(web_browser::open), keep_theme };
    Ok(tui::run(handle, outside, opening, clock, stop).await?)
}

/// The appearance of screens according to the config.
pub const fn look(config: &Config) -> UiSettings {
    UiSettings {
        color: match config.ui.theme {
            _ if !config.ui.color => ColorChoice::None,
            Some(palette) => ColorChoice::TrueColor(palette),
            None => ColorChoice::Auto,
        },
        truecolor: config.ui.truecolor,
        ascii: config.ui.ascii,
        mouse: config.ui.mouse,
    }
}

/// The exit status of a closed screen.
pub fn finish(left: Result<ExitReason>) -> Result<u8> {
    Ok(match left? {
        ExitReason::Quit | ExitReason::Hangup => 0,
        ExitReason::Terminated => 143,
    })
}

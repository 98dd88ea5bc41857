//! `phonolog`: the dashboard over an engine of its own.

use std::io::IsTerminal;

use color_eyre::Result;
use tokio_util::sync::CancellationToken;

use crate::cli;
use crate::config::Config;
use crate::engine::Schedule;
use crate::tui::{self, ColorChoice, Left, UiSettings};

use super::engine_room::{self, EngineRoom};
use super::{logging, out, status};

/// Opens the dashboard; where there is no terminal, tells the status.
pub async fn open(config: Config) -> Result<u8> {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        return status::tell(&config, &cli::Status { json: false }).await;
    }
    let _log = logging::start(&config)?;
    let stop = CancellationToken::new();
    let room = engine_room::start(&config, Schedule::Recurring, stop.clone()).await?;
    let left = draw(&config, &room, stop).await;
    room.close().await;
    if matches!(left, Ok(Left::Quit)) {
        out::say("phonolog no longer records; what it has is safe. Start it again to go on.");
    }
    finish(left)
}

/// Draws until somebody leaves.
pub async fn draw(
    config: &Config,
    room: &EngineRoom,
    stop: CancellationToken,
) -> Result<Left, tui::TuiError> {
    let settings = UiSettings {
        color: if config.ui.color { ColorChoice::Auto } else { ColorChoice::None },
        ascii: config.ui.ascii,
    };
    tui::run(room.engine.handle.clone(), room.clock.clone(), settings, stop).await
}

/// The exit status of a screen that was left.
pub fn finish(left: Result<Left, tui::TuiError>) -> Result<u8> {
    Ok(match left? {
        Left::Quit | Left::Hangup => 0,
        Left::Terminated => 143,
    })
}

//! `phonolog daemon`: the engine without a screen.

mod manager;
mod unit;

use std::time::Duration;

use color_eyre::Result;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::cli;
use crate::domain::Host;
use crate::engine::Schedule;

use crate::app::runtime::engine_host::{self, EngineRoom};
use crate::app::runtime::logging;
use crate::app::{Failure, Loaded};
use manager::Manager;

/// How long the current page may take after a stop. Whatever is still open then is rolled back, as
/// after a kill.
const LAST_PAGE: Duration = Duration::from_secs(5);

/// Runs the engine until a signal ends it; or writes or removes the unit of the service manager.
pub async fn run(loaded: Loaded, args: &cli::Daemon) -> Result<u8> {
    if args.install {
        return unit::install(&loaded);
    }
    if args.uninstall {
        return unit::uninstall();
    }
    let config = &loaded.config;
    let _log = if args.stderr { logging::start_on_stderr(config)? } else { logging::start(config)? };
    let mut signals = DaemonSignals::watch()?;
    let stop = CancellationToken::new();
    let room = match engine_host::start_open(&loaded, Schedule::Recurring, Host::Daemon, stop).await {
        Ok(room) => room,
        // It was stopped before it had started.
        Err(error) if matches!(error.downcast_ref(), Some(Failure::Interrupted)) => return Ok(0),
        Err(error) => return Err(error),
    };
    tracing::info!(version = env!("CARGO_PKG_VERSION"), database = %config.paths.database.display(), "engine started");
    let mut manager = Manager::greet();
    let ended = keep(&room, &mut signals, &mut manager).await;
    manager.say_goodbye();
    if tokio::time::timeout(LAST_PAGE, room.close()).await.is_err() {
        tracing::warn!("the current page did not finish in time; the next sync reads it again");
    }
    tracing::info!("engine stopped");
    ended
}

/// Handles signals, the manager and the snapshots, until it is stopped.
async fn keep(room: &EngineRoom, signals: &mut DaemonSignals, manager: &mut Manager) -> Result<u8> {
    let mut snapshots = room.engine.handle.snapshots();
    // One future for all iterations of the loop: a new one in each iteration would start its wait
    // again with every snapshot.
    let mut heartbeat = std::pin::pin!(manager::heartbeat(room.engine.handle.clone()));
    loop {
        tokio::select! {
            biased;
            _ = signals.terminate.recv() => return Ok(0),
            _ = signals.interrupt.recv() => return Ok(0),
            _ = signals.hangup.recv() => reload(room),
            why = room.fault() => {
                room.deliver_fault(&why).await;
                return Err(Failure::failed(why).into());
            }
            () = &mut heartbeat => {}
            news = snapshots.changed() => {
                if news.is_err() {
                    return Err(Failure::failed("the engine panicked; see `phonolog logs`").into());
                }
                manager.show(&snapshots.borrow_and_update());
            }
        }
    }
}

fn reload(room: &EngineRoom) {
    if let Some(Err(error)) = room.desk.as_ref().map(|desk| desk.read_config()) {
        tracing::error!(%error, "config not reloaded");
    }
}

/// The signals for a daemon.
struct DaemonSignals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl DaemonSignals {
    fn watch() -> Result<Self, Failure> {
        let watch = |kind| {
            signal(kind).map_err(|error| {
                Failure::failed(format!(
                    "cannot listen for signals ({error}); check the limits of this process"
                ))
            })
        };
        Ok(Self {
            terminate: watch(SignalKind::terminate())?,
            interrupt: watch(SignalKind::interrupt())?,
            hangup: watch(SignalKind::hangup())?,
        })
    }
}

//! The two channel ends for all communication with an engine.
//!
//! Owns: the format of commands and answers, and the handle of a screen. Must not know: how an
//! engine is reached. A handle shows whether the engine is reachable. Its owner uses an engine in
//! this process and one behind a socket in the same way.

mod reader;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot, watch};

use crate::domain::{Entity, RunId, Snapshot, Trigger};

pub use reader::{Reader, ReaderEnd};

/// Commands that may wait for the engine. It takes each within a moment, so a full channel means a
/// stuck engine, and the sender gets an error instead of waiting.
pub const COMMANDS: usize = 16;

/// What a run does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncRequest {
    /// The entities to sync; empty means every one that this release mirrors, and the plays.
    pub entities: Vec<Entity>,
    /// Whether everything is read again.
    pub full: bool,
    /// Whether a person has approved the removals that the brake stopped, for this run.
    pub allow_removals: bool,
    /// What triggers it.
    pub trigger: Trigger,
}

/// What a person may request from an engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum EngineCommand {
    /// Start a run now.
    Sync(SyncRequest),
    /// Stop the library sync until `Resume`, even over restarts; plays are still recorded.
    Pause,
    /// Resume the library sync.
    Resume,
    /// Stop the current run between two pages.
    Cancel,
    /// Answer, to show that the engine is alive.
    Ping,
}

/// The engine accepted the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Accepted {
    /// A run was started.
    Run(RunId),
    /// The command took effect.
    Done,
}

/// The engine did not accept the command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum CommandRefused {
    /// A run is already in progress.
    #[error("a sync is already running")]
    Busy,
    /// A person paused the library sync.
    #[error("the library sync is paused; resume it first")]
    Paused,
    /// There is nothing to cancel.
    #[error("no sync is running")]
    Idle,
    /// The engine failed to execute it.
    #[error("{0}")]
    Failed(String),
    /// The engine is not running.
    #[error("the engine does not answer")]
    Gone,
}

/// The connection to the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// The engine runs in this process.
    Own,
    /// The engine runs in another process and answers.
    Attached,
    /// It does not answer; the last snapshot is shown.
    Reconnecting {
        /// When the next attempt is.
        at: DateTime<Utc>,
    },
    /// It will not answer any more.
    Lost {
        /// One sentence with the next step.
        why: String,
    },
}

impl Link {
    /// Whether an engine can receive a command.
    #[must_use]
    pub const fn is_up(&self) -> bool {
        matches!(self, Self::Own | Self::Attached)
    }
}

/// A command and the channel for its answer.
#[derive(Debug)]
pub struct CommandRequest {
    /// The command.
    pub command: EngineCommand,
    /// Takes exactly one answer.
    pub answer: oneshot::Sender<Result<Accepted, CommandRefused>>,
}

/// The engine's handle for a screen or a command.
#[derive(Debug, Clone)]
pub struct Handle {
    snapshots: watch::Receiver<Arc<Snapshot>>,
    links: watch::Receiver<Link>,
    commands: mpsc::Sender<CommandRequest>,
    screens: Arc<watch::Sender<u32>>,
}

/// Marks a screen as open as long as this value exists: some of the shown data is requested only
/// then.
#[derive(Debug)]
pub struct OpenScreen {
    screens: Arc<watch::Sender<u32>>,
}

impl Drop for OpenScreen {
    fn drop(&mut self) {
        self.screens.send_modify(|open| *open = open.saturating_sub(1));
    }
}

/// The engine's side of a [`Handle`].
#[derive(Debug)]
pub struct EngineEnd {
    /// Receives each new snapshot.
    pub snapshots: watch::Sender<Arc<Snapshot>>,
    /// Receives whether the engine is reachable; an engine itself does not use it.
    pub links: watch::Sender<Link>,
    /// The incoming commands.
    pub commands: mpsc::Receiver<CommandRequest>,
    /// How many screens are open.
    pub screens: watch::Receiver<u32>,
}

impl Handle {
    /// A handle and its engine side.
    #[must_use]
    pub fn pair(first: Snapshot) -> (Self, EngineEnd) {
        let (snapshot_in, snapshots) = watch::channel(Arc::new(first));
        let (link_in, links) = watch::channel(Link::Own);
        let (commands, command_out) = mpsc::channel(COMMANDS);
        let (screens, open) = watch::channel(0);
        let screens = Arc::new(screens);
        let end = EngineEnd { snapshots: snapshot_in, links: link_in, commands: command_out, screens: open };
        (Self { snapshots, links, commands, screens }, end)
    }

    /// The snapshots; the newest is always right, and older ones are skipped.
    #[must_use]
    pub fn snapshots(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshots.clone()
    }

    /// The newest snapshot.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshots.borrow().clone()
    }

    /// The connection to the engine, as it changes.
    #[must_use]
    pub fn links(&self) -> watch::Receiver<Link> {
        self.links.clone()
    }

    /// The current connection to the engine.
    #[must_use]
    pub fn link(&self) -> Link {
        self.links.borrow().clone()
    }

    /// Tells the engine that a screen is open, until the returned value is dropped.
    #[must_use]
    pub fn open_screen(&self) -> OpenScreen {
        self.screens.send_modify(|open| *open = open.saturating_add(1));
        OpenScreen { screens: Arc::clone(&self.screens) }
    }

    /// Sends a command and waits for its answer; must not be called from a loop that also draws.
    pub async fn send(&self, command: EngineCommand) -> Result<Accepted, CommandRefused> {
        let (answer, answered) = oneshot::channel();
        self.commands.try_send(CommandRequest { command, answer }).map_err(|_| CommandRefused::Gone)?;
        answered.await.unwrap_or(Err(CommandRefused::Gone))
    }
}

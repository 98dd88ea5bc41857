//! The two channel ends through which everything else talks to an engine.
//!
//! Owns: the shape of commands and answers, and the handle that a screen holds. Must not know: how an
//! engine is reached; a holder is told whether it is, and treats an engine in this process and one behind
//! a socket alike.

mod reader;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot, watch};

use crate::domain::{Entity, RunId, Snapshot, Trigger};

pub use reader::{Reader, ReaderEnd};

/// Commands that may wait for the engine. It takes each within a moment, so a full channel means a
/// stuck engine, and the sender is told instead of waiting.
pub const COMMANDS: usize = 16;

/// What a run is to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncRequest {
    /// The entities to sync; empty means every one that this release mirrors, and the plays.
    pub entities: Vec<Entity>,
    /// Read everything again.
    pub full: bool,
    /// A person has allowed the removals that the brake stopped, for this run.
    pub allow_removals: bool,
    /// Who asks.
    pub trigger: Trigger,
}

/// What a person may want of an engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum EngineCommand {
    /// Begin a run now.
    Sync(SyncRequest),
    /// Stop syncing the library until `Resume`, restarts included; playback is still recorded.
    Pause,
    /// Resume the library sync.
    Resume,
    /// Stop the run under way between two pages.
    Cancel,
    /// Answer, to show that somebody is there.
    Ping,
}

/// The engine took the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Accepted {
    /// A run was begun.
    Run(RunId),
    /// It is so now.
    Done,
}

/// The engine did not take the command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum CommandRefused {
    /// One run at a time.
    #[error("a sync is already running")]
    Busy,
    /// A person stopped the library sync.
    #[error("the library sync is paused; resume it first")]
    Paused,
    /// There is nothing to cancel.
    #[error("no sync is running")]
    Idle,
    /// The engine could not do it.
    #[error("{0}")]
    Failed(String),
    /// Nobody listens.
    #[error("the engine does not answer")]
    Gone,
}

/// The way to the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// The engine runs in this process.
    Own,
    /// The engine runs in another process and answers.
    Attached,
    /// It does not answer; what is shown is the last it said.
    Reconnecting {
        /// When it is tried again.
        at: DateTime<Utc>,
    },
    /// It will not answer any more.
    Lost {
        /// One sentence with the next step.
        why: String,
    },
}

impl Link {
    /// Whether somebody is there to take a command.
    #[must_use]
    pub const fn is_up(&self) -> bool {
        matches!(self, Self::Own | Self::Attached)
    }
}

/// A command and where its answer goes.
#[derive(Debug)]
pub struct CommandRequest {
    /// What is wanted.
    pub command: EngineCommand,
    /// Takes exactly one answer.
    pub answer: oneshot::Sender<Result<Accepted, CommandRefused>>,
}

/// What a screen or a command holds of an engine.
#[derive(Debug, Clone)]
pub struct Handle {
    snapshots: watch::Receiver<Arc<Snapshot>>,
    links: watch::Receiver<Link>,
    commands: mpsc::Sender<CommandRequest>,
    screens: Arc<watch::Sender<u32>>,
}

/// A screen that is open for as long as this lives: some of what it shows is asked for only then.
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
    /// Where each new snapshot goes.
    pub snapshots: watch::Sender<Arc<Snapshot>>,
    /// Where it is told whether the engine is there; an engine itself leaves it alone.
    pub links: watch::Sender<Link>,
    /// Where commands come from.
    pub commands: mpsc::Receiver<CommandRequest>,
    /// How many screens are open.
    pub screens: watch::Receiver<u32>,
}

impl Handle {
    /// A handle and the end that serves it.
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

    /// The snapshots; the newest is always right, older ones are skipped.
    #[must_use]
    pub fn snapshots(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshots.clone()
    }

    /// The newest snapshot.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshots.borrow().clone()
    }

    /// The way to the engine, as it changes.
    #[must_use]
    pub fn links(&self) -> watch::Receiver<Link> {
        self.links.clone()
    }

    /// The way to the engine, as it is now.
    #[must_use]
    pub fn link(&self) -> Link {
        self.links.borrow().clone()
    }

    /// Tells the engine that a screen is open, until what this gives is dropped.
    #[must_use]
    pub fn open_screen(&self) -> OpenScreen {
        self.screens.send_modify(|open| *open = open.saturating_add(1));
        OpenScreen { screens: Arc::clone(&self.screens) }
    }

    /// Sends a command and waits for its answer; never from a loop that also draws.
    pub async fn send(&self, command: EngineCommand) -> Result<Accepted, CommandRefused> {
        let (answer, answered) = oneshot::channel();
        self.commands.try_send(CommandRequest { command, answer }).map_err(|_| CommandRefused::Gone)?;
        answered.await.unwrap_or(Err(CommandRefused::Gone))
    }
}

//! Connects one screen to whichever engine there is: its own, a daemon's, another screen's.
//!
//! The screen has one `Handle` as long as it is open. Behind it this task forwards snapshots,
//! commands and the state of the link. If the engine belonged to another screen or a command and is
//! gone, the task takes the lock and starts an engine of its own. It does not replace a daemon:
//! whoever stopped it wanted that, or restarts it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::domain::{Alert, AlertKind, EngineState, Host, Snapshot, Storage, display_safe};
use crate::engine::Schedule;
use crate::handle::{CommandRefused, CommandRequest, EngineEnd, Handle, Link};

use super::connect::{self, Reached};
use super::engine_host;
use crate::app::Loaded;

/// Interval between attempts to take over from an engine that has exited.
const TAKE_OVER: Duration = Duration::from_millis(500);

/// The state when the screen was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The engine was ours and has stopped; other screens may have followed it.
    Own {
        /// How many did; one of them takes over.
        watchers: usize,
    },
    /// The engine belongs to another process.
    Attached,
}

/// The task and its data.
pub struct Switchboard {
    /// What is needed to start an engine.
    pub loaded: Loaded,
    /// The other end of the screen's handle.
    pub end: EngineEnd,
    /// Ends the task.
    pub stop: CancellationToken,
}

/// Why forwarding ended.
enum Relayed {
    Stopped,
    /// Our own engine had to stop, and why.
    Broken(String),
    /// The engine is gone, and another one may start.
    Orphaned,
}

/// A handle for a screen, connected to the reached engine, and the task behind it.
pub fn connect(reached: &Reached, loaded: Loaded, stop: CancellationToken) -> (Handle, Switchboard) {
    let source = source(reached);
    let (handle, end) = Handle::pair((*source.snapshot()).clone());
    end.links.send_replace(source.link());
    (handle, Switchboard { loaded, end, stop })
}

fn source(reached: &Reached) -> Handle {
    match reached {
        Reached::Own(room) => room.engine.handle.clone(),
        Reached::Attached(handle) => handle.clone(),
    }
}

impl Switchboard {
    /// Works until it is stopped; then closes the engine, if it is ours.
    pub async fn work(mut self, mut reached: Reached) -> Ended {
        loop {
            let handle = source(&reached);
            let relayed = tokio::select! {
                relayed = self.relay(&handle) => relayed,
                why = fault(&reached) => Relayed::Broken(why),
            };
            match relayed {
                Relayed::Stopped => break,
                Relayed::Broken(why) => {
                    if let Reached::Own(room) = &reached {
                        room.deliver_fault(&why).await;
                    }
                    self.show_fault(&handle.snapshot(), why);
                    self.stop.cancelled().await;
                    break;
                }
                Relayed::Orphaned => {
                    if let Some(own) = self.take_over().await {
                        reached = own;
                    }
                }
            }
        }
        match reached {
            Reached::Own(room) => {
                let watchers = room.watchers();
                room.close().await;
                Ended::Own { watchers }
            }
            Reached::Attached(_) => Ended::Attached,
        }
    }

    /// The last snapshot of an engine that had to stop.
    fn show_fault(&self, last: &Snapshot, why: String) {
        let text = format!("nothing can be recorded: {}", display_safe(&why));
        let alert = Alert { kind: AlertKind::Storage, subject: String::new(), since: last.at, text };
        let mut snapshot = last.clone();
        snapshot.engine = EngineState::None;
        snapshot.storage = Storage::Failing { why };
        snapshot.alerts.retain(|old| old.kind != AlertKind::Storage);
        snapshot.alerts.insert(0, alert);
        self.end.snapshots.send_replace(Arc::new(snapshot));
    }

    /// Takes the lock of the engine that is gone; another process may have been faster.
    async fn take_over(&self) -> Option<Reached> {
        let stop = CancellationToken::new();
        match engine_host::start_open(&self.loaded, Schedule::Recurring, Host::Screen, stop).await {
            Ok(room) => {
                tracing::info!("the engine exited; this screen starts its own");
                Some(Reached::Own(Box::new(room)))
            }
            Err(error) => {
                if !connect::is_held(&error) {
                    tracing::warn!(%error, "cannot take over from the engine that exited");
                }
                None
            }
        }
    }

    async fn relay(&mut self, source: &Handle) -> Relayed {
        // The screen keeps our own handle open; for the engine it is open through this one.
        let _open = source.open_screen();
        let (mut snapshots, mut links) = (source.snapshots(), source.links());
        snapshots.mark_changed();
        links.mark_changed();
        let mut has_broken = false;
        loop {
            let orphaned = is_orphaned(source);
            tokio::select! {
                () = self.stop.cancelled() => return Relayed::Stopped,
                ask = self.end.commands.recv() => match ask {
                    Some(ask) => forward(source, ask),
                    None => return Relayed::Stopped,
                },
                news = next(&mut links) => drop(self.end.links.send_replace(news)),
                news = snapshots.changed(), if !has_broken => {
                    if news.is_ok() {
                        self.end.snapshots.send_replace(snapshots.borrow_and_update().clone());
                    } else {
                        has_broken = true;
                        let why = "the engine of this screen panicked; see `phonolog logs` and start phonolog again";
                        self.end.links.send_replace(Link::Lost { why: why.to_owned() });
                    }
                }
                () = sleep(TAKE_OVER), if orphaned => return Relayed::Orphaned,
            }
        }
    }
}

/// Ends when an engine of our own had to stop; returns the reason.
async fn fault(reached: &Reached) -> String {
    match reached {
        Reached::Own(room) => room.fault().await,
        Reached::Attached(_) => std::future::pending().await,
    }
}

/// Whether the engine is gone and nothing will restart it.
fn is_orphaned(source: &Handle) -> bool {
    matches!(source.link(), Link::Reconnecting { .. }) && source.snapshot().host != Some(Host::Daemon)
}

/// The next value; never ends once there are no more.
async fn next<T: Clone>(values: &mut watch::Receiver<T>) -> T {
    if values.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
    values.borrow_and_update().clone()
}

/// In a separate task, so that a slow answer delays no snapshot.
fn forward(source: &Handle, ask: CommandRequest) {
    let source = source.clone();
    tokio::spawn(async move {
        let answer =
            if source.link().is_up() { source.send(ask.command).await } else { Err(CommandRefused::Gone) };
        let _ = ask.answer.send(answer);
    });
}

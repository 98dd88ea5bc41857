//! What is reported to the service manager: that the engine runs, that it is healthy, and one line
//! about its work. Without a manager nothing is sent and nothing wakes up.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::domain::{EntityState, LoginState, RunStatus, Snapshot};
use crate::handle::{EngineCommand, Handle};

/// The longest time that a healthy engine needs to answer.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);

/// The connection to the service manager.
pub struct Manager {
    /// Whether a manager listens.
    listens: bool,
    told: String,
}

impl Manager {
    /// Reports that the engine runs.
    pub fn greet() -> Self {
        let listens = std::env::var_os("NOTIFY_SOCKET").is_some();
        let manager = Self { listens, told: String::new() };
        manager.notify(&NotifyState::Ready);
        manager
    }

    /// Reports one line about the engine's work, if it differs from the last one.
    pub fn show(&mut self, snapshot: &Snapshot) {
        if !self.listens {
            return;
        }
        let line = line(snapshot);
        if line != self.told {
            self.notify(&NotifyState::Status(&line));
            self.told = line;
        }
    }

    /// Reports that the engine is about to stop.
    pub fn say_goodbye(&self) {
        self.notify(&NotifyState::Stopping);
    }

    fn notify(&self, what: &NotifyState<'_>) {
        if self.listens {
            notify(what);
        }
    }
}

fn notify(what: &NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(std::slice::from_ref(what)) {
        tracing::warn!(%error, "cannot notify the service manager");
    }
}

/// Sends `WATCHDOG=1` as long as the engine answers, three times in the interval after which the
/// manager considers this process dead. Never ends. Keep one for the life of the engine, because a
/// new one starts its interval again.
pub async fn heartbeat(handle: Handle) {
    match sd_notify::watchdog_enabled().filter(|patience| !patience.is_zero()) {
        Some(patience) => beat(&handle, patience, || notify(&NotifyState::Watchdog)).await,
        None => std::future::pending().await,
    }
}

async fn beat(handle: &Handle, patience: Duration, well: impl Fn()) {
    // Often enough that one late answer leaves no half of the interval without a signal.
    let mut beats = interval((patience / 3).max(Duration::from_millis(1)));
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beats.tick().await;
        match timeout(ANSWERED_WITHIN, handle.send(EngineCommand::Ping)).await {
            Ok(Ok(_)) => well(),
            Ok(Err(error)) => tracing::error!(%error, "the engine does not answer"),
            Err(_) => tracing::error!("the engine did not answer within {} s", ANSWERED_WITHIN.as_secs()),
        }
    }
}

fn line(snapshot: &Snapshot) -> String {
    if matches!(snapshot.login, LoginState::Needed { .. }) {
        return "needs login: run `phonolog login`".to_owned();
    }
    let running = snapshot.run.as_ref().is_some_and(|run| run.status == RunStatus::Running);
    let reading = snapshot.entities.iter().find(|row| row.state == EntityState::Running);
    match (running, reading, &snapshot.run) {
        (true, Some(row), _) => format!("syncing {}", row.entity_type),
        (true, None, _) => "syncing".to_owned(),
        (false, _, _) if snapshot.paused => "paused; plays are still recorded".to_owned(),
        (false, _, Some(run)) => format!("last sync {}; {} plays stored", run.status, snapshot.plays.stored),
        (false, _, None) => "waiting for the first sync".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use chrono::DateTime;

    use super::*;
    use crate::handle::Accepted;

    #[tokio::test]
    async fn only_an_engine_that_answers_is_called_well() {
        let first = Snapshot::nothing_recorded("sqlite:x", 300, DateTime::UNIX_EPOCH);
        let (handle, mut end) = Handle::pair(first);
        let beats = Cell::new(0);
        let heart = beat(&handle, Duration::from_millis(3), || beats.set(beats.get() + 1));
        let engine = async {
            for _ in 0..3 {
                drop(end.commands.recv().await.unwrap());
                assert_eq!(beats.get(), 0);
            }
            let ask = end.commands.recv().await.unwrap();
            ask.answer.send(Ok(Accepted::Done)).unwrap();
            drop(end.commands.recv().await.unwrap());
            assert_eq!(beats.get(), 1);
        };
        tokio::select! {
            () = heart => panic!("it never ends"),
            () = engine => {}
        }
    }
}

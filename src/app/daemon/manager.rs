//! What the service manager is told: that the engine runs, that it is well, and one line of what it does.
//! Without a manager nothing is said and nothing wakes up.

use std::time::Duration;

use sd_notify::NotifyState;

use crate::domain::{EntityState, LoginState, RunStatus, Snapshot};

/// The way to the service manager.
pub struct Manager {
    /// Somebody listens.
    listens: bool,
    /// How often it wants to hear that the engine is well.
    pulse: Option<Duration>,
    told: String,
}

impl Manager {
    /// Tells that the engine runs.
    pub fn greet() -> Self {
        let listens = std::env::var_os("NOTIFY_SOCKET").is_some();
        // Twice in the time after which it takes us for dead.
        let pulse = sd_notify::watchdog_enabled().map(|patience| patience / 2);
        let manager = Self { listens, pulse, told: String::new() };
        manager.say(&NotifyState::Ready);
        manager
    }

    /// Ends when it is time to look whether the engine is well.
    pub async fn pulse(&self) {
        match self.pulse {
            Some(pulse) => tokio::time::sleep(pulse).await,
            None => std::future::pending().await,
        }
    }

    /// The engine answers.
    pub fn is_well(&self) {
        self.say(&NotifyState::Watchdog);
    }

    /// One line of what the engine does, if it is another than the last.
    pub fn tell(&mut self, snapshot: &Snapshot) {
        if !self.listens {
            return;
        }
        let line = line(snapshot);
        if line != self.told {
            self.say(&NotifyState::Status(&line));
            self.told = line;
        }
    }

    /// The engine is about to stop.
    pub fn say_goodbye(&self) {
        self.say(&NotifyState::Stopping);
    }

    fn say(&self, what: &NotifyState<'_>) {
        if self.listens
            && let Err(error) = sd_notify::notify(std::slice::from_ref(what))
        {
            tracing::warn!(%error, "the service manager could not be told");
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
        (false, _, _) if snapshot.paused => "paused; playback is still recorded".to_owned(),
        (false, _, Some(run)) => format!("last sync {}; {} plays stored", run.status, snapshot.plays.stored),
        (false, _, None) => "waiting for the first sync".to_owned(),
    }
}

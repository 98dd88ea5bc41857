//! The settings that an engine receives when it starts.

use std::time::Duration;

use tokio::sync::watch;

use crate::config;
use crate::domain::Host;
use crate::engine::timing::failure_pause;

/// Whether runs start by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schedule {
    /// Runs and polls at their intervals, until the engine stops.
    Recurring,
    /// Only on request.
    OnDemand,
}

/// The settings that an engine receives when it starts.
#[derive(Debug, Clone)]
pub struct Settings {
    /// When and how much is read.
    pub sync: config::SyncConfig,
    /// Pace, budget and the longest wait.
    pub gate: config::GateConfig,
    /// How plays are counted.
    pub stats: config::StatsConfig,
    /// Whether runs start by themselves.
    pub schedule: Schedule,
    /// What runs the engine, as shown to people.
    pub host: Host,
    /// The database's URL, as shown to people.
    pub database: String,
    /// Whether the local API listens on every address of this machine.
    pub is_exposed: bool,
}

/// Settings that may change while an engine runs; running work applies them with its next page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tunable {
    /// When and how much is read.
    pub sync: config::SyncConfig,
    /// The longest wait and the budget; the pace itself belongs to the gate.
    pub gate: config::GateConfig,
}

/// The current settings.
#[derive(Debug)]
pub struct LiveSettings {
    pub schedule: Schedule,
    pub is_exposed: bool,
    tunable: watch::Sender<Tunable>,
}

impl LiveSettings {
    pub fn new(settings: &Settings) -> Self {
        Self {
            schedule: settings.schedule,
            is_exposed: settings.is_exposed,
            tunable: watch::Sender::new(Tunable { sync: settings.sync, gate: settings.gate }),
        }
    }

    pub fn sync(&self) -> config::SyncConfig {
        self.tunable.borrow().sync
    }

    pub fn gate(&self) -> config::GateConfig {
        self.tunable.borrow().gate
    }

    /// Replaces the settings.
    pub fn tune(&self, tunable: Tunable) {
        self.tunable.send_if_modified(|now| {
            let differs = *now != tunable;
            *now = tunable;
            differs
        });
    }

    /// Notified when [`LiveSettings::tune`] changed something.
    pub fn changes(&self) -> watch::Receiver<Tunable> {
        self.tunable.subscribe()
    }

    /// How long until the next try after a first failure.
    pub fn retry_interval(&self) -> Duration {
        failure_pause::first(self.sync().library_interval)
    }

    /// How long until the next try after a number of failures in a row.
    pub fn retry_pause(&self, failures: u32) -> Duration {
        failure_pause::pause(self.sync().library_interval, failures)
    }
}

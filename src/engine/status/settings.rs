//! What an engine is told when it starts.

use std::time::Duration;

use tokio::sync::watch;

use crate::config;
use crate::domain::Host;
use crate::engine::timing::failure_pause;

/// Whether runs come by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schedule {
    /// Runs and polls at their intervals, until stopped.
    Recurring,
    /// Only what is asked for.
    OnDemand,
}

/// What an engine is told when it starts.
#[derive(Debug, Clone)]
pub struct Settings {
    /// When and how much is read.
    pub sync: config::SyncConfig,
    /// Pace, budget and patience.
    pub gate: config::GateConfig,
    /// How plays are counted.
    pub stats: config::StatsConfig,
    /// Whether runs come by themselves.
    pub schedule: Schedule,
    /// What runs the engine, for people.
    pub host: Host,
    /// The database's URL, for people.
    pub database: String,
    /// Whether the local API listens on every address of this machine.
    pub is_exposed: bool,
}

/// What may be changed while an engine runs; what is under way notices with its next page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tunable {
    /// When and how much is read.
    pub sync: config::SyncConfig,
    /// Patience and budget; the pace itself is the gate's own.
    pub gate: config::GateConfig,
}

/// The settings as they are at the moment.
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

    /// Other settings from now on.
    pub fn tune(&self, tunable: Tunable) {
        self.tunable.send_if_modified(|now| {
            let differs = *now != tunable;
            *now = tunable;
            differs
        });
    }

    /// Tells when [`LiveSettings::tune`] changed something.
    pub fn changes(&self) -> watch::Receiver<Tunable> {
        self.tunable.subscribe()
    }

    /// When what failed once is tried again.
    pub fn retry_interval(&self) -> Duration {
        failure_pause::first(self.sync().library_interval)
    }

    /// When an entity is tried again that failed so often in a row.
    pub fn retry_pause(&self, failures: u32) -> Duration {
        failure_pause::pause(self.sync().library_interval, failures)
    }
}

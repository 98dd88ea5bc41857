//! What an engine is told when it starts.

use std::time::Duration;

use crate::config;

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
    pub sync: config::Sync,
    /// Pace, budget and patience.
    pub gate: config::Gate,
    /// How plays are counted.
    pub stats: config::Stats,
    /// Whether runs come by themselves.
    pub schedule: Schedule,
    /// The database's URL, for people.
    pub database: String,
    /// Whether the login was held against the database's account when it was made, so that the engine
    /// may go on while `/me` itself is refused.
    pub login_is_checked: bool,
}

impl Settings {
    /// When a failed entity is tried again: sooner than its turn, but not so often that a broken server
    /// costs requests.
    #[must_use]
    pub fn retry_interval(&self) -> Duration {
        self.sync.library_interval.min(Duration::from_mins(15))
    }
}

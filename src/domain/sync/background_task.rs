//! The background work of an engine, beside its runs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::entity::{UnknownWord, words};

/// Background work of an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackgroundTask {
    /// Reads the listening history.
    PlayTracker,
    /// Requests what is playing now, while a screen is open.
    NowPlaying,
    /// Sums up the plays.
    Statistics,
    /// Notices that the machine slept or that its clock was set.
    ClockWatch,
    /// Sends alerts to a program or a webhook.
    AlertDelivery,
}

words!(BackgroundTask, "background task", {
    PlayTracker => "play_tracker",
    NowPlaying => "now_playing",
    Statistics => "statistics",
    ClockWatch => "clock_watch",
    AlertDelivery => "alert_delivery",
});

impl BackgroundTask {
    /// A description of its work, for the start of a sentence.
    #[must_use]
    pub const fn work(self) -> &'static str {
        match self {
            Self::PlayTracker => "recording plays",
            Self::NowPlaying => "showing what plays now",
            Self::Statistics => "summing up the statistics",
            Self::ClockWatch => "watching the clock",
            Self::AlertDelivery => "sending alerts",
        }
    }
}

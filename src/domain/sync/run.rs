//! One execution of the sync.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::entity::{UnknownWord, words};

/// What started a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The interval had passed.
    Schedule,
    /// A key on a screen.
    Key,
    /// The command line.
    Cli,
    /// The local API.
    Api,
}

words!(Trigger, "trigger", {
    Schedule => "schedule",
    Key => "key",
    Cli => "cli",
    Api => "api",
});

/// The state or the result of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// In progress.
    Running,
    /// Everything that could be done was done.
    Done,
    /// At least one entity failed.
    Failed,
    /// At least one entity waits for a rate limit.
    Held,
    /// At least one entity waits for a person's approval of a mass removal.
    Braked,
    /// Nobody is logged in.
    NeedsLogin,
    /// A person stopped it.
    Cancelled,
    /// A crash interrupted it; this is found at the next start.
    Interrupted,
}

words!(RunStatus, "run status", {
    Running => "running",
    Done => "done",
    Failed => "failed",
    Held => "held",
    Braked => "braked",
    NeedsLogin => "needs_login",
    Cancelled => "cancelled",
    Interrupted => "interrupted",
});

impl RunStatus {
    /// The exit status of a command with this run. [`RunStatus::worse`] chooses the first that
    /// applies of 130, 3, 5, 4, 1, 0.
    #[must_use]
    pub const fn exit_status(self) -> u8 {
        match self {
            Self::Done | Self::Running => 0,
            Self::Failed => 1,
            Self::NeedsLogin => 3,
            Self::Held => 4,
            Self::Braked => 5,
            Self::Cancelled | Self::Interrupted => 130,
        }
    }

    /// The result of a whole run, from two results.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        let rank = |status: Self| match status.exit_status() {
            130 => 5,
            3 => 4,
            5 => 3,
            4 => 2,
            1 => 1,
            _ => 0,
        };
        if rank(other) > rank(self) { other } else { self }
    }
}

/// What a finished run did; the final values of its row in `sync_runs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunOutcome {
    /// How it ended.
    pub status: RunStatus,
    /// The time.
    pub finished_at: DateTime<Utc>,
    /// Requests sent to Spotify.
    pub requests: u32,
    /// One sentence, if something went wrong.
    pub error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::RunStatus::{self, Braked, Cancelled, Done, Failed, Held, NeedsLogin};

    #[test]
    fn the_first_that_holds_of_130_3_5_4_1_0_is_the_exit_status() {
        let ranked = [Cancelled, NeedsLogin, Braked, Held, Failed, Done];
        for (i, better) in ranked.iter().enumerate() {
            for worse in &ranked[i..] {
                assert_eq!(better.worse(*worse), *better);
                assert_eq!(worse.worse(*better), *better);
            }
        }
        assert_eq!(ranked.map(RunStatus::exit_status), [130, 3, 5, 4, 1, 0]);
    }
}

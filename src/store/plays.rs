//! The listening history: what each poll said, and the plays derived from it.

use chrono::{DateTime, Utc};

use super::{Result, Store};
use crate::domain::{AccountId, Play, PlaysStatus, Row};

/// One answer of `recently-played`.
#[derive(Debug, Clone, Copy)]
pub struct Poll<'a> {
    /// When it was asked.
    pub polled_at: DateTime<Utc>,
    /// What it listed, newest first.
    pub rows: &'a [Row<Play>],
    /// When the next poll is due.
    pub next_due_at: Option<DateTime<Utc>>,
}

/// What a poll brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollOutcome {
    /// Plays that were not known.
    pub new_plays: u32,
    /// Between these two instants plays may have been lost.
    pub gap: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Store {
    /// Stores what a poll listed, derives the plays and proves or misses coverage. One transaction.
    pub async fn commit_poll(&self, account: AccountId, poll: &Poll<'_>) -> Result<PollOutcome> {
        todo!("{account:?} {poll:?}")
    }

    /// The history at a glance.
    pub async fn plays_status(&self, account: AccountId) -> Result<PlaysStatus> {
        todo!("{account:?}")
    }
}

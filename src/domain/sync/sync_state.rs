//! The progress of an entity: the row from which a restart continues.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::entity::{UnknownWord, words};
use crate::domain::{Entity, Mode, Trigger};

/// What an entity is doing, in the word beside its gauge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntityState {
    /// Never read.
    Pending,
    /// Waiting for its turn in the current run.
    Queued,
    /// Being read.
    Running,
    /// Read; waits until it is due.
    Idle,
    /// Waits for a rate limit.
    Held,
    /// Too much is gone: waits for a person's approval.
    Braked,
    /// The last try failed; there will be another one.
    Failed,
}

words!(EntityState, "entity state", {
    Pending => "pending",
    Queued => "queued",
    Running => "running",
    Idle => "idle",
    Held => "held",
    Braked => "braked",
    Failed => "failed",
});

/// The state of a playlist's contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContentsState {
    /// Stored, in the listed version.
    Complete,
    /// Not read yet.
    Pending,
    /// Spotify does not show them to this app.
    Hidden,
    /// The last try failed.
    Failed,
}

words!(ContentsState, "contents state", {
    Complete => "complete",
    Pending => "pending",
    Hidden => "hidden",
    Failed => "failed",
});

/// How often in a row an entity failed without progress.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Failures {
    /// Failures since the last success or progress.
    pub count: u32,
    /// Rows before the furthest checkpoint at which it failed, since the last success.
    pub furthest: u32,
}

/// A row of `sync_state`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncState {
    /// The entity.
    pub entity: Entity,
    /// What it is doing or waiting for.
    pub state: EntityState,
    /// How it is read.
    pub mode: Mode,
    /// Whether it has been read completely once.
    pub is_initial_complete: bool,
    /// When it last equalled the account; for details, when a turn last fetched some.
    pub last_synced_at: Option<DateTime<Utc>>,
    /// When the last reading of the list from end to end ended; a reading of its changes does not
    /// count.
    pub read_whole_at: Option<DateTime<Utc>>,
    /// Rows read in the current walk, or stored rows if there is none.
    pub total_processed: u32,
    /// The number of rows according to Spotify; unknown before the first page.
    pub total_remote: Option<u32>,
    /// By how many rows `total_remote` exceeds the rows that the list shows, if two readings of the
    /// whole list agreed; negative if it shows more.
    pub total_surplus: i64,
    /// Rows without contents at the last complete reading of the list (`null`, or not understood).
    pub null_rows: u32,
    /// Where a walk continues: the engine's JSON, which the store does not parse. `None`: no walk
    /// is in progress.
    pub cursor: Option<String>,
    /// When it is due next.
    pub next_due_at: Option<DateTime<Utc>>,
    /// One sentence about the last failure; cleared by the next success.
    pub last_error: Option<String>,
    /// How often it failed in a row; zero after a success.
    pub failures: Failures,
    /// Removals that the brake stopped and a person may approve: removed rows, in the number that
    /// was shown.
    pub braked_removals: Option<u32>,
    /// Rows added, removed and changed by its last finished reading.
    pub last_added: u32,
    /// See `last_added`.
    pub last_removed: u32,
    /// See `last_added`.
    pub last_changed: u32,
}

impl SyncState {
    /// The number of rows that the list shows when Spotify's total is `total`.
    #[must_use]
    pub fn listed(&self, total: u32) -> u32 {
        let listed = i64::from(total).saturating_sub(self.total_surplus);
        u32::try_from(listed.max(0)).unwrap_or(u32::MAX)
    }

    /// Its failures plus one. It made progress if its checkpoint is further than ever; a reading
    /// that starts again made none. A person's repeated tries do not make the pause longer.
    #[must_use]
    pub fn failed_again(&self, trigger: Trigger) -> Failures {
        let Failures { count, furthest } = self.failures;
        if self.cursor.is_some() && self.total_processed > furthest {
            return Failures { count: 1, furthest: self.total_processed };
        }
        let is_of_the_schedule = u32::from(trigger == Trigger::Schedule);
        Failures { count: count.saturating_add(is_of_the_schedule).max(1), furthest }
    }

    /// The state of an unknown entity.
    #[must_use]
    pub const fn unread(entity: Entity) -> Self {
        Self {
            entity,
            state: EntityState::Pending,
            mode: Mode::Initial,
            is_initial_complete: false,
            last_synced_at: None,
            read_whole_at: None,
            total_processed: 0,
            total_remote: None,
            total_surplus: 0,
            null_rows: 0,
            cursor: None,
            next_due_at: None,
            last_error: None,
            failures: Failures { count: 0, furthest: 0 },
            braked_removals: None,
            last_added: 0,
            last_removed: 0,
            last_changed: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At a checkpoint after this many rows, or without one.
    fn at(rows: Option<u32>, failures: Failures) -> SyncState {
        SyncState {
            cursor: rows.map(|_| "{}".to_owned()),
            total_processed: rows.unwrap_or(500),
            failures,
            ..SyncState::unread(Entity::Tracks)
        }
    }

    #[test]
    fn what_gets_on_has_failed_once_and_what_begins_anew_again() {
        let mut failures = Failures::default();
        let tries = [None, None, Some(50), Some(50), Some(30), None, Some(50), Some(51), None];
        let counts = tries.map(|rows| {
            failures = at(rows, failures).failed_again(Trigger::Schedule);
            failures.count
        });
        assert_eq!(counts, [1, 2, 1, 2, 3, 4, 5, 1, 2]);
    }

    #[test]
    fn a_person_who_tries_again_makes_no_pause_longer() {
        let failed = |count| at(None, Failures { count, furthest: 0 }).failed_again(Trigger::Cli).count;
        assert_eq!([failed(0), failed(1), failed(4)], [1, 1, 4]);
    }
}

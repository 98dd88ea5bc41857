//! How far an entity has come: the row that a restart goes on from.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::entity::{UnknownWord, words};
use crate::domain::{Entity, Mode};

/// What an entity is doing, in the word that stands beside its gauge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntityState {
    /// Never read.
    Pending,
    /// Its turn in the run that is under way has not come.
    Queued,
    /// Being read.
    Running,
    /// Read; waits for its next turn.
    Idle,
    /// Waits for a rate limit.
    Held,
    /// Too much is gone: waits for a person's word.
    Braked,
    /// The last try failed; there will be another.
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

/// How the contents of a playlist stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContentsState {
    /// Stored, and of the version that is listed.
    Complete,
    /// To be read.
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

/// A row of `sync_state`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncState {
    /// Which entity.
    pub entity: Entity,
    /// What it is doing or waits for.
    pub state: EntityState,
    /// How it is read.
    pub mode: Mode,
    /// Whether it has been read whole once.
    pub is_initial_complete: bool,
    /// When it was last found equal to the account; of details, when a turn last brought some.
    pub last_synced_at: Option<DateTime<Utc>>,
    /// When the last reading of the list from end to end was over; what only followed its changes does not
    /// count.
    pub read_whole_at: Option<DateTime<Utc>>,
    /// Rows read in the walk that is under way, or stored when none is.
    pub total_processed: u32,
    /// Rows that Spotify says there are; unknown before the first page.
    pub total_remote: Option<u32>,
    /// By how many rows `total_remote` exceeds the rows that the list shows, as far as two readings of the
    /// whole list agreed; negative where it shows more.
    pub total_surplus: i64,
    /// Rows of the list, when it was last read whole, that said nothing (`null`, or not understood).
    pub null_rows: u32,
    /// Where a walk goes on: the engine's JSON, opaque to the store. `None`: no walk is under way.
    pub cursor: Option<String>,
    /// When its next turn comes.
    pub next_due_at: Option<DateTime<Utc>>,
    /// One sentence about the last failure; cleared by the next success.
    pub last_error: Option<String>,
    /// Removals that the brake stopped and a person may allow: gone rows, as they were shown.
    pub braked_removals: Option<u32>,
    /// Rows added, removed and changed by its last finished reading.
    pub last_added: u32,
    /// See `last_added`.
    pub last_removed: u32,
    /// See `last_added`.
    pub last_changed: u32,
}

impl SyncState {
    /// Rows that the list shows when Spotify says that it has `total`.
    #[must_use]
    pub fn listed(&self, total: u32) -> u32 {
        let listed = i64::from(total).saturating_sub(self.total_surplus);
        u32::try_from(listed.max(0)).unwrap_or(u32::MAX)
    }

    /// The state of an entity of which nothing is known.
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
            braked_removals: None,
            last_added: 0,
            last_removed: 0,
            last_changed: 0,
        }
    }
}

//! A list that was read whole becomes the library.

use chrono::{DateTime, Utc};

use super::{Result, Store};
use crate::domain::{AccountId, Entity, RunId};

/// How a walk ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishWalk {
    /// The first reading: neither journal nor brake.
    pub baseline: bool,
    /// Removals that a person has allowed for this run; `None`: nobody was asked.
    pub allow_removals: Option<u32>,
    /// Rows that Spotify says there are.
    pub remote: u32,
    /// When the last page was read.
    pub at: DateTime<Utc>,
    /// When the entity's next turn comes.
    pub next_due_at: Option<DateTime<Utc>>,
}

/// What became of a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finished {
    /// The library now equals what was read.
    Applied(Delta),
    /// Too much is gone: nothing was changed, what was staged is dropped, a person decides.
    Braked {
        /// Rows of the library that were not read again.
        gone: u32,
        /// Rows in the library.
        known: u32,
    },
}

/// What a reading changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delta {
    /// Rows that are new; in a first reading all of them.
    pub added: u32,
    /// Rows that are gone.
    pub removed: u32,
    /// Rows that changed or moved.
    pub changed: u32,
}

impl Store {
    /// Makes the library equal to what was staged, touching only rows that differ, and writes the
    /// journal; or pulls the brake. One transaction.
    pub async fn finish_walk(
        &self,
        account: AccountId,
        run: RunId,
        entity: Entity,
        finish: &FinishWalk,
    ) -> Result<Finished> {
        todo!("{account:?} {run:?} {entity} {finish:?}")
    }
}

//! The rows of `sync_state`: how far each entity has come.

use chrono::{DateTime, Utc};

use super::{Result, Store};
use crate::domain::{AccountId, Entity, EntityState, SyncState};

/// What an entity's row is to say from now on; its cursor, counters and the rest stay as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityMark {
    /// What it is doing or waits for.
    pub state: EntityState,
    /// One sentence about the failure; `None` clears the one before.
    pub error: Option<String>,
    /// When its next turn comes; `None` clears the one before.
    pub next_due_at: Option<DateTime<Utc>>,
}

impl Store {
    /// One row per mirrored entity and one for the plays, in working order.
    pub async fn sync_states(&self, account: AccountId) -> Result<Vec<SyncState>> {
        todo!("{account:?}")
    }

    /// The row of one entity; [`SyncState::unread`] where there is none yet.
    pub async fn sync_state(&self, account: AccountId, entity: Entity) -> Result<SyncState> {
        todo!("{account:?} {entity}")
    }

    /// Sets state, error and due time of an entity and nothing else.
    pub async fn mark_entity(&self, account: AccountId, entity: Entity, mark: &EntityMark) -> Result<()> {
        todo!("{account:?} {entity} {mark:?}")
    }
}

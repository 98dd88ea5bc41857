//! What a sync would cost and change, for at most one request per entity; nothing is done.
//!
//! Owns: the estimates. Must not know: how anything is stored or told. They hold for a library that stands
//! still and a Spotify that answers; what only reading would tell is a range.
//!
//! | file | idea |
//! |---|---|
//! | `asking` | one page of each list, and what is stored |
//! | `tracks`, `lists`, `contents` | requests and changes; pure |
//! | `range` | at least and at most; and how long it takes; pure |

mod asking;
mod contents;
mod lists;
mod range;
mod tracks;

use serde::{Deserialize, Serialize};

use crate::domain::{Entity, Mode, RunStatus};

pub use asking::{PlanContext, plan};
pub use range::{Range, Seconds};

/// What a sync would cost and change.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SyncPlan {
    /// One for each entity that was named, in working order.
    pub entities: Vec<EntityPlan>,
    /// Requests in all; that which tells whose library it is among them.
    pub requests: Range,
    /// How long they take.
    pub seconds: Seconds,
    /// Requests that making the plan took.
    pub spent: u32,
    /// How the plan ended, in the words of a run.
    pub status: RunStatus,
}

/// What one entity would cost and change.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EntityPlan {
    /// Which.
    pub entity_type: Entity,
    /// How it would be read.
    pub mode: Mode,
    /// Requests, and how long they take; `None` where it could not be asked.
    pub requests: Option<Range>,
    /// How long they take.
    pub seconds: Option<Seconds>,
    /// What would change.
    pub changes: Option<PlannedChanges>,
    /// Removals that the brake would stop.
    pub brake: Option<PlannedBrake>,
    /// What else there is to say; where it could not be asked, why.
    pub note: Option<String>,
}

/// Rows that would come, go and change; of contents, `changed` are the lists that are read for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedChanges {
    /// Rows that are new.
    pub added: Range,
    /// Rows that are gone.
    pub removed: Range,
    /// Rows that changed or moved.
    pub changed: Range,
}

impl PlannedChanges {
    /// Everything that is listed is new.
    const fn first_reading(total: u32) -> Self {
        Self { added: Range::exactly(total), removed: Range::exactly(0), changed: Range::exactly(0) }
    }

    /// Nothing is known.
    const UNKNOWN: Self = Self { added: Range::from(0), removed: Range::from(0), changed: Range::from(0) };
}

/// Removals that need a person's word: at least so many of those that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedBrake {
    /// Gone at least.
    pub gone: u32,
    /// Known.
    pub known: u32,
}

/// What is reckoned of one entity.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Estimate {
    requests: Range,
    changes: PlannedChanges,
    brake: Option<PlannedBrake>,
    note: Option<String>,
}

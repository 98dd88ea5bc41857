//! What a sync would cost and change, for at most one request per entity. Nothing is changed.
//!
//! Owns: the estimates. Must not know: how anything is stored or printed. The estimates hold while
//! the library does not change and Spotify answers. Whatever only a full reading would show is a
//! range.
//!
//! | file | idea |
//! |---|---|
//! | `asking` | reads one page of each list, and the stored rows |
//! | `tracks`, `lists`, `contents` | estimates of requests and changes; pure |
//! | `range` | a lower and an upper bound; and how long requests take; pure |

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
    /// One for each requested entity, in working order.
    pub entities: Vec<EntityPlan>,
    /// All requests, including the one that identifies the account.
    pub requests: Range,
    /// How long they take.
    pub seconds: Seconds,
    /// Requests that the dry run itself needed.
    pub spent: u32,
    /// How the dry run ended, in the words of a run.
    pub status: RunStatus,
}

/// What one entity would cost and change.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EntityPlan {
    /// The entity.
    pub entity_type: Entity,
    /// How it would be read.
    pub mode: Mode,
    /// The number of requests, and how long they take; `None` if Spotify could not be asked.
    pub requests: Option<Range>,
    /// How long they take.
    pub seconds: Option<Seconds>,
    /// What would change.
    pub changes: Option<PlannedChanges>,
    /// Removals that the brake would stop.
    pub brake: Option<PlannedBrake>,
    /// An additional remark; if Spotify could not be asked, the reason.
    pub note: Option<String>,
}

/// Rows that would be added, removed and changed. For contents, `changed` counts the lists that are
/// read.
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
    /// Every listed row is new.
    const fn first_reading(total: u32) -> Self {
        Self { added: Range::exactly(total), removed: Range::exactly(0), changed: Range::exactly(0) }
    }

    /// Nothing is known.
    const UNKNOWN: Self = Self { added: Range::from(0), removed: Range::from(0), changed: Range::from(0) };
}

/// Removals that need a person's approval: the least number, and the number of known rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedBrake {
    /// The least number of rows that are gone.
    pub gone: u32,
    /// The number of known rows.
    pub known: u32,
}

/// The estimate for one entity.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Estimate {
    requests: Range,
    changes: PlannedChanges,
    brake: Option<PlannedBrake>,
    note: Option<String>,
}

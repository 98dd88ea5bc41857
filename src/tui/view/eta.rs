//! When the run under way will be through, from the pages that are left and the pace so far.
//!
//! Measured up to the snapshot, not up to now, so that it moves with the work and not by itself.

use std::fmt;

use chrono::TimeDelta;

use super::super::times::span;
use crate::domain::{EntityState, EntityStatus, Mode, RunStatus, Snapshot};

/// Rows of a page where a whole list is walked.
const PAGE: u32 = 50;

/// Requests before the pace means something.
const ENOUGH: u32 = 5;

/// What is left of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Eta {
    /// Seconds, as far as known.
    seconds: i64,
    /// Something whose size is not known yet comes on top.
    is_least: bool,
}

/// The estimate for the walks of whole lists; `None` where nothing can be said.
pub fn eta(snapshot: &Snapshot) -> Option<Eta> {
    let run = snapshot
        .run
        .as_ref()
        .filter(|run| run.status == RunStatus::Running)?;
    let elapsed = (snapshot.at - run.started_at)
        .max(TimeDelta::zero())
        .num_milliseconds();
    if run.requests < ENOUGH || elapsed == 0 {
        return None;
    }
    let walks: Vec<_> = snapshot.entities.iter().filter_map(pages_left).collect();
    let pages: i64 = walks.iter().flatten().copied().map(i64::from).sum();
    let is_least = walks.contains(&None);
    let seconds = (pages * elapsed / i64::from(run.requests) + 999) / 1000;
    (seconds > 0).then_some(Eta { seconds, is_least })
}

/// The pages an entity still has to read in this run, `Some(None)` where it is not known how many.
fn pages_left(row: &EntityStatus) -> Option<Option<u32>> {
    let done = match (row.state, row.mode) {
        (EntityState::Running, Mode::Initial | Mode::Full) | (EntityState::Queued, Mode::Initial) => row.done,
        (EntityState::Queued, Mode::Full) => 0,
        _ => return None,
    };
    Some(row.total.map(|total| total.saturating_sub(done).div_ceil(PAGE)))
}

impl fmt::Display for Eta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let about = if self.is_least { "at least" } else { "about" };
        // In tens, so that it does not flicker.
        let seconds = if self.seconds < 60 {
            (self.seconds + 9) / 10 * 10
        } else {
            self.seconds
        };
        write!(f, "{about} {} left", span(seconds))
    }
}

//! When the current run will end, estimated from the remaining pages and the pace so far.
//!
//! The pace is measured up to the snapshot, not up to now, so that the estimate changes with the
//! work and not by itself.

use std::fmt;

use chrono::TimeDelta;

use crate::domain::{Entity, EntityState, EntityStatus, Mode, RunStatus, Snapshot};
use crate::tui::style::times::span;

/// Rows of a page in a walk of a whole list.
const PAGE: u32 = 50;

/// The number of requests after which the pace is meaningful.
const ENOUGH: u32 = 5;

/// The rest of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Eta {
    /// Seconds, as far as they are known.
    seconds: i64,
    /// A part of unknown size is added to that.
    is_least: bool,
}

/// The estimate for the walks of whole lists; `None` if there is no basis for one.
pub fn eta(snapshot: &Snapshot) -> Option<Eta> {
    let run = snapshot.run.as_ref().filter(|run| run.status == RunStatus::Running)?;
    let elapsed = (snapshot.at - run.started_at).max(TimeDelta::zero()).num_milliseconds();
    if run.requests < ENOUGH || elapsed == 0 {
        return None;
    }
    let walks: Vec<_> = snapshot.entities.iter().filter(|row| is_to_walk(row)).collect();
    let pages: i64 = walks.iter().copied().filter_map(pages_left).map(i64::from).sum();
    let is_least = walks.iter().any(|row| row.total.is_none());
    let seconds = (pages * elapsed / i64::from(run.requests) + 999) / 1000;
    (seconds > 0).then_some(Eta { seconds, is_least })
}

/// Whether this run must still walk a whole list for this entity. Details have no pages, and their
/// time is limited.
fn is_to_walk(row: &EntityStatus) -> bool {
    let is_list = Entity::MIRRORED.contains(&row.entity_type);
    let is_walk = matches!(row.mode, Mode::Initial | Mode::Full);
    is_list && is_walk && matches!(row.state, EntityState::Running | EntityState::Queued)
}

/// The remaining pages of a walk, once the number of rows is known.
fn pages_left(row: &EntityStatus) -> Option<u32> {
    // A full resync begins at the top; until its turn comes, `done` counts the stored rows.
    let begins = row.state == EntityState::Queued && row.mode == Mode::Full;
    let done = if begins { 0 } else { row.done };
    row.total.map(|total| total.saturating_sub(done).div_ceil(PAGE))
}

impl fmt::Display for Eta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let about = if self.is_least { "at least" } else { "about" };
        // In tens, so that the number does not change all the time.
        let seconds = if self.seconds < 60 { (self.seconds + 9) / 10 * 10 } else { self.seconds };
        write!(f, "{about} {} left", span(seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::eta;
    use crate::domain::{Entity, EntityState, Snapshot};
    use crate::tui::fixtures;

    fn told(snapshot: &Snapshot) -> Option<String> {
        eta(snapshot).map(|eta| eta.to_string())
    }

    /// 5,762 rows are 116 pages, at 95 requests in 46 s.
    #[test]
    fn unknown_lists_make_it_a_least() {
        assert_eq!(told(&fixtures::initial()).as_deref(), Some("at least 1 min left"));
    }

    #[test]
    fn known_lists_make_it_an_estimate() {
        let mut snapshot = fixtures::initial();
        for row in &mut snapshot.entities {
            row.total = Some(row.total.unwrap_or(1_000));
        }
        // 116 pages, and four times 20 pages.
        assert_eq!(told(&snapshot).as_deref(), Some("about 2 min left"));
    }

    #[test]
    fn nothing_is_said_without_a_run_a_pace_or_a_walk() {
        let mut snapshot = fixtures::initial();
        snapshot.run.as_mut().unwrap().requests = 4;
        assert_eq!(told(&snapshot), None);
        assert_eq!(told(&fixtures::idle()), None);
        let mut snapshot = fixtures::initial();
        for row in &mut snapshot.entities {
            row.state = EntityState::Held;
        }
        assert_eq!(told(&snapshot), None);
    }

    #[test]
    fn it_moves_with_the_work() {
        let mut snapshot = fixtures::initial();
        fixtures::entity(&mut snapshot, Entity::Tracks).done = 10_400;
        assert_eq!(told(&snapshot).as_deref(), Some("at least 10 s left"));
    }
}

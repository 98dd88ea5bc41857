//! For which time the history is known: intervals that never overlap. A time in none of them is
//! unknown.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::SHORTEST_LISTED_MS;
use crate::domain::sync::entity::{UnknownWord, words};

/// What is known about an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoverageState {
    /// Everything that Spotify listed is stored.
    Complete,
    /// An export contained every play.
    Imported,
    /// Plays were listed and lost.
    Gap,
}

words!(CoverageState, "state of coverage", {
    Complete => "complete",
    Imported => "imported",
    Gap => "gap",
});

/// An interval, both ends included, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// The start.
    pub from: i64,
    /// The end.
    pub to: i64,
    /// What is known about it.
    pub state: CoverageState,
}

/// Everything that is known, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    intervals: Vec<Interval>,
}

impl Coverage {
    /// From intervals that do not overlap.
    #[must_use]
    pub fn new(mut intervals: Vec<Interval>) -> Self {
        intervals.sort_by_key(|known| (known.from, known.to));
        Self { intervals }
    }

    /// The intervals, oldest first.
    #[must_use]
    pub fn intervals(&self) -> &[Interval] {
        &self.intervals
    }

    /// Everything that Spotify listed from `from` to `to` is stored. This overrides every other
    /// state.
    pub fn complete(&mut self, from: i64, to: i64) {
        self.lay(from, to, CoverageState::Complete, &[]);
    }

    /// An export contained every play from `from` to `to`; it closes gaps.
    pub fn imported(&mut self, from: i64, to: i64) {
        let known = self.intervals.iter().filter(|known| known.state != CoverageState::Gap);
        let (mut first, mut last) = (from, to);
        for known in known {
            // A hole that is shorter than every play that Spotify lists can contain none.
            if known.to < from && from - known.to < SHORTEST_LISTED_MS {
                first = first.min(known.to);
            }
            if known.from > to && known.from - to < SHORTEST_LISTED_MS {
                last = last.max(known.from);
            }
        }
        self.lay(first, last, CoverageState::Imported, &[CoverageState::Complete]);
    }

    /// Plays between `from` and `to` were lost, unless another source has them.
    pub fn lost(&mut self, from: i64, to: i64) {
        self.lay(from, to, CoverageState::Gap, &[CoverageState::Complete, CoverageState::Imported]);
    }

    /// Sets a state where none of the `stronger` ones is, and merges it with adjacent intervals of
    /// the same state.
    fn lay(&mut self, from: i64, to: i64, state: CoverageState, stronger: &[CoverageState]) {
        let mut pieces = vec![(from, to)];
        for known in self.intervals.iter().filter(|known| stronger.contains(&known.state)) {
            pieces = pieces.into_iter().flat_map(|piece| outside(piece, (known.from, known.to))).collect();
        }
        for (from, to) in pieces {
            self.put(from, to, state);
        }
        self.intervals.sort_by_key(|known| (known.from, known.to));
    }

    fn put(&mut self, mut from: i64, mut to: i64, state: CoverageState) {
        self.intervals.retain(|known| {
            let touches = known.state == state && known.from <= to && known.to >= from;
            if touches {
                from = from.min(known.from);
                to = to.max(known.to);
            }
            !touches
        });
        let cut = |known: &Interval| {
            if known.to <= from || known.from >= to {
                return vec![*known];
            }
            let rest = outside((known.from, known.to), (from, to)).into_iter();
            rest.map(|(from, to)| Interval { from, to, ..*known }).collect()
        };
        self.intervals = self.intervals.iter().flat_map(cut).collect();
        self.intervals.push(Interval { from, to, state });
    }
}

/// The parts of `piece` outside `hole`, without empty ones.
fn outside((from, to): (i64, i64), hole: (i64, i64)) -> Vec<(i64, i64)> {
    if hole.1 <= from || hole.0 >= to {
        // A single point in the hole is not outside.
        let is_inside = from == to && hole.0 <= from && to <= hole.1;
        return if is_inside { Vec::new() } else { vec![(from, to)] };
    }
    [(from, hole.0.min(to)), (hole.1.max(from), to)].into_iter().filter(|(from, to)| from < to).collect()
}

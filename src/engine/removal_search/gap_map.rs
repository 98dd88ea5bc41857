//! Maps the rows below the new ones to the stored slots.
//!
//! Owns: the arithmetic. Each of these rows is a stored slot, in the same order. So the number of
//! removed slots above a row only grows, from zero to the number of all removed slots. Between two
//! rows with the same number, every row is known without being read. Must not know: what a row or a
//! slot contains.
//!
//! A *place* is the number of rows above a row, not counting new ones. A *rank* is the number of
//! stored slots above a slot.

use std::collections::BTreeSet;
use std::ops::{Range, RangeInclusive};

use serde::{Deserialize, Serialize};

/// Rows with the same number of removed slots above them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Stretch {
    /// Place of the first row.
    from: u32,
    /// The place after the last row.
    to: u32,
    /// Removed slots above it.
    gone: u32,
}

/// The part between two stretches: it has more slots than rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Places of its rows.
    pub rows: Range<u32>,
    /// Ranks of its slots.
    pub slots: Range<u32>,
}

impl Gap {
    /// How many of its slots are gone.
    pub fn missing(&self) -> usize {
        self.slots.len().saturating_sub(self.rows.len())
    }
}

/// All that is known about where slots were removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chart {
    /// From the top; each has more removed slots above it than the one before. The first stretch
    /// begins with the first place and the last one ends with the last place, even if they are
    /// empty.
    stretches: Vec<Stretch>,
    /// Places in gaps that were read and revealed nothing.
    unreadable: BTreeSet<u32>,
}

impl Chart {
    /// The chart of `rows` rows, none of them read, when `gone` slots are gone.
    pub fn new(rows: u32, gone: u32) -> Self {
        let top = Stretch { from: 0, to: 0, gone: 0 };
        let bottom = Stretch { from: rows, to: rows, gone };
        let stretches = if gone == 0 { vec![Stretch { to: rows, ..top }] } else { vec![top, bottom] };
        Self { stretches, unreadable: BTreeSet::new() }
    }

    /// Whether this can be the chart of `rows` rows when `gone` slots are gone.
    pub fn fits(&self, rows: u32, gone: u32) -> bool {
        let is_ascending = |pair: (&Stretch, &Stretch)| pair.0.to <= pair.1.from && pair.0.gone < pair.1.gone;
        self.stretches.first().is_some_and(|top| top.from == 0 && top.gone == 0)
            && self.stretches.last().is_some_and(|bottom| bottom.to == rows && bottom.gone == gone)
            && self.stretches.iter().all(|stretch| stretch.from <= stretch.to)
            && self.pairs().all(is_ascending)
    }

    fn pairs(&self) -> impl Iterator<Item = (&Stretch, &Stretch)> {
        self.stretches.iter().zip(self.stretches.iter().skip(1))
    }

    /// How many stretches begin at or above a place.
    fn begun(&self, place: u32) -> usize {
        self.stretches.partition_point(|stretch| stretch.from <= place)
    }

    /// The possible ranks of the row at a place.
    pub fn window(&self, place: u32) -> RangeInclusive<u32> {
        let (above, below) = self.stretches.split_at(self.begun(place));
        let (least, end) = above.last().map_or((0, 0), |stretch| (stretch.gone, stretch.to));
        let most = below.first().filter(|_| place >= end).map_or(least, |stretch| stretch.gone);
        place.saturating_add(least)..=place.saturating_add(most)
    }

    /// The row at a place has this rank; `false` where that contradicts what is known.
    pub fn settle(&mut self, place: u32, rank: u32) -> bool {
        if !self.window(place).contains(&rank) {
            return false;
        }
        let row = Stretch { from: place, to: place.saturating_add(1), gone: rank.saturating_sub(place) };
        self.stretches.insert(self.begun(place), row);
        self.stretches.dedup_by(|below, above| {
            let is_one = below.gone == above.gone;
            if is_one {
                above.to = above.to.max(below.to);
            }
            is_one
        });
        true
    }

    /// Marks these places as read without a result.
    pub fn pass_over(&mut self, places: impl IntoIterator<Item = u32>) {
        let mut unreadable = std::mem::take(&mut self.unreadable);
        unreadable.extend(places);
        unreadable.retain(|place| self.gaps().any(|gap| gap.rows.contains(place)));
        self.unreadable = unreadable;
    }

    /// The gaps, from the top.
    pub fn gaps(&self) -> impl Iterator<Item = Gap> {
        self.pairs().map(|(above, below)| Gap {
            rows: above.to..below.from,
            slots: above.to.saturating_add(above.gone)..below.from.saturating_add(below.gone),
        })
    }

    /// The rows in gaps that have not been read, in contiguous pieces.
    pub fn unread(&self) -> impl Iterator<Item = Range<u32>> {
        let pieces = self.gaps().flat_map(|gap| {
            let read = self.unreadable.range(gap.rows.clone()).copied();
            let ends = read.clone().chain([gap.rows.end]);
            let begins = [gap.rows.start].into_iter().chain(read.map(|place| place + 1));
            begins.zip(ends).map(|(from, to)| from..to)
        });
        pieces.filter(|piece| !piece.is_empty())
    }

    /// The places to read next, at most one page; `None` when everything is known.
    ///
    /// It is the middle page of the largest unread piece, with full pages above it, so that a piece never
    /// takes more probes than it has pages.
    pub fn probe(&self, page: u32) -> Option<Range<u32>> {
        let piece = self.unread().max_by_key(Range::len)?;
        let length = piece.end - piece.start;
        let pages_above = (length.div_ceil(page.max(1)) - 1) / 2;
        let from = piece.start.saturating_add(pages_above.saturating_mul(page));
        Some(from..from.saturating_add(page.max(1)).min(piece.end))
    }
}

/// The expected number of probes when the removed slots are scattered. In a piece with `pages`
/// pages each probe leaves two halves, and a half without a removed slot is not read again.
pub fn expected_probes(pages: u32, gone: u32) -> f64 {
    let (mut expected, mut left, mut halves) = (0.0, pages, 1_u32);
    while left > 0 {
        let pieces = halves.min(left);
        let share = f64::from(left) / (f64::from(pages) * f64::from(pieces));
        let holes = i32::try_from(gone).unwrap_or(i32::MAX);
        expected += f64::from(pieces) * (1.0 - (1.0 - share).powi(holes));
        left -= pieces;
        halves = halves.saturating_mul(2);
    }
    expected
}

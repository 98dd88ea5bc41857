//! Gaps in which a slot without a track may be gone.
//!
//! Spotify cannot be asked about such a slot, so a row that a single answer left out would be taken
//! as gone. Owns: which gaps are read twice, and what the second answer must show. Must not know:
//! how rows are recognised.

use std::ops::Range;

use super::gap_map::Gap;
use super::slots::ObservedRow;
use super::{RemovalSearch, Unsettled};

impl RemovalSearch {
    /// A gap in which a slot without a track may be gone and that was read only once. Spotify
    /// cannot be asked about such a slot.
    pub(super) fn doubtful_gap(&self) -> Option<Gap> {
        let is_open = |gap: &Gap| !self.found.read_twice.contains(&gap.rows.start);
        let may_lose_null = |gap: &Gap| gap.slots.clone().any(|rank| self.slots.is_null(rank));
        self.found.chart.gaps().find(|gap| is_open(gap) && may_lose_null(gap))
    }

    /// The places of such a gap and of the rows on both sides.
    pub(super) fn second_look(&self) -> Option<Range<u32>> {
        let rows = self.doubtful_gap()?.rows;
        let end = self.found.total - self.found.new;
        Some(rows.start.saturating_sub(1)..rows.end.saturating_add(1).min(end))
    }

    /// Checks that the second answer shows the rows on both sides where the first one showed them.
    pub(super) fn looked_again(
        &mut self,
        gap: &Gap,
        offset: u32,
        rows: &[Option<ObservedRow>],
    ) -> Result<(), Unsettled> {
        let index = |place: u32| (place + self.found.new).checked_sub(offset);
        let is_readable = |place| index(place).and_then(|index| rows.get(index as usize)?.as_ref()).is_some();
        let above = gap.rows.start.checked_sub(1).is_none_or(is_readable);
        let below = self.found.new + gap.rows.end == self.found.total || is_readable(gap.rows.end);
        if !(above && below) {
            return Err(Unsettled::Walk("a null row cannot be told from its neighbours"));
        }
        // What only this answer showed has been read once: the answer may lack another row.
        if self.found.chart.gaps().any(|now| now == *gap) {
            self.found.read_twice.insert(gap.rows.start);
        }
        Ok(())
    }
}

//! Decides what is gone, once everything is read.
//!
//! Owns: which tracks to ask about, and what the answers mean for each gap. Must not know: how the
//! gaps were found.

use std::collections::BTreeSet;

use super::gap_map::Gap;
use super::{RemovalSearch, SearchOutcome, Unsettled};
use crate::domain::TrackId;

impl RemovalSearch {
    /// The slots whose tracks must be asked about, with their ranks.
    pub(super) fn asked(&self) -> impl Iterator<Item = (u32, &TrackId)> {
        let candidates = self.found.chart.gaps().flat_map(|gap| gap.slots);
        let ranks = candidates.chain(self.found.doubted.iter().copied());
        ranks.filter_map(|rank| Some((rank, &self.slots.row(rank)?.id)))
    }

    fn is_there(&self, id: &TrackId) -> bool {
        self.answers.get(id).copied().unwrap_or(true)
    }

    pub(super) fn settle(&self) -> Result<SearchOutcome, Unsettled> {
        let mut gone = BTreeSet::new();
        for gap in self.found.chart.gaps() {
            gone.extend(self.gone_of(&gap)?);
        }
        if self.asked().any(|(rank, id)| gone.contains(&rank) == self.is_there(id)) {
            return Err(Unsettled::Walk(
                "the library has a track that seemed gone, or lacks one that did not",
            ));
        }
        let ords = gone.into_iter().filter_map(|rank| self.slots.ord(rank));
        Ok(SearchOutcome { gone: ords.collect(), resaved: self.resaved.clone() })
    }

    /// Ranks of the removed slots of a gap whose rows are all null rows.
    fn gone_of(&self, gap: &Gap) -> Result<Vec<u32>, Unsettled> {
        if gap.rows.is_empty() {
            return Ok(gap.slots.clone().collect());
        }
        let (nulls, keyed): (Vec<u32>, Vec<u32>) =
            gap.slots.clone().partition(|rank| self.slots.is_null(*rank));
        let is_there = |rank: &u32| self.slots.row(*rank).is_some_and(|row| self.is_there(&row.id));
        let (there, mut gone): (Vec<u32>, Vec<u32>) = keyed.into_iter().partition(is_there);
        // Adjacent slots without a track are interchangeable. They are not if a slot with a track
        // that stays is between them. Even that slot may not stay: its track may have been saved
        // again and be listed under another id.
        match gap.missing().checked_sub(gone.len()) {
            Some(0) => {}
            Some(missing) if there.is_empty() => gone.extend(nulls.into_iter().take(missing)),
            _ => return Err(Unsettled::Walk("null rows hide what is gone")),
        }
        Ok(gone)
    }
}

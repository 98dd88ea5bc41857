//! What it takes to read a list from end to end, and which of its changes one page shows; pure.

use std::collections::HashSet;

use super::range::Range;
use super::{Estimate, PlannedBrake, PlannedChanges};
use crate::store::needs_a_word;

/// Items that one question about the library can name: 20 albums before 2026, 50 tracks, and 40
/// items of any kind since then.
const ASKED_AT_ONCE: (u32, u32) = (20, 50);
/// The same if `/me/library/contains` is known to answer.
const ASKED_OF_LIBRARY: u32 = 40;

/// Whether the library may be asked if an item is still in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirm {
    /// At `/me/library/contains`.
    Library,
    /// There, or at its older counterpart, or not at all; this is not known yet.
    Untried,
    /// No.
    Closed,
}

impl Confirm {
    /// The number of requests for questions about `things` items.
    pub fn requests(self, things: u32) -> Range {
        match self {
            _ if things == 0 => Range::exactly(0),
            Self::Library => Range::exactly(things.div_ceil(ASKED_OF_LIBRARY)),
            Self::Untried => {
                Range::between(things.div_ceil(ASKED_AT_ONCE.1), things.div_ceil(ASKED_AT_ONCE.0) + 1)
            }
            Self::Closed => Range::exactly(0),
        }
    }
}

/// A list that is to be walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListPlanner {
    /// Rows that Spotify says there are.
    pub total: u32,
    /// Rows whose pages are already read, by a reading that was interrupted.
    pub done: Option<u32>,
    /// Rows in a page.
    pub batch: u32,
    /// Pages have one or two rows fewer than requested, as those of followed artists do.
    pub has_short_pages: bool,
    /// It is the first reading: nothing can be removed.
    pub is_first: bool,
    /// Items that are stored.
    pub known: u32,
    /// How many of them are gone.
    pub gone: Range,
    /// Null slots; each of them makes its page be requested twice.
    pub null_slots: u32,
    /// Whether the library may be asked about items that are gone.
    pub confirm: Confirm,
}

impl ListPlanner {
    /// The number of requests, if the list does not change meanwhile.
    pub fn requests(&self) -> Range {
        let batch = self.batch.max(1);
        let pages = match self.total {
            // One empty answer proves nothing, unless the list was empty before.
            0 => Range::exactly(if self.is_first || self.known > 0 { 2 } else { 1 }),
            total => {
                let batch = if self.has_short_pages { batch - batch / 20 } else { batch };
                Range::between(total.div_ceil(self.batch.max(1)), total.div_ceil(batch))
            }
        };
        let nulls = Range::between(0, self.null_slots.min(pages.least));
        let pages = pages + nulls;
        match self.done {
            // The head is read first; if it has moved, the walk may begin again.
            Some(done) => {
                let least = self.total.saturating_sub(done).div_ceil(batch) + 1;
                Range { least, most: pages.most.map(|most| most + 1) } + self.settling()
            }
            None => pages + self.settling(),
        }
    }

    /// The last check of the head, and the questions that come before any removal.
    fn settling(&self) -> Range {
        let most = self.most_gone();
        if self.is_first || most == 0 || self.brake().is_some() {
            return Range::exactly(0);
        }
        let head = u32::from(self.total > self.batch);
        let asked = self.confirm.requests(self.gone.least.max(1)) + Range::exactly(head);
        let all = self.confirm.requests(most) + Range::exactly(head);
        let range = Range { least: asked.least, most: all.most };
        let may_be_nothing =
            self.gone.least == 0 || self.gone.most.is_none_or(|gone| needs_a_word(gone, self.known));
        if may_be_nothing { range.or_none() } else { range }
    }

    /// The most items that can be gone without the brake.
    fn most_gone(&self) -> u32 {
        let gone = self.gone.most.unwrap_or(self.known).min(self.known);
        if needs_a_word(gone, self.known) { (self.known / 20).max(25).min(gone) } else { gone }
    }

    /// The brake, if it will stop at least the removals that are certain.
    pub fn brake(&self) -> Option<PlannedBrake> {
        let emptied = self.known > 0 && self.total == 0;
        let stops = !self.is_first && (needs_a_word(self.gone.least, self.known) || emptied);
        stops.then_some(PlannedBrake { gone: self.gone.least, known: self.known })
    }
}

/// The changes that a page from the top of a list shows. If the page is the whole list, these are
/// all changes.
pub fn changes(held: &HashSet<String>, page: &[String], total: u32) -> PlannedChanges {
    let known = u32::try_from(page.iter().filter(|key| held.contains(*key)).count()).unwrap_or(u32::MAX);
    let shown = u32::try_from(page.len()).unwrap_or(u32::MAX);
    let (held, fresh) = (u32::try_from(held.len()).unwrap_or(u32::MAX), shown - known);
    if shown >= total {
        return PlannedChanges {
            added: Range::exactly(fresh),
            removed: Range::exactly(held.saturating_sub(known)),
            changed: Range::from(0),
        };
    }
    let added = fresh.max(total.saturating_sub(held));
    let removed = (held + added).saturating_sub(total);
    PlannedChanges {
        added: Range::between(added, total.saturating_sub(known)),
        removed: Range::between(removed, held - known),
        changed: Range::from(0),
    }
}

/// A short list, walked in every run.
pub fn estimate(walk: &ListPlanner, changes: PlannedChanges) -> Estimate {
    let walk = ListPlanner { gone: changes.removed, ..*walk };
    let changes = if walk.is_first { PlannedChanges::first_reading(walk.total) } else { changes };
    Estimate { requests: walk.requests(), changes, brake: walk.brake(), note: None }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn walk(total: u32, known: u32, gone: Range) -> ListPlanner {
        ListPlanner {
            total,
            done: None,
            batch: 50,
            has_short_pages: false,
            is_first: false,
            known,
            gone,
            null_slots: 0,
            confirm: Confirm::Library,
        }
    }

    #[rstest]
    #[case::unchanged(walk(430, 430, Range::exactly(0)), 9, 9)]
    #[case::of_one_page(walk(50, 51, Range::exactly(1)), 2, 2)]
    #[case::one_gone(walk(429, 430, Range::exactly(1)), 11, 11)]
    #[case::perhaps_some_gone(walk(430, 430, Range::between(0, 380)), 9, 11)]
    #[case::braked(walk(370, 430, Range::between(60, 400)), 8, 8)]
    #[case::emptied(walk(0, 10, Range::exactly(10)), 2, 2)]
    #[case::empty_as_before(walk(0, 0, Range::exactly(0)), 1, 1)]
    #[case::first(ListPlanner { is_first: true, ..walk(10_000, 0, Range::exactly(0)) }, 200, 200)]
    #[case::first_and_empty(ListPlanner { is_first: true, ..walk(0, 0, Range::exactly(0)) }, 2, 2)]
    #[case::cut_off(ListPlanner { is_first: true, done: Some(400), ..walk(1_000, 400, Range::exactly(0)) }, 13, 21)]
    #[case::short_pages(ListPlanner { has_short_pages: true, ..walk(400, 400, Range::exactly(0)) }, 8, 9)]
    #[case::nobody_may_ask(ListPlanner { confirm: Confirm::Closed, ..walk(429, 430, Range::exactly(1)) }, 10, 10)]
    #[case::nulls(ListPlanner { null_slots: 3, ..walk(430, 427, Range::exactly(0)) }, 9, 12)]
    fn a_walk_takes_its_pages_and_what_is_asked_of_the_gone(
        #[case] walk: ListPlanner,
        #[case] least: u32,
        #[case] most: u32,
    ) {
        assert_eq!(walk.requests(), Range::between(least, most));
    }

    fn keys(names: &str) -> Vec<String> {
        names.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn a_page_that_is_the_whole_list_tells_all() {
        let held = keys("a b c").into_iter().collect();
        let told = changes(&held, &keys("d a b"), 3);
        assert_eq!((told.added, told.removed), (Range::exactly(1), Range::exactly(1)));
    }

    #[test]
    fn a_page_of_a_longer_list_tells_bounds() {
        let held = keys("a b c d e").into_iter().collect();
        let told = changes(&held, &keys("x a b"), 4);
        // One is new, so at least two are gone; the row that was not read may be new, too.
        assert_eq!((told.added, told.removed), (Range::between(1, 2), Range::between(2, 3)));
    }
}

//! What a sync needs to bring the saved tracks up to date; pure.

use super::lists::ListPlanner;
use super::range::Range;
use super::{Estimate, PlannedBrake, PlannedChanges};
use crate::engine::jobs::tracks::NULL_PAGES;
use crate::engine::removal_search::{Forecast, Outlook};
use crate::store::needs_a_word;

/// How the saved tracks are going to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TracksPath {
    /// From end to end.
    Walk,
    /// New rows are read from the top, and removed rows are found by arithmetic; `resumed`: an
    /// interrupted search continues.
    RemovalSearch {
        /// Part of it is already done.
        resumed: bool,
    },
}

/// What is known after a single page.
#[derive(Debug, Clone, Copy)]
pub struct TopPages {
    /// The walk, in case it is needed.
    pub walk: ListPlanner,
    /// Rows in a page at the top of the list.
    pub head: u32,
    /// Rows that were read.
    pub shown: u32,
}

/// The requests and changes.
pub fn estimate(top: &TopPages, outlook: Outlook, way: TracksPath) -> Estimate {
    let changes = changes(top, outlook);
    let walk = ListPlanner { gone: changes.removed, ..top.walk };
    let (requests, brake) = match (way, outlook) {
        (TracksPath::Walk, _) => (walk.requests(), walk.brake()),
        (TracksPath::RemovalSearch { resumed }, outlook) => {
            let (requests, brake) = look(top, &walk, outlook);
            // If the list has moved since, the search begins again.
            let again = Range { least: 1, most: requests.most.map(|most| most.saturating_mul(2)) };
            (if resumed { again } else { requests }, brake)
        }
    };
    let changes = if walk.is_first { PlannedChanges::first_reading(walk.total) } else { changes };
    Estimate { requests, changes, brake, note: None }
}

fn look(top: &TopPages, walk: &ListPlanner, outlook: Outlook) -> (Range, Option<PlannedBrake>) {
    match outlook {
        Outlook::RemovalSearch(told) => removal_search(walk, &told),
        Outlook::Walk { head_pages } => (Range::exactly(head_pages) + walk.requests(), walk.brake()),
        Outlook::Deep => {
            let head = top.head.max(1);
            let least = top.shown / head + 2;
            let most = Range::exactly(walk.total.div_ceil(head)) + walk.requests();
            (Range { least, most: most.most }, None)
        }
    }
}

fn removal_search(walk: &ListPlanner, told: &Forecast) -> (Range, Option<PlannedBrake>) {
    let known = walk.total.saturating_sub(told.new).saturating_add(told.gone);
    if needs_a_word(told.gone, known) {
        return (Range::exactly(told.head_pages), Some(PlannedBrake { gone: told.gone, known }));
    }
    let nulls = walk.null_slots.min(u32::try_from(NULL_PAGES).unwrap_or(u32::MAX));
    // Several answers form one consistent picture only if the head is the same in a last check.
    let closing = |pages: u32| pages + u32::from(pages > 1);
    let least = closing(told.head_pages + told.probes.0);
    let most = closing(told.head_pages + told.probes.1 + nulls);
    let confirm = walk.confirm.requests(told.gone);
    let searched = Range::between(least, most) + if told.has_nulls { confirm.or_none() } else { confirm };
    (searched + fallback(walk, told), None)
}

/// The walk that follows if a removal search cannot finish.
fn fallback(walk: &ListPlanner, told: &Forecast) -> Range {
    use super::lists::Confirm::{Closed, Library};
    match walk.confirm {
        // Each page with a null row is requested twice, and in the end the row may hide a removal.
        _ if told.has_nulls => {
            let twice = told.head_pages + told.probes.1 + told.gone + walk.null_slots.min(4);
            (walk.requests() + Range::exactly(twice)).or_none()
        }
        _ if told.gone == 0 => Range::exactly(0),
        Library => Range::exactly(0),
        Closed => walk.requests(),
        super::lists::Confirm::Untried => walk.requests().or_none(),
    }
}

fn changes(top: &TopPages, outlook: Outlook) -> PlannedChanges {
    let walk = &top.walk;
    match outlook {
        Outlook::RemovalSearch(told) if !told.has_nulls => PlannedChanges {
            added: Range::exactly(told.new.saturating_sub(told.resaved)),
            removed: Range::exactly(told.gone),
            changed: Range::from(told.resaved),
        },
        Outlook::RemovalSearch(_) | Outlook::Walk { .. } | Outlook::Deep => PlannedChanges {
            added: Range::between(walk.total.saturating_sub(walk.known + walk.null_slots), walk.total),
            removed: Range::between((walk.known).saturating_sub(walk.total), walk.known),
            changed: Range::from(0),
        },
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::engine::dry_run::lists::Confirm;

    fn top(total: u32, known: u32) -> TopPages {
        let walk = ListPlanner {
            total,
            done: None,
            batch: 50,
            has_short_pages: false,
            is_first: false,
            known,
            gone: Range::exactly(0),
            null_slots: 0,
            confirm: Confirm::Library,
        };
        TopPages { walk, head: 20, shown: 40 }
    }

    fn told(new: u32, gone: u32, probes: (u32, u32)) -> Outlook {
        let head_pages = new / 20 + 1;
        Outlook::RemovalSearch(Forecast { head_pages, new, resaved: 0, gone, probes, has_nulls: false })
    }

    #[rstest]
    #[case::unchanged(top(10_000, 10_000), told(0, 0, (0, 0)), 1, 1)]
    #[case::five_new(top(10_005, 10_000), told(5, 0, (0, 0)), 1, 1)]
    #[case::thirty_new(top(10_030, 10_000), told(30, 0, (0, 0)), 3, 3)]
    #[case::one_gone(top(9_999, 10_000), told(0, 1, (1, 8)), 4, 11)]
    #[case::gone_from_the_top(top(9_999, 10_000), told(0, 1, (0, 0)), 2, 2)]
    #[case::braked(top(9_000, 10_000), told(0, 1_000, (1, 150)), 1, 1)]
    #[case::walk(top(400, 410), Outlook::Walk { head_pages: 1 }, 1 + 8, 1 + 8 + 2)]
    #[case::deep(top(10_000, 9_900), Outlook::Deep, 4, 500 + 200 + 1 + 13)]
    fn tracks_take(#[case] top: TopPages, #[case] outlook: Outlook, #[case] least: u32, #[case] most: u32) {
        let estimate = estimate(&top, outlook, TracksPath::RemovalSearch { resumed: false });
        assert_eq!(estimate.requests, Range::between(least, most));
        assert_eq!(estimate.brake.is_some(), least == 1 && top.walk.total == 9_000);
    }

    #[test]
    fn whoever_may_not_ask_walks_after_all() {
        let mut top = top(9_999, 10_000);
        top.walk.confirm = Confirm::Closed;
        let estimate = estimate(&top, told(0, 1, (1, 8)), TracksPath::RemovalSearch { resumed: false });
        assert_eq!(estimate.requests, Range::between(3 + 201, 10 + 201));
    }

    #[test]
    fn a_full_reading_takes_every_page_and_knows_what_the_numbers_tell() {
        let estimate = estimate(&top(9_999, 10_000), told(0, 1, (1, 8)), TracksPath::Walk);
        assert_eq!(estimate.requests, Range::exactly(200 + 1 + 1));
        assert_eq!(estimate.changes.removed, Range::exactly(1));
    }
}

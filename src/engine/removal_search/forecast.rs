//! Estimates the cost of a removal search from the top of the list alone; pure.
//!
//! Owns: bounds on the pages that a removal search reads. They hold if the list does not change. If
//! a slot or a row is null, they hold only until it turns out to hide something.

use super::{ObservedRow, RemovalSearch, StoredSlot, Unsettled, count};

/// What a scan from the top of the list will lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    /// The numbers are known; a few pages will find what is gone.
    RemovalSearch(Forecast),
    /// After `head_pages` pages from the top, the whole list must be read.
    Walk {
        /// Pages that are read before that.
        head_pages: u32,
    },
    /// None of the rows is known, and more rows follow.
    Deep,
}

/// A removal search that will succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// Pages from the top down to the first known row.
    pub head_pages: u32,
    /// New rows, including tracks that were saved again.
    pub new: u32,
    /// Rows of tracks that were saved again.
    pub resaved: u32,
    /// Slots that are gone.
    pub gone: u32,
    /// Pages below the head: the least number, if all removed rows are adjacent, and the greatest.
    pub probes: (u32, u32),
    /// A slot is null, or a row that was read.
    pub has_nulls: bool,
}

/// The outlook for a list of `total` rows when `rows` are at its top and `held` is stored. `rows`
/// is a whole number of pages of `top` rows, or the whole list. Pages below the head have `probe`
/// rows.
pub fn outlook(
    held: Vec<StoredSlot>,
    rows: &[Option<ObservedRow>],
    total: u32,
    (top, probe): (u32, u32),
) -> Outlook {
    let size = usize::try_from(top.max(1)).unwrap_or(usize::MAX);
    let is_known = |row: &ObservedRow| {
        held.iter()
            .filter_map(|slot| slot.row.as_ref())
            .any(|held| (&held.id, held.added_at) == (&row.id, row.added_at))
    };
    let Some(anchor) = rows.iter().position(|row| row.as_ref().is_some_and(is_known)) else {
        let at_end = count(rows.len()) >= total;
        return if at_end {
            Outlook::Walk { head_pages: total.div_ceil(top.max(1)).max(1) }
        } else {
            Outlook::Deep
        };
    };
    let (staged, below) = rows.split_at(anchor / size * size);
    let page = below.get(..size).unwrap_or(below);
    let head_pages = count(anchor / size) + 1;
    let has_nulls =
        held.iter().any(|slot| slot.row.is_none()) || staged.iter().chain(page).any(Option::is_none);
    match RemovalSearch::begin(held, staged, page, total, probe) {
        Ok((search, _)) => Outlook::RemovalSearch(search.forecast(head_pages, has_nulls)),
        Err(Unsettled::Walk(_) | Unsettled::BeginAgain(_)) => Outlook::Walk { head_pages },
    }
}

impl RemovalSearch {
    fn forecast(&self, head_pages: u32, has_nulls: bool) -> Forecast {
        let mut probes = (0, 0);
        for gap in self.found.chart.gaps().filter(|gap| !gap.rows.is_empty()) {
            let pages = count(gap.rows.len()).div_ceil(self.page.max(1));
            probes.0 += 1;
            probes.1 += most_probes(pages, count(gap.missing()));
        }
        let resaved = count(self.resaved.len());
        Forecast { head_pages, new: self.found.new, resaved, gone: self.gone(), probes, has_nulls }
    }
}

/// The most probes of a piece with `pages` pages, in which `gone` slots are gone. Each probe leaves
/// two halves, and among all halves of one size at most `gone` hide something.
fn most_probes(pages: u32, gone: u32) -> u32 {
    let (mut most, mut left, mut halves) = (0, pages, 1_u32);
    while left > 0 {
        let pieces = halves.min(left);
        most += pieces.min(gone);
        left -= pieces;
        halves = halves.saturating_mul(2);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_hole_takes_a_bisection_and_many_take_every_page() {
        assert_eq!(most_probes(0, 3), 0);
        assert_eq!(most_probes(200, 0), 0);
        assert_eq!(most_probes(1, 1), 1);
        assert_eq!(most_probes(3, 1), 2);
        assert_eq!(most_probes(200, 1), 8);
        assert_eq!(most_probes(200, 10), 1 + 2 + 4 + 8 + 10 + 10 + 10 + 10);
        assert_eq!(most_probes(200, 1_000), 200);
    }
}

//! The selected row of a pane, and the rows that are seen around it.

use super::Motion;

/// The selected row and the first row that is seen, both counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Selection {
    row: usize,
    top: usize,
}

impl Selection {
    /// The first row, seen at the top.
    pub const FIRST: Self = Self { row: 0, top: 0 };

    /// A row, seen so many rows below the top.
    pub const fn below_top(row: usize, rows_above: usize) -> Self {
        Self { row, top: row.saturating_sub(rows_above) }
    }

    /// The selected row.
    pub const fn row(self) -> usize {
        self.row
    }

    /// The first row that is seen.
    pub const fn top(self) -> usize {
        self.top
    }

    /// Where a motion leads among `total` rows, of which `rows` are seen at once.
    pub fn after(self, motion: Motion, total: usize, rows: usize) -> usize {
        motion.lead(self.row, total, rows)
    }

    /// Selects a row, or the last of `total`, and scrolls to it.
    pub fn select(&mut self, row: usize, total: usize, rows: usize) {
        self.row = row.min(total.saturating_sub(1));
        self.reveal(total, rows);
    }

    /// Scrolls only as far as the selected row needs, and not beyond the end of the rows.
    pub fn reveal(&mut self, total: usize, rows: usize) {
        self.reveal_from(self.row, total, rows);
    }

    /// The same, where `first` is seen, too: the selected row, or the heading above it.
    pub fn reveal_from(&mut self, first: usize, total: usize, rows: usize) {
        let rows = rows.max(1);
        let lowest = self.row.saturating_sub(rows - 1);
        self.top = self.top.clamp(lowest, first.max(lowest));
        self.top = self.top.min(total.saturating_sub(rows)).max(lowest);
    }
}

#[cfg(test)]
mod tests {
    use super::Selection;

    fn selected(row: usize, total: usize, rows: usize) -> (usize, usize) {
        let mut selection = Selection::below_top(5, 2);
        selection.select(row, total, rows);
        (selection.row(), selection.top())
    }

    #[test]
    fn only_as_far_as_needed_is_scrolled_and_the_last_page_is_full() {
        assert_eq!(selected(5, 100, 10), (5, 3), "it is seen already");
        assert_eq!(selected(2, 100, 10), (2, 2));
        assert_eq!(selected(20, 100, 10), (20, 11));
        assert_eq!(selected(8, 9, 6), (8, 3));
        assert_eq!(selected(50, 4, 10), (3, 0), "all rows fit");
        assert_eq!(selected(50, 0, 0), (0, 0));
    }
}

//! One question and its answer.

use super::{
    Anchor, BrowseList, Column, Details, Figure, ItemKind, PeriodOf, PlaysPage, StatsFigures, TableRow,
};

/// What a screen wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordQuestion {
    /// What.
    pub query: RecordQuery,
    /// As of which state of the record; a screen counts it up when it learns that something changed, so
    /// that nothing older is taken for an answer.
    pub revision: u64,
}

/// What is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordQuery {
    /// A window of a list.
    Page {
        /// Which list.
        list: BrowseList,
        /// What was typed; rows that do not fit are left out.
        filter: String,
        /// In which order.
        sort: SortOrder,
        /// Which rows of what is left.
        window: RowWindow,
    },
    /// Everything about one thing.
    Details(ItemKind),
    /// Plays around a place in the history.
    Plays {
        /// Around which.
        anchor: Anchor,
        /// What was typed; plays of what does not fit are left out.
        filter: String,
    },
    /// What plays come to in a period.
    Figures(Figure, PeriodOf),
}

/// An order of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SortOrder {
    /// By which column; `None`: as the list is.
    pub column: Option<Column>,
    /// The greatest first, or the list from its end.
    pub descending: bool,
}

/// Rows that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RowWindow {
    /// The first, from 0.
    pub first: usize,
    /// At most how many.
    pub rows: usize,
}

/// An answer and its question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// What was asked.
    pub question: RecordQuestion,
    /// What was found, else one sentence why not, with the next step.
    pub answer: Result<QueryAnswer, String>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryAnswer {
    /// Rows of a list.
    Page(RowPage),
    /// One thing.
    Details(Details),
    /// Plays.
    Plays(PlaysPage),
    /// What plays come to.
    Figures(StatsFigures),
}

/// A window of a list, as far as there are rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowPage {
    /// Rows of the list, the filter aside.
    pub of: usize,
    /// Rows that fit the filter.
    pub total: usize,
    /// Where the first row stands among these, from 0.
    pub first: usize,
    /// The rows.
    pub rows: Vec<TableRow>,
}

impl RowPage {
    /// The row at a place among those that fit, where it lies in this window.
    #[must_use]
    pub fn row(&self, place: usize) -> Option<&TableRow> {
        self.rows.get(place.checked_sub(self.first)?)
    }
}

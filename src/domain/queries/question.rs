//! One question and its answer.

use super::{
    Anchor, BrowseList, Column, Details, Figure, HomeFigures, ItemKind, PeriodOf, PlaysPage, StatsFigures,
    TableRow,
};

/// What a screen requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordQuestion {
    /// The request.
    pub query: RecordQuery,
    /// The version of the database state. A screen increments it when it sees that something
    /// changed, so that no older answer is used.
    pub revision: u64,
}

/// What is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordQuery {
    /// A window of a list.
    Page {
        /// The list.
        list: BrowseList,
        /// The typed text; rows that do not match are left out.
        filter: String,
        /// The order.
        sort: SortOrder,
        /// The requested rows of the result.
        window: RowWindow,
    },
    /// Everything about one item.
    Details(ItemKind),
    /// Plays around a place in the history.
    Plays {
        /// The place.
        anchor: Anchor,
        /// The typed text; plays of items that do not match are left out.
        filter: String,
    },
    /// The statistics of a period.
    Figures(Figure, PeriodOf),
    /// Listening at a glance.
    Home,
}

/// An order of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SortOrder {
    /// The column; `None`: in the list's own order.
    pub column: Option<Column>,
    /// The greatest first, or the list from its end.
    pub descending: bool,
}

/// Consecutive rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RowWindow {
    /// The first, from 0.
    pub first: usize,
    /// The most rows.
    pub rows: usize,
}

/// An answer and its question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The question.
    pub question: RecordQuestion,
    /// The result, otherwise one sentence with the reason and the next step.
    pub answer: Result<QueryAnswer, String>,
}

/// A result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryAnswer {
    /// Rows of a list.
    Page(RowPage),
    /// One item.
    Details(Details),
    /// Plays.
    Plays(PlaysPage),
    /// Statistics.
    Figures(StatsFigures),
    /// Listening at a glance.
    Home(Box<HomeFigures>),
}

/// A window of a list, as far as it has rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowPage {
    /// Rows of the list, without the filter.
    pub of: usize,
    /// Rows that match the filter.
    pub total: usize,
    /// The index of the first row among these, from 0.
    pub first: usize,
    /// The rows.
    pub rows: Vec<TableRow>,
}

impl RowPage {
    /// The row at an index among the matching ones, if it is in this window.
    #[must_use]
    pub fn row(&self, place: usize) -> Option<&TableRow> {
        self.rows.get(place.checked_sub(self.first)?)
    }
}

//! One question and its answer.

use super::{Anchor, Column, Details, Figure, Figures, List, PeriodOf, PlaysPage, Row, Thing};

/// What a screen wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What.
    pub query: Query,
    /// As of which state of the record; a screen counts it up when it learns that something changed, so
    /// that nothing older is taken for an answer.
    pub revision: u64,
}

/// What is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// A window of a list.
    Page {
        /// Which list.
        list: List,
        /// What was typed; rows that do not fit are left out.
        filter: String,
        /// In which order.
        sort: Sort,
        /// Which rows of what is left.
        window: Window,
    },
    /// Everything about one thing.
    Details(Thing),
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
pub struct Sort {
    /// By which column; `None`: as the list is.
    pub column: Option<Column>,
    /// The greatest first, or the list from its end.
    pub descending: bool,
}

/// Rows that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Window {
    /// The first, from 0.
    pub first: usize,
    /// At most how many.
    pub rows: usize,
}

/// An answer and its question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// What was asked.
    pub question: Question,
    /// What was found, else one sentence why not, with the next step.
    pub answer: Result<Answer, String>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Rows of a list.
    Page(Page),
    /// One thing.
    Details(Details),
    /// Plays.
    Plays(PlaysPage),
    /// What plays come to.
    Figures(Figures),
}

/// A window of a list, as far as there are rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// Rows of the list, the filter aside.
    pub of: usize,
    /// Rows that fit the filter.
    pub total: usize,
    /// Where the first row stands among these, from 0.
    pub first: usize,
    /// The rows.
    pub rows: Vec<Row>,
}

impl Page {
    /// The row at a place among those that fit, where it lies in this window.
    #[must_use]
    pub fn row(&self, place: usize) -> Option<&Row> {
        self.rows.get(place.checked_sub(self.first)?)
    }
}

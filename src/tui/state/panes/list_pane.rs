//! A list: its filter, its order, the selection, and the loaded rows.

use std::sync::Arc;

use super::Motion;
use super::filter::Filter;
use super::loadable::Loadable;
use super::selection::Selection;
use crate::domain::queries::{
    Answered, BrowseList, Column, QueryAnswer, RecordQuery, RowPage, RowWindow, SortOrder, TableRow,
};
use crate::tui::state::screens::around;

/// Rows are requested in steps of this size. So a person who moves down a list causes a request
/// only now and then, and rows beyond the edge of the screen are loaded before they are visible.
const STEP: usize = 64;

/// An open list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListPane {
    list: BrowseList,
    title: String,
    filter: Filter,
    sort: SortOrder,
    selection: Selection,
    /// The newest answer, which may be for the previous filter.
    answer: Loadable<Arc<Answered>>,
}

impl ListPane {
    /// A list that was just opened.
    pub fn new(list: BrowseList, title: impl Into<String>) -> Self {
        Self {
            list,
            title: title.into(),
            filter: Filter::default(),
            sort: SortOrder::default(),
            selection: Selection::FIRST,
            answer: Loadable::default(),
        }
    }

    /// The list.
    pub const fn list(&self) -> &BrowseList {
        &self.list
    }

    /// Its title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Its filter.
    pub const fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Its order.
    pub const fn sort(&self) -> SortOrder {
        self.sort
    }

    /// The index of the selected row, from 0.
    pub const fn selected(&self) -> usize {
        self.selection.row()
    }

    /// The index of the first visible row, from 0.
    pub const fn top(&self) -> usize {
        self.selection.top()
    }

    /// Why the newest rows did not come.
    pub fn trouble(&self) -> Option<&str> {
        self.answer.trouble()
    }

    /// The loaded rows; `None` before the first answer.
    pub fn page(&self) -> Option<&RowPage> {
        match self.answer.newest().map(|held| &held.answer) {
            Some(Ok(QueryAnswer::Page(page))) => Some(page),
            _ => None,
        }
    }

    /// How many rows match the filter, as far as is known.
    pub fn total(&self) -> usize {
        self.page().map_or(0, |page| page.total)
    }

    /// The selected row, if it is loaded.
    pub fn selected_row(&self) -> Option<&TableRow> {
        self.page()?.row(self.selected())
    }

    /// The query, with this many visible rows.
    pub fn query(&self, rows: usize) -> RecordQuery {
        let step = self.top() / STEP;
        let first = step.saturating_sub(1) * STEP;
        let end = (step + rows.div_ceil(STEP) + 2) * STEP;
        RecordQuery::Page {
            list: self.list.clone(),
            filter: self.filter.text().to_owned(),
            sort: self.sort,
            window: RowWindow { first, rows: end - first },
        }
    }

    /// Stores an answer.
    pub fn take(&mut self, answered: &Arc<Answered>, rows: usize) {
        self.answer.take(Arc::clone(answered));
        self.select(self.selected(), rows);
    }

    /// Stores that the request failed.
    pub fn fail(&mut self, why: String) {
        self.answer.fail(why);
    }

    /// Moves the selection.
    pub fn go(&mut self, motion: Motion, rows: usize) {
        self.select(self.selection.after(motion, self.total(), rows), rows);
    }

    /// Selects a row by its index.
    pub fn select(&mut self, place: usize, rows: usize) {
        self.selection.select(place, self.total(), rows);
    }

    /// Scrolls until the selection is visible, but not beyond the end of the list.
    pub fn reveal(&mut self, rows: usize) {
        self.selection.reveal(self.total(), rows);
    }

    /// Starts or stops typing the filter.
    pub const fn type_filter(&mut self, is_typing: bool) {
        self.filter.type_in(is_typing);
    }

    /// Changes the filter; the result is shown from its start.
    pub fn edit_filter(&mut self, edit: impl FnOnce(&mut String)) {
        if self.filter.edit(edit) {
            self.begin_again();
        }
    }

    /// Sorts the list by the column this many further; the list's own order counts as one of them.
    pub fn sort_further(&mut self, steps: isize) {
        let columns = self.list.columns();
        let now = self.sort.column.and_then(|column| columns.iter().position(|it| *it == column));
        let next = around(now.map_or(0, |index| index + 1), steps, columns.len() + 1);
        let column = next.checked_sub(1).and_then(|index| columns.get(index).copied());
        self.sort = SortOrder { column, descending: false };
        self.begin_again();
    }

    /// Sorts the list by this column; if it is already, reverses the order.
    pub fn sort_by(&mut self, column: Column) {
        let descending = self.sort.column == Some(column) && !self.sort.descending;
        self.sort = SortOrder { column: Some(column), descending };
        self.begin_again();
    }

    /// Reverses the order.
    pub const fn turn_round(&mut self) {
        self.sort.descending = !self.sort.descending;
        self.begin_again();
    }

    const fn begin_again(&mut self) {
        self.selection = Selection::FIRST;
    }
}

//! The open details of one item.

use super::Motion;
use super::loadable::Loadable;
use crate::domain::display_safe;
use crate::domain::queries::{Details, Fact, ItemKind};
use crate::tui::style::text::wrap;

/// The open details of one item.
#[derive(Debug, Clone, PartialEq)]
pub struct DetailsPane {
    thing: ItemKind,
    title: String,
    /// Lines scrolled away at the top.
    scroll: usize,
    /// The width at which sentences are wrapped.
    columns: usize,
    answer: Loadable<Details>,
}

impl DetailsPane {
    /// Details that were just requested.
    pub fn new(thing: ItemKind, title: impl Into<String>) -> Self {
        Self { thing, title: title.into(), scroll: 0, columns: 0, answer: Loadable::default() }
    }

    /// The item.
    pub const fn thing(&self) -> &ItemKind {
        &self.thing
    }

    /// Its name.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The details; `None` before the answer.
    pub const fn details(&self) -> Option<&Details> {
        self.answer.newest()
    }

    /// Why there is no answer.
    pub fn trouble(&self) -> Option<&str> {
        self.answer.trouble()
    }

    /// Lines scrolled away at the top.
    pub const fn scroll(&self) -> usize {
        self.scroll
    }

    /// Stores the details.
    pub fn take(&mut self, details: Details) {
        self.answer.take(details);
    }

    /// Stores that the request failed.
    pub fn fail(&mut self, why: String) {
        self.answer.fail(why);
    }

    /// Scrolls, with this many visible rows; the last line stays at the bottom.
    pub fn go(&mut self, motion: Motion, rows: usize) {
        let lines = self.lines();
        self.scroll = motion.lead(self.scroll, lines, rows).min(lines.saturating_sub(rows));
    }

    /// Sets the width.
    pub const fn fit(&mut self, columns: usize) {
        self.columns = columns;
    }

    /// The number of its lines: those of each fact, and two around each heading.
    pub fn lines(&self) -> usize {
        let sections = self.answer.newest().into_iter().flat_map(|details| &details.sections);
        let of_section = |facts: &[Fact]| facts.iter().map(|fact| self.lines_of(fact)).sum::<usize>();
        sections.map(|it| of_section(&it.facts) + 2 * usize::from(!it.heading.is_empty())).sum()
    }

    fn lines_of(&self, fact: &Fact) -> usize {
        fact.as_prose().map_or(1, |prose| wrap(&display_safe(prose), self.columns.max(1), "~").len())
    }
}

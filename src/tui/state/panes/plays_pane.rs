//! The listening history: a place in it, and the loaded lines around that place.

use std::sync::Arc;

use super::Motion;
use super::filter::Filter;
use super::loadable::Loadable;
use super::selection::Selection;
use crate::domain::queries::{Anchor, Answered, ListedPlay, PlaysLine, PlaysPage, QueryAnswer, RecordQuery};

/// If the end of the loaded lines is this near, more lines are requested.
const EDGE: usize = 80;

/// The open history.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PlaysPane {
    anchor: Anchor,
    filter: Filter,
    /// Among the loaded lines.
    selection: Selection,
    /// The next answer is for a new place, wherever the selection is now.
    is_leaping: bool,
    answer: Loadable<Arc<Answered>>,
}

impl PlaysPane {
    /// The query for it.
    pub fn query(&self) -> RecordQuery {
        RecordQuery::Plays { anchor: self.anchor, filter: self.filter.text().to_owned() }
    }

    /// Its filter.
    pub const fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Starts or stops typing the filter.
    pub const fn type_filter(&mut self, is_typing: bool) {
        self.filter.type_in(is_typing);
    }

    /// Changes the filter; the result is shown from the newest play on.
    pub fn edit_filter(&mut self, edit: impl FnOnce(&mut String)) {
        if self.filter.edit(edit) {
            self.leap(Anchor::Newest);
        }
    }

    /// The loaded lines; `None` before the first answer.
    pub fn page(&self) -> Option<&PlaysPage> {
        match self.answer.newest().map(|held| &held.answer) {
            Some(Ok(QueryAnswer::Plays(page))) => Some(page),
            _ => None,
        }
    }

    /// Why newer lines did not come.
    pub fn trouble(&self) -> Option<&str> {
        self.answer.trouble()
    }

    /// The index of the selected line among the loaded ones.
    pub const fn selected(&self) -> usize {
        self.selection.row()
    }

    /// The first visible line.
    pub const fn top(&self) -> usize {
        self.selection.top()
    }

    /// The number of loaded lines.
    pub fn total(&self) -> usize {
        self.page().map_or(0, |page| page.lines.len())
    }

    /// The selected play.
    pub fn selected_play(&self) -> Option<&ListedPlay> {
        match self.page()?.lines.get(self.selected())? {
            PlaysLine::Play(play) => Some(play),
            PlaysLine::Day(_) | PlaysLine::Mark(_) => None,
        }
    }

    /// Stores an answer. The selection stays where it is on the screen.
    pub fn take(&mut self, answered: &Arc<Answered>, page: &PlaysPage, rows: usize) {
        let was = self.page().and_then(|held| held.lines.get(self.selected())).cloned();
        let follows = self.anchor == Anchor::Newest && self.is_at_the_newest();
        let kept = was.filter(|_| !self.is_leaping && !follows);
        let kept = kept.and_then(|was| page.lines.iter().position(|line| *line == was));
        let from_top = self.selected().saturating_sub(self.top());
        // After a jump, the selection is shown under its day.
        let rows_above = if kept.is_some() { from_top } else { 1 };
        self.selection = Selection::below_top(kept.unwrap_or(page.at), rows_above);
        self.is_leaping = false;
        self.answer.take(Arc::clone(answered));
        self.reveal(rows);
    }

    /// Whether there is nothing newer above.
    fn is_at_the_newest(&self) -> bool {
        let first = self.page().and_then(|page| page.lines.iter().position(is_play));
        first.is_none_or(|first| self.selected() <= first)
    }

    /// Stores that the request failed.
    pub fn fail(&mut self, why: String) {
        self.answer.fail(why);
    }

    /// Jumps to a place in the history.
    pub const fn leap(&mut self, anchor: Anchor) {
        self.anchor = anchor;
        self.is_leaping = true;
    }

    /// Moves the selection among the loaded lines; more lines are requested near their ends.
    pub fn go(&mut self, motion: Motion, rows: usize) {
        let Some(page) = self.page() else {
            return;
        };
        match motion {
            Motion::Top if page.newer => return self.leap(Anchor::Newest),
            Motion::Bottom if page.older => return self.leap(Anchor::Oldest),
            _ => {}
        }
        let to = self.selection.after(motion, page.lines.len(), rows);
        self.select(to, rows);
    }

    /// Selects a line. The line of a day cannot be selected; the next line in the same direction is
    /// used instead.
    pub fn select(&mut self, line: usize, rows: usize) {
        let Some(page) = self.page() else {
            return;
        };
        let last = page.lines.len().saturating_sub(1);
        let line = line.min(last);
        let is_line =
            |line: &usize| page.lines.get(*line).is_some_and(|line| !matches!(line, PlaysLine::Day(_)));
        let below = (line..=last).find(is_line);
        let above = (0..=line).rev().find(is_line);
        let found = if line >= self.selected() { below.or(above) } else { above.or(below) };
        let found = found.unwrap_or_default();
        self.selection = Selection::below_top(found, found.saturating_sub(self.top()));
        self.reveal(rows);
        self.read_on();
    }

    /// Requests the lines around the selection if it is near the end of the loaded ones.
    fn read_on(&mut self) {
        let Some(page) = self.page() else {
            return;
        };
        let is_near = page.newer && self.selected() < EDGE
            || page.older && page.lines.len() - self.selected().min(page.lines.len()) <= EDGE;
        let play = page.lines.get(self.selected()..).into_iter().flatten().find_map(play_of);
        let play = play.or_else(|| page.lines.iter().rev().find_map(play_of));
        if let Some(play) = play.filter(|_| is_near && !self.is_leaping) {
            self.anchor = Anchor::Play { played_at: play.played_at, id: play.id };
        }
    }

    /// Scrolls until the selection is visible, and also its day if that is directly above it.
    pub fn reveal(&mut self, rows: usize) {
        let first = if self.selected() == 1 && rows > 1 { 0 } else { self.selected() };
        self.selection.reveal_from(first, self.total(), rows);
    }
}

const fn is_play(line: &PlaysLine) -> bool {
    matches!(line, PlaysLine::Play(_))
}

const fn play_of(line: &PlaysLine) -> Option<&ListedPlay> {
    match line {
        PlaysLine::Play(play) => Some(play),
        PlaysLine::Day(_) | PlaysLine::Mark(_) => None,
    }
}

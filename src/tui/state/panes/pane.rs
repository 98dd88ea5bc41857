//! A list, details, the history or statistics.

use std::sync::Arc;

use super::{DetailsPane, FiguresPane, Filter, ListPane, PlaysPane};
use crate::domain::queries::{Answered, Cell, Column, ItemKind, QueryAnswer, RecordQuery};

/// The content of a browser screen.
#[derive(Debug, Clone, PartialEq)]
pub enum Pane {
    /// Rows.
    List(ListPane),
    /// The details of one item.
    Details(DetailsPane),
    /// The listening history.
    Plays(PlaysPane),
    /// The statistics.
    Figures(FiguresPane),
}

/// How to move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    /// A line down.
    Down,
    /// A line up.
    Up,
    /// Half a page down.
    HalfDown,
    /// Half a page up.
    HalfUp,
    /// A page down.
    PageDown,
    /// A page up.
    PageUp,
    /// To the first line.
    Top,
    /// To the last line.
    Bottom,
}

impl Motion {
    /// The target from line `from` of `lines`, with `page` of them visible at once.
    pub fn lead(self, from: usize, lines: usize, page: usize) -> usize {
        let page = page.max(1);
        let to = match self {
            Self::Down => from.saturating_add(1),
            Self::Up => from.saturating_sub(1),
            Self::HalfDown => from.saturating_add(page.div_ceil(2)),
            Self::HalfUp => from.saturating_sub(page.div_ceil(2)),
            Self::PageDown => from.saturating_add(page),
            Self::PageUp => from.saturating_sub(page),
            Self::Top => 0,
            Self::Bottom => usize::MAX,
        };
        to.min(lines.saturating_sub(1))
    }
}

impl Pane {
    /// The query, with this many visible rows.
    pub fn query(&self, rows: usize) -> RecordQuery {
        match self {
            Self::List(list) => list.query(rows),
            Self::Details(details) => RecordQuery::Details(details.thing().clone()),
            Self::Plays(plays) => plays.query(),
            Self::Figures(figures) => figures.query(),
        }
    }

    /// Stores the answer to its query.
    pub fn take(&mut self, answered: &Arc<Answered>, rows: usize) {
        match (self, &answered.answer) {
            (Self::List(list), Ok(QueryAnswer::Page(_))) => list.take(answered, rows),
            (Self::Details(pane), Ok(QueryAnswer::Details(details))) => pane.take(details.clone()),
            (Self::List(list), Err(why)) => list.fail(why.clone()),
            (Self::Details(pane), Err(why)) => pane.fail(why.clone()),
            (Self::Plays(plays), Ok(QueryAnswer::Plays(lines))) => plays.take(answered, lines, rows),
            (Self::Figures(pane), Ok(QueryAnswer::Figures(_))) => pane.take(answered, rows),
            (Self::Plays(pane), Err(why)) => pane.fail(why.clone()),
            (Self::Figures(pane), Err(why)) => pane.fail(why.clone()),
            (_, Ok(_)) => {}
        }
    }

    /// Moves in it, with this many visible rows.
    pub fn go(&mut self, motion: Motion, rows: usize) {
        match self {
            Self::List(list) => list.go(motion, rows),
            Self::Details(details) => details.go(motion, rows),
            Self::Plays(plays) => plays.go(motion, rows),
            Self::Figures(figures) => figures.go(motion, rows),
        }
    }

    /// Moves this many lines, for a turn of the wheel.
    pub fn wheel(&mut self, lines: usize, is_down: bool, rows: usize) {
        let motion = if is_down { Motion::Down } else { Motion::Up };
        (0..lines).for_each(|_| self.go(motion, rows));
    }

    /// Its filter, if it can have one.
    pub const fn filter(&self) -> Option<&Filter> {
        match self {
            Self::List(list) => Some(list.filter()),
            Self::Plays(plays) => Some(plays.filter()),
            Self::Details(_) | Self::Figures(_) => None,
        }
    }

    /// Starts or stops typing the filter.
    pub const fn type_filter(&mut self, is_typing: bool) {
        match self {
            Self::List(list) => list.type_filter(is_typing),
            Self::Plays(plays) => plays.type_filter(is_typing),
            Self::Details(_) | Self::Figures(_) => {}
        }
    }

    /// Changes the filter.
    pub fn edit_filter(&mut self, edit: impl FnOnce(&mut String)) {
        match self {
            Self::List(list) => list.edit_filter(edit),
            Self::Plays(plays) => plays.edit_filter(edit),
            Self::Details(_) | Self::Figures(_) => {}
        }
    }

    /// Why newer rows did not come, while the old ones are still shown.
    pub fn trouble(&self) -> Option<&str> {
        match self {
            Self::List(list) => list.trouble().filter(|_| list.page().is_some()),
            Self::Plays(plays) => plays.trouble().filter(|_| plays.page().is_some()),
            Self::Figures(pane) => pane.trouble().filter(|_| pane.figures().is_some()),
            Self::Details(_) => None,
        }
    }

    /// Its title, for the line above it.
    pub fn title(&self) -> &str {
        match self {
            Self::List(list) => list.title(),
            Self::Details(details) => details.title(),
            Self::Plays(_) => "Plays",
            Self::Figures(pane) => pane.figure().name(),
        }
    }

    /// The uri of the selected item.
    pub fn uri(&self) -> Option<&str> {
        match self {
            Self::List(list) => list.selected_row()?.uri.as_deref(),
            Self::Details(details) => details.details()?.uri.as_deref(),
            Self::Plays(plays) => plays.selected_play()?.uri.as_deref(),
            Self::Figures(figures) => figures.selected_row()?.uri.as_deref(),
        }
    }

    /// The index of the selected item, from 0, if there can be one.
    pub const fn selected(&self) -> Option<usize> {
        match self {
            Self::List(list) => Some(list.selected()),
            Self::Details(_) => None,
            Self::Plays(plays) => Some(plays.selected()),
            Self::Figures(figures) => Some(figures.selected()),
        }
    }

    /// Selects an item by its index.
    pub fn select(&mut self, place: usize, rows: usize) {
        match self {
            Self::List(list) => list.select(place, rows),
            Self::Details(_) => {}
            Self::Plays(plays) => plays.select(place, rows),
            Self::Figures(figures) => figures.select(place, rows),
        }
    }

    /// The visible indices: from the first one to the end of the content.
    pub fn places(&self) -> std::ops::Range<usize> {
        match self {
            Self::List(list) => list.top()..list.total(),
            Self::Details(_) => 0..0,
            Self::Plays(plays) => plays.top()..plays.total(),
            Self::Figures(figures) => figures.top()..figures.total(),
        }
    }

    /// Scrolls until the selection is visible, and wraps text at the new width.
    pub fn fit(&mut self, columns: usize, rows: usize) {
        match self {
            Self::List(list) => list.reveal(rows),
            Self::Details(details) => details.fit(columns),
            Self::Plays(plays) => plays.reveal(rows),
            Self::Figures(figures) => figures.select(figures.selected(), rows),
        }
    }

    /// The selected item, if it can be opened; otherwise why not.
    pub fn thing(&self) -> Result<ItemKind, &'static str> {
        let nothing = "nothing is selected";
        let thing = match self {
            Self::List(list) => list.selected_row().ok_or(nothing)?.thing.clone(),
            Self::Details(details) => match details.thing() {
                // A run has more details that can be opened.
                run @ ItemKind::Run(_) => Some(run.clone()),
                _ => return Err(nothing),
            },
            Self::Plays(plays) => Some(ItemKind::Play(plays.selected_play().ok_or(nothing)?.id)),
            Self::Figures(figures) => figures.selected_row().ok_or(nothing)?.thing.clone(),
        };
        thing.ok_or("there are no details for this row")
    }

    /// The name of the selected item, if it has one.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::List(list) => {
                let mut cells = list.list().columns().iter().zip(&list.selected_row()?.cells);
                let name = cells.find(|(column, _)| matches!(column, Column::Title | Column::Name))?;
                if let Cell::Text(name) = name.1 { Some(name) } else { None }
            }
            Self::Details(details) => Some(details.title()),
            Self::Plays(plays) => plays.selected_play()?.name.as_deref(),
            Self::Figures(figures) => Some(&figures.selected_row()?.name),
        }
    }

    /// The history, if this is the history.
    pub const fn plays_mut(&mut self) -> Option<&mut PlaysPane> {
        if let Self::Plays(plays) = self { Some(plays) } else { None }
    }

    /// The statistics, if this is that pane.
    pub const fn figures(&self) -> Option<&FiguresPane> {
        if let Self::Figures(figures) = self { Some(figures) } else { None }
    }

    /// The statistics, if this is that pane.
    pub const fn figures_mut(&mut self) -> Option<&mut FiguresPane> {
        if let Self::Figures(figures) = self { Some(figures) } else { None }
    }

    /// The list, if this is a list.
    pub const fn list(&self) -> Option<&ListPane> {
        if let Self::List(list) = self { Some(list) } else { None }
    }

    /// The list, if this is a list.
    pub const fn list_mut(&mut self) -> Option<&mut ListPane> {
        if let Self::List(list) = self { Some(list) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Motion;

    #[rstest]
    #[case(Motion::Down, 5, 6)]
    #[case(Motion::Down, 99, 99)]
    #[case(Motion::Up, 0, 0)]
    #[case(Motion::HalfDown, 5, 10)]
    #[case(Motion::HalfUp, 3, 0)]
    #[case(Motion::PageDown, 95, 99)]
    #[case(Motion::PageUp, 50, 41)]
    #[case(Motion::Top, 50, 0)]
    #[case(Motion::Bottom, 50, 99)]
    fn a_motion_stays_within_the_list(#[case] motion: Motion, #[case] from: usize, #[case] to: usize) {
        assert_eq!(motion.lead(from, 100, 9), to);
        assert_eq!(motion.lead(from, 0, 0), 0);
    }
}

//! A list or details.

use std::sync::Arc;

use super::{DetailsPane, ListPane};
use crate::domain::browse::{Answer, Answered, Query};

/// What fills a browsing screen.
#[derive(Debug, Clone, PartialEq)]
pub enum Pane {
    /// Rows.
    List(ListPane),
    /// Everything about one thing.
    Details(DetailsPane),
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
    /// Where it leads from line `from` of `lines`, of which `page` are seen at once.
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
    /// What is to be read for it, with so many rows to be seen.
    pub fn query(&self, rows: usize) -> Query {
        match self {
            Self::List(list) => list.query(rows),
            Self::Details(details) => Query::Details(details.thing().clone()),
        }
    }

    /// Takes the answer to what it asks for.
    pub fn take(&mut self, answered: &Arc<Answered>, rows: usize) {
        match (self, &answered.answer) {
            (Self::List(list), Ok(Answer::Page(page))) => list.take(answered, page, rows),
            (Self::Details(pane), Ok(Answer::Details(details))) => pane.take(details.clone()),
            (Self::List(list), Err(why)) => list.fail(why.clone()),
            (Self::Details(pane), Err(why)) => pane.fail(why.clone()),
            (_, Ok(_)) => {}
        }
    }

    /// Moves in it, with so many rows to be seen.
    pub fn go(&mut self, motion: Motion, rows: usize) {
        match self {
            Self::List(list) => list.go(motion, rows),
            Self::Details(details) => details.go(motion, rows),
        }
    }

    /// Moves as a turn of the wheel does, so many lines.
    pub fn wheel(&mut self, lines: usize, is_down: bool, rows: usize) {
        let motion = if is_down { Motion::Down } else { Motion::Up };
        (0..lines).for_each(|_| self.go(motion, rows));
    }

    /// What it is of, for the line above it.
    pub fn title(&self) -> &str {
        match self {
            Self::List(list) => list.title(),
            Self::Details(details) => details.title(),
        }
    }

    /// The uri of what is selected.
    pub fn uri(&self) -> Option<&str> {
        match self {
            Self::List(list) => list.selected_row()?.uri.as_deref(),
            Self::Details(details) => details.details()?.uri.as_deref(),
        }
    }

    /// The list, if it is one.
    pub const fn list(&self) -> Option<&ListPane> {
        match self {
            Self::List(list) => Some(list),
            Self::Details(_) => None,
        }
    }

    /// The list, if it is one.
    pub const fn list_mut(&mut self) -> Option<&mut ListPane> {
        match self {
            Self::List(list) => Some(list),
            Self::Details(_) => None,
        }
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

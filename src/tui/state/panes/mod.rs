//! The state of the browser screens: which lists and details are open on each, and what is
//! requested for them.
//!
//! Owns: the stacks of panes behind the tabs, and the question for the visible pane. Must not know:
//! keys, or how anything is drawn.
//!
//! ```text
//!   Model ── question() ──▶ reader      asked again whenever it differs from the last one
//!     ▲                       │
//!     └────── answered() ◀────┘         taken by the pane that still asks it, else dropped
//! ```
//!
//! | file | one idea |
//! |---|---|
//! | `list_pane` | a list: its filter, its order, the selection, the loaded rows |
//! | `filter` | the text that filters rows |
//! | `details_pane` | the details of one item |
//! | `plays_pane` | the listening history around a place in it |
//! | `figures_pane` | the statistics of a period |
//! | `home_pane` | the figures of the home screen |
//! | `pane` | any one of these |
//! | `loadable` | the newest answer, and why a newer one did not come |
//! | `selection` | the selected row, and how far the rows are scrolled |
//! | `stack` | the panes of one screen: its tabs, and the panes that were opened over them |
//! | `change_token` | whether a snapshot shows that the database changed |

mod change_token;
mod details_pane;
mod figures_pane;
mod filter;
mod home_pane;
mod list_pane;
mod loadable;
mod pane;
mod plays_pane;
mod selection;
mod stack;

use std::sync::Arc;

pub use details_pane::DetailsPane;
pub use figures_pane::FiguresPane;
pub use filter::Filter;
pub use home_pane::HomePane;
pub use list_pane::ListPane;
pub use pane::{Motion, Pane};
pub use plays_pane::PlaysPane;
pub use stack::Stack;

use super::screens::Screen;
use crate::domain::Snapshot;
use crate::domain::queries::{Answered, RecordQuery, RecordQuestion};
use change_token::ChangeToken;

/// Everything that is open on the browser screens.
#[derive(Debug, Clone, PartialEq)]
pub struct Browse {
    /// How often the database has changed since the start; part of every question.
    revision: u64,
    mark: ChangeToken,
    /// One for each screen; that of the home screen is empty.
    stacks: [Stack; Screen::ALL.len()],
    /// The figures of the home screen.
    pub home: HomePane,
    /// Whether the engine room is shown in place of the home screen.
    pub shows_engine_room: bool,
}

impl Browse {
    /// Every screen in its initial state.
    pub fn new(snapshot: &Snapshot) -> Self {
        Self {
            revision: 0,
            mark: ChangeToken::of(snapshot),
            stacks: Screen::ALL.map(Stack::of),
            home: HomePane::default(),
            shows_engine_room: false,
        }
    }

    /// The panes of a screen.
    pub fn stack(&self, screen: Screen) -> &Stack {
        let [dashboard, ..] = &self.stacks;
        self.stacks.get(screen.index()).unwrap_or(dashboard)
    }

    /// The panes of a screen.
    pub fn stack_mut(&mut self, screen: Screen) -> Option<&mut Stack> {
        self.stacks.get_mut(screen.index())
    }

    /// Handles a snapshot: the visible content is requested again if the database changed.
    pub fn learn(&mut self, snapshot: &Snapshot) {
        let mark = ChangeToken::of(snapshot);
        if self.mark != mark {
            self.mark = mark;
            self.ask_again();
        }
    }

    /// Requests the visible content again.
    pub fn ask_again(&mut self) {
        self.revision += 1;
    }

    /// The question of a screen, with this many visible rows; it stays the same until something
    /// about it changes.
    pub fn question(&self, screen: Screen, rows: usize) -> Option<RecordQuestion> {
        let query = match self.stack(screen).top() {
            Some(pane) => pane.query(rows),
            None if screen == Screen::Dashboard && !self.shows_engine_room => RecordQuery::Home,
            None => return None,
        };
        Some(RecordQuestion { query, revision: self.revision })
    }

    /// Stores the answer to the question of `screen`; a late answer is dropped.
    pub fn answered(&mut self, screen: Screen, rows: usize, answered: &Arc<Answered>) {
        if self.question(screen, rows).as_ref() != Some(&answered.question) {
            return;
        }
        match self.stack_mut(screen).and_then(Stack::top_mut) {
            Some(pane) => pane.take(answered, rows),
            None => self.home.take(answered),
        }
    }
}

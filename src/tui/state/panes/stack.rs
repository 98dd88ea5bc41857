//! The panes of one screen: its tabs, and the panes that were opened over them.

use super::{FiguresPane, ListPane, Pane, PlaysPane};
use crate::domain::queries::{BrowseList, Figure};
use crate::tui::state::screens::{Screen, around};

/// The panes of one screen; the one that was opened last is on top.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    /// The screen itself, with tabs if it has several lists.
    tabs: Vec<Pane>,
    tab: usize,
    opened: Vec<Pane>,
}

impl Stack {
    /// A screen in its initial state.
    pub fn of(screen: Screen) -> Self {
        let list = |list, title: &str| Pane::List(ListPane::new(list, title));
        let tabs = match screen {
            Screen::Library => vec![
                list(BrowseList::Tracks, "Tracks"),
                list(BrowseList::Albums, "Albums"),
                list(BrowseList::Artists, "Artists"),
            ],
            Screen::Playlists => vec![list(BrowseList::Playlists, "Playlists")],
            Screen::Plays => vec![Pane::Plays(PlaysPane::default())],
            Screen::Statistics => vec![Pane::Figures(FiguresPane::default())],
            Screen::Changes => vec![list(BrowseList::Changes, "Changes")],
            Screen::Runs => vec![list(BrowseList::Runs, "Runs"), list(BrowseList::Log, "Log")],
            Screen::Dashboard => Vec::new(),
        };
        Self { tabs, tab: 0, opened: Vec::new() }
    }

    /// The visible pane.
    pub fn top(&self) -> Option<&Pane> {
        self.opened.last().or_else(|| self.tabs.get(self.tab))
    }

    /// The visible pane.
    pub fn top_mut(&mut self) -> Option<&mut Pane> {
        self.opened.last_mut().or_else(|| self.tabs.get_mut(self.tab))
    }

    /// The names of the tabs, and which of them is chosen. Figures are tabs of one pane, because
    /// they share their period.
    pub fn tabs(&self) -> (Vec<&str>, usize) {
        match self.tabs.as_slice() {
            [Pane::Figures(pane)] => {
                let chosen = Figure::ALL.iter().position(|figure| *figure == pane.figure());
                (Figure::ALL.map(Figure::name).to_vec(), chosen.unwrap_or_default())
            }
            tabs => (tabs.iter().map(Pane::title).collect(), self.tab),
        }
    }

    /// Every pane from the tab to the visible one.
    pub fn path(&self) -> impl Iterator<Item = &Pane> {
        self.tabs.get(self.tab).into_iter().chain(&self.opened)
    }

    /// Whether a pane is open over the tabs.
    pub const fn is_opened(&self) -> bool {
        !self.opened.is_empty()
    }

    /// Opens a pane over the visible one.
    pub fn open(&mut self, pane: Pane) {
        self.opened.push(pane);
    }

    /// Replaces the pane that was opened last.
    pub fn replace(&mut self, pane: Pane) {
        self.opened.pop();
        self.opened.push(pane);
    }

    /// Closes the pane that was opened last; `false` if there is none.
    pub fn close(&mut self) -> bool {
        self.opened.pop().is_some()
    }

    /// Chooses a tab; the panes over the previous one are closed.
    pub fn choose(&mut self, tab: usize) {
        if let ([Pane::Figures(pane)], Some(figure)) = (self.tabs.as_mut_slice(), Figure::ALL.get(tab)) {
            pane.choose(*figure);
        } else if tab < self.tabs.len() {
            self.tab = tab;
            self.opened.clear();
        }
    }

    /// Chooses the tab this many to the right; wraps around.
    pub fn further(&mut self, steps: isize) {
        let (tabs, chosen) = self.tabs();
        let next = around(chosen, steps, tabs.len());
        self.choose(next);
    }
}

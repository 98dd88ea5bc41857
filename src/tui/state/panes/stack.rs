//! The panes of one screen: its tabs, and what was opened over them.

use super::{FiguresPane, ListPane, Pane, PlaysPane};
use crate::domain::queries::{BrowseList, Figure};
use crate::tui::state::screens::{Screen, around};

/// The panes of one screen; what was opened last lies on top.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    /// What the screen is, in tabs where that is several lists.
    tabs: Vec<Pane>,
    tab: usize,
    opened: Vec<Pane>,
}

impl Stack {
    /// A screen as it is first opened.
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

    /// What is seen.
    pub fn top(&self) -> Option<&Pane> {
        self.opened.last().or_else(|| self.tabs.get(self.tab))
    }

    /// What is seen.
    pub fn top_mut(&mut self) -> Option<&mut Pane> {
        self.opened.last_mut().or_else(|| self.tabs.get_mut(self.tab))
    }

    /// The tabs by their names, and which of them is chosen. Figures are tabs of one pane, which have their
    /// period in common.
    pub fn tabs(&self) -> (Vec<&str>, usize) {
        match self.tabs.as_slice() {
            [Pane::Figures(pane)] => {
                let chosen = Figure::ALL.iter().position(|figure| *figure == pane.figure());
                (Figure::ALL.map(Figure::name).to_vec(), chosen.unwrap_or_default())
            }
            tabs => (tabs.iter().map(Pane::title).collect(), self.tab),
        }
    }

    /// Everything from the tab to what is seen.
    pub fn path(&self) -> impl Iterator<Item = &Pane> {
        self.tabs.get(self.tab).into_iter().chain(&self.opened)
    }

    /// Whether something lies over the tabs.
    pub const fn is_opened(&self) -> bool {
        !self.opened.is_empty()
    }

    /// Opens something over what is seen.
    pub fn open(&mut self, pane: Pane) {
        self.opened.push(pane);
    }

    /// Opens something in the place of what was opened last.
    pub fn replace(&mut self, pane: Pane) {
        self.opened.pop();
        self.opened.push(pane);
    }

    /// Closes what was opened last; `false` where that is nothing.
    pub fn close(&mut self) -> bool {
        self.opened.pop().is_some()
    }

    /// Chooses a tab; what lay over the other one is closed.
    pub fn choose(&mut self, tab: usize) {
        if let ([Pane::Figures(pane)], Some(figure)) = (self.tabs.as_mut_slice(), Figure::ALL.get(tab)) {
            pane.choose(*figure);
        } else if tab < self.tabs.len() {
            self.tab = tab;
            self.opened.clear();
        }
    }

    /// Chooses the tab so many to the right, around the end.
    pub fn further(&mut self, steps: isize) {
        let (tabs, chosen) = self.tabs();
        let next = around(chosen, steps, tabs.len());
        self.choose(next);
    }
}

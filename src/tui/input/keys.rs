//! The table of keys: what the keyboard does, what the footer shows, what the help explains.

mod key;
mod keymap;
mod possible;
mod table;

use std::fmt;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::domain::queries::{BrowseList, PeriodOf};
use crate::tui::state::model::{Model, Overlay};
use crate::tui::state::panes::{Filter, Motion, Pane};
use crate::tui::state::screens::Screen;

use key::KeyPress;
pub use keymap::{Keymap, KeymapError};
pub use possible::possible;
pub use table::TABLE;

/// The actions of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Start a run.
    SyncNow,
    /// Ask for confirmation of a full resync.
    AskResync,
    /// Ask for approval of the removals that the brake stopped.
    AskRemovals,
    /// Pause the library sync, or resume it.
    Pause,
    /// Cancel the current run.
    Cancel,
    /// Go to a screen.
    Show(Screen),
    /// Go to the screen this many tabs to the right.
    ShowFurther(isize),
    /// Go to the tab this many to the right within the screen; wraps around.
    TabFurther(isize),
    /// Move in the current pane.
    Go(Motion),
    /// Open the selected item.
    Open,
    /// Open the details of the selected item.
    Details,
    /// Open the versions of a playlist.
    Versions,
    /// Close what was opened last.
    Back,
    /// Move by this many periods.
    PeriodFurther(isize),
    /// Open the report of a period; of the chosen one, or of this year, if none is named.
    Report(Option<PeriodOf>),
    /// Make the periods shorter or longer, by this many kinds.
    PeriodKind(isize),
    /// Type a date.
    AskDate,
    /// Accept the date.
    TakeDate,
    /// Cancel the date.
    DropDate,
    /// Type a filter.
    Filter,
    /// Search everything.
    Search,
    /// Sort the list by the column this many further; wraps around.
    SortFurther(isize),
    /// Reverse the order.
    TurnRound,
    /// Read the database again.
    Refresh,
    /// Copy the uri of the selected item.
    Copy,
    /// Open the selected item in a browser.
    Browse,
    /// Accept the filter.
    KeepFilter,
    /// Remove the filter.
    DropFilter,
    /// Delete the last letter of the filter.
    EraseLetter,
    /// Delete the last word of the filter.
    EraseWord,
    /// Delete the whole filter.
    EraseAll,
    /// Show another theme: the one of this name, or the next one.
    Theme(Option<&'static str>),
    /// Show the keys and symbols.
    Help,
    /// Type a command.
    AskCommand,
    /// Complete the command as far as it is unambiguous.
    CompleteCommand,
    /// Execute the command.
    TakeCommand,
    /// Cancel the command.
    DropCommand,
    /// Close the screen.
    Quit,
    /// Suspend to the shell.
    Suspend,
    /// Answer the question with yes.
    Confirm,
    /// Close the box over the screen.
    Close,
}

/// The part of the screen that receives keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyScope {
    /// The dashboard.
    Dashboard,
    /// The saved tracks, albums or artists.
    Library,
    /// The list of playlists.
    Playlists,
    /// The contents of a playlist.
    Contents,
    /// The versions of a playlist.
    Versions,
    /// The changes of a version.
    Version,
    /// The details of one item.
    Details,
    /// The plays.
    Plays,
    /// The statistics.
    Statistics,
    /// The changes in the journal.
    Changes,
    /// A past list.
    Past,
    /// The runs.
    Runs,
    /// The log.
    Log,
    /// The journal of one run.
    Lines,
    /// A screen that can show nothing.
    Empty,
    /// A filter that is being typed.
    Typing,
    /// A date that is being typed.
    Date,
    /// A command that is being typed.
    Command,
    /// The help over a screen.
    Help,
    /// A question over a screen.
    Question,
}

impl KeyScope {
    /// Every scope.
    pub const ALL: [Self; 20] = [
        Self::Dashboard,
        Self::Library,
        Self::Playlists,
        Self::Contents,
        Self::Versions,
        Self::Version,
        Self::Details,
        Self::Plays,
        Self::Statistics,
        Self::Changes,
        Self::Past,
        Self::Runs,
        Self::Log,
        Self::Lines,
        Self::Empty,
        Self::Typing,
        Self::Date,
        Self::Command,
        Self::Help,
        Self::Question,
    ];

    /// Whether letters without another meaning are text here.
    pub const fn takes_text(self) -> bool {
        matches!(self, Self::Typing | Self::Date | Self::Command)
    }
}

impl fmt::Display for KeyScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dashboard => "on the dashboard",
            Self::Library => "in the library",
            Self::Playlists => "in the list of playlists",
            Self::Contents => "in a playlist",
            Self::Versions | Self::Version => "in the versions of a playlist",
            Self::Details => "in the details",
            Self::Plays => "in the plays",
            Self::Statistics => "in the statistics",
            Self::Changes => "in the changes",
            Self::Past => "in the library as of a date",
            Self::Runs => "in the runs",
            Self::Log => "in the log",
            Self::Lines => "in the changes of a run",
            Self::Empty => "on an empty screen",
            Self::Typing => "in a filter",
            Self::Date => "in a date",
            Self::Command => "in a command",
            Self::Help => "in the help",
            Self::Question => "in a question",
        })
    }
}

/// One line of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Binding {
    /// Its name in the config file; `None` if its keys cannot be changed.
    pub name: Option<&'static str>,
    /// Where it applies.
    places: &'static [KeyScope],
    /// The default keys; the first is the one that is shown.
    keys: &'static [KeyPress],
    /// The action.
    pub action: Action,
    /// The footer's word; empty if the footer does not show it.
    label: &'static str,
    /// The help's sentence.
    pub help: &'static str,
}

impl Binding {
    /// The footer's current word.
    pub fn label(&self, model: &Model) -> &'static str {
        match (self.action, model.overlay) {
            (Action::Pause, _) if model.snapshot.paused => "resume",
            (Action::Confirm, Some(Overlay::Removals)) => "yes, remove them",
            (Action::TabFurther(1), _) if on_screen(model) == KeyScope::Runs => "log",
            (Action::TabFurther(1), _) if on_screen(model) == KeyScope::Log => "runs",
            _ => self.label,
        }
    }

    /// Whether it applies in `place`.
    pub fn holds_in(&self, place: KeyScope) -> bool {
        self.places.contains(&place)
    }
}

/// The scope of the next key.
pub fn place(model: &Model) -> KeyScope {
    match model.overlay {
        None if model.command.is_some() => KeyScope::Command,
        None => on_screen(model),
        Some(Overlay::Help { .. }) => KeyScope::Help,
        Some(Overlay::Resync | Overlay::Removals) => KeyScope::Question,
    }
}

/// The scope of keys when nothing is open over the screen.
pub fn on_screen(model: &Model) -> KeyScope {
    match model.pane() {
        Some(_) if model.asking.is_some() => KeyScope::Date,
        None if model.screen == Screen::Dashboard => KeyScope::Dashboard,
        None => KeyScope::Empty,
        Some(pane) if pane.filter().is_some_and(Filter::is_typing) => KeyScope::Typing,
        Some(Pane::Details(_)) => KeyScope::Details,
        Some(Pane::Plays(_)) => KeyScope::Plays,
        Some(Pane::Figures(_)) => KeyScope::Statistics,
        Some(Pane::List(list)) => match list.list() {
            BrowseList::Tracks | BrowseList::Albums | BrowseList::Artists => KeyScope::Library,
            BrowseList::Playlists => KeyScope::Playlists,
            BrowseList::Contents(_) | BrowseList::Everything => KeyScope::Contents,
            BrowseList::Versions(_) => KeyScope::Versions,
            BrowseList::Version(_) => KeyScope::Version,
            BrowseList::Past(..) => KeyScope::Past,
            BrowseList::Changes | BrowseList::Played => KeyScope::Changes,
            BrowseList::ChangesOf(_) => KeyScope::Lines,
            BrowseList::Runs => KeyScope::Runs,
            BrowseList::Log => KeyScope::Log,
        },
    }
}

/// The letter that a key types, if it has no other meaning.
pub fn letter(event: KeyEvent) -> Option<char> {
    let is_plain = !event.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
    match event.code {
        KeyCode::Char(letter) if is_plain && event.kind != KeyEventKind::Release => Some(letter),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

    use super::{Action, KeyScope, Keymap, TABLE};

    #[test]
    fn every_line_is_found_by_each_of_its_keys() {
        let usual = Keymap::default();
        for line in TABLE {
            for place in KeyScope::ALL.into_iter().filter(|place| line.holds_in(*place)) {
                for key in line.keys {
                    let modifiers = if key.control { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
                    assert_eq!(usual.action(place, KeyEvent::new(key.code, modifiers)), Some(line.action));
                }
            }
        }
    }

    #[test]
    fn shift_is_in_the_letter_and_other_modifiers_are_other_keys() {
        let usual = Keymap::default();
        let press = |code, modifiers| usual.action(KeyScope::Dashboard, KeyEvent::new(code, modifiers));
        assert_eq!(press(KeyCode::Char('R'), KeyModifiers::SHIFT), Some(Action::AskResync));
        assert_eq!(press(KeyCode::Char('r'), KeyModifiers::NONE), None);
        assert_eq!(press(KeyCode::Char('s'), KeyModifiers::CONTROL), None);
        assert_eq!(press(KeyCode::Char('s'), KeyModifiers::ALT), None);
        assert_eq!(press(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Action::Quit));
    }

    #[test]
    fn letting_a_key_go_does_nothing() {
        let mut event = KeyEvent::new(KeyCode::Char('q'), KeyModifiers::NONE);
        event.kind = KeyEventKind::Release;
        assert_eq!(Keymap::default().action(KeyScope::Dashboard, event), None);
    }

    #[test]
    fn everything_is_explained() {
        for line in TABLE {
            assert!(!line.keys.is_empty() && !line.help.is_empty(), "{line:?}");
        }
    }
}

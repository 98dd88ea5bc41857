//! The one table of keys: what the keyboard does, what the footer offers, what the help explains.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::model::{Model, Overlay};
use crate::domain::LoginState;
use crate::handle::Refused;

/// What a person may want of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Begin a run.
    SyncNow,
    /// Ask whether to read everything again.
    AskResync,
    /// Stop syncing the library, or go on.
    Pause,
    /// Stop the run under way.
    Cancel,
    /// Show the keys and signs.
    Help,
    /// Close the screen.
    Quit,
    /// Give the terminal to the shell.
    Suspend,
    /// Yes to the question.
    Confirm,
    /// Close what lies over the dashboard.
    Close,
    /// Move down in the help.
    ScrollDown,
    /// Move up in the help.
    ScrollUp,
}

/// Where keys go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The dashboard.
    Dashboard,
    /// The help over it.
    Help,
    /// A question over it.
    Question,
}

use Place::{Dashboard, Help, Question};

/// One line of the table.
pub struct Binding {
    /// Where it holds.
    places: &'static [Place],
    /// The keys that do it; the first is the one that is shown.
    keys: &'static [Key],
    /// What they do.
    pub action: Action,
    /// The footer's word; empty where the footer keeps quiet.
    label: &'static str,
    /// The help's sentence.
    pub help: &'static str,
}

/// A key and its name on the screen.
pub struct Key {
    code: KeyCode,
    control: bool,
    name: &'static str,
}

const fn key(code: KeyCode, name: &'static str) -> Key {
    Key { code, control: false, name }
}

const fn control(letter: char, name: &'static str) -> Key {
    Key { code: KeyCode::Char(letter), control: true, name }
}

const ESC: Key = key(KeyCode::Esc, "Esc");
const QUESTION_MARK: Key = key(KeyCode::Char('?'), "?");
const Q: Key = key(KeyCode::Char('q'), "q");

/// Every key of every place.
pub const TABLE: &[Binding] = &[
    Binding {
        places: &[Dashboard],
        keys: &[key(KeyCode::Char('s'), "s")],
        action: Action::SyncNow,
        label: "sync",
        help: "sync now: read what has changed",
    },
    Binding {
        places: &[Dashboard],
        keys: &[key(KeyCode::Char('R'), "R")],
        action: Action::AskResync,
        label: "resync",
        help: "read everything again; shows the cost and asks first",
    },
    Binding {
        places: &[Dashboard],
        keys: &[key(KeyCode::Char('p'), "p")],
        action: Action::Pause,
        label: "pause",
        help: "pause or resume the library sync, never the playback",
    },
    Binding {
        places: &[Dashboard],
        keys: &[key(KeyCode::Char('c'), "c")],
        action: Action::Cancel,
        label: "cancel",
        help: "stop the run after the page in flight, which is kept",
    },
    Binding {
        places: &[Dashboard],
        keys: &[QUESTION_MARK],
        action: Action::Help,
        label: "help",
        help: "this help",
    },
    Binding { places: &[Dashboard], keys: &[Q], action: Action::Quit, label: "quit", help: "leave" },
    Binding {
        places: &[Question],
        keys: &[key(KeyCode::Char('y'), "y")],
        action: Action::Confirm,
        label: "yes, read everything",
        help: "yes",
    },
    Binding {
        places: &[Question],
        keys: &[key(KeyCode::Char('n'), "n"), ESC, Q],
        action: Action::Close,
        label: "no",
        help: "no",
    },
    Binding {
        places: &[Help],
        keys: &[key(KeyCode::Down, "Down"), key(KeyCode::Char('j'), "j")],
        action: Action::ScrollDown,
        label: "",
        help: "further down in the help",
    },
    Binding {
        places: &[Help],
        keys: &[key(KeyCode::Up, "Up"), key(KeyCode::Char('k'), "k")],
        action: Action::ScrollUp,
        label: "",
        help: "back up in the help",
    },
    Binding {
        places: &[Help],
        keys: &[ESC, QUESTION_MARK, Q],
        action: Action::Close,
        label: "close",
        help: "close the help",
    },
    Binding {
        places: &[Dashboard, Help, Question],
        keys: &[control('c', "Ctrl-C")],
        action: Action::Quit,
        label: "",
        help: "leave at once",
    },
    Binding {
        places: &[Dashboard, Help, Question],
        keys: &[control('z', "Ctrl-Z")],
        action: Action::Suspend,
        label: "",
        help: "back to the shell; `fg` comes back",
    },
];

impl Binding {
    /// The keys as they are written.
    pub fn names(&self) -> String {
        let names: Vec<_> = self.keys.iter().map(|key| key.name).collect();
        names.join(" ")
    }

    /// The key that is shown where there is room for one.
    pub fn first_name(&self) -> &'static str {
        self.keys.first().map_or("", |key| key.name)
    }

    /// The footer's word, as things stand.
    pub fn label(&self, model: &Model) -> &'static str {
        match self.action {
            Action::Pause if model.snapshot.paused => "resume",
            _ => self.label,
        }
    }

    /// Whether it holds in `place`.
    pub fn holds_in(&self, place: Place) -> bool {
        self.places.contains(&place)
    }

    fn has(&self, event: KeyEvent) -> bool {
        let control = event.modifiers.contains(KeyModifiers::CONTROL);
        let alt = event.modifiers.contains(KeyModifiers::ALT);
        // Shift is in the letter already, and terminals differ in whether they report it as well.
        !alt && self.keys.iter().any(|key| key.code == event.code && key.control == control)
    }
}

/// Where the next key goes.
pub const fn place(model: &Model) -> Place {
    match model.overlay {
        None => Dashboard,
        Some(Overlay::Help { .. }) => Help,
        Some(Overlay::Resync) => Question,
    }
}

/// What a key does in a place.
pub fn action(place: Place, event: KeyEvent) -> Option<Action> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let binding = TABLE.iter().find(|line| line.holds_in(place) && line.has(event))?;
    Some(binding.action)
}

/// Whether an action makes sense now, else why not, in words for the footer.
pub fn possible(action: Action, model: &Model) -> Result<(), String> {
    match action {
        Action::SyncNow | Action::AskResync | Action::Confirm => {
            listens(model)?;
            if model.running().is_some() && !model.snapshot.run_gives_way() {
                return Err(Refused::Busy.to_string());
            }
            match model.snapshot.login {
                LoginState::Needed { .. } => Err("log in first: `phonolog login`".to_owned()),
                LoginState::Ok { .. } | LoginState::Unknown => Ok(()),
            }
        }
        Action::Cancel => {
            listens(model)?;
            model.running().map(drop).ok_or_else(|| Refused::Idle.to_string())
        }
        Action::Pause => listens(model),
        Action::Help
        | Action::Quit
        | Action::Suspend
        | Action::Close
        | Action::ScrollDown
        | Action::ScrollUp => Ok(()),
    }
}

fn listens(model: &Model) -> Result<(), String> {
    if model.engine_listens() { Ok(()) } else { Err(Refused::Gone.to_string()) }
}

/// Keys and what they do, in the help's order; for manuals.
pub fn documented() -> impl Iterator<Item = (String, &'static str)> {
    TABLE.iter().map(|line| (line.names(), line.help))
}

#[cfg(test)]
mod tests {
    use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

    use super::{Action, Place, TABLE, action};

    const PLACES: [Place; 3] = [Place::Dashboard, Place::Help, Place::Question];

    #[test]
    fn no_key_has_two_meanings_in_one_place() {
        for place in PLACES {
            let lines = TABLE.iter().filter(|line| line.holds_in(place));
            let keys: Vec<_> = lines.flat_map(|line| line.keys).map(|key| key.name).collect();
            for (i, key) in keys.iter().enumerate() {
                assert!(!keys[..i].contains(key), "{key} twice in {place:?}");
            }
        }
    }

    #[test]
    fn every_line_is_found_by_each_of_its_keys() {
        for line in TABLE {
            for place in PLACES.into_iter().filter(|place| line.holds_in(*place)) {
                for key in line.keys {
                    let modifiers = if key.control { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
                    assert_eq!(action(place, KeyEvent::new(key.code, modifiers)), Some(line.action));
                }
            }
        }
    }

    #[test]
    fn shift_is_in_the_letter_and_other_modifiers_are_other_keys() {
        let press = |code, modifiers| action(Place::Dashboard, KeyEvent::new(code, modifiers));
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
        assert_eq!(action(Place::Dashboard, event), None);
    }

    #[test]
    fn everything_is_explained() {
        for (keys, help) in super::documented() {
            assert!(!keys.is_empty() && !help.is_empty(), "{keys}: {help}");
        }
    }
}

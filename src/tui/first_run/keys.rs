//! The one table of keys of this screen: keymap and footer.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::model::{Model, Stage};

/// What a person may want.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Type into the field.
    Type,
    /// The field is as it is to be.
    Send,
    /// Type no more.
    StopTyping,
    /// Take the last letter away.
    EraseLetter,
    /// Take everything away.
    EraseAll,
    /// Copy the address.
    Copy,
    /// Open the address in a browser.
    Browse,
    /// Another app after all.
    OtherApp,
    /// The demo instead.
    Demo,
    /// Look at what is stored.
    Record,
    /// Leave.
    Quit,
    /// Give the terminal to the shell.
    Suspend,
}

/// When a line holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// Keys go into the field.
    Typing,
    /// They do not.
    Reading,
    /// Always.
    Always,
}

/// One line of the table.
pub struct Binding {
    when: When,
    code: KeyCode,
    control: bool,
    /// The key as it is written.
    pub name: &'static str,
    action: Action,
    /// The footer's word; empty where the footer keeps quiet.
    pub label: &'static str,
}

const fn line(when: When, code: KeyCode, name: &'static str, action: Action, label: &'static str) -> Binding {
    Binding { when, code, control: false, name, action, label }
}

const fn control(letter: char, when: When, action: Action) -> Binding {
    Binding { when, code: KeyCode::Char(letter), control: true, name: "", action, label: "" }
}

/// Every key. The footer offers what is possible in this order, as far as there is room.
const TABLE: &[Binding] = &[
    line(When::Reading, KeyCode::Enter, "Enter", Action::Type, "type"),
    line(When::Reading, KeyCode::Char('y'), "y", Action::Copy, "copy"),
    line(When::Reading, KeyCode::Char('o'), "o", Action::Browse, "open"),
    line(When::Reading, KeyCode::Char('q'), "q", Action::Quit, "leave"),
    line(When::Reading, KeyCode::Char('d'), "d", Action::Demo, "demo"),
    line(When::Reading, KeyCode::Char('c'), "c", Action::OtherApp, "another app"),
    line(When::Reading, KeyCode::Char('b'), "b", Action::Record, "browse the record"),
    line(When::Typing, KeyCode::Enter, "Enter", Action::Send, "go on"),
    line(When::Typing, KeyCode::Esc, "Esc", Action::StopTyping, "stop typing"),
    line(When::Typing, KeyCode::Backspace, "Backspace", Action::EraseLetter, ""),
    control('h', When::Typing, Action::EraseLetter),
    control('u', When::Typing, Action::EraseAll),
    control('c', When::Always, Action::Quit),
    control('z', When::Always, Action::Suspend),
];

impl Binding {
    fn holds(&self, model: &Model) -> bool {
        let is_when = match self.when {
            When::Typing => model.field.is_open,
            When::Reading => !model.field.is_open,
            When::Always => true,
        };
        is_when && is_possible(self.action, model)
    }
}

fn is_possible(action: Action, model: &Model) -> bool {
    match action {
        Action::Type | Action::Send => model.wants_text(),
        Action::Copy | Action::Browse => model.invitation().is_some(),
        Action::OtherApp => matches!(model.stage, Stage::Agree(_)),
        Action::Record => model.start.has_record,
        _ => true,
    }
}

/// What a key does as things stand.
pub fn action(model: &Model, event: KeyEvent) -> Option<Action> {
    if event.kind == KeyEventKind::Release || event.modifiers.contains(KeyModifiers::ALT) {
        return None;
    }
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    let pressed = |line: &&Binding| line.code == event.code && line.control == control;
    TABLE.iter().filter(pressed).find(|line| line.holds(model)).map(|line| line.action)
}

/// What the footer offers.
pub fn offered(model: &Model) -> impl Iterator<Item = &'static Binding> {
    TABLE.iter().filter(|line| !line.label.is_empty() && line.holds(model))
}

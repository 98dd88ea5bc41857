//! The table of keys of this screen, for the keymap and the footer.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::model::{FirstRunModel, FirstRunStage};

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstRunAction {
    /// Type into the field.
    Type,
    /// Accept the text of the field.
    Send,
    /// Stop typing.
    StopTyping,
    /// Delete the last letter.
    EraseLetter,
    /// Delete all text.
    EraseAll,
    /// Copy the address.
    Copy,
    /// Open the address in a browser.
    Browse,
    /// Use another app after all.
    OtherApp,
    /// Start the demo instead.
    Demo,
    /// Show what is stored.
    Record,
    /// Close the screen.
    Quit,
    /// Suspend to the shell.
    Suspend,
}

/// When a line applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// While keys go into the field.
    Typing,
    /// While they do not.
    Reading,
    /// Always.
    Always,
}

/// One line of the table.
pub struct FirstRunBinding {
    when: When,
    code: KeyCode,
    control: bool,
    /// The key as it is written.
    pub name: &'static str,
    action: FirstRunAction,
    /// The footer's word; empty if the footer does not show it.
    pub label: &'static str,
}

const fn line(
    when: When,
    code: KeyCode,
    name: &'static str,
    action: FirstRunAction,
    label: &'static str,
) -> FirstRunBinding {
    FirstRunBinding { when, code, control: false, name, action, label }
}

const fn control(letter: char, when: When, action: FirstRunAction) -> FirstRunBinding {
    FirstRunBinding { when, code: KeyCode::Char(letter), control: true, name: "", action, label: "" }
}

const fn shown_control(
    letter: char,
    name: &'static str,
    when: When,
    action: FirstRunAction,
    label: &'static str,
) -> FirstRunBinding {
    FirstRunBinding { when, code: KeyCode::Char(letter), control: true, name, action, label }
}

/// Every key. The footer shows the available ones in this order, as far as there is room.
const TABLE: &[FirstRunBinding] = &[
    line(When::Reading, KeyCode::Enter, "Enter", FirstRunAction::Type, "type"),
    line(When::Reading, KeyCode::Char('y'), "y", FirstRunAction::Copy, "copy"),
    line(When::Reading, KeyCode::Char('o'), "o", FirstRunAction::Browse, "open"),
    line(When::Reading, KeyCode::Char('q'), "q", FirstRunAction::Quit, "quit"),
    line(When::Reading, KeyCode::Char('d'), "d", FirstRunAction::Demo, "demo"),
    line(When::Reading, KeyCode::Char('c'), "c", FirstRunAction::OtherApp, "another app"),
    line(When::Reading, KeyCode::Char('b'), "b", FirstRunAction::Record, "browse the record"),
    line(When::Typing, KeyCode::Enter, "Enter", FirstRunAction::Send, "go on"),
    shown_control('d', "Ctrl-D", When::Typing, FirstRunAction::Demo, "demo"),
    line(When::Typing, KeyCode::Esc, "Esc", FirstRunAction::StopTyping, "other keys"),
    line(When::Typing, KeyCode::Backspace, "Backspace", FirstRunAction::EraseLetter, ""),
    control('h', When::Typing, FirstRunAction::EraseLetter),
    control('u', When::Typing, FirstRunAction::EraseAll),
    shown_control('c', "Ctrl-C", When::Typing, FirstRunAction::Quit, "quit"),
    control('c', When::Always, FirstRunAction::Quit),
    control('z', When::Always, FirstRunAction::Suspend),
];

impl FirstRunBinding {
    fn holds(&self, model: &FirstRunModel) -> bool {
        let is_when = match self.when {
            When::Typing => model.field.is_open,
            When::Reading => !model.field.is_open,
            When::Always => true,
        };
        is_when && is_possible(self.action, model)
    }
}

fn is_possible(action: FirstRunAction, model: &FirstRunModel) -> bool {
    match action {
        FirstRunAction::Type | FirstRunAction::Send => model.wants_text(),
        FirstRunAction::Copy | FirstRunAction::Browse => model.invitation().is_some(),
        FirstRunAction::OtherApp => matches!(model.stage, FirstRunStage::Agree(_)),
        FirstRunAction::Record => model.start.has_record,
        _ => true,
    }
}

/// What a key does now.
pub fn action(model: &FirstRunModel, event: KeyEvent) -> Option<FirstRunAction> {
    if event.kind == KeyEventKind::Release || event.modifiers.contains(KeyModifiers::ALT) {
        return None;
    }
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    let pressed = |line: &&FirstRunBinding| line.code == event.code && line.control == control;
    TABLE.iter().filter(pressed).find(|line| line.holds(model)).map(|line| line.action)
}

/// What the footer shows.
pub fn offered(model: &FirstRunModel) -> impl Iterator<Item = &'static FirstRunBinding> {
    TABLE.iter().filter(|line| !line.label.is_empty() && line.holds(model))
}

//! A key: how it is recognised, shown, and written in the config file.

use std::fmt;
use std::str::FromStr;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::domain::nearest;

/// A key, perhaps with Ctrl. Shift is already part of the letter, because terminals differ in
/// whether they report it as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyPress {
    /// The key.
    pub code: KeyCode,
    /// Whether Ctrl is pressed.
    pub control: bool,
}

/// Keys with a name, as they are shown; the config file ignores the case.
const NAMED: [(&str, KeyCode); 16] = [
    ("Enter", KeyCode::Enter),
    ("Esc", KeyCode::Esc),
    ("Tab", KeyCode::Tab),
    ("Shift-Tab", KeyCode::BackTab),
    ("Space", KeyCode::Char(' ')),
    ("Backspace", KeyCode::Backspace),
    ("Del", KeyCode::Delete),
    ("Ins", KeyCode::Insert),
    ("Left", KeyCode::Left),
    ("Right", KeyCode::Right),
    ("Up", KeyCode::Up),
    ("Down", KeyCode::Down),
    ("Home", KeyCode::Home),
    ("End", KeyCode::End),
    ("PgUp", KeyCode::PageUp),
    ("PgDn", KeyCode::PageDown),
];
/// The last function key that terminals distinguish from others.
const LAST_FUNCTION: u8 = 12;

impl KeyPress {
    /// Whether the event is this key.
    pub fn is(self, event: KeyEvent) -> bool {
        let control = event.modifiers.contains(KeyModifiers::CONTROL);
        let alt = event.modifiers.contains(KeyModifiers::ALT);
        !alt && self.code == event.code && self.control == control
    }
}

impl fmt::Display for KeyPress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((name, _)) = NAMED.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            KeyCode::Char(letter) if self.control => write!(f, "Ctrl-{}", letter.to_ascii_uppercase()),
            KeyCode::Char(letter) => write!(f, "{letter}"),
            KeyCode::F(number) => write!(f, "F{number}"),
            _ => Ok(()),
        }
    }
}

/// The text names no key; contains the probable meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoKey {
    /// The most similar name.
    pub nearest: Option<&'static str>,
}

impl FromStr for KeyPress {
    type Err = NoKey;

    fn from_str(written: &str) -> Result<Self, NoKey> {
        let mut letters = written.chars();
        if let (Some(letter), None) = (letters.next(), letters.next()) {
            let is_shown = !letter.is_control() && !letter.is_whitespace();
            return if is_shown {
                Ok(Self::plain(KeyCode::Char(letter)))
            } else {
                Err(NoKey { nearest: None })
            };
        }
        let lower = written.to_lowercase();
        if let Some(letter) = lower.strip_prefix("ctrl-") {
            return with_control(letter);
        }
        if let Some((_, code)) = NAMED.iter().find(|(name, _)| name.to_lowercase() == lower) {
            return Ok(Self::plain(*code));
        }
        let number = lower.strip_prefix('f').and_then(|number| number.parse().ok());
        match number.filter(|number| (1..=LAST_FUNCTION).contains(number)) {
            Some(number) => Ok(Self::plain(KeyCode::F(number))),
            None => Err(NoKey { nearest: nearest(&lower, NAMED.iter().map(|(name, _)| *name)) }),
        }
    }
}

impl KeyPress {
    const fn plain(code: KeyCode) -> Self {
        Self { code, control: false }
    }
}

/// A letter with Ctrl. For some of them terminals send the same byte as for other keys.
fn with_control(letter: &str) -> Result<KeyPress, NoKey> {
    match letter.chars().next() {
        Some('i') => Err(NoKey { nearest: Some("Tab") }),
        Some('m') => Err(NoKey { nearest: Some("Enter") }),
        Some(one @ 'a'..='z') if letter.len() == 1 => {
            Ok(KeyPress { code: KeyCode::Char(one), control: true })
        }
        _ => Err(NoKey { nearest: None }),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("R", "R")]
    #[case("é", "é")]
    #[case("ctrl-q", "Ctrl-Q")]
    #[case("Ctrl-Q", "Ctrl-Q")]
    #[case("f5", "F5")]
    #[case("F12", "F12")]
    #[case("space", "Space")]
    #[case("shift-tab", "Shift-Tab")]
    #[case("pgdn", "PgDn")]
    #[case("PgUp", "PgUp")]
    #[case("ESC", "Esc")]
    fn a_key_is_written_as_it_is_shown(#[case] written: &str, #[case] shown: &str) {
        let key: KeyPress = written.parse().unwrap();
        assert_eq!(key.to_string(), shown);
        assert_eq!(shown.parse(), Ok(key), "what the help shows can be written");
    }

    #[rstest]
    #[case("", None)]
    #[case(" ", None)]
    #[case("f13", None)]
    #[case("ctrl-1", None)]
    #[case("ctrl-up", None)]
    #[case("escape", Some("Esc"))]
    #[case("pagedown", Some("PgDn"))]
    #[case("entre", Some("Enter"))]
    #[case("ctrl-i", Some("Tab"))]
    #[case("ctrl-m", Some("Enter"))]
    fn what_is_no_key_is_refused_with_the_nearest(
        #[case] written: &str,
        #[case] meant: Option<&'static str>,
    ) {
        assert_eq!(written.parse::<KeyPress>(), Err(NoKey { nearest: meant }));
    }

    #[test]
    fn every_key_that_has_a_name_is_found_by_it() {
        for (name, code) in NAMED {
            assert_eq!(name.parse(), Ok(KeyPress::plain(code)));
        }
    }
}

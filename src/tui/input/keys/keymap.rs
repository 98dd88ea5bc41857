//! The current keys: those of the table, replaced by those that a person wrote into the config
//! file.
//!
//! Keys that must never be lost have no name there and cannot be changed: Ctrl-C and Ctrl-Z
//! everywhere, and the keys of a text line, a question or the open help.

use ratatui::crossterm::event::{KeyEvent, KeyEventKind};

use super::key::KeyPress;
use super::{Action, Binding, KeyScope, TABLE};
use crate::config::KeyChoice;
use crate::domain::nearest;

/// A line of the table and its current keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// The line.
    pub line: &'static Binding,
    keys: Vec<KeyPress>,
}

impl Bound {
    /// The keys in their written form.
    pub fn names(&self) -> String {
        let names: Vec<_> = self.keys.iter().map(KeyPress::to_string).collect();
        names.join(" ")
    }

    /// The key that is shown if there is room for one.
    pub fn first_name(&self) -> String {
        self.keys.first().map(KeyPress::to_string).unwrap_or_default()
    }
}

/// Every line with its keys; no key has two meanings in one scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap(Vec<Bound>);

impl Default for Keymap {
    fn default() -> Self {
        Self(TABLE.iter().map(|line| Bound { line, keys: line.keys.to_vec() }).collect())
    }
}

/// Why the configured keys cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum KeymapError {
    /// There is no action of this name.
    #[error("the config file has an unknown key `keys.{action}`{}; `phonolog config --sample` lists them all", meant(nearest.map(|name| format!("keys.{name}")).as_deref()))]
    UnknownAction {
        /// As written.
        action: String,
        /// What was probably meant.
        nearest: Option<&'static str>,
    },
    /// An action would have no key.
    #[error("keys.{action} names no key; add one, or remove the line to use the default")]
    NoKey {
        /// Its name.
        action: &'static str,
    },
    /// The text names no key.
    #[error("keys.{action} is `{written}`, which is not a key{}; write it like R, ctrl-q, f5, space or pgdn", meant(*.nearest))]
    Unreadable {
        /// The action.
        action: &'static str,
        /// As written.
        written: String,
        /// What was probably meant.
        nearest: Option<&'static str>,
    },
    /// The key has another meaning in the same scope.
    #[error("keys.{action} is `{key}`, which {place} means {other}; choose another key")]
    Taken {
        /// The action.
        action: &'static str,
        /// The key as it is shown.
        key: String,
        /// The scope.
        place: KeyScope,
        /// Its meaning there.
        other: String,
    },
}

fn meant(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default()
}

impl Keymap {
    /// The default keys with the configured changes.
    pub fn new(choices: &[KeyChoice]) -> Result<Self, KeymapError> {
        let mut map = Self::default();
        for choice in choices {
            map.choose(choice)?;
        }
        map.refuse_doubles()?;
        Ok(map)
    }

    fn choose(&mut self, choice: &KeyChoice) -> Result<(), KeymapError> {
        let Some(action) = names().find(|name| *name == choice.action) else {
            let nearest = nearest(&choice.action, names());
            return Err(KeymapError::UnknownAction { action: choice.action.clone(), nearest });
        };
        let mut keys = Vec::new();
        for written in &choice.keys {
            let key = written.parse().map_err(|no_key: super::key::NoKey| KeymapError::Unreadable {
                action,
                written: written.clone(),
                nearest: no_key.nearest,
            })?;
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        if keys.is_empty() {
            return Err(KeymapError::NoKey { action });
        }
        for bound in self.0.iter_mut().filter(|bound| bound.line.name == Some(action)) {
            bound.keys.clone_from(&keys);
        }
        Ok(())
    }

    /// In the table no key has two meanings in one scope. So if a key has two, a configured one is
    /// the cause.
    fn refuse_doubles(&self) -> Result<(), KeymapError> {
        for place in KeyScope::ALL {
            let here: Vec<_> = self.lines(place).collect();
            for (i, one) in here.iter().enumerate() {
                for other in here.iter().skip(i + 1) {
                    if let Some(key) = one.keys.iter().find(|key| other.keys.contains(key)) {
                        return Err(taken(one, other, *key, place));
                    }
                }
            }
        }
        Ok(())
    }

    /// The lines of a scope, in the order of the table.
    pub fn lines(&self, place: KeyScope) -> impl Iterator<Item = &Bound> {
        self.0.iter().filter(move |bound| bound.line.holds_in(place))
    }

    /// The action of a key in a scope.
    #[must_use]
    pub fn action(&self, place: KeyScope, event: KeyEvent) -> Option<Action> {
        if event.kind == KeyEventKind::Release {
            return None;
        }
        let bound = self.lines(place).find(|bound| bound.keys.iter().any(|key| key.is(event)))?;
        Some(bound.line.action)
    }

    /// The key for an action, for a sentence.
    pub fn key_for(&self, action: Action) -> String {
        let bound = self.0.iter().find(|bound| bound.line.action == action);
        bound.map(Bound::first_name).unwrap_or_default()
    }
}

/// The names of the actions whose keys can be configured.
fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().filter_map(|line| line.name)
}

/// Reports the configured line; if both are, the first.
fn taken(one: &Bound, other: &Bound, key: KeyPress, place: KeyScope) -> KeymapError {
    let is_chosen = |bound: &Bound| bound.line.name.is_some() && bound.keys != bound.line.keys;
    let (chosen, other) = if is_chosen(one) { (one, other) } else { (other, one) };
    let meaning = match other.line.name {
        Some(name) => format!("`{name}`"),
        None => format!("\"{}\"", other.line.help),
    };
    KeymapError::Taken {
        action: chosen.line.name.unwrap_or_default(),
        key: key.to_string(),
        place,
        other: meaning,
    }
}

#[cfg(test)]
mod tests;

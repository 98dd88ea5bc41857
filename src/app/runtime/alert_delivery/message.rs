//! The message about a change of an alert.

use serde_json::{Value, json};

use crate::domain::{AlertTurn, display_line};
use crate::store::UndeliveredAlert;

/// One change, in the form that is delivered.
pub struct AlertMessage {
    kind: &'static str,
    state: &'static str,
    text: String,
    json: Value,
}

impl AlertMessage {
    pub fn of(undelivered: &UndeliveredAlert) -> Self {
        let alert = &undelivered.alert;
        let text = match undelivered.turn {
            AlertTurn::Raised => display_line(&alert.text),
            AlertTurn::Cleared => display_line(&alert.farewell()),
        };
        let (kind, state) = (alert.kind.as_str(), undelivered.turn.as_str());
        let json = json!({
            "kind": kind,
            "subject": alert.subject,
            "state": state,
            "since": alert.since,
            "at": undelivered.at,
            "text": text,
        });
        Self { kind, state, text, json }
    }

    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    pub const fn state(&self) -> &'static str {
        self.state
    }

    /// One sentence.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All of it.
    pub const fn json(&self) -> &Value {
        &self.json
    }
}

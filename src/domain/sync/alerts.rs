//! What deserves a person's attention: rules for a snapshot, and the differences from the raised
//! alerts.
//!
//! Pure: the engine calls, stores and publishes. A rule says about each of its alerts that its
//! condition is true, that it is false, or that this is not known at the moment (for example before
//! Spotify's first answer). In the last case the alert stays as it was, so that a restart neither
//! raises nor clears anything.

mod rules;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::entity::{UnknownWord, words};
use crate::domain::{Snapshot, display_safe};

pub use rules::{CONSENT_SOON, EXPOSED};

/// The kind of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// Nothing can be fetched before a person logs in.
    LoginNeeded,
    /// Spotify refuses the app itself.
    AppRefused,
    /// Nothing can be written: the disk is full, or the database is damaged.
    Storage,
    /// A bug in phonolog stopped a background task, which was restarted; the subject is the task.
    TaskFailed,
    /// Removals need a person's approval; the subject is the entity.
    Braked,
    /// The consent expires within 30 days.
    ConsentEnds,
    /// No successful sync for three intervals.
    Stale,
    /// Plays were lost; the subject is the start of the gap.
    Gap,
    /// A bucket has a hold of more than an hour; the subject is the bucket.
    Held,
    /// The local API listens on every network.
    Exposed,
}

words!(AlertKind, "kind of alert", {
    LoginNeeded => "login_needed",
    AppRefused => "app_refused",
    Storage => "storage",
    TaskFailed => "task_failed",
    Braked => "braked",
    ConsentEnds => "consent_ends",
    Stale => "stale",
    Gap => "gap",
    Held => "held",
    Exposed => "exposed",
});

/// Whether an alert was raised or cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertTurn {
    /// It was raised.
    Raised,
    /// It was cleared.
    Cleared,
}

words!(AlertTurn, "turn of an alert", {
    Raised => "raised",
    Cleared => "cleared",
});

/// A condition that deserves a person's attention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Its kind.
    pub kind: AlertKind,
    /// Its subject, if there may be several of a kind; otherwise empty.
    pub subject: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// One sentence: the condition, a colon, and what to do.
    pub text: String,
}

impl Alert {
    /// What identifies the alert.
    #[must_use]
    pub fn key(&self) -> (AlertKind, &str) {
        (self.kind, &self.subject)
    }

    /// The sentence that says that it was cleared.
    #[must_use]
    pub fn farewell(&self) -> String {
        let what = self.text.split_once(": ").map_or(self.text.as_str(), |(what, _)| what);
        format!("over: {what}")
    }
}

/// What the rules need besides the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watch {
    /// The interval between two syncs of the library; `None` if none starts by itself.
    pub library_interval: Option<Duration>,
    /// Since when the engine runs: it is not to blame for what was late before.
    pub running_since: DateTime<Utc>,
    /// Whether the local API listens on every address of this machine.
    pub is_exposed: bool,
}

/// The result of the rules for a snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertReading {
    in_force: Vec<Alert>,
    /// Alerts whose condition is not known; `None`: every other alert of that kind.
    undecided: Vec<(AlertKind, Option<String>)>,
}

impl AlertReading {
    fn raise(&mut self, kind: AlertKind, subject: &str, since: DateTime<Utc>, text: &str) {
        if self.in_force.iter().all(|alert| alert.key() != (kind, subject)) {
            let subject = subject.to_owned();
            self.in_force.push(Alert { kind, subject, since, text: display_safe(text) });
        }
    }

    fn leave(&mut self, kind: AlertKind, subject: Option<&str>) {
        self.undecided.push((kind, subject.map(ToOwned::to_owned)));
    }

    fn is_undecided(&self, (kind, subject): (AlertKind, &str)) -> bool {
        let left = |(of, which): &(AlertKind, Option<String>)| {
            *of == kind && which.as_deref().is_none_or(|which| which == subject)
        };
        self.undecided.iter().any(left)
    }
}

/// The result of the rules for a snapshot at `now`.
#[must_use]
pub fn read(snapshot: &Snapshot, watch: Watch, now: DateTime<Utc>) -> AlertReading {
    let mut reading = AlertReading::default();
    for rule in rules::ALL {
        rule(snapshot, watch, now, &mut reading);
    }
    reading.in_force.sort_by_key(|alert| alert.kind);
    reading
}

/// When the result changes although the snapshot stays the same.
#[must_use]
pub fn next_look(snapshot: &Snapshot, watch: Watch, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    rules::turning_points(snapshot, watch).filter(|at| *at > now).min()
}

/// The differences from the raised alerts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertChange {
    /// Alerts to raise.
    pub raised: Vec<Alert>,
    /// Alerts to clear.
    pub cleared: Vec<Alert>,
    /// Raised alerts whose text changed.
    pub retold: Vec<Alert>,
    /// All raised alerts, the most important kinds first.
    pub standing: Vec<Alert>,
}

impl AlertChange {
    /// Whether nothing changed.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.raised.is_empty() && self.cleared.is_empty() && self.retold.is_empty()
    }
}

/// Compares a result with the raised alerts.
#[must_use]
pub fn change(standing: &[Alert], reading: &AlertReading) -> AlertChange {
    let mut change = AlertChange::default();
    for new in &reading.in_force {
        match standing.iter().find(|old| old.key() == new.key()) {
            None => {
                change.raised.push(new.clone());
                change.standing.push(new.clone());
            }
            Some(old) => {
                let retold = Alert { since: old.since, ..new.clone() };
                if retold != *old {
                    change.retold.push(retold.clone());
                }
                change.standing.push(retold);
            }
        }
    }
    let is_in_force = |old: &&Alert| reading.in_force.iter().any(|new| new.key() == old.key());
    for old in standing.iter().filter(|old| !is_in_force(old)) {
        let place = if reading.is_undecided(old.key()) { &mut change.standing } else { &mut change.cleared };
        place.push(old.clone());
    }
    change.standing.sort_by_key(|alert| alert.kind);
    change
}

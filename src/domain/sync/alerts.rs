//! What is worth a person's attention: rules over a snapshot, and what differs from what stood before.
//!
//! Pure: the engine asks, stores and publishes. A rule says of each of its alerts that it holds, that it
//! does not, or that nobody can tell at the moment (before the first answer of Spotify, say); in the last
//! case what stood before stands on, so that a restart neither raises nor clears anything.

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

/// What kind of thing wants attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// Nothing can be fetched before a person logs in.
    LoginNeeded,
    /// Spotify refuses the app itself.
    AppRefused,
    /// Nothing can be written: the disk is full, the database is broken.
    Storage,
    /// A fault in phonolog stopped a background task, which was started again; the subject is the task.
    TaskFailed,
    /// Removals wait for a person's word; the subject is the entity.
    Braked,
    /// The consent ends within 30 days.
    ConsentEnds,
    /// No successful sync for three intervals.
    Stale,
    /// Plays were lost; the subject is the instant from which on.
    Gap,
    /// A bucket is held for more than an hour; the subject is the bucket.
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

/// Which way an alert turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertTurn {
    /// It has come.
    Raised,
    /// It is over.
    Cleared,
}

words!(AlertTurn, "turn of an alert", {
    Raised => "raised",
    Cleared => "cleared",
});

/// Something that wants attention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// What kind of thing.
    pub kind: AlertKind,
    /// Of what, where there may be several of a kind; else empty.
    pub subject: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// One sentence: what it is, a colon, and what to do.
    pub text: String,
}

impl Alert {
    /// What makes it this alert and no other.
    #[must_use]
    pub fn key(&self) -> (AlertKind, &str) {
        (self.kind, &self.subject)
    }

    /// The sentence that says that it is over.
    #[must_use]
    pub fn farewell(&self) -> String {
        let what = self.text.split_once(": ").map_or(self.text.as_str(), |(what, _)| what);
        format!("over: {what}")
    }
}

/// What the rules must know beside the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watch {
    /// Between two syncs of the library; `None` where none comes by itself.
    pub library_interval: Option<Duration>,
    /// Since when the engine runs: for what was not done before, it is not to blame.
    pub running_since: DateTime<Utc>,
    /// Whether the local API listens on every address of this machine.
    pub is_exposed: bool,
}

/// What the rules say of a snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertReading {
    in_force: Vec<Alert>,
    /// Nobody can tell of these; `None`: of no other of that kind.
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

/// What the rules say of a snapshot at `now`.
#[must_use]
pub fn read(snapshot: &Snapshot, watch: Watch, now: DateTime<Utc>) -> AlertReading {
    let mut reading = AlertReading::default();
    for rule in rules::ALL {
        rule(snapshot, watch, now, &mut reading);
    }
    reading.in_force.sort_by_key(|alert| alert.kind);
    reading
}

/// When the rules say something else although the snapshot stays as it is.
#[must_use]
pub fn next_look(snapshot: &Snapshot, watch: Watch, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    rules::turning_points(snapshot, watch).filter(|at| *at > now).min()
}

/// What differs from what stood before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertChange {
    /// What has come.
    pub raised: Vec<Alert>,
    /// What is over.
    pub cleared: Vec<Alert>,
    /// What stands on, in other words than before.
    pub retold: Vec<Alert>,
    /// All that stands now, the weightiest kinds first.
    pub standing: Vec<Alert>,
}

impl AlertChange {
    /// Whether everything is as it was.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.raised.is_empty() && self.cleared.is_empty() && self.retold.is_empty()
    }
}

/// Holds a reading against what stood before.
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

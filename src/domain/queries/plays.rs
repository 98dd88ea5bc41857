//! The listening history by pages: a place in it, and the lines around that place.

use chrono::{DateTime, NaiveDate, Utc};

/// A place in the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Anchor {
    /// The newest play.
    #[default]
    Newest,
    /// The oldest play.
    Oldest,
    /// The newest play that had ended by then.
    Before(DateTime<Utc>),
    /// This play.
    Play {
        /// Its end.
        played_at: DateTime<Utc>,
        /// Its number.
        id: i64,
    },
}

/// A play.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedPlay {
    /// Its number.
    pub id: i64,
    /// Its end.
    pub played_at: DateTime<Utc>,
    /// What was played, where it has one.
    pub uri: Option<Box<str>>,
    /// The title.
    pub name: Option<Box<str>>,
    /// The artists, or the show.
    pub artists: Option<Box<str>>,
    /// How long it lasted, in milliseconds, where anybody told.
    pub ms_played: Option<i64>,
    /// Whether it was skipped, where anybody told.
    pub skipped: Option<bool>,
    /// Whether statistics use it.
    pub counts: bool,
}

/// What is known of a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkKind {
    /// Plays were listed and lost.
    Gap,
    /// Nobody told whether anything was played.
    Unknown,
    /// An export told everything.
    Imported,
}

/// A stretch of time that something is to be said of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlayMark {
    /// What is known of it.
    pub kind: MarkKind,
    /// Where it begins.
    pub from: DateTime<Utc>,
    /// Where it ends.
    pub to: DateTime<Utc>,
}

/// A line of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaysLine {
    /// The plays below are of this day.
    Day(NaiveDate),
    /// A play.
    Play(ListedPlay),
    /// What is known of the time between the plays around it.
    Mark(PlayMark),
}

/// What a filter of the history left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemainingPlays {
    /// Tracks and episodes that fit it.
    pub titles: usize,
    /// Whether all plays are summed up already; until then some may be missing.
    pub settled: bool,
}

/// Lines around a place, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlaysPage {
    /// The lines.
    pub lines: Vec<PlaysLine>,
    /// Whether there are newer plays than these.
    pub newer: bool,
    /// Whether there are older ones.
    pub older: bool,
    /// The line at the place that was asked for.
    pub at: usize,
    /// What a filter left, where there is one.
    pub left: Option<RemainingPlays>,
}

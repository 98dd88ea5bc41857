//! The listening history in pages: a place in it, and the lines around that place.

use chrono::{DateTime, NaiveDate, Utc};

/// A place in the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Anchor {
    /// The newest play.
    #[default]
    Newest,
    /// The oldest play.
    Oldest,
    /// The newest play that had ended by this time.
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
    /// The uri of the played item, if it has one.
    pub uri: Option<Box<str>>,
    /// The title.
    pub name: Option<Box<str>>,
    /// The artists, or the show.
    pub artists: Option<Box<str>>,
    /// How long it lasted, in milliseconds, if that is known.
    pub ms_played: Option<i64>,
    /// Whether it was skipped, if that is known.
    pub skipped: Option<bool>,
    /// Whether it counts in statistics.
    pub counts: bool,
}

/// What is known about a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkKind {
    /// Plays were listed and lost.
    Gap,
    /// It is not known whether anything was played.
    Unknown,
    /// An export contained every play.
    Imported,
}

/// A span of time with a remark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlayMark {
    /// What is known about it.
    pub kind: MarkKind,
    /// The start.
    pub from: DateTime<Utc>,
    /// The end.
    pub to: DateTime<Utc>,
}

/// A line of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaysLine {
    /// The plays below are from this day.
    Day(NaiveDate),
    /// A play.
    Play(ListedPlay),
    /// What is known about the time between the plays around it.
    Mark(PlayMark),
}

/// The result of a filter of the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemainingPlays {
    /// Tracks and episodes that match it.
    pub titles: usize,
    /// Whether all plays are already summed up; until then some may be missing.
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
    /// The line at the requested place.
    pub at: usize,
    /// The result of the filter, if there is one.
    pub left: Option<RemainingPlays>,
}

//! Listening at a glance, for the home screen.

use chrono::{DateTime, NaiveDate, Utc};

/// What was played lately, compared with before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HomeFigures {
    /// Today, by the person's clocks.
    pub today: NaiveDate,
    /// The plays of each of the last [`HomeFigures::DAYS`] days, today last.
    pub days: Vec<u32>,
    /// Today, this week and this month.
    pub spans: [HomeSpan; 3],
    /// Consecutive days with plays up to today, and the most there ever were.
    pub streaks: (u32, u32),
    /// The artists of the last 30 days, the most played first.
    pub artists: Vec<HomeRank>,
    /// The tracks of the last 30 days.
    pub tracks: Vec<HomeRank>,
    /// What was played on this day in earlier years.
    pub on_this_day: Vec<EarlierDay>,
    /// Tracks that were played often and not for a long time.
    pub overdue: Vec<OverdueTrack>,
    /// Whether all stored plays are summed up.
    pub settled: bool,
}

impl HomeFigures {
    /// How many days are told.
    pub const DAYS: u16 = 366;
}

/// How long was listened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HomeSpan {
    /// In milliseconds.
    pub ms: u64,
    /// The same in the same part of the period before.
    pub before_ms: u64,
}

/// A place in the ranking of the last 30 days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HomeRank {
    /// The name.
    pub name: String,
    /// The artists of a track.
    pub artists: Option<String>,
    /// Its plays in them.
    pub plays: u64,
    /// Its place in the 30 days before.
    pub moved: Movement,
}

/// How a place in a ranking differs from that in the ranking before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Movement {
    /// It was not among the first there.
    New,
    /// It was this many places lower.
    Up(u32),
    /// It was this many places higher.
    Down(u32),
    /// It was at the same place.
    Same,
}

impl Movement {
    /// From a place before, if there was one, to a place now.
    #[must_use]
    pub fn between(before: Option<u32>, now: u32) -> Self {
        match before {
            None => Self::New,
            Some(before) if before > now => Self::Up(before - now),
            Some(before) if before < now => Self::Down(now - before),
            Some(_) => Self::Same,
        }
    }
}

/// The same day of an earlier year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierDay {
    /// How many years ago.
    pub years: u32,
    /// How long was listened, in milliseconds.
    pub ms: u64,
    /// The tracks that were played most.
    pub tracks: Vec<HomeRank>,
}

/// A track that was not played for a long time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverdueTrack {
    /// Its name.
    pub name: String,
    /// Its artists.
    pub artists: Option<String>,
    /// All its plays.
    pub plays: u64,
    /// The last one.
    pub last_played_at: DateTime<Utc>,
}

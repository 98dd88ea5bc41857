//! Statistics of the plays.
//!
//! Owns: what plays come to, kept so that any period is told at once. Must not know: how figures are
//! shown, or where plays come from.
//!
//! Each month of the person's calendar is one row of sums, made from its plays in the transaction in which
//! they change; beside it stand its days and, once it is over, its year. A period is read as whole years,
//! months and days and, at its edges, plays. The sums by item stand in one value: added up outside of SQL, ten years of them take a tenth of the time that the
//! database needs to sort the same sums as rows.
//!
//! | file | idea |
//! |---|---|
//! | `totals` | which plays count, and what is added up; pure |
//! | `months` | makes the sums of the months that changed |
//! | `summing` | their plays, added up as they are read |
//! | `days`, `years` | the sums of their days, and those of years that are over |
//! | `sums` | their form in the database |
//! | `keeping` | by which zone and threshold, and what is left to be summed up |
//! | `items`, `makers` | what was played, by small numbers, and whose it is |
//! | `saved` | which of it the saved tracks are |
//! | `plays` | plays of a span, read in bulk |
//! | `listening` | what was listened to in a period |
//! | `ranks` | what was played most, skipped most, never, or without being saved |
//! | `healing` | whether sums are sound, and made again where they are not |
//! | `streaks` | days in a row; pure |
//! | `growth` | how many tracks were saved, month by month |
//! | `known` | for how much of a period the history is known |

mod days;
mod growth;
mod healing;
mod items;
mod keeping;
mod known;
mod listening;
mod makers;
mod months;
mod plays;
mod ranks;
mod saved;
mod streaks;
mod summing;
mod sums;
mod totals;
mod years;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

pub use growth::SavedMonth;
pub use keeping::Keeping;
pub use known::Completeness;
pub use listening::Parts;
pub use months::Settling;
pub use ranks::{NeverPlayed, Ranked, Top};
pub use streaks::{Streak, Streaks};
pub use totals::Tally;

pub(super) use keeping::{is_at_work, read as read_keeping};
pub(super) use months::touched;
pub(super) use totals::counts;

use totals::Totals;

/// A span of time, without its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Period {
    /// Its first instant.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub to: DateTime<Utc>,
}

/// What was listened to in a period.
#[derive(Debug, Clone)]
pub struct Listening {
    /// In which.
    pub period: Period,
    /// By which zone and threshold.
    pub keeping: Keeping,
    /// Whether everything that is stored is summed up; if not, figures may lack something.
    pub settled: bool,
    totals: Totals,
}

impl Listening {
    /// Everything together.
    #[must_use]
    pub fn sum(&self) -> Tally {
        let mut sum = Tally::default();
        self.totals.times.days.values().for_each(|tally| sum.add(tally));
        sum
    }

    /// By days since 1970, in the person's zone; days without any play are left out.
    #[must_use]
    pub const fn days(&self) -> &BTreeMap<i32, Tally> {
        &self.totals.times.days
    }

    /// By hour of the day, all 24.
    #[must_use]
    pub fn hours(&self) -> Vec<Tally> {
        self.totals.times.hours()
    }

    /// By hour of the week, all 168, from Monday midnight on.
    #[must_use]
    pub fn week(&self) -> &[Tally] {
        &self.totals.times.week
    }

    /// By day of the week, Monday first.
    #[must_use]
    pub fn weekdays(&self) -> Vec<Tally> {
        // 1970-01-01 was a Thursday.
        let of = |weekday: i32| {
            self.totals.times.days.iter().filter(move |(day, _)| (*day + 3).rem_euclid(7) == weekday)
        };
        (0..7)
            .map(|weekday| {
                let mut sum = Tally::default();
                of(weekday).for_each(|(_, tally)| sum.add(tally));
                sum
            })
            .collect()
    }

    /// The streaks in the period, as of now.
    #[must_use]
    pub fn streaks(&self, now: DateTime<Utc>) -> Streaks {
        let days = &self.totals.times.days;
        let date = |day: Option<&i32>| crate::domain::date_of(day.copied().unwrap_or(0));
        let skipped = self.keeping.zone.skipped_days(date(days.keys().next()), date(days.keys().next_back()));
        streaks::streaks(days, &skipped, self.keeping.zone.at(now).day)
    }
}

/// Every statement that plays are read by, for a test that looks at how.
#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    plays::SQL,
    keeping::EVERYTHING,
    items::LAST,
    items::NEW,
    items::STALE,
    months::NEXT_PLAY,
    months::CORRECT,
    years::NEXT,
    listening::YEARS,
    listening::MONTHS,
    listening::DAYS,
    listening::IDS,
    ranks::UNRANKED,
    makers::OF_ITEMS,
    ranks::GENRES,
    ranks::TRACK_NAMES,
    ranks::ARTIST_NAMES,
    ranks::ALBUM_NAMES,
    saved::OF_TRACKS,
    ranks::SAVED_TRACKS,
    known::COVERAGE,
    known::FIRST_PLAY,
    super::browse::PLAYS_OLDER,
    super::browse::PLAYS_NEWER,
    super::browse::PLAYS_OLDER_OF,
    super::browse::PLAYS_NEWER_OF,
];

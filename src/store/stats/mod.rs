//! Statistics of the plays.
//!
//! Owns: aggregates of plays, stored so that any period can be answered quickly. Must not know: how
//! figures are shown, or where plays come from.
//!
//! Each month of the person's calendar is one row of sums. It is computed from the month's plays in
//! the transaction that changes them. Its days and, once it is over, its year are stored beside it.
//! A period is read as whole years, months and days, and as plays at its edges. The sums by item
//! are packed into one value: adding them up outside SQL takes a tenth of the time that the
//! database needs to sort the same sums as rows.
//!
//! | file | contents |
//! |---|---|
//! | `totals` | which plays count, and what is added up; pure |
//! | `sums` | months, days and years: computed, encoded, stored, repaired |
//! | `days` | the sums of days |
//! | `saved` | which items are saved tracks |
//! | `plays` | plays of a span, read in bulk |
//! | `listening` | what was played in a period |
//! | `rankings` | what was played most, skipped most, never played, or not saved |
//! | `comparison` | movement, first plays and forgotten favourites against the time before |
//! | `streaks` | consecutive days with listening; pure |
//! | `growth` | how many tracks were saved, month by month |
//! | `known` | for which part of a period the history is known |

mod comparison;
mod days;
mod growth;
mod known;
mod listening;
mod plays;
mod rankings;
mod saved;
mod streaks;
mod sums;
mod totals;

use std::collections::BTreeMap;
#[cfg(test)]
use sums::{credits, items, months, settings, years};

use chrono::{DateTime, Utc};
use serde::Serialize;

pub use comparison::{FirstHeard, MovedRank};
pub use growth::SavedMonth;
pub use known::Completeness;
pub use listening::PeriodParts;
pub use rankings::{NeverPlayed, Ranked, RankedItem, TopRequest};
pub use streaks::{Streak, Streaks};
pub use sums::settings::Keeping;
pub use totals::PlayTally;

pub(super) use sums::encoding::items_of;
pub(super) use sums::months::touched;
pub(super) use sums::settings::{is_at_work, read as read_keeping};
pub(super) use totals::counts;

use totals::{Heard, Totals};

/// A span of time; the end is excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Period {
    /// Its start.
    pub from: DateTime<Utc>,
    /// Its end, excluded.
    pub to: DateTime<Utc>,
}

/// What was played in a period.
#[derive(Debug, Clone)]
pub struct Listening {
    /// The period.
    pub period: Period,
    /// The zone and the threshold.
    pub keeping: Keeping,
    /// Whether all stored plays are summed up; otherwise figures may be too low.
    pub settled: bool,
    totals: Totals,
}

impl Listening {
    /// The sum of everything.
    #[must_use]
    pub fn sum(&self) -> PlayTally {
        let mut sum = PlayTally::default();
        self.totals.times.days.values().for_each(|tally| sum.add(tally));
        sum
    }

    /// The sum of the plays of these items.
    pub(super) fn of_items(&self, items: &[i64]) -> Heard {
        let mut sum = Heard::default();
        items.iter().filter_map(|item| self.totals.items.get(*item)).for_each(|heard| sum.add(heard));
        sum
    }

    /// By days since 1970, in the person's zone; days without plays are omitted.
    #[must_use]
    pub const fn days(&self) -> &BTreeMap<i32, PlayTally> {
        &self.totals.times.days
    }

    /// By hour of the day, all 24.
    #[must_use]
    pub fn hours(&self) -> Vec<PlayTally> {
        self.totals.times.hours()
    }

    /// By hour of the week, all 168, starting on Monday at midnight.
    #[must_use]
    pub fn week(&self) -> &[PlayTally] {
        &self.totals.times.week
    }

    /// By day of the week, Monday first.
    #[must_use]
    pub fn weekdays(&self) -> Vec<PlayTally> {
        // 1970-01-01 was a Thursday.
        let of = |weekday: i32| {
            self.totals.times.days.iter().filter(move |(day, _)| (*day + 3).rem_euclid(7) == weekday)
        };
        (0..7)
            .map(|weekday| {
                let mut sum = PlayTally::default();
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

/// Every statement that reads plays, for a test that examines their query plans.
#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    plays::SQL,
    settings::EVERYTHING,
    items::LAST,
    items::STALE,
    months::NEXT_PLAY,
    months::CORRECT,
    years::NEXT,
    listening::YEARS,
    listening::MONTHS,
    listening::DAYS,
    rankings::UNRANKED,
    credits::OF_ITEMS,
    rankings::GENRES,
    rankings::TRACK_NAMES,
    rankings::ARTIST_NAMES,
    rankings::ALBUM_NAMES,
    saved::OF_TRACKS,
    rankings::SAVED_TRACKS,
    known::COVERAGE,
    known::FIRST_PLAY,
    super::queries::PLAYS_OLDER,
    super::queries::PLAYS_NEWER,
    super::queries::PLAYS_OLDER_OF,
    super::queries::PLAYS_NEWER_OF,
];

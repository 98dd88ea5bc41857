//! Consecutive days with listening; pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use super::totals::PlayTally;
use crate::domain::date_of;

/// Consecutive days, each with a play that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Streak {
    /// Its first day, since 1970.
    #[serde(serialize_with = "as_date")]
    pub first_day: i32,
    /// Its last day, since 1970.
    #[serde(serialize_with = "as_date")]
    pub last_day: i32,
    /// The number of days, without those that the zone skipped.
    pub days: u32,
}

/// The two streaks that are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Streaks {
    /// The current one: it reaches today, or yesterday, because today is not over.
    pub current: Option<Streak>,
    /// The longest one; of several equal ones the latest.
    pub longest: Option<Streak>,
}

// serde passes a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
pub(super) fn as_date<S: Serializer>(day: &i32, serializer: S) -> Result<S::Ok, S::Error> {
    date_of(*day).serialize(serializer)
}

/// The streaks of some days as of `today`. Days in `skipped` never existed, and interrupt nothing.
pub(super) fn streaks(days: &BTreeMap<i32, PlayTally>, skipped: &[i32], today: i32) -> Streaks {
    let skipped: BTreeSet<i32> = skipped.iter().copied().collect();
    let next = |day: i32| (day + 1..i32::MAX).find(|day| !skipped.contains(day)).unwrap_or(day);
    let mut found = Streaks::default();
    let mut running: Option<Streak> = None;
    for (day, _) in days.iter().filter(|(_, tally)| tally.plays > 0) {
        let streak = match running {
            Some(streak) if next(streak.last_day) == *day => {
                Streak { last_day: *day, days: streak.days + 1, ..streak }
            }
            _ => Streak { first_day: *day, last_day: *day, days: 1 },
        };
        if found.longest.is_none_or(|longest| streak.days >= longest.days) {
            found.longest = Some(streak);
        }
        running = Some(streak);
    }
    found.current = running.filter(|streak| next(streak.last_day) >= today);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(days: &[i32], skipped: &[i32], today: i32) -> (Option<u32>, Option<(i32, u32)>) {
        let played = PlayTally { plays: 1, ..PlayTally::default() };
        let days = days.iter().map(|day| (*day, played)).collect();
        let Streaks { current, longest } = streaks(&days, skipped, today);
        (current.map(|streak| streak.days), longest.map(|streak| (streak.first_day, streak.days)))
    }

    #[test]
    fn a_day_without_listening_ends_a_streak() {
        assert_eq!(of(&[], &[], 9), (None, None));
        assert_eq!(of(&[1, 2, 3, 5, 6], &[], 6), (Some(2), Some((1, 3))));
        assert_eq!(of(&[1, 2, 3, 5, 6], &[], 7), (Some(2), Some((1, 3))), "today is not over");
        assert_eq!(of(&[1, 2, 3, 5, 6], &[], 8), (None, Some((1, 3))));
        assert_eq!(of(&[1, 2, 4, 5], &[], 5), (Some(2), Some((4, 2))), "of equals the latest");
    }

    #[test]
    fn a_day_that_never_was_ends_none_and_a_day_of_short_plays_does() {
        assert_eq!(of(&[1, 2, 4, 5], &[3], 5), (Some(4), Some((1, 4))));
        assert_eq!(of(&[1, 2], &[3], 4), (Some(2), Some((1, 2))));
        let played = |plays| PlayTally { plays, judged: 1, ..PlayTally::default() };
        let days = [(1, played(1)), (2, played(0)), (3, played(1))].into();
        assert_eq!(streaks(&days, &[], 3).longest.map(|streak| streak.days), Some(1));
    }
}

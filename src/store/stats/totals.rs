//! Totals of plays, summed by day, hour and item; pure.
//!
//! Owns: which plays count, and what is added up. Must not know: where plays and sums are stored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::LocalHour;

/// A sum of plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PlayTally {
    /// Plays that count.
    pub plays: u64,
    /// Their milliseconds.
    pub ms: u64,
    /// How many of them count with the length of the track, because their real length is not known.
    pub estimated: u64,
    /// Skipped plays, including short ones.
    pub skips: u64,
    /// Plays for which it is known whether they were skipped.
    pub judged: u64,
}

impl PlayTally {
    /// Adds another sum.
    pub fn add(&mut self, other: &Self) {
        self.plays += other.plays;
        self.ms += other.ms;
        self.estimated += other.estimated;
        self.skips += other.skips;
        self.judged += other.judged;
    }

    /// The share of skipped plays, if it is known for any play; 0 to 1.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // a lifetime of plays is far less
    pub fn skip_rate(&self) -> Option<f64> {
        (self.judged > 0).then(|| self.skips as f64 / self.judged as f64)
    }
}

/// The sum of the plays of one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Heard {
    /// The amount.
    pub tally: PlayTally,
    /// Its first and its last play that counts, in milliseconds since 1970.
    pub between: Option<(i64, i64)>,
}

impl Heard {
    /// Adds another sum.
    pub fn add(&mut self, other: &Self) {
        self.tally.add(&other.tally);
        self.between = match (self.between, other.between) {
            (Some((first, last)), Some((from, to))) => Some((first.min(from), last.max(to))),
            (between, None) | (None, between) => between,
        };
    }
}

/// A play, with the fields that statistics use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedPlay {
    /// Its end, in milliseconds since 1970.
    pub at_ms: i64,
    /// How long it lasted; if that is not known, `length_ms` is used.
    pub ms_played: Option<i64>,
    /// How long the item is.
    pub length_ms: Option<i64>,
    /// Whether it was skipped, if that is known.
    pub skipped: Option<bool>,
}

/// Whether a play counts. A play of unknown length does: Spotify lists only plays of more than 30
/// seconds.
pub const fn counts(ms_played: Option<i64>, counts_from_ms: i64) -> bool {
    match ms_played {
        Some(ms) => ms >= counts_from_ms,
        None => true,
    }
}

impl CountedPlay {
    /// What the play adds.
    pub fn heard(&self, counts_from_ms: i64) -> Heard {
        let counts = counts(self.ms_played, counts_from_ms);
        let ms = self.ms_played.or(self.length_ms).and_then(|ms| u64::try_from(ms).ok()).unwrap_or(0);
        let tally = PlayTally {
            plays: u64::from(counts),
            ms: if counts { ms } else { 0 },
            estimated: u64::from(counts && self.ms_played.is_none()),
            skips: u64::from(self.skipped == Some(true)),
            judged: u64::from(self.skipped.is_some()),
        };
        Heard { tally, between: counts.then_some((self.at_ms, self.at_ms)) }
    }
}

/// Hours of a week.
const WEEK: usize = 168;

/// Sums by day and by hour of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times {
    /// By days since 1970, in the person's zone.
    pub days: BTreeMap<i32, PlayTally>,
    /// By hour of the week, all 168, starting on Monday at midnight.
    pub week: Vec<PlayTally>,
}

impl Default for Times {
    fn default() -> Self {
        Self { days: BTreeMap::new(), week: vec![PlayTally::default(); WEEK] }
    }
}

impl Times {
    /// Adds to a day and an hour.
    pub fn add(&mut self, local: LocalHour, tally: &PlayTally) {
        self.add_day(local.day, tally);
        self.add_hour(local.of_week(), tally);
    }

    /// Adds only to a day.
    pub fn add_day(&mut self, day: i32, tally: &PlayTally) {
        self.days.entry(day).or_default().add(tally);
    }

    /// Adds only to an hour of the week; there are 168.
    pub fn add_hour(&mut self, of_week: u8, tally: &PlayTally) {
        if let Some(hour) = self.week.get_mut(usize::from(of_week)) {
            hour.add(tally);
        }
    }

    /// Adds the sums of other plays.
    pub fn add_all(&mut self, other: &Self) {
        other.days.iter().for_each(|(day, tally)| self.add_day(*day, tally));
        (0..).zip(&other.week).for_each(|(hour, tally)| self.add_hour(hour, tally));
    }

    /// By hour of the day, all 24.
    #[must_use]
    pub fn hours(&self) -> Vec<PlayTally> {
        let mut hours = vec![PlayTally::default(); 24];
        for day in self.week.chunks(24) {
            hours.iter_mut().zip(day).for_each(|(hour, tally)| hour.add(tally));
        }
        hours
    }
}

/// Sums by item; items have small numbers. They are in one vector: most of the numbers are used,
/// and looking each one up would take several times as long as adding it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Items(Vec<Heard>);

impl Items {
    /// Room for items with numbers below `end`.
    pub fn below(end: usize) -> Self {
        Self(vec![Heard::default(); end])
    }

    /// Adds to an item; `None` if there is no room for that number.
    #[must_use]
    pub fn add(&mut self, item: i64, heard: &Heard) -> Option<()> {
        let sum = self.0.get_mut(usize::try_from(item).ok()?)?;
        sum.add(heard);
        Some(())
    }

    /// The sum of an item's plays, if it was played.
    pub fn get(&self, item: i64) -> Option<&Heard> {
        let heard = self.0.get(usize::try_from(item).ok()?)?;
        (*heard != Heard::default()).then_some(heard)
    }

    /// The items that were played, in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (i64, &Heard)> {
        (0..).zip(&self.0).filter(|(_, heard)| **heard != Heard::default())
    }
}

/// The sums of some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    /// By day and hour.
    pub times: Times,
    /// By item.
    pub items: Items,
}

impl Totals {
    /// Empty sums, with room for items with numbers below `end`.
    pub fn below(end: usize) -> Self {
        Self { times: Times::default(), items: Items::below(end) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn play(ms_played: Option<i64>, skipped: Option<bool>) -> CountedPlay {
        CountedPlay { at_ms: 7, ms_played, length_ms: Some(200_000), skipped }
    }

    fn sum(plays: &[CountedPlay]) -> Heard {
        let mut sum = Heard::default();
        for play in plays {
            sum.add(&play.heard(30_000));
        }
        sum
    }

    #[test]
    fn short_plays_are_judged_but_do_not_count() {
        let heard = sum(&[play(Some(29_999), Some(true)), play(Some(30_000), None)]);
        let tally = PlayTally { plays: 1, ms: 30_000, estimated: 0, skips: 1, judged: 1 };
        assert_eq!(heard, Heard { tally, between: Some((7, 7)) });
        assert_eq!(sum(&[play(Some(0), None)]), Heard::default());
    }

    #[test]
    fn a_play_of_unknown_length_counts_for_the_length_of_its_track() {
        let tally = PlayTally { plays: 1, ms: 200_000, estimated: 1, skips: 0, judged: 0 };
        assert_eq!(sum(&[play(None, None)]).tally, tally);
    }

    #[test]
    fn the_skip_rate_speaks_of_the_plays_of_which_it_is_known() {
        let heard = sum(&[play(None, None), play(Some(60_000), Some(false)), play(Some(1_000), Some(true))]);
        assert_eq!(heard.tally.skip_rate(), Some(0.5));
        assert_eq!(sum(&[play(None, None)]).tally.skip_rate(), None);
    }

    #[test]
    fn an_hour_of_the_day_is_that_of_all_days_of_the_week() {
        let tally = PlayTally { plays: 1, ..PlayTally::default() };
        let mut times = Times::default();
        // 1970-01-01 was a Thursday.
        times.add(LocalHour { day: 0, hour: 5 }, &tally);
        times.add(LocalHour { day: 1, hour: 5 }, &tally);
        times.add(LocalHour { day: 7, hour: 23 }, &tally);
        let plays = |tallies: &[PlayTally]| -> Vec<(usize, u64)> {
            tallies.iter().map(|tally| tally.plays).enumerate().filter(|(_, plays)| *plays > 0).collect()
        };
        assert_eq!(plays(&times.hours()), [(5, 2), (23, 1)]);
        assert_eq!(plays(&times.week), [(3 * 24 + 5, 1), (3 * 24 + 23, 1), (4 * 24 + 5, 1)]);
    }

    #[test]
    fn there_is_no_room_for_numbers_that_nobody_gave() {
        let mut items = Items::below(2);
        let heard = play(Some(60_000), None).heard(30_000);
        assert_eq!(items.add(1, &heard), Some(()));
        for nobodys in [2, -1, i64::MAX] {
            assert_eq!((items.add(nobodys, &heard), items.get(nobodys)), (None, None));
        }
        assert_eq!((items.get(1), items.get(0)), (Some(&heard), None));
        assert_eq!(items.iter().collect::<Vec<_>>(), [(1, &heard)]);
    }
}

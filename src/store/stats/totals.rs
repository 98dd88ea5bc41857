//! What plays come to, summed by day, hour and item; pure.
//!
//! Owns: which plays count, and what is added up. Must not know: where plays and sums are stored.

use std::collections::BTreeMap;
use std::hash::Hash;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::domain::LocalHour;

/// Plays added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Plays that count.
    pub plays: u64,
    /// Their milliseconds.
    pub ms: u64,
    /// How many of them count for the length of the track, because nobody told how long they lasted.
    pub estimated: u64,
    /// Plays that were skipped, short ones too.
    pub skips: u64,
    /// Plays of which it is known whether they were skipped.
    pub judged: u64,
}

impl Tally {
    /// Adds what another one counted.
    pub fn add(&mut self, other: &Self) {
        self.plays += other.plays;
        self.ms += other.ms;
        self.estimated += other.estimated;
        self.skips += other.skips;
        self.judged += other.judged;
    }

    /// Which part of the plays was skipped, where that is known of any; 0 to 1.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // nobody lives to play that much
    pub fn skip_rate(&self) -> Option<f64> {
        (self.judged > 0).then(|| self.skips as f64 / self.judged as f64)
    }
}

/// What the plays of one item come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Heard {
    /// How much.
    pub tally: Tally,
    /// Its first and its last play that counts, in milliseconds since 1970.
    pub between: Option<(i64, i64)>,
}

impl Heard {
    /// Adds what another one counted.
    pub fn add(&mut self, other: &Self) {
        self.tally.add(&other.tally);
        self.between = match (self.between, other.between) {
            (Some((first, last)), Some((from, to))) => Some((first.min(from), last.max(to))),
            (between, None) | (None, between) => between,
        };
    }
}

/// A play, as far as statistics look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlayOf<K> {
    /// What was played.
    pub item: K,
    /// Its end, in milliseconds since 1970.
    pub at_ms: i64,
    /// What the person's clocks showed.
    pub local: LocalHour,
    /// How long it lasted; where nobody told, the item is as long as `length_ms`.
    pub ms_played: Option<i64>,
    /// How long the item is.
    pub length_ms: Option<i64>,
    /// Whether it was skipped, where that is known.
    pub skipped: Option<bool>,
}

/// Whether a play counts. One of unknown length does: Spotify lists only plays of more than 30 seconds.
pub const fn counts(ms_played: Option<i64>, counts_from_ms: i64) -> bool {
    match ms_played {
        Some(ms) => ms >= counts_from_ms,
        None => true,
    }
}

impl<K> PlayOf<K> {
    fn heard(&self, counts_from_ms: i64) -> Heard {
        let counts = counts(self.ms_played, counts_from_ms);
        let ms = self.ms_played.or(self.length_ms).and_then(|ms| u64::try_from(ms).ok()).unwrap_or(0);
        let tally = Tally {
            plays: u64::from(counts),
            ms: if counts { ms } else { 0 },
            estimated: u64::from(counts && self.ms_played.is_none()),
            skips: u64::from(self.skipped == Some(true)),
            judged: u64::from(self.skipped.is_some()),
        };
        Heard { tally, between: counts.then_some((self.at_ms, self.at_ms)) }
    }
}

/// The sums of some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals<K: Eq + Hash> {
    /// By days since 1970, in the person's zone.
    pub days: BTreeMap<i32, Tally>,
    /// By hour of the day, 0 to 23.
    pub hours: BTreeMap<u8, Tally>,
    /// By hour of the week, from Monday midnight on, 0 to 167.
    pub week: BTreeMap<u8, Tally>,
    /// By item.
    pub items: HashMap<K, Heard>,
}

impl<K: Eq + Hash> Default for Totals<K> {
    fn default() -> Self {
        Self { days: BTreeMap::new(), hours: BTreeMap::new(), week: BTreeMap::new(), items: HashMap::new() }
    }
}

impl<K: Eq + Hash + Copy> Totals<K> {
    /// Adds what other plays come to.
    pub fn add(&mut self, other: &Self) {
        for (day, tally) in &other.days {
            self.days.entry(*day).or_default().add(tally);
        }
        for (hour, tally) in &other.hours {
            self.hours.entry(*hour).or_default().add(tally);
        }
        for (hour, tally) in &other.week {
            self.week.entry(*hour).or_default().add(tally);
        }
        for (item, heard) in &other.items {
            self.items.entry(*item).or_default().add(heard);
        }
    }
}

impl<K: Eq + Hash> Totals<K> {
    /// Adds a play.
    pub fn play(&mut self, play: PlayOf<K>, counts_from_ms: i64) {
        let heard = play.heard(counts_from_ms);
        self.days.entry(play.local.day).or_default().add(&heard.tally);
        self.hours.entry(play.local.hour).or_default().add(&heard.tally);
        self.week.entry(play.local.of_week()).or_default().add(&heard.tally);
        self.items.entry(play.item).or_default().add(&heard);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn play(ms_played: Option<i64>, skipped: Option<bool>) -> PlayOf<u8> {
        let local = LocalHour { day: 3, hour: 5 };
        PlayOf { item: 1, at_ms: 7, local, ms_played, length_ms: Some(200_000), skipped }
    }

    fn sum(plays: &[PlayOf<u8>]) -> Heard {
        let mut totals = Totals::default();
        for one in plays {
            totals.play(one.clone(), 30_000);
        }
        assert_eq!(totals.days[&3], totals.hours[&5]);
        totals.items[&1]
    }

    #[test]
    fn short_plays_are_judged_but_do_not_count() {
        let heard = sum(&[play(Some(29_999), Some(true)), play(Some(30_000), None)]);
        let tally = Tally { plays: 1, ms: 30_000, estimated: 0, skips: 1, judged: 1 };
        assert_eq!(heard, Heard { tally, between: Some((7, 7)) });
        assert_eq!(sum(&[play(Some(0), None)]), Heard::default());
    }

    #[test]
    fn a_play_of_unknown_length_counts_for_the_length_of_its_track() {
        let tally = Tally { plays: 1, ms: 200_000, estimated: 1, skips: 0, judged: 0 };
        assert_eq!(sum(&[play(None, None)]).tally, tally);
    }

    #[test]
    fn the_skip_rate_speaks_of_the_plays_of_which_it_is_known() {
        let heard = sum(&[play(None, None), play(Some(60_000), Some(false)), play(Some(1_000), Some(true))]);
        assert_eq!(heard.tally.skip_rate(), Some(0.5));
        assert_eq!(sum(&[play(None, None)]).tally.skip_rate(), None);
    }
}

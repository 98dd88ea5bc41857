//! Sums as the database keeps them: those of a month as JSON texts, which views take apart, those of a day or a
//! year packed, which is read ten times as fast.
//!
//! Owns: their forms. Must not know: of which time they are, and which plays are in them.

use std::hash::Hash;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::super::sqlite;
use super::super::{Result, StoreError};
use super::listening::Parts;
use super::totals::{Heard, Tally, Totals};

/// A sum: its key, then plays, milliseconds, estimated ones, skips and judged ones.
type SumRow<K> = (K, u64, u64, u64, u64, u64);

/// The same of an item, with the first and the last play that counts.
type ItemRow = (i64, u64, u64, u64, u64, u64, Option<i64>, Option<i64>);

/// Sums by day, hour of the day and hour of the week.
#[derive(Debug, Serialize, Deserialize)]
struct Times {
    days: Vec<SumRow<i32>>,
    hours: Vec<SumRow<u8>>,
    week: Vec<SumRow<u8>>,
}

/// Sums in the order in which they are written.
pub(super) struct Sums {
    times: Times,
    items: Vec<ItemRow>,
}

/// Sums as four JSON texts.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Texts {
    pub(super) days: String,
    pub(super) hours: String,
    pub(super) week: String,
    pub(super) items: String,
}

impl Sums {
    /// These sums; an item goes by its number.
    pub(super) fn of<K: Eq + Hash>(totals: &Totals<K>, number: impl Fn(&K) -> Option<i64>) -> Self {
        let times = Times {
            days: totals.days.iter().map(|(day, tally)| sum_row(*day, tally)).collect(),
            hours: totals.hours.iter().map(|(hour, tally)| sum_row(*hour, tally)).collect(),
            week: totals.week.iter().map(|(hour, tally)| sum_row(*hour, tally)).collect(),
        };
        let of_item = |(item, heard): (&K, &Heard)| Some(item_row(number(item)?, heard));
        let mut items: Vec<_> = totals.items.iter().filter_map(of_item).collect();
        items.sort_unstable();
        Self { times, items }
    }

    /// As JSON.
    pub(super) fn texts(&self) -> Result<Texts> {
        let Times { days, hours, week } = &self.times;
        Ok(Texts {
            days: sqlite::rows(days)?,
            hours: sqlite::rows(hours)?,
            week: sqlite::rows(week)?,
            items: sqlite::rows(&self.items)?,
        })
    }

    /// Packed: the times first, which may be all that is asked for.
    pub(super) fn packed(&self) -> Result<Vec<u8>> {
        pack(&self.items, pack(&self.times, Vec::new())?)
    }

    /// Adds packed sums to others.
    pub(super) fn unpack_into(totals: &mut Totals<i64>, packed: &[u8], parts: Parts) -> Result<()> {
        let (times, rest) = unpack(packed)?;
        let items = if parts == Parts::Everything { unpack(rest)?.0 } else { Vec::new() };
        Self { times, items }.add_to(totals);
        Ok(())
    }

    fn add_to(&self, totals: &mut Totals<i64>) {
        for row in &self.times.days {
            totals.days.entry(row.0).or_default().add(&tally_of(row));
        }
        for row in &self.times.hours {
            totals.hours.entry(row.0).or_default().add(&tally_of(row));
        }
        for row in &self.times.week {
            totals.week.entry(row.0).or_default().add(&tally_of(row));
        }
        for row in &self.items {
            totals.items.entry(row.0).or_default().add(&heard_of(row));
        }
    }
}

impl Texts {
    /// Adds them to others.
    pub(super) fn add_to(&self, totals: &mut Totals<i64>) -> Result<()> {
        let times = Times {
            days: sqlite::from_json(&self.days)?,
            hours: sqlite::from_json(&self.hours)?,
            week: sqlite::from_json(&self.week)?,
        };
        Sums { times, items: sqlite::from_json(&self.items)? }.add_to(totals);
        Ok(())
    }
}

/// Appends something, packed.
pub(super) fn pack(what: &impl Serialize, onto: Vec<u8>) -> Result<Vec<u8>> {
    postcard::to_extend(what, onto).map_err(|error| StoreError::Damaged(error.to_string()))
}

/// Something that was packed, and what comes after it.
pub(super) fn unpack<T: DeserializeOwned>(packed: &[u8]) -> Result<(T, &[u8])> {
    postcard::take_from_bytes(packed).map_err(|error| StoreError::Damaged(format!("sums: {error}")))
}

const fn sum_row<K: Copy>(key: K, tally: &Tally) -> SumRow<K> {
    (key, tally.plays, tally.ms, tally.estimated, tally.skips, tally.judged)
}

fn item_row(item: i64, heard: &Heard) -> ItemRow {
    let Tally { plays, ms, estimated, skips, judged } = heard.tally;
    let (first, last) = heard.between.unzip();
    (item, plays, ms, estimated, skips, judged, first, last)
}

const fn tally_of<K: Copy>(row: &SumRow<K>) -> Tally {
    Tally { plays: row.1, ms: row.2, estimated: row.3, skips: row.4, judged: row.5 }
}

const fn heard_of(row: &ItemRow) -> Heard {
    let tally = Tally { plays: row.1, ms: row.2, estimated: row.3, skips: row.4, judged: row.5 };
    let between = match (row.6, row.7) {
        (Some(first), Some(last)) => Some((first, last)),
        _ => None,
    };
    Heard { tally, between }
}

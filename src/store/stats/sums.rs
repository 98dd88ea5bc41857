//! Sums as the database keeps them: the JSON texts of a month or a year.
//!
//! Owns: their form. Must not know: of which time they are, and which plays are in them.

use std::hash::Hash;

use super::super::Result;
use super::super::sqlite;
use super::totals::{Heard, Tally, Totals};

/// A sum: its key, then plays, milliseconds, estimated ones, skips and judged ones.
type SumRow<K> = (K, u64, u64, u64, u64, u64);

/// The same of an item, with the first and the last play that counts.
type ItemRow = (i64, u64, u64, u64, u64, u64, Option<i64>, Option<i64>);

/// Days, hours, hours of the week and items, each a list of sums.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Sums {
    pub(super) days: String,
    pub(super) hours: String,
    pub(super) week: String,
    pub(super) items: String,
}

impl Sums {
    /// The sums as they are written; an item goes by its number.
    pub(super) fn of<K: Eq + Hash>(totals: &Totals<K>, number: impl Fn(&K) -> Option<i64>) -> Result<Self> {
        let days: Vec<_> = totals.days.iter().map(|(day, tally)| sum_row(*day, tally)).collect();
        let hours: Vec<_> = totals.hours.iter().map(|(hour, tally)| sum_row(*hour, tally)).collect();
        let week: Vec<_> = totals.week.iter().map(|(hour, tally)| sum_row(*hour, tally)).collect();
        let of_item = |(item, heard): (&K, &Heard)| Some(item_row(number(item)?, heard));
        let mut items: Vec<_> = totals.items.iter().filter_map(of_item).collect();
        items.sort_unstable();
        Ok(Self {
            days: sqlite::rows(&days)?,
            hours: sqlite::rows(&hours)?,
            week: sqlite::rows(&week)?,
            items: sqlite::rows(&items)?,
        })
    }

    /// Adds them to others.
    pub(super) fn add_to(&self, totals: &mut Totals<i64>) -> Result<()> {
        for row in sqlite::from_json::<Vec<SumRow<i32>>>(&self.days)? {
            totals.days.entry(row.0).or_default().add(&tally_of(&row));
        }
        for row in sqlite::from_json::<Vec<SumRow<u8>>>(&self.hours)? {
            totals.hours.entry(row.0).or_default().add(&tally_of(&row));
        }
        for row in sqlite::from_json::<Vec<SumRow<u8>>>(&self.week)? {
            totals.week.entry(row.0).or_default().add(&tally_of(&row));
        }
        for row in sqlite::from_json::<Vec<ItemRow>>(&self.items)? {
            totals.items.entry(row.0).or_default().add(&heard_of(&row));
        }
        Ok(())
    }
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

//! Sums in their stored form: packed.
//!
//! Owns: their format. Must not know: their time, and which plays are in them.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::store::stats::listening::PeriodParts;
use crate::store::stats::totals::{Heard, PlayTally, Times, Totals};
use crate::store::{Result, StoreError};

/// A sum: its key, then plays, milliseconds, estimated ones, skips and judged ones.
type SumRow<K> = (K, u64, u64, u64, u64, u64);

/// The same for an item: its number less that of the item before it, and its first and last play
/// that count. The first is stored as the distance from that of the item before it, the last as the
/// distance from the first: most distances need few bytes.
type ItemRow = (i64, u64, u64, u64, u64, u64, Option<(i64, u64)>);

/// Sums by day and by hour of the week; empty ones are omitted.
#[derive(Debug, Serialize, Deserialize)]
struct TimeRows {
    days: Vec<SumRow<i32>>,
    week: Vec<SumRow<u8>>,
}

/// Sums in the order in which they are written.
pub(in crate::store::stats) struct Sums {
    times: TimeRows,
    items: Vec<ItemRow>,
}

impl Sums {
    /// These sums; items are in the order of their numbers.
    pub(in crate::store::stats) fn of<'a>(
        times: &Times,
        items: impl Iterator<Item = (i64, &'a Heard)>,
    ) -> Self {
        let days = times.days.iter().map(|(day, tally)| sum_row(*day, tally)).collect();
        let times_of = |tallies: &[PlayTally]| {
            let some = (0..).zip(tallies).filter(|(_, tally)| **tally != PlayTally::default());
            some.map(|(hour, tally)| sum_row(hour, tally)).collect()
        };
        let mut before = ItemBefore::default();
        Self {
            times: TimeRows { days, week: times_of(&times.week) },
            items: items.map(|(item, heard)| before.row(item, heard)).collect(),
        }
    }

    /// Packed: the times come first, because they may be all that is requested.
    pub(in crate::store::stats) fn packed(&self) -> Result<Vec<u8>> {
        pack(&self.items, pack(&self.times, Vec::new())?)
    }
}

/// Adds packed sums to others.
pub(in crate::store::stats) fn add(packed: &[u8], parts: PeriodParts, totals: &mut Totals) -> Result<()> {
    let (times, items): (TimeRows, _) = unpack(packed)?;
    times.days.iter().for_each(|row| totals.times.add_day(row.0, &tally_of(row)));
    times.week.iter().for_each(|row| totals.times.add_hour(row.0, &tally_of(row)));
    match parts {
        PeriodParts::Times => Ok(()),
        PeriodParts::Everything => {
            let mut before = ItemBefore::default();
            each(items, |row: ItemRow| {
                let (item, heard) = before.item(&row)?;
                let added = totals.items.add(item, &heard);
                added.ok_or_else(|| StoreError::DamagedSums("of an unknown item".to_owned()))
            })
        }
    }
}

/// How many plays count in packed sums; an error if they contradict themselves.
pub(in crate::store::stats) fn plays_of(packed: &[u8]) -> Result<u64> {
    let (times, items): (TimeRows, _) = unpack(packed)?;
    let total = |rows: &mut dyn Iterator<Item = u64>| rows.fold(0, u64::saturating_add);
    let by_day = total(&mut times.days.iter().map(|row| row.1));
    let mut by_item: u64 = 0;
    each(items, |row: ItemRow| {
        by_item = by_item.saturating_add(row.1);
        Ok(())
    })?;
    let is_one = by_day == by_item && by_day == total(&mut times.week.iter().map(|row| row.1));
    if is_one { Ok(by_day) } else { Err(StoreError::DamagedSums("they contradict themselves".to_owned())) }
}

/// The items in packed sums, in the order of their numbers.
pub(in crate::store) fn items_of(packed: &[u8]) -> Result<Vec<i64>> {
    let (_, items): (TimeRows, _) = unpack(packed)?;
    let (mut before, mut numbers) = (ItemBefore::default(), Vec::new());
    each(items, |row: ItemRow| {
        numbers.push(before.item(&row)?.0);
        Ok(())
    })?;
    Ok(numbers)
}

/// Appends a value, packed.
pub(in crate::store::stats) fn pack(what: &impl Serialize, onto: Vec<u8>) -> Result<Vec<u8>> {
    postcard::to_extend(what, onto).map_err(|error| StoreError::Damaged(error.to_string()))
}

/// A packed value, and what comes after it.
pub(in crate::store::stats) fn unpack<T: DeserializeOwned>(packed: &[u8]) -> Result<(T, &[u8])> {
    postcard::take_from_bytes(packed).map_err(|error| StoreError::DamagedSums(error.to_string()))
}

/// Passes on each element of a packed list, one after the other, because the whole list may be
/// large.
pub(in crate::store::stats) fn each<T: DeserializeOwned>(
    packed: &[u8],
    mut take: impl FnMut(T) -> Result<()>,
) -> Result<()> {
    let (length, mut rest): (usize, _) = unpack(packed)?;
    for _ in 0..length {
        let (element, after) = unpack(rest)?;
        take(element)?;
        rest = after;
    }
    Ok(())
}

const fn sum_row<K: Copy>(key: K, tally: &PlayTally) -> SumRow<K> {
    (key, tally.plays, tally.ms, tally.estimated, tally.skips, tally.judged)
}

/// The item before the one that is packed or unpacked.
#[derive(Default)]
struct ItemBefore {
    item: i64,
    first: i64,
}

impl ItemBefore {
    fn row(&mut self, item: i64, heard: &Heard) -> ItemRow {
        let PlayTally { plays, ms, estimated, skips, judged } = heard.tally;
        let between = heard.between.map(|(first, last)| {
            let from_before = first.wrapping_sub(self.first);
            self.first = first;
            (from_before, last.abs_diff(first))
        });
        let distance = item.wrapping_sub(self.item);
        self.item = item;
        (distance, plays, ms, estimated, skips, judged, between)
    }

    fn item(&mut self, row: &ItemRow) -> Result<(i64, Heard)> {
        let damaged = || StoreError::DamagedSums("of an impossible time".to_owned());
        self.item = self.item.checked_add(row.0).ok_or_else(damaged)?;
        let tally = PlayTally { plays: row.1, ms: row.2, estimated: row.3, skips: row.4, judged: row.5 };
        let mut between = None;
        if let Some((from_before, lasts)) = row.6 {
            self.first = self.first.checked_add(from_before).ok_or_else(damaged)?;
            let last = self.first.checked_add_unsigned(lasts).ok_or_else(damaged)?;
            between = Some((self.first, last));
        }
        Ok((self.item, Heard { tally, between }))
    }
}

const fn tally_of<K: Copy>(row: &SumRow<K>) -> PlayTally {
    PlayTally { plays: row.1, ms: row.2, estimated: row.3, skips: row.4, judged: row.5 }
}

//! The days of a month, each with its sums.
//!
//! Owns: `stats_days`, whose rows a trigger deletes as soon as their month changes. Must not know:
//! how plays are read.
//!
//! A day extends from its first play to its last. If clocks were set back over midnight, plays of
//! two days are interleaved. Such days have no row; they are computed from their plays.

use std::collections::BTreeMap;

use sqlx::Arguments;
use sqlx::sqlite::SqliteArguments;

use super::sums::encoding::Sums;
use super::totals::{Heard, Times};
use crate::domain::{AccountId, LocalHour};
use crate::store::Result;
use crate::store::db::sqlite::{self, Insert, Tx};

const DAYS: Insert = Insert { into: "stats_days (account_id, from_at, to_at, sums)", row: "(?, ?, ?, ?)" };

/// Days since 1970, in the person's zone, each with its plays.
#[derive(Default)]
pub(super) struct Days(BTreeMap<i32, Day>);

struct Day {
    first_ms: i64,
    last_ms: i64,
    times: Times,
    /// For each play its item, and what it adds.
    heard: Vec<(i64, Heard)>,
}

impl Days {
    /// Adds a play of an item.
    pub(super) fn play(&mut self, item: i64, at_ms: i64, local: LocalHour, heard: Heard) {
        let new = || Day { first_ms: at_ms, last_ms: at_ms, times: Times::default(), heard: Vec::new() };
        let day = self.0.entry(local.day).or_insert_with(new);
        (day.first_ms, day.last_ms) = (day.first_ms.min(at_ms), day.last_ms.max(at_ms));
        day.times.add(local, &heard.tally);
        day.heard.push((item, heard));
    }

    /// All of them together.
    pub(super) fn sum(&self) -> Sums {
        let mut times = Times::default();
        self.0.values().for_each(|day| times.add_all(&day.times));
        sums(&times, self.0.values().flat_map(|day| &day.heard))
    }

    /// The days that no other day overlaps.
    fn apart(&self) -> Vec<&Day> {
        let mut days: Vec<&Day> = self.0.values().collect();
        days.sort_by_key(|day| day.first_ms);
        let ends_before =
            |one: Option<&&Day>, other: &Day| one.is_none_or(|one| one.last_ms < other.first_ms);
        let begins_after =
            |one: Option<&&Day>, other: &Day| one.is_none_or(|one| one.first_ms > other.last_ms);
        let is_apart = |place: usize, day: &Day| {
            ends_before(place.checked_sub(1).and_then(|before| days.get(before)), day)
                && begins_after(days.get(place + 1), day)
        };
        days.iter().enumerate().filter(|(place, day)| is_apart(*place, day)).map(|(_, day)| *day).collect()
    }

    /// Writes them.
    pub(super) async fn write(&self, tx: &mut Tx, account: AccountId) -> Result<()> {
        let packed = |day: &Day| Ok((day.first_ms, day.last_ms + 1, sums(&day.times, &day.heard).packed()?));
        let rows: Vec<(i64, i64, Vec<u8>)> = self.apart().into_iter().map(packed).collect::<Result<_>>()?;
        let bind = |values: &mut SqliteArguments, (from_ms, to_ms, packed): &(i64, i64, Vec<u8>)| {
            values.add(account.0)?;
            values.add(sqlite::millis(sqlite::at_millis(*from_ms)))?;
            values.add(sqlite::millis(sqlite::at_millis(*to_ms)))?;
            values.add(packed.clone())
        };
        DAYS.run(tx, &rows, bind).await
    }
}

/// Sums of plays, each with its item.
fn sums<'a>(times: &Times, heard: impl IntoIterator<Item = &'a (i64, Heard)>) -> Sums {
    let mut items: Vec<(i64, Heard)> = heard.into_iter().copied().collect();
    items.sort_unstable_by_key(|(item, _)| *item);
    items.dedup_by(|next, sum| {
        let is_same = next.0 == sum.0;
        if is_same {
            sum.1.add(&next.1);
        }
        is_same
    });
    Sums::of(times, items.iter().map(|(item, heard)| (*item, heard)))
}

//! The days of a month, each with its sums.
//!
//! Owns: `stats_days`, whose rows the database itself takes away as soon as their month changes. Must not know:
//! how plays are read.
//!
//! A day is as long as its plays: from the first to the last. Where clocks were set back over midnight, plays of
//! two days stand between each other; such days have no row, and are told from their plays.

use std::collections::BTreeMap;

use super::super::Result;
use super::super::sqlite::{self, Tx};
use super::sums::Sums;
use super::totals::{PlayOf, Totals};
use crate::domain::AccountId;

/// Days since 1970, in the person's zone, each with its plays.
#[derive(Default)]
pub(super) struct Days(BTreeMap<i32, Day>);

struct Day {
    first_ms: i64,
    last_ms: i64,
    totals: Totals<usize>,
}

impl Days {
    /// Adds a play.
    pub(super) fn play(&mut self, play: PlayOf<usize>, counts_from_ms: i64) {
        let at = play.at_ms;
        let new = || Day { first_ms: at, last_ms: at, totals: Totals::default() };
        let day = self.0.entry(play.local.day).or_insert_with(new);
        (day.first_ms, day.last_ms) = (day.first_ms.min(at), day.last_ms.max(at));
        day.totals.play(play, counts_from_ms);
    }

    /// All of them together.
    pub(super) fn sum(&self) -> Totals<usize> {
        let mut sum = Totals::default();
        self.0.values().for_each(|day| sum.add(&day.totals));
        sum
    }

    /// Those that no other day reaches into.
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

    /// Writes them. Items go by their places in `ids`.
    pub(super) async fn write(&self, tx: &mut Tx, account: AccountId, ids: &[i64]) -> Result<()> {
        let sql = "insert into stats_days (account_id, from_at, to_at, sums) values (?1, ?2, ?3, ?4)";
        for day in self.apart() {
            let sums = Sums::of(&day.totals, |place| ids.get(*place).copied());
            sqlx::query(sql)
                .bind(account.0)
                .bind(sqlite::millis(sqlite::at_millis(day.first_ms)))
                .bind(sqlite::millis(sqlite::at_millis(day.last_ms + 1)))
                .bind(sums.packed()?)
                .execute(&mut **tx)
                .await?;
        }
        Ok(())
    }
}

//! Sums up months: the local time beside each play, and one row of sums for each month of the calendar.
//!
//! Owns: `stats_months`, and `local_day`, `local_hour` and `counts` of `plays`. Everything of a month is
//! made from its plays anew, whatever changed among them, so that it cannot drift away from them.

use chrono::{DateTime, Utc};
use hashbrown::HashMap;

use super::super::sqlite::{self, Tx};
use super::super::{Result, Store};
use super::days::Days;
use super::items::{self, ItemIds};
use super::keeping::{self, Keeping};
use super::plays::{Reading, StoredPlay, parse};
use super::sums::Sums;
use super::totals::counts;
use super::{makers, saved, years};
use crate::domain::{AccountId, Month};

/// Spans that touch more months than this are summed up one month in a transaction.
const AT_ONCE: usize = 2;

/// Whole months, from the first instant of the first to the end of the last.
struct Months {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

impl Months {
    /// The months that a span touches.
    fn of(keeping: Keeping, from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        let zone = keeping.zone;
        let end = zone.month_at(to).next().map_or(DateTime::<Utc>::MAX_UTC, |next| zone.month_begins(next));
        Self { from: zone.month_begins(zone.month_at(from)), to: end }
    }

    fn are_few(&self, keeping: Keeping) -> bool {
        let mut month = Some(keeping.zone.month_at(self.from));
        for _ in 0..AT_ONCE {
            month = month.and_then(Month::next);
        }
        month.is_none_or(|month| keeping.zone.month_begins(month) >= self.to)
    }
}

/// Plays from `from` to `to`, both included, came, went or changed: brings local times and sums up to
/// them. A long span, and anything while more is on its way, is only marked, and summed up by
/// [`Store::settle_statistics`].
pub(in super::super) async fn touched(
    tx: &mut Tx,
    account: AccountId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<()> {
    let keeping = keeping::read(&mut *tx, account).await?;
    let months = Months::of(keeping, from, to);
    if !months.are_few(keeping) || keeping::is_at_work(&mut *tx, account).await? {
        return keeping::mark(tx, account, from, to).await;
    }
    items::refresh(tx).await?;
    let (mut ids, mut next) = (ItemIds::default(), Some(months.from));
    while let Some(from) = next.filter(|from| *from < months.to) {
        next = sum_up_next(tx, account, keeping, &mut ids, &Months { from, to: months.to }).await?;
    }
    Ok(())
}

/// Statistics that are brought up to their plays, month by month.
#[derive(Debug)]
pub struct Settling<'a> {
    store: &'a Store,
    account: AccountId,
    ids: ItemIds,
}

impl Store {
    /// Brings the statistics up to the plays, a step at a time.
    #[must_use]
    pub fn settle_statistics(&self, account: AccountId) -> Settling<'_> {
        Settling { store: self, account, ids: ItemIds::default() }
    }
}

impl Settling<'_> {
    /// Sums up one month or year in a transaction of its own; whether more is to be done.
    pub async fn step(&mut self) -> Result<bool> {
        let ids = std::mem::take(&mut self.ids);
        let mut tx = self.store.begin().await?;
        let (ids, more) = self.sum_up_one(&mut tx, ids).await?;
        tx.commit().await?;
        // Numbers of a transaction that failed are gone with it.
        self.ids = ids;
        Ok(more)
    }

    async fn sum_up_one(&self, tx: &mut Tx, mut ids: ItemIds) -> Result<(ItemIds, bool)> {
        let Some((from, to)) = keeping::dirty(&mut *tx, self.account).await? else {
            if years::sum_up_next(tx, self.account).await? {
                return Ok((ids, true));
            }
            items::refresh(tx).await?;
            makers::keep(tx).await?;
            saved::keep(tx, self.account).await?;
            return Ok((ids, false));
        };
        let keeping = keeping::read(&mut *tx, self.account).await?;
        let months = Months::of(keeping, from, to);
        let next = sum_up_next(tx, self.account, keeping, &mut ids, &months).await?;
        let next = next.filter(|next| *next < months.to);
        keeping::go_on_from(tx, self.account, next).await?;
        Ok((ids, true))
    }
}

pub(in super::super) const NEXT_PLAY: &str =
    "select min(played_at) from plays where account_id = ?1 and played_at >= ?2 and played_at < ?3";

/// Sums up the first month that has plays, and forgets what was said of those before it; answers where it
/// ends, or nothing where no month had plays.
async fn sum_up_next(
    tx: &mut Tx,
    account: AccountId,
    keeping: Keeping,
    ids: &mut ItemIds,
    months: &Months,
) -> Result<Option<DateTime<Utc>>> {
    let next: Option<String> = sqlx::query_scalar(NEXT_PLAY)
        .bind(account.0)
        .bind(sqlite::millis(months.from))
        .bind(sqlite::millis(months.to))
        .fetch_one(&mut **tx)
        .await?;
    let zone = keeping.zone;
    let month = sqlite::maybe_time(next.as_deref())?.map(|at| zone.month_at(at));
    let forget = "delete from stats_months where account_id = ?1 and month >= ?2 and month < ?3";
    sqlx::query(forget)
        .bind(account.0)
        .bind(zone.month_at(months.from).to_string())
        .bind(month.unwrap_or_else(|| zone.month_at(months.to)).to_string())
        .execute(&mut **tx)
        .await?;
    let Some(month) = month else { return Ok(None) };
    let end = month.next().map_or(months.to, |next| zone.month_begins(next));
    sum_up(tx, account, keeping, ids, month, end).await?;
    Ok(Some(end))
}

/// A month as it is read: what was played in it, each with a play of it, and its days by place in there.
#[derive(Default)]
struct Summing {
    places: HashMap<String, usize>,
    items: Vec<(String, i64)>,
    days: Days,
    /// Plays whose local time or count is not what it should be.
    corrections: Vec<(i64, i32, u8, bool)>,
}

impl Summing {
    fn take(&mut self, play: &StoredPlay<'_>, keeping: Keeping) -> Result<()> {
        let at = play.at()?;
        let local = keeping.zone.at(at);
        let counts = counts(play.ms_played, keeping.counts_from_ms);
        let is_right = play.local_day == Some(local.day)
            && play.local_hour == Some(local.hour)
            && (play.counts != 0) == counts;
        if !is_right {
            self.corrections.push((play.id, local.day, local.hour, counts));
        }
        let place = self.place_of(&play.uri, play.id);
        let at_ms = at.timestamp_millis();
        self.days.play(place, at_ms, local, play.heard(at_ms, keeping.counts_from_ms));
        Ok(())
    }

    fn place_of(&mut self, uri: &str, play: i64) -> usize {
        if let Some(place) = self.places.get(uri) {
            return *place;
        }
        self.items.push((uri.to_owned(), play));
        let place = self.items.len() - 1;
        self.places.insert(uri.to_owned(), place);
        place
    }
}

async fn sum_up(
    tx: &mut Tx,
    account: AccountId,
    keeping: Keeping,
    ids: &mut ItemIds,
    month: Month,
    end: DateTime<Utc>,
) -> Result<()> {
    let begin = keeping.zone.month_begins(month);
    let mut summing = Summing::default();
    let mut reading = Reading::of(account, begin, end);
    while let Some(piece) = reading.next(&mut *tx).await? {
        let plays = parse(&piece)?;
        for play in &plays {
            summing.take(play, keeping)?;
        }
        if let Some(last) = plays.last() {
            reading.go_on_after(last);
        }
    }
    correct(tx, &summing.corrections).await?;
    let ids = ids.of(tx, &summing.items).await?;
    write(tx, account, (month, begin, end), &summing.days.sum(&ids)).await?;
    // After the month, which takes away the days that it had.
    summing.days.write(tx, account, &ids).await
}

pub(in super::super) const CORRECT: &str = "
update plays set local_day = j.value ->> 1, local_hour = j.value ->> 2, counts = j.value ->> 3
from jsonb_each(?1) j where plays.id = j.value ->> 0";

async fn correct(tx: &mut Tx, corrections: &[(i64, i32, u8, bool)]) -> Result<()> {
    if !corrections.is_empty() {
        sqlx::query(CORRECT).bind(sqlite::rows(&corrections)?).execute(&mut **tx).await?;
    }
    Ok(())
}

async fn write(
    tx: &mut Tx,
    account: AccountId,
    (month, begin, end): (Month, DateTime<Utc>, DateTime<Utc>),
    sums: &Sums,
) -> Result<()> {
    let texts = sums.texts()?;
    let sql = "insert into stats_months (account_id, month, from_at, to_at, sums, days, hours, items)
               values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
               on conflict do update set from_at = excluded.from_at, to_at = excluded.to_at,
                   sums = excluded.sums, days = excluded.days, hours = excluded.hours, items = excluded.items";
    sqlx::query(sql)
        .bind(account.0)
        .bind(month.to_string())
        .bind(sqlite::millis(begin))
        .bind(sqlite::millis(end))
        .bind(sums.packed()?)
        .bind(texts.days)
        .bind(texts.hours)
        .bind(texts.items)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

//! What was played in a period: whole years, months and days from their sums, the rest from plays.

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

use super::plays::{self, parse};
use super::sums::settings::{self, Keeping};
use super::sums::{encoding, items};
use super::totals::Totals;
use super::{Listening, Period};
use crate::domain::AccountId;
use crate::store::db::sqlite::{self, Tx};
use crate::store::{Result, StatisticsStore, StoreError};

/// Which parts of a period are requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeriodParts {
    /// Days and hours.
    Times,
    /// Days, hours and what was played.
    Everything,
}

/// Whole years.
pub(in crate::store) const YEARS: &str = "
select from_at, to_at, sums from stats_years where account_id = ?1 and from_at >= ?2 and to_at <= ?3";

/// Whole months outside these years.
pub(in crate::store) const MONTHS: &str = "
select from_at, to_at, sums from stats_months
where account_id = ?1 and from_at >= ?2 and to_at <= ?3
  and substr(month, 1, 4) not in (
      select year from stats_years where account_id = ?1 and from_at >= ?2 and to_at <= ?3)";

/// Whole days, in order.
pub(in crate::store) const DAYS: &str = "
select from_at, to_at, sums from stats_days
where account_id = ?1 and from_at >= ?2 and from_at < ?3 and to_at <= ?3 order by from_at";

/// A year, a month or a day.
#[derive(sqlx::FromRow)]
struct Packed {
    from_at: String,
    to_at: String,
    sums: Vec<u8>,
}

/// A period while it is summed up.
struct Adding<'a> {
    tx: &'a mut Tx,
    account: AccountId,
    keeping: Keeping,
    parts: PeriodParts,
    totals: Totals,
}

impl StatisticsStore<'_> {
    /// What was played in a period.
    pub async fn listening(self, period: Period, parts: PeriodParts) -> Result<Listening> {
        let Self { store, account } = self;
        // One transaction: a month that is summed up meanwhile must be neither missed nor counted
        // twice.
        let mut tx = store.readers.begin().await?;
        let keeping = settings::read(&mut tx, account).await?;
        let totals = items::room(&mut tx).await?;
        let mut adding = Adding { tx: &mut tx, account, keeping, parts, totals };
        let whole = (period.from, period.to);
        let mut spans = adding.packed(YEARS, whole).await?;
        spans.extend(adding.packed(MONTHS, whole).await?);
        spans.sort_unstable();
        for gap in gaps(period, &spans) {
            adding.edge(gap).await?;
        }
        let totals = adding.totals;
        let settled = !settings::is_at_work(&mut tx, account).await?;
        tx.rollback().await?;
        Ok(Listening { period, keeping, settled, totals })
    }
}

/// The start and the end of a span; the end is excluded.
type Span = (DateTime<Utc>, DateTime<Utc>);

/// The parts of a period outside these spans, which are in order.
fn gaps(period: Period, spans: &[Span]) -> Vec<Span> {
    let mut from = period.from;
    let mut gaps = Vec::new();
    for (begin, end) in spans.iter().copied().chain([(period.to, period.to)]) {
        if from < begin {
            gaps.push((from, begin));
        }
        from = from.max(end);
    }
    gaps
}

impl Adding<'_> {
    /// A part of a month: whole days, and plays for the rest.
    async fn edge(&mut self, (from, to): Span) -> Result<()> {
        let days = self.packed(DAYS, (from, to)).await?;
        for (from, to) in gaps(Period { from, to }, &days) {
            add_plays(&mut *self.tx, self.account, self.keeping, from, to, &mut self.totals).await?;
        }
        Ok(())
    }

    /// Adds the rows of a statement; returns their spans.
    async fn packed(&mut self, sql: &'static str, (from, to): Span) -> Result<Vec<Span>> {
        let rows =
            sqlx::query_as(sql).bind(self.account.0).bind(sqlite::millis(from)).bind(sqlite::millis(to));
        let rows: Vec<Packed> = rows.fetch_all(&mut **self.tx).await?;
        let mut spans = Vec::with_capacity(rows.len());
        for row in &rows {
            encoding::add(&row.sums, self.parts, &mut self.totals)?;
            spans.push((sqlite::time(&row.from_at)?, sqlite::time(&row.to_at)?));
        }
        Ok(spans)
    }
}

/// Adds plays one by one.
async fn add_plays(
    connection: &mut SqliteConnection,
    account: AccountId,
    keeping: Keeping,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    totals: &mut Totals,
) -> Result<()> {
    let mut reading = plays::PlaysReading::of(account, from, to);
    while let Some(piece) = reading.next(connection).await? {
        let plays = parse(&piece)?;
        for play in &plays {
            let heard = play.heard(keeping.counts_from_ms);
            totals.times.add(keeping.zone.at(play.at()), &heard.tally);
            let added = totals.items.add(play.item_id, &heard);
            added.ok_or_else(|| StoreError::Damaged("an item came while a period was read".to_owned()))?;
        }
        if let Some(last) = plays.last() {
            reading.go_on_after(last);
        }
    }
    Ok(())
}

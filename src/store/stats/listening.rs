//! What was listened to in a period: whole years, months and days from their sums, the rest from
//! plays.

use chrono::{DateTime, Utc};
use hashbrown::HashMap;
use sqlx::SqliteConnection;

use super::super::sqlite::{self, Tx};
use super::super::{Result, Store};
use super::keeping::{self, Keeping};
use super::plays::{self, parse};
use super::sums::{Sums, Texts};
use super::totals::{PlayOf, Totals};
use super::{Listening, Period};
use crate::domain::AccountId;

/// What is asked of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parts {
    /// Days and hours.
    Times,
    /// Days, hours and what was played.
    Everything,
}

/// Whole years.
pub(in super::super) const YEARS: &str = "
select from_at, to_at, sums from stats_years where account_id = ?1 and from_at >= ?2 and to_at <= ?3";

/// Whole months outside of them.
pub(in super::super) const MONTHS: &str = "
select from_at, to_at, days, hours, week, case when ?4 then items else '[]' end as items from stats_months
where account_id = ?1 and from_at >= ?2 and to_at <= ?3
  and substr(month, 1, 4) not in (
      select year from stats_years where account_id = ?1 and from_at >= ?2 and to_at <= ?3)";

/// Whole days, in order.
pub(in super::super) const DAYS: &str = "
select from_at, to_at, sums from stats_days
where account_id = ?1 and from_at >= ?2 and from_at < ?3 and to_at <= ?3 order by from_at";

/// A year or a day.
#[derive(sqlx::FromRow)]
struct Packed {
    from_at: String,
    to_at: String,
    sums: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct MonthRow {
    from_at: String,
    to_at: String,
    #[sqlx(flatten)]
    sums: Texts,
}

/// A period, as far as it is added up.
struct Adding<'a> {
    tx: &'a mut Tx,
    account: AccountId,
    keeping: Keeping,
    parts: Parts,
    totals: Totals<i64>,
}

impl Store {
    /// What was listened to in a period.
    pub async fn listening(&self, account: AccountId, period: Period, parts: Parts) -> Result<Listening> {
        // One transaction: a month that is summed up meanwhile must not be missed nor counted twice.
        let mut tx = self.readers.begin().await?;
        let keeping = keeping::read(&mut tx, account).await?;
        let mut adding = Adding { tx: &mut tx, account, keeping, parts, totals: Totals::default() };
        let mut spans = adding.years(period).await?;
        spans.extend(adding.months(period).await?);
        spans.sort_unstable();
        for gap in gaps(period, &spans) {
            adding.edge(gap).await?;
        }
        let totals = adding.totals;
        let settled = !keeping::is_at_work(&mut tx, account).await?;
        tx.rollback().await?;
        Ok(Listening { period, keeping, settled, totals })
    }
}

/// Both ends of a time, without the second.
type Span = (DateTime<Utc>, DateTime<Utc>);

/// What lies in a period outside of these spans, which are in order.
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
    async fn years(&mut self, period: Period) -> Result<Vec<Span>> {
        let rows: Vec<Packed> = self.rows(YEARS, (period.from, period.to)).await?;
        self.add(&rows)
    }

    async fn months(&mut self, period: Period) -> Result<Vec<Span>> {
        let rows: Vec<MonthRow> = sqlx::query_as(MONTHS)
            .bind(self.account.0)
            .bind(sqlite::millis(period.from))
            .bind(sqlite::millis(period.to))
            .bind(self.parts == Parts::Everything)
            .fetch_all(&mut **self.tx)
            .await?;
        let mut spans = Vec::with_capacity(rows.len());
        for row in &rows {
            row.sums.add_to(&mut self.totals)?;
            spans.push((sqlite::time(&row.from_at)?, sqlite::time(&row.to_at)?));
        }
        Ok(spans)
    }

    /// A part of a month: whole days, and plays of the rest.
    async fn edge(&mut self, (from, to): Span) -> Result<()> {
        let rows: Vec<Packed> = self.rows(DAYS, (from, to)).await?;
        let days = self.add(&rows)?;
        for (from, to) in gaps(Period { from, to }, &days) {
            add_plays(&mut *self.tx, self.account, self.keeping, from, to, &mut self.totals).await?;
        }
        Ok(())
    }

    async fn rows(&mut self, sql: &'static str, (from, to): Span) -> Result<Vec<Packed>> {
        let rows =
            sqlx::query_as(sql).bind(self.account.0).bind(sqlite::millis(from)).bind(sqlite::millis(to));
        Ok(rows.fetch_all(&mut **self.tx).await?)
    }

    fn add(&mut self, rows: &[Packed]) -> Result<Vec<Span>> {
        let mut spans = Vec::with_capacity(rows.len());
        for row in rows {
            Sums::unpack_into(&mut self.totals, &row.sums, self.parts)?;
            spans.push((sqlite::time(&row.from_at)?, sqlite::time(&row.to_at)?));
        }
        Ok(spans)
    }
}

pub(in super::super) const IDS: &str = "
select json_group_array(json_array(j.key, i.item_id))
from jsonb_each(?1) j cross join stats_items i on i.uri = j.value";

/// Adds plays one by one.
async fn add_plays(
    connection: &mut SqliteConnection,
    account: AccountId,
    keeping: Keeping,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    totals: &mut Totals<i64>,
) -> Result<()> {
    let mut of_uris: Totals<String> = Totals::default();
    let mut reading = plays::Reading::of(account, from, to);
    while let Some(piece) = reading.next(connection).await? {
        let plays = parse(&piece)?;
        for play in &plays {
            let at = play.at()?;
            let play = PlayOf {
                item: play.uri.clone().into_owned(),
                at_ms: at.timestamp_millis(),
                local: keeping.zone.at(at),
                ms_played: play.ms_played,
                length_ms: play.length_ms,
                skipped: play.skipped.map(|skipped| skipped != 0),
            };
            of_uris.play(play, keeping.counts_from_ms);
        }
        if let Some(last) = plays.last() {
            reading.go_on_after(last);
        }
    }
    let (uris, heard): (Vec<String>, Vec<_>) = of_uris.items.drain().unzip();
    let mut told =
        Totals { items: HashMap::new(), days: of_uris.days, hours: of_uris.hours, week: of_uris.week };
    let ids: String = sqlx::query_scalar(IDS).bind(sqlite::rows(&uris)?).fetch_one(connection).await?;
    let ids: Vec<(usize, i64)> = sqlite::from_json(&ids)?;
    for (place, item) in ids {
        if let Some(heard) = heard.get(place) {
            told.items.entry(item).or_default().add(heard);
        }
    }
    totals.add(&told);
    Ok(())
}

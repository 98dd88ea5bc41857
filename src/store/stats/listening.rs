//! What was listened to in a period: whole months from their sums, the rest from plays.

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

use super::super::sqlite;
use super::super::{Result, Store};
use super::keeping::{self, Keeping};
use super::plays::{Reading, parse};
use super::totals::{ItemRow, PlayOf, SumRow, Totals, heard_of, tally_of};
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

pub(in super::super) const MONTHS: &str = "
select from_at, to_at, days, hours, week, case when ?4 then items else '[]' end as items from stats_months
where account_id = ?1 and from_at >= ?2 and to_at <= ?3 order by month";

#[derive(sqlx::FromRow)]
struct MonthRow {
    from_at: String,
    to_at: String,
    days: String,
    hours: String,
    week: String,
    items: String,
}

impl Store {
    /// What was listened to in a period.
    pub async fn listening(&self, account: AccountId, period: Period, parts: Parts) -> Result<Listening> {
        // One transaction: a month that is summed up meanwhile must not be missed nor counted twice.
        let mut tx = self.readers.begin().await?;
        let keeping = keeping::read(&mut tx, account).await?;
        let months: Vec<MonthRow> = sqlx::query_as(MONTHS)
            .bind(account.0)
            .bind(sqlite::millis(period.from))
            .bind(sqlite::millis(period.to))
            .bind(parts == Parts::Everything)
            .fetch_all(&mut *tx)
            .await?;
        let mut totals = Totals::default();
        let mut from = period.from;
        for month in &months {
            add_plays(&mut tx, account, keeping, from, sqlite::time(&month.from_at)?, &mut totals).await?;
            add_month(&mut totals, month)?;
            from = from.max(sqlite::time(&month.to_at)?);
        }
        add_plays(&mut tx, account, keeping, from, period.to, &mut totals).await?;
        let settled = !keeping::is_at_work(&mut tx, account).await?;
        tx.rollback().await?;
        Ok(Listening { period, keeping, settled, totals })
    }
}

fn add_month(totals: &mut Totals<i64>, month: &MonthRow) -> Result<()> {
    let days: Vec<SumRow<i32>> = sqlite::from_json(&month.days)?;
    let hours: Vec<SumRow<u8>> = sqlite::from_json(&month.hours)?;
    let week: Vec<SumRow<u8>> = sqlite::from_json(&month.week)?;
    let items: Vec<ItemRow> = sqlite::from_json(&month.items)?;
    for row in &days {
        totals.days.entry(row.0).or_default().add(&tally_of(row));
    }
    for row in &hours {
        totals.hours.entry(row.0).or_default().add(&tally_of(row));
    }
    for row in &week {
        totals.week.entry(row.0).or_default().add(&tally_of(row));
    }
    for row in &items {
        totals.items.entry(row.0).or_default().add(&heard_of(row));
    }
    Ok(())
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
    if from >= to {
        return Ok(());
    }
    let mut of_uris: Totals<String> = Totals::default();
    let mut reading = Reading::of(account, from, to);
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
    for (day, tally) in &of_uris.days {
        totals.days.entry(*day).or_default().add(tally);
    }
    for (hour, tally) in &of_uris.hours {
        totals.hours.entry(*hour).or_default().add(tally);
    }
    for (hour, tally) in &of_uris.week {
        totals.week.entry(*hour).or_default().add(tally);
    }
    let (uris, heard): (Vec<String>, Vec<_>) = of_uris.items.into_iter().unzip();
    let ids: String = sqlx::query_scalar(IDS).bind(sqlite::rows(&uris)?).fetch_one(connection).await?;
    let ids: Vec<(usize, i64)> = sqlite::from_json(&ids)?;
    for (place, item) in ids {
        if let Some(heard) = heard.get(place) {
            totals.items.entry(item).or_default().add(heard);
        }
    }
    Ok(())
}

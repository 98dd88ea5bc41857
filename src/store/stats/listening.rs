//! What was listened to in a period: whole years and months from their sums, the rest from plays.

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

use super::super::sqlite;
use super::super::{Result, Store};
use super::keeping::{self, Keeping};
use super::plays::{Reading, parse};
use super::sums::Sums;
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

/// Whole years and, outside of them, whole months.
pub(in super::super) const SUMS: &str = "
with years as (
    select * from stats_years where account_id = ?1 and from_at >= ?2 and to_at <= ?3)
select from_at, to_at, days, hours, week, case when ?4 then items else '[]' end as items from (
    select from_at, to_at, days, hours, week, items from years
    union all
    select from_at, to_at, days, hours, week, items from stats_months
    where account_id = ?1 and from_at >= ?2 and to_at <= ?3
      and substr(month, 1, 4) not in (select year from years))
order by from_at";

#[derive(sqlx::FromRow)]
struct SumsRow {
    from_at: String,
    to_at: String,
    #[sqlx(flatten)]
    sums: Sums,
}

impl Store {
    /// What was listened to in a period.
    pub async fn listening(&self, account: AccountId, period: Period, parts: Parts) -> Result<Listening> {
        // One transaction: a month that is summed up meanwhile must not be missed nor counted twice.
        let mut tx = self.readers.begin().await?;
        let keeping = keeping::read(&mut tx, account).await?;
        let spans: Vec<SumsRow> = sqlx::query_as(SUMS)
            .bind(account.0)
            .bind(sqlite::millis(period.from))
            .bind(sqlite::millis(period.to))
            .bind(parts == Parts::Everything)
            .fetch_all(&mut *tx)
            .await?;
        let mut totals = Totals::default();
        let mut from = period.from;
        for span in &spans {
            add_plays(&mut tx, account, keeping, from, sqlite::time(&span.from_at)?, &mut totals).await?;
            span.sums.add_to(&mut totals)?;
            from = from.max(sqlite::time(&span.to_at)?);
        }
        add_plays(&mut tx, account, keeping, from, period.to, &mut totals).await?;
        let settled = !keeping::is_at_work(&mut tx, account).await?;
        tx.rollback().await?;
        Ok(Listening { period, keeping, settled, totals })
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

//! The zone and the threshold of the figures, and the span for which the figures are not up to
//! date.
//!
//! A change of either affects every stored play. The figures then follow month by month, each in a
//! short transaction. The remaining work is stored in the database, so a kill costs at most one
//! month.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::SqliteConnection;

use crate::domain::{AccountId, Zone};
use crate::store::db::sqlite::{self, Tx};
use crate::store::{Result, StatisticsStore};

/// How plays are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeping {
    /// The zone of the days and hours.
    pub zone: Zone,
    /// A play counts if it lasted at least this many milliseconds.
    pub counts_from_ms: i64,
}

impl Keeping {
    /// The values before the first setting: the threshold that is the config's default, and UTC,
    /// which is no place that a person could move away from.
    pub(in crate::store) const DEFAULT: Self = Self { zone: Zone::UTC, counts_from_ms: 30_000 };
}

/// Years in which a zone may have skipped a day; the first plays are from 2006.
const SKIPS: std::ops::RangeInclusive<i32> = 1970..=2100;

/// How plays of this account are counted.
pub(in crate::store) async fn read(connection: &mut SqliteConnection, account: AccountId) -> Result<Keeping> {
    let sql = "select time_zone, counts_from_ms from stats_keeping where account_id = ?1";
    let row: Option<(String, i64)> = sqlx::query_as(sql).bind(account.0).fetch_optional(connection).await?;
    row.map_or(Ok(Keeping::DEFAULT), |(zone, counts_from_ms)| {
        Ok(Keeping { zone: sqlite::word(&zone)?, counts_from_ms })
    })
}

/// The span whose figures must be computed again.
pub(in crate::store::stats) async fn dirty(
    connection: &mut SqliteConnection,
    account: AccountId,
) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>> {
    let sql = "select from_at, to_at from stats_dirty where account_id = ?1";
    let row: Option<(String, String)> =
        sqlx::query_as(sql).bind(account.0).fetch_optional(connection).await?;
    row.map(|(from, to)| Ok((sqlite::time(&from)?, sqlite::time(&to)?))).transpose()
}

/// Whether an import is running, or older sums must still be computed.
pub(in crate::store) async fn is_at_work(
    connection: &mut SqliteConnection,
    account: AccountId,
) -> Result<bool> {
    let sql = "select exists(select 1 from plays_unsettled where account_id = ?1)
                   or exists(select 1 from stats_dirty where account_id = ?1)";
    Ok(sqlx::query_scalar(sql).bind(account.0).fetch_one(connection).await?)
}

/// Extends the span whose figures must be computed again.
pub(in crate::store::stats) async fn mark(
    tx: &mut Tx,
    account: AccountId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<()> {
    let sql = "insert into stats_dirty (account_id, from_at, to_at) values (?1, ?2, ?3)
               on conflict do update set from_at = min(from_at, excluded.from_at),
                                         to_at = max(to_at, excluded.to_at)";
    sqlx::query(sql)
        .bind(account.0)
        .bind(sqlite::millis(from))
        .bind(sqlite::millis(to))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The rest of the span, from `from` on; nothing is left if `from` is `None`.
pub(in crate::store::stats) async fn go_on_from(
    tx: &mut Tx,
    account: AccountId,
    from: Option<DateTime<Utc>>,
) -> Result<()> {
    let statement = match from {
        Some(from) => sqlx::query("update stats_dirty set from_at = ?2 where account_id = ?1")
            .bind(account.0)
            .bind(sqlite::millis(from)),
        None => sqlx::query("delete from stats_dirty where account_id = ?1").bind(account.0),
    };
    statement.execute(&mut **tx).await?;
    Ok(())
}

/// Everything that is stored or was summed up.
pub(in crate::store) const EVERYTHING: &str = "
select min(coalesce(played, summed), coalesce(summed, played)),
       max(coalesce(played_last, summed_last), coalesce(summed_last, played_last))
from (select (select strftime('%Y-%m-%dT%H:%M:%fZ', (id >> 20) / 1000.0, 'unixepoch')
              from play_rows where account_id = ?1 and id > 0 order by id limit 1) as played,
             (select strftime('%Y-%m-%dT%H:%M:%fZ', (id >> 20) / 1000.0, 'unixepoch')
              from play_rows where account_id = ?1 and id > 0 order by id desc limit 1) as played_last,
             (select min(from_at) from stats_months where account_id = ?1) as summed,
             (select max(to_at) from stats_months where account_id = ?1) as summed_last)";

pub(in crate::store::stats) async fn mark_everything(tx: &mut Tx, account: AccountId) -> Result<()> {
    let (from, to): (Option<String>, Option<String>) =
        sqlx::query_as(EVERYTHING).bind(account.0).fetch_one(&mut **tx).await?;
    match (sqlite::maybe_time(from.as_deref())?, sqlite::maybe_time(to.as_deref())?) {
        (Some(from), Some(to)) => mark(tx, account, from, to).await,
        _ => Ok(()),
    }
}

fn skipped_days(zone: Zone) -> Result<String> {
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    sqlite::rows(&zone.skipped_days(day(*SKIPS.start(), 1, 1), day(*SKIPS.end(), 12, 31)))
}

impl StatisticsStore<'_> {
    /// How plays are counted.
    pub async fn kept_by(self) -> Result<Keeping> {
        let Self { store, account } = self;
        let mut reader = store.readers.acquire().await?;
        read(&mut reader, account).await
    }

    /// Sets how plays are counted from now on. If that differs from before, everything must be
    /// summed up again, which [`StatisticsStore::settle`] does.
    #[tracing::instrument(name = "keep_statistics_by", level = "error", skip_all)]
    pub async fn keep_by(self, zone: Zone, counts_from: Duration) -> Result<()> {
        let Self { store, account } = self;
        let counts_from_ms = i64::try_from(counts_from.as_millis()).unwrap_or(i64::MAX);
        let wanted = Keeping { zone, counts_from_ms };
        let known = "select time_zone, counts_from_ms from stats_keeping where account_id = ?1";
        let known: Option<(String, i64)> =
            sqlx::query_as(known).bind(account.0).fetch_optional(&store.readers).await?;
        if known == Some((zone.name().to_owned(), counts_from_ms)) {
            return Ok(());
        }
        let mut tx = store.begin().await?;
        let was = if known.is_some() { None } else { Some(Keeping::DEFAULT) };
        let sql = "insert into stats_keeping (account_id, time_zone, counts_from_ms, skipped_days)
                   values (?1, ?2, ?3, ?4)
                   on conflict do update set time_zone = excluded.time_zone,
                       counts_from_ms = excluded.counts_from_ms, skipped_days = excluded.skipped_days";
        sqlx::query(sql)
            .bind(account.0)
            .bind(zone.name())
            .bind(counts_from_ms)
            .bind(skipped_days(zone)?)
            .execute(&mut *tx)
            .await?;
        if was != Some(wanted) {
            mark_everything(&mut tx, account).await?;
        }
        Ok(tx.commit().await?)
    }
}

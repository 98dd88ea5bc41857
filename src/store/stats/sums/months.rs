//! Sums up months: the local time beside each play, and one row of sums for each calendar month.
//!
//! Owns: `stats_months`, and `hour` and what counts in `facts` of `play_rows`. Everything of a
//! month is always computed again from all of its plays, so it cannot drift away from them.

use chrono::{DateTime, Utc};
use futures_util::stream::{self, Stream, StreamExt};
use sqlx::Sqlite;
use sqlx::pool::PoolConnection;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::aggregate::{Correction, MonthOfPlays, MonthsOfPlays};
use super::encoding::Sums;
use super::items;
use super::settings;
use super::{credits, years};
use crate::domain::{AccountId, Month, Zone};
use crate::store::db::sqlite::{self, Tx};
use crate::store::play_columns::time_id;
use crate::store::stats::saved;
use crate::store::{Result, StatisticsStore};

/// Spans that touch more months than this are summed up later.
const AT_ONCE: usize = 2;
/// Months that are summed up in one transaction. It takes less than half a second for a person with
/// 8,000 plays a month, and that is all that a kill loses.
const IN_A_STEP: usize = 12;

/// Whole months, from the first instant of the first to the end of the last.
#[derive(Clone, Copy)]
struct Months {
    zone: Zone,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

impl Months {
    /// The months that a span touches.
    fn of(zone: Zone, from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        let [from, to] = [from, to].map(|at| zone.month_at(at));
        Self { zone, from: zone.month_begins(from), to: zone.month_ends(to) }
    }

    /// The same, but at most `count` months from the month of `first` on.
    fn until(self, first: DateTime<Utc>, count: usize) -> Self {
        let mut month = Some(self.zone.month_at(first));
        for _ in 0..count {
            month = month.and_then(Month::next);
        }
        Self { to: month.map_or(self.to, |month| self.zone.month_begins(month).min(self.to)), ..self }
    }

    fn are_few(self) -> bool {
        self.until(self.from, AT_ONCE).to >= self.to
    }
}

/// Plays from `from` to `to`, both included, were added, removed or changed: updates local times
/// and sums. A long span, or any span while more changes are coming, is only marked;
/// [`StatisticsStore::settle`] then sums it up.
pub(in crate::store) async fn touched(
    tx: &mut Tx,
    account: AccountId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<()> {
    let keeping = settings::read(&mut *tx, account).await?;
    let months = Months::of(keeping.zone, from, to);
    if !months.are_few() || settings::is_at_work(&mut *tx, account).await? {
        return settings::mark(tx, account, from, to).await;
    }
    items::refresh(tx).await?;
    let mut plays = MonthsOfPlays::of(account, keeping, months.from, months.to);
    let mut read = Vec::new();
    while let Some(month) = plays.next(&mut *tx).await? {
        read.push(month);
    }
    keep(tx, account, months, stream::iter(read)).await
}

impl StatisticsStore<'_> {
    /// Brings the statistics up to date by one step: sums up some months or a year in a transaction
    /// of its own. Returns whether more is left.
    #[tracing::instrument(name = "sum_month", level = "error", skip_all)]
    pub async fn settle_step(self) -> Result<bool> {
        // Before the transaction: while other writers are blocked, nothing may wait.
        let reader = self.store.readers.acquire().await?;
        let mut tx = self.store.begin().await?;
        let more = self.sum_up_some(&mut tx, reader).await?;
        tx.commit().await?;
        Ok(more)
    }

    async fn sum_up_some(self, tx: &mut Tx, reader: PoolConnection<Sqlite>) -> Result<bool> {
        let Some((from, to)) = settings::dirty(&mut *tx, self.account).await? else {
            return self.sum_up_the_rest(tx).await;
        };
        let keeping = settings::read(&mut *tx, self.account).await?;
        let months = Months::of(keeping.zone, from, to);
        let now = self.next_of(tx, months).await?;
        let plays = MonthsOfPlays::of(self.account, keeping, now.from, now.to);
        // While one month is written, the next is read over another connection. No other process
        // writes now, so that connection sees the same data as the transaction.
        let (send, mut receive) = mpsc::channel(1);
        let reading = AbortOnDropHandle::new(tokio::spawn(read_all(plays, reader, send)));
        keep(tx, self.account, now, stream::poll_fn(|cx| receive.poll_recv(cx))).await?;
        reading.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
        settings::go_on_from(tx, self.account, Some(now.to).filter(|to| *to < months.to)).await?;
        Ok(true)
    }

    /// The work after the last month: a year, or else the data about all items; returns whether
    /// more is left.
    async fn sum_up_the_rest(self, tx: &mut Tx) -> Result<bool> {
        if years::sum_up_next(tx, self.account).await? {
            return Ok(true);
        }
        items::refresh(tx).await?;
        credits::keep(tx).await?;
        saved::keep(tx, self.account).await?;
        Ok(false)
    }

    /// The months that are summed up now, starting with the first that has plays.
    async fn next_of(self, tx: &mut Tx, months: Months) -> Result<Months> {
        let next: Option<i64> = sqlx::query_scalar(NEXT_PLAY)
            .bind(self.account.0)
            .bind(time_id::first_id_at(months.from))
            .bind(time_id::first_id_at(months.to))
            .fetch_optional(&mut **tx)
            .await?;
        Ok(next.map(time_id::ended_at).map_or(months, |first| months.until(first, IN_A_STEP)))
    }
}

/// Passes on month after month, one ahead.
async fn read_all(
    mut plays: MonthsOfPlays,
    mut reader: PoolConnection<Sqlite>,
    send: mpsc::Sender<MonthOfPlays>,
) -> Result<()> {
    while let Some(month) = plays.next(&mut reader).await? {
        // The receiver stops only with an error, and that error is the result.
        if send.send(month).await.is_err() {
            break;
        }
    }
    Ok(())
}

pub(in crate::store) const NEXT_PLAY: &str =
    "select id from play_rows where account_id = ?1 and id >= ?2 and id < ?3 order by id limit 1";

/// Stores the sums of those of these months that have plays, in their order, and deletes the sums
/// of the others.
async fn keep(
    tx: &mut Tx,
    account: AccountId,
    months: Months,
    mut read: impl Stream<Item = MonthOfPlays> + Unpin,
) -> Result<()> {
    let mut from = months.from;
    while let Some(month) = read.next().await {
        forget(tx, account, Months { from, to: month.begin, ..months }).await?;
        correct(tx, &month.corrections).await?;
        write(tx, account, &month, &month.days.sum()).await?;
        // After the month, because writing the month deletes its old days.
        month.days.write(tx, account).await?;
        from = month.end;
    }
    forget(tx, account, Months { from, ..months }).await
}

async fn forget(tx: &mut Tx, account: AccountId, months: Months) -> Result<()> {
    let [first, end] = [months.from, months.to].map(|at| months.zone.month_at(at).to_string());
    let sql = "delete from stats_months where account_id = ?1 and month >= ?2 and month < ?3";
    sqlx::query(sql).bind(account.0).bind(first).bind(end).execute(&mut **tx).await?;
    Ok(())
}

pub(in crate::store) const CORRECT: &str = "
update play_rows set hour = j.value ->> 1, facts = j.value ->> 2
from jsonb_each(?1) j where play_rows.id = j.value ->> 0";

async fn correct(tx: &mut Tx, corrections: &[Correction]) -> Result<()> {
    if !corrections.is_empty() {
        sqlx::query(CORRECT).bind(sqlite::rows(&corrections)?).execute(&mut **tx).await?;
    }
    Ok(())
}

async fn write(tx: &mut Tx, account: AccountId, of: &MonthOfPlays, sums: &Sums) -> Result<()> {
    let sql = "insert into stats_months (account_id, month, from_at, to_at, sums) values (?1, ?2, ?3, ?4, ?5)
               on conflict do update set from_at = excluded.from_at, to_at = excluded.to_at,
                   sums = excluded.sums";
    sqlx::query(sql)
        .bind(account.0)
        .bind(of.month.to_string())
        .bind(sqlite::millis(of.begin))
        .bind(sqlite::millis(of.end))
        .bind(sums.packed()?)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

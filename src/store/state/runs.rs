//! The rows of `sync_runs`.
//!
//! Owns: how a run begins, is counted and ends. Must not know: what it syncs.

use chrono::{DateTime, Utc};

use crate::domain::{Mode, RunId, RunOutcome, RunView, Trigger};
use crate::store::db::sqlite::{self, Tx, count};
use crate::store::{Delta, Result, RunStore, Store};

/// The columns of a run's row, for a `select` and for a `returning`.
macro_rules! columns {
    () => {
        "id, mode, \"trigger\", status, started_at, finished_at, requests, added, removed, changed, error"
    };
}

type Columns = (i64, String, String, String, String, Option<String>, i64, i64, i64, i64, Option<String>);

/// Adds what a transaction changed to its run.
pub(in crate::store) async fn add(tx: &mut Tx, run: RunId, delta: Delta) -> Result<()> {
    if delta == Delta::default() {
        return Ok(());
    }
    let sql = "update sync_runs
               set added = added + ?2, removed = removed + ?3, changed = changed + ?4 where id = ?1";
    sqlx::query(sql)
        .bind(run.0)
        .bind(delta.added)
        .bind(delta.removed)
        .bind(delta.changed)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

impl Store {
    /// Closes runs that a crash interrupted: they become `interrupted`. Entities that were being
    /// read or were waiting become `idle` (`pending` if never read completely); checkpoints stay.
    /// Returns the number of closed runs.
    #[tracing::instrument(level = "error", skip_all)]
    pub async fn close_interrupted_runs(&self, now: DateTime<Utc>) -> Result<u32> {
        let mut tx = self.begin().await?;
        let runs = "update sync_runs set status = 'interrupted', finished_at = ?1 where status = 'running'";
        let closed = sqlx::query(runs).bind(sqlite::millis(now)).execute(&mut *tx).await?.rows_affected();
        let states = "update sync_state
                      set state = case when is_initial_complete then 'idle' else 'pending' end
                      where state in ('running', 'queued')";
        sqlx::query(states).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(u32::try_from(closed).unwrap_or(u32::MAX))
    }
}

impl RunStore<'_> {
    /// Opens a run; returns its row.
    pub async fn begin(self, mode: Mode, trigger: Trigger, now: DateTime<Utc>) -> Result<RunView> {
        let Self { store, account } = self;
        let sql = concat!(
            "insert into sync_runs (account_id, mode, \"trigger\", status, started_at)
             values (?1, ?2, ?3, 'running', ?4) returning ",
            columns!()
        );
        let mut tx = store.begin().await?;
        let row = sqlx::query_as(sql)
            .bind(account.0)
            .bind(mode.as_str())
            .bind(trigger.as_str())
            .bind(sqlite::millis(now))
            .fetch_one(&mut *tx)
            .await?;
        tx.commit().await?;
        view(row)
    }

    /// Closes a run; returns its row, `None` if there is no run of that number.
    pub async fn finish(self, run: RunId, outcome: &RunOutcome) -> Result<Option<RunView>> {
        let store = self.store;
        let sql = concat!(
            "update sync_runs set status = ?2, finished_at = ?3, requests = ?4, error = ?5 where id = ?1
             returning ",
            columns!()
        );
        let mut tx = store.begin().await?;
        let row: Option<Columns> = sqlx::query_as(sql)
            .bind(run.0)
            .bind(outcome.status.as_str())
            .bind(sqlite::millis(outcome.finished_at))
            .bind(outcome.requests)
            .bind(&outcome.error)
            .fetch_optional(&mut *tx)
            .await?;
        tx.commit().await?;
        row.map(view).transpose()
    }

    /// The newest run, running or finished.
    pub async fn last(self) -> Result<Option<RunView>> {
        let Self { store, account } = self;
        let sql =
            concat!("select ", columns!(), " from sync_runs where account_id = ?1 order by id desc limit 1");
        let row: Option<Columns> = sqlx::query_as(sql).bind(account.0).fetch_optional(&store.readers).await?;
        row.map(view).transpose()
    }

    /// The newest runs, newest first, at most `limit`.
    pub async fn newest(self, limit: u32) -> Result<Vec<RunView>> {
        let Self { store, account } = self;
        let sql =
            concat!("select ", columns!(), " from sync_runs where account_id = ?1 order by id desc limit ?2");
        let rows: Vec<Columns> =
            sqlx::query_as(sql).bind(account.0).bind(limit).fetch_all(&store.readers).await?;
        rows.into_iter().map(view).collect()
    }

    /// One run; `None` if there is no run of that number.
    pub async fn get(self, run: RunId) -> Result<Option<RunView>> {
        let Self { store, account } = self;
        let sql = concat!("select ", columns!(), " from sync_runs where account_id = ?1 and id = ?2");
        let row: Option<Columns> =
            sqlx::query_as(sql).bind(account.0).bind(run.0).fetch_optional(&store.readers).await?;
        row.map(view).transpose()
    }
}

fn view(columns: Columns) -> Result<RunView> {
    let (id, mode, trigger, status, started_at, finished_at, requests, added, removed, changed, error) =
        columns;
    Ok(RunView {
        id: RunId(id),
        mode: sqlite::word(&mode)?,
        trigger: sqlite::word(&trigger)?,
        status: sqlite::word(&status)?,
        started_at: sqlite::time(&started_at)?,
        finished_at: sqlite::maybe_time(finished_at.as_deref())?,
        requests: count(requests),
        added: count(added),
        removed: count(removed),
        changed: count(changed),
        error,
    })
}

//! The rows of `sync_state`: the progress of each entity.
//!
//! Owns: the one place that writes checkpoints, counters and states, always in the transaction of
//! the rows they describe. Must not know: what a cursor means.

use chrono::{DateTime, Utc};
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{FromRow, Row, Sqlite, SqliteExecutor};

use crate::domain::{AccountId, Entity, EntityState, Failures, RunId, SyncState};
use crate::store::db::sqlite::{self, Tx, count};
use crate::store::{Checkpoint, Delta, Result, Store, SyncStateStore};

/// New values for an entity's row; its cursor, counters and other fields stay as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityMark {
    /// What it is doing or waits for.
    pub state: EntityState,
    /// One sentence about the failure; `None` clears the previous one.
    pub error: Option<String>,
    /// When it is due next; `None` clears the previous time.
    pub next_due_at: Option<DateTime<Utc>>,
    /// How often it failed in a row; `None`: unchanged.
    pub failures: Option<Failures>,
}

/// How a successful reading of an entity ended.
#[derive(Debug)]
pub(in crate::store) struct EntityDone {
    /// Rows stored.
    pub(in crate::store) processed: u32,
    /// Null rows among them.
    pub(in crate::store) null_rows: u32,
    /// The number of rows according to Spotify.
    pub(in crate::store) remote: Option<u32>,
    /// See [`SyncState::total_surplus`]; `None`: unchanged.
    pub(in crate::store) surplus: Option<i64>,
    /// The time of the end.
    pub(in crate::store) at: DateTime<Utc>,
    /// When it is due next.
    pub(in crate::store) next_due_at: Option<DateTime<Utc>>,
    /// The list was read from end to end.
    pub(in crate::store) whole: bool,
    /// All changes of the reading.
    pub(in crate::store) delta: Delta,
}

/// The result of a transaction, and the entity's row after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed<T> {
    /// The result.
    pub outcome: T,
    /// The row that it wrote.
    pub state: SyncState,
}

/// The columns of a row that [`SyncState`] has, for a `select` and for a `returning`.
macro_rules! sync_state_columns {
    () => {
        "entity_type, state, mode, is_initial_complete, last_synced_at, read_whole_at,
         total_processed, total_remote, total_surplus, null_rows, cursor, next_due_at, last_error,
         braked_removals, failures, failed_beyond, last_added, last_removed, last_changed"
    };
}
pub(in crate::store) use sync_state_columns;

/// The row of one entity, or of all.
const READ: &str = concat!(
    "select ",
    sync_state_columns!(),
    " from sync_state where account_id = ?1 and entity_type = coalesce(?2, entity_type)"
);

#[derive(FromRow)]
struct SyncStateColumns {
    entity_type: String,
    state: String,
    mode: String,
    is_initial_complete: bool,
    last_synced_at: Option<String>,
    read_whole_at: Option<String>,
    total_processed: i64,
    total_remote: Option<i64>,
    total_surplus: i64,
    null_rows: i64,
    cursor: Option<String>,
    next_due_at: Option<String>,
    last_error: Option<String>,
    braked_removals: Option<i64>,
    failures: i64,
    failed_beyond: i64,
    last_added: i64,
    last_removed: i64,
    last_changed: i64,
}

impl TryFrom<SyncStateColumns> for SyncState {
    type Error = crate::store::StoreError;

    fn try_from(row: SyncStateColumns) -> Result<Self> {
        Ok(Self {
            entity: sqlite::word(&row.entity_type)?,
            state: sqlite::word(&row.state)?,
            mode: sqlite::word(&row.mode)?,
            is_initial_complete: row.is_initial_complete,
            last_synced_at: sqlite::maybe_time(row.last_synced_at.as_deref())?,
            read_whole_at: sqlite::maybe_time(row.read_whole_at.as_deref())?,
            total_processed: count(row.total_processed),
            total_remote: row.total_remote.map(count),
            total_surplus: row.total_surplus,
            null_rows: count(row.null_rows),
            cursor: row.cursor,
            next_due_at: sqlite::maybe_time(row.next_due_at.as_deref())?,
            last_error: row.last_error,
            failures: Failures { count: count(row.failures), furthest: count(row.failed_beyond) },
            braked_removals: row.braked_removals.map(count),
            last_added: count(row.last_added),
            last_removed: count(row.last_removed),
            last_changed: count(row.last_changed),
        })
    }
}

pub(in crate::store) async fn read(
    executor: impl SqliteExecutor<'_>,
    account: AccountId,
    entity: Entity,
) -> Result<SyncState> {
    let row: Option<SyncStateColumns> =
        sqlx::query_as(READ).bind(account.0).bind(entity.as_str()).fetch_optional(executor).await?;
    row.map_or_else(|| Ok(SyncState::unread(entity)), TryInto::try_into)
}

/// Runs a statement that writes a row of an entity and returns its columns.
pub(in crate::store) async fn write(
    statement: Query<'_, Sqlite, SqliteArguments>,
    tx: &mut Tx,
    entity: Entity,
) -> Result<SyncState> {
    let row = statement.fetch_optional(&mut **tx).await?;
    let columns = row.map(|row| SyncStateColumns::from_row(&row)).transpose()?;
    columns.map_or_else(|| Ok(SyncState::unread(entity)), TryInto::try_into)
}

/// The same, where nothing else is written.
pub(in crate::store) async fn write_alone(
    store: &Store,
    statement: Query<'_, Sqlite, SqliteArguments>,
    entity: Entity,
) -> Result<SyncState> {
    let mut tx = store.begin().await?;
    let state = write(statement, &mut tx, entity).await?;
    tx.commit().await?;
    Ok(state)
}

/// A statement whose first six parameters identify the row and contain its checkpoint.
fn of_checkpoint<'q>(
    sql: &'static str,
    account: AccountId,
    entity: Entity,
    checkpoint: &'q Checkpoint,
) -> Query<'q, Sqlite, SqliteArguments> {
    sqlx::query(sql)
        .bind(account.0)
        .bind(entity.as_str())
        .bind(checkpoint.mode.as_str())
        .bind(&checkpoint.cursor)
        .bind(checkpoint.processed)
        .bind(checkpoint.remote)
}

/// Begins a reading: state `running`, no staged rows, no changes yet.
pub(in crate::store) async fn begin(
    tx: &mut Tx,
    account: AccountId,
    entity: Entity,
    checkpoint: &Checkpoint,
) -> Result<SyncState> {
    let sql = concat!(
        "insert into sync_state
                   (account_id, entity_type, state, mode, cursor, total_processed, total_remote)
               values (?1, ?2, 'running', ?3, ?4, ?5, ?6)
               on conflict do update set
                   state = 'running', mode = excluded.mode, cursor = excluded.cursor,
                   total_processed = excluded.total_processed,
                   total_remote = coalesce(excluded.total_remote, total_remote),
                   staged = 0, last_added = 0, last_removed = 0, last_changed = 0, counted_run = null",
        " returning ",
        sync_state_columns!()
    );
    let statement = of_checkpoint(sql, account, entity, checkpoint);
    write(statement, tx, entity).await
}

/// Moves the checkpoint past a page of a walk and adds its counts to the entity and its run;
/// returns the number of all staged slots, and the row.
pub(in crate::store) async fn page(
    tx: &mut Tx,
    (account, run): (AccountId, RunId),
    entity: Entity,
    checkpoint: &Checkpoint,
    fresh: u32,
    added: u32,
) -> Result<(u32, SyncState)> {
    // One call, because each call costs as much as a dozen rows.
    let sql = concat!(
        "update sync_runs set added = added + ?8 where id = ?9 and ?8 > 0;
               insert into sync_state
                   (account_id, entity_type, state, mode, cursor, total_processed, total_remote,
                    staged, last_added)
               values (?1, ?2, 'running', ?3, ?4, ?5, ?6, ?7, ?8)
               on conflict do update set
                   state = 'running', mode = excluded.mode, cursor = excluded.cursor,
                   total_processed = excluded.total_processed,
                   total_remote = coalesce(excluded.total_remote, total_remote),
                   staged = staged + excluded.staged, last_added = last_added + excluded.last_added
               returning staged, ",
        sync_state_columns!()
    );
    let row = of_checkpoint(sql, account, entity, checkpoint)
        .bind(fresh)
        .bind(added)
        .bind(run.0)
        .fetch_one(&mut **tx)
        .await?;
    Ok((count(row.try_get("staged")?), SyncStateColumns::from_row(&row)?.try_into()?))
}

/// Moves the checkpoint past a part of an entity that is read in parts: contents, details. The
/// counters cover one run, because such an entity has no other start.
pub(in crate::store) async fn piece(
    tx: &mut Tx,
    (account, run): (AccountId, RunId),
    entity: Entity,
    checkpoint: &Checkpoint,
    delta: Delta,
) -> Result<SyncState> {
    let sql = concat!(
        "insert into sync_state
                   (account_id, entity_type, state, mode, cursor, total_processed, total_remote,
                    last_added, last_removed, last_changed, counted_run)
               values (?1, ?2, 'running', ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
               on conflict do update set
                   state = 'running', mode = excluded.mode, cursor = excluded.cursor,
                   total_processed = excluded.total_processed,
                   total_remote = coalesce(excluded.total_remote, total_remote),
                   last_added = excluded.last_added + iif(counted_run is ?10, last_added, 0),
                   last_removed = excluded.last_removed + iif(counted_run is ?10, last_removed, 0),
                   last_changed = excluded.last_changed + iif(counted_run is ?10, last_changed, 0),
                   counted_run = ?10",
        " returning ",
        sync_state_columns!()
    );
    let statement = of_checkpoint(sql, account, entity, checkpoint)
        .bind(delta.added)
        .bind(delta.removed)
        .bind(delta.changed)
        .bind(run.0);
    write(statement, tx, entity).await
}

const DONE: &str = concat!(
        "insert into sync_state
                   (account_id, entity_type, state, mode, is_initial_complete, baseline_at, last_synced_at,
                    total_processed, total_remote, next_due_at, last_added, last_removed, last_changed,
                    null_rows, read_whole_at, total_surplus)
               values (?1, ?2, 'idle', 'incremental', 1, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, iif(?11, ?3, null),
                       coalesce(?12, 0))
               on conflict do update set
                   state = 'idle', mode = 'incremental', is_initial_complete = 1,
                   baseline_at = coalesce(baseline_at, excluded.baseline_at),
                   last_synced_at = excluded.last_synced_at,
                   read_whole_at = coalesce(excluded.read_whole_at, read_whole_at),
                   total_processed = excluded.total_processed, total_remote = excluded.total_remote,
                   total_surplus = coalesce(?12, total_surplus),
                   cursor = null, next_due_at = excluded.next_due_at, last_error = null,
                   failures = 0, failed_beyond = 0,
                   braked_removals = null, staged = 0, null_rows = excluded.null_rows,
                   last_added = excluded.last_added,
                   last_removed = excluded.last_removed, last_changed = excluded.last_changed",
        " returning ",
        sync_state_columns!()
    );

/// Ends a reading: the entity equals the account.
pub(in crate::store) async fn done(
    tx: &mut Tx,
    account: AccountId,
    entity: Entity,
    done: &EntityDone,
) -> Result<SyncState> {
    let statement = sqlx::query(DONE)
        .bind(account.0)
        .bind(entity.as_str())
        .bind(sqlite::millis(done.at))
        .bind(done.processed)
        .bind(done.remote)
        .bind(done.next_due_at.map(sqlite::millis))
        .bind(done.delta.added)
        .bind(done.delta.removed)
        .bind(done.delta.changed)
        .bind(done.null_rows)
        .bind(done.whole)
        .bind(done.surplus);
    write(statement, tx, entity).await
}

/// Why an entity stops until a person approves.
#[derive(Debug)]
pub(in crate::store) struct BrakedState {
    /// Rows that would be removed.
    pub(in crate::store) gone: u32,
    /// Rows that stay stored.
    pub(in crate::store) held: u32,
    /// The number of rows according to Spotify.
    pub(in crate::store) remote: u32,
    /// When it is due next.
    pub(in crate::store) next_due_at: Option<DateTime<Utc>>,
}

/// Stops an entity until a person approves; the stored rows stay.
pub(in crate::store) async fn braked(
    tx: &mut Tx,
    account: AccountId,
    entity: Entity,
    brake: &BrakedState,
) -> Result<SyncState> {
    let sql = concat!(
        "update sync_state set
                   state = 'braked', cursor = null, staged = 0, braked_removals = ?3,
                   total_processed = ?4, total_remote = ?5, next_due_at = ?6, last_error = null,
                   failures = 0, failed_beyond = 0
               where account_id = ?1 and entity_type = ?2",
        " returning ",
        sync_state_columns!()
    );
    let statement = sqlx::query(sql)
        .bind(account.0)
        .bind(entity.as_str())
        .bind(brake.gone)
        .bind(brake.held)
        .bind(brake.remote)
        .bind(brake.next_due_at.map(sqlite::millis));
    write(statement, tx, entity).await
}

/// Discards a failed reading: no checkpoint, no staged rows.
pub(in crate::store) async fn abandoned(
    tx: &mut Tx,
    account: AccountId,
    entity: Entity,
) -> Result<SyncState> {
    let sql = concat!(
        "update sync_state set cursor = null, staged = 0 where account_id = ?1 and entity_type = ?2",
        " returning ",
        sync_state_columns!()
    );
    let statement = sqlx::query(sql).bind(account.0).bind(entity.as_str());
    write(statement, tx, entity).await
}

impl SyncStateStore<'_> {
    /// One row per entity that has a gauge and one for the plays, in working order.
    pub async fn all(self) -> Result<Vec<SyncState>> {
        let Self { store, account } = self;
        let rows: Vec<SyncStateColumns> =
            sqlx::query_as(READ).bind(account.0).bind(None::<&str>).fetch_all(&store.readers).await?;
        let known = rows.into_iter().map(SyncState::try_from).collect::<Result<Vec<_>>>()?;
        let of = |entity| known.iter().find(|state| state.entity == entity).cloned();
        let all = Entity::GAUGED.into_iter().chain([Entity::Plays]);
        Ok(all.map(|entity| of(entity).unwrap_or_else(|| SyncState::unread(entity))).collect())
    }

    /// The row of one entity; [`SyncState::unread`] if there is none yet.
    pub async fn of(self, entity: Entity) -> Result<SyncState> {
        let Self { store, account } = self;
        read(&store.readers, account, entity).await
    }

    /// Sets state, error, due time and failures of an entity, and nothing else; returns its row.
    pub async fn mark(self, entity: Entity, mark: &EntityMark) -> Result<SyncState> {
        let Self { store, account } = self;
        let sql = concat!(
        "insert into sync_state
                       (account_id, entity_type, state, mode, last_error, next_due_at, failures, failed_beyond)
                   values (?1, ?2, ?3, 'initial', ?4, ?5, coalesce(?6, 0), coalesce(?7, 0))
                   on conflict do update set
                       state = excluded.state, last_error = excluded.last_error,
                       next_due_at = excluded.next_due_at,
                       failures = coalesce(?6, failures), failed_beyond = coalesce(?7, failed_beyond)",
        " returning ",
        sync_state_columns!()
    );
        let statement = sqlx::query(sql)
            .bind(account.0)
            .bind(entity.as_str())
            .bind(mark.state.as_str())
            .bind(&mark.error)
            .bind(mark.next_due_at.map(sqlite::millis))
            .bind(mark.failures.map(|failures| failures.count))
            .bind(mark.failures.map(|failures| failures.furthest));
        write_alone(store, statement, entity).await
    }
}

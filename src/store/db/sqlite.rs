//! The `SQLite` part: connections, error codes, times as text.
//!
//! Owns: the parts that would differ for another database. Must not know: any table.

use std::cell::LazyCell;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use sqlx::error::{BoxDynError, DatabaseError};
use sqlx::query::Query;
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, SqlSafeStr, SqlStr, Sqlite, SqliteConnection, SqlitePool,
    Transaction,
};

use crate::store::{Result, Store, StoreError};

/// How long a statement waits for another process's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes of the write-ahead log that are kept for the next writes after its contents are in the
/// database. It is the size at which that transfer starts.
pub(in crate::store) const LARGEST_LOG: u64 = 4000 * 4096;

/// Connections for reading: one for a long query, and one for the short ones beside it. Each has a
/// thread, a cache and the schema in memory.
const READERS: u32 = 2;

/// A write transaction: nothing of it is stored before `commit`, and dropping it rolls it back.
pub(in crate::store) type Tx = Transaction<'static, Sqlite>;

/// The file that a database URL names.
pub(in crate::store) fn path_of(url: &str) -> Result<PathBuf> {
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"));
    path.filter(|path| !path.is_empty()).map(PathBuf::from).ok_or_else(|| StoreError::Url(url.to_owned()))
}

/// Creates the file and its folder if they are missing, accessible by this user only. `SQLite`
/// gives the files beside it (`-wal`, `-shm`) the mode of the file itself.
pub(in crate::store) fn create(path: &Path) -> Result<()> {
    create_folder(path)?;
    let opened =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
    opened.map(drop).map_err(unwritable(path))
}

/// Creates the folder of a file if it is missing, accessible by this user only.
pub(in crate::store) fn create_folder(path: &Path) -> Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder(path));
    made.map_err(unwritable(path))
}

/// An error of the file system while `path` was being written.
pub(in crate::store) fn unwritable(path: &Path) -> impl Fn(io::Error) -> StoreError {
    let path = path.to_owned();
    move |error| match error.kind() {
        // No space, or no more files (inodes).
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::DiskFull,
        _ => StoreError::Unwritable { path: path.clone(), why: error.to_string() },
    }
}

pub(in crate::store) fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging()
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        // SQLite rolls back a transaction by itself when the disk is full. sqlx still counts it as
        // open and would refuse the next one, so such a connection is not used again.
        .after_release(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
}

/// Ids are random, so a page of rows touches leaves all over the tables. Therefore checkpoints are
/// few and large, and the data for a possible rollback stays out of the file system.
fn writing(path: &Path) -> SqliteConnectOptions {
    options(path)
        .synchronous(SqliteSynchronous::Normal)
        .pragma("wal_autocheckpoint", "4000")
        .pragma("journal_size_limit", LARGEST_LOG.to_string())
        .pragma("temp_store", "memory")
}

/// The only connection that writes.
pub(in crate::store) async fn writer(path: &Path) -> Result<SqlitePool> {
    // A larger cache would leave fragments all over the heap for weeks.
    let options = writing(path).journal_mode(SqliteJournalMode::Wal).pragma("cache_size", "-2000");
    pool(1).connect_with(options).await.map_err(|error| at(path, error))
}

/// A connection that writes hundreds of thousands of rows that refer to others. It does not check
/// each reference, which would take half of the time: its users refer only to existing rows of
/// tables from which nothing is ever deleted. Its cache has room for the indexes that are needed.
/// Its pages go into the database once there are 64 MB of them, because most of them are written
/// more than once before that.
pub(in crate::store) fn bulk_writer(path: &Path) -> SqlitePool {
    let options = writing(path).foreign_keys(false);
    pool(1).connect_lazy_with(options.pragma("cache_size", "-16000").pragma("wal_autocheckpoint", "16000"))
}

/// Returns the space of a grown log to the disk, although other processes have the database open.
/// If a reader still needs the log, the next writer does it.
pub(in crate::store) async fn shrink_log(writer: &SqlitePool, path: &Path) {
    let is_large = beside(path, "-wal").metadata().is_ok_and(|log| log.len() > LARGEST_LOG);
    if is_large && let Err(error) = sqlx::query("pragma wal_checkpoint(truncate)").execute(writer).await {
        tracing::debug!(%error, "the log of the database stays as large as it is");
    }
}

/// Rows that one statement inserts. Bound values take half of the time of values in a JSON text,
/// and one statement per row takes half as much again.
const ROWS_AT_ONCE: usize = 250;

/// A statement that inserts any number of rows.
pub(in crate::store) struct Insert {
    /// The table and its columns.
    pub(in crate::store) into: &'static str,
    /// The placeholders of one row, in brackets. Numbered ones would be looked up by their names,
    /// which takes six times as long as everything else.
    pub(in crate::store) row: &'static str,
}

impl Insert {
    fn sql(&self, rows: usize) -> SqlStr {
        let Self { into, row } = self;
        let values = vec![*row; rows].join(",");
        // Every part is a constant of this program.
        let sql = format!("insert into {into} values {values}");
        AssertSqlSafe(Arc::<str>::from(sql)).into_sql_str()
    }

    /// Inserts the rows; `bind` binds the values of one row. While the database works on some rows,
    /// the next ones are bound.
    pub(in crate::store) async fn run<T>(
        &self,
        tx: &mut Tx,
        rows: &[T],
        mut bind: impl FnMut(&mut SqliteArguments, &T) -> std::result::Result<(), BoxDynError>,
    ) -> Result<()> {
        let mut bound = rows.chunks(ROWS_AT_ONCE).map(|some| {
            let mut values = SqliteArguments::default();
            let bound = some.iter().try_for_each(|row| bind(&mut values, row));
            (some.len(), bound.map(|()| values).map_err(sqlx::Error::Encode))
        });
        // A few rows do not need it.
        let full = LazyCell::new(|| self.sql(ROWS_AT_ONCE));
        let mut next = bound.next();
        while let Some((count, values)) = next {
            let is_full = count == ROWS_AT_ONCE;
            let statement = if is_full { (*full).clone() } else { self.sql(count) };
            // A statement for a rare number of rows is not worth caching.
            let inserted = sqlx::query_with(statement, values?).persistent(is_full).execute(&mut **tx);
            let (inserted, after) = tokio::join!(inserted, async { bound.next() });
            inserted?;
            next = after;
        }
        Ok(())
    }
}

/// The connections that read; created when they are first used.
pub(in crate::store) fn readers(path: &Path) -> SqlitePool {
    pool(READERS).connect_lazy_with(reading(path))
}

/// One connection that reads.
pub(in crate::store) async fn connect_to_read(path: &Path) -> Result<SqliteConnection> {
    SqliteConnection::connect_with(&reading(path)).await.map_err(|error| at(path, error))
}

/// A reader shares the log of the writers, for which `SQLite` creates files beside the database. If
/// none can be created and there is no log, no process writes, and the file is read as it is;
/// <https://www.sqlite.org/wal.html#readonly>.
fn reading(path: &Path) -> SqliteConnectOptions {
    let log = beside(path, "-wal");
    let has_log = match log.metadata() {
        Ok(found) => found.len() > 0 || !is_on_read_only_disk(path),
        Err(_) => false,
    };
    let is_closed = !has_log && rustix::fs::access(folder(path), rustix::fs::Access::WRITE_OK).is_err();
    options(path).read_only(true).immutable(is_closed)
}

fn is_on_read_only_disk(path: &Path) -> bool {
    let written = rustix::fs::access(folder(path), rustix::fs::Access::WRITE_OK);
    written.is_err_and(|error| error == rustix::io::Errno::ROFS)
}

/// Device and inode of the file that a path leads to.
pub(in crate::store) fn identity(path: &Path) -> Option<(u64, u64)> {
    std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

/// The folder of a file.
pub(in crate::store) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// The file beside another one, with its name and a suffix.
pub(in crate::store) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

impl Store {
    /// The connection that writes. Statements go through [`Self::execute`] or a transaction.
    pub(in crate::store) fn writer(&self) -> Result<&SqlitePool> {
        self.writer.as_ref().ok_or(StoreError::ReadOnly)
    }

    /// Runs one statement that is its own transaction and returns no rows. A statement that returns rows needs a
    /// transaction: `SQLite` hands out its rows before it commits, and whoever takes the first row and stops never
    /// learns that the commit failed.
    pub(in crate::store) async fn execute(
        &self,
        statement: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<()> {
        statement.execute(self.writer()?).await?;
        Ok(())
    }

    /// Begins a write transaction. It takes the lock at once, so the transaction cannot be refused
    /// half way.
    pub(in crate::store) async fn begin(&self) -> Result<Tx> {
        Ok(self.writer()?.begin_with("BEGIN IMMEDIATE").await?)
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error().and_then(primary_code) {
            Some(5 | 6) => Self::Busy,                              // SQLITE_BUSY, SQLITE_LOCKED
            Some(9) => Self::MigrationStopped,                      // SQLITE_INTERRUPT
            Some(10) => Self::DiskFailed(database_words(&error)),   // SQLITE_IOERR
            Some(13) => Self::DiskFull,                             // SQLITE_FULL
            Some(11 | 26) => Self::Damaged(database_words(&error)), // SQLITE_CORRUPT, SQLITE_NOTADB
            _ if matches!(error, sqlx::Error::PoolTimedOut) => Self::Busy,
            // A value that does not fit its column, for example invalid UTF-8.
            _ if matches!(error, sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)) => {
                Self::Damaged(error.to_string())
            }
            _ => Self::Sql(error),
        }
    }
}

/// An error while opening `path`. A file that is no database, and a folder that is not writable,
/// are likelier than damage.
pub(in crate::store) fn at(path: &Path, error: sqlx::Error) -> StoreError {
    match error.as_database_error().and_then(primary_code) {
        Some(26) => StoreError::NotADatabase { path: path.to_owned() },
        // SQLITE_READONLY, SQLITE_CANTOPEN
        Some(8 | 14) if is_on_read_only_disk(path) => StoreError::UnreadableLog { path: path.to_owned() },
        // SQLITE_PERM, SQLITE_READONLY, SQLITE_CANTOPEN
        Some(3 | 8 | 14) => StoreError::Unwritable { path: path.to_owned(), why: database_words(&error) },
        _ => error.into(),
    }
}

/// The primary result code; <https://www.sqlite.org/rescode.html>.
fn primary_code(error: &dyn DatabaseError) -> Option<i32> {
    let extended: i32 = error.code()?.parse().ok()?;
    Some(extended & 0xff)
}

fn database_words(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(String::new, |error| error.message().to_owned())
}

/// A time in seconds, as `added_at` is shown.
pub(in crate::store) fn seconds(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A time in milliseconds, as every other time is shown.
pub(in crate::store) fn millis(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A time from its milliseconds since 1970; values out of range become the first or the last
/// possible time.
pub(in crate::store) fn at_millis(millis: i64) -> DateTime<Utc> {
    let farthest = if millis < 0 { DateTime::UNIX_EPOCH } else { DateTime::<Utc>::MAX_UTC };
    DateTime::from_timestamp_millis(millis).unwrap_or(farthest)
}

/// A time as the database stores it.
pub(in crate::store) fn time(text: &str) -> Result<DateTime<Utc>> {
    let at = DateTime::parse_from_rfc3339(text).map(|at| at.to_utc());
    at.map_err(|_| StoreError::Damaged(format!("`{text}` is not a time")))
}

/// The same in milliseconds since 1970.
pub(in crate::store) fn time_millis(text: &str) -> Result<i64> {
    Ok(time(text)?.timestamp_millis())
}

/// A time that may be missing.
pub(in crate::store) fn maybe_time(text: Option<&str>) -> Result<Option<DateTime<Utc>>> {
    text.map(time).transpose()
}

/// A word of one of the domain's enums.
pub(in crate::store) fn word<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T> {
    text.parse().map_err(|error: T::Err| StoreError::Damaged(error.to_string()))
}

/// A count, which the database stores as a signed number; values out of range become the maximum.
pub(in crate::store) fn count(number: i64) -> u32 {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX)
}

/// JSON from the database.
pub(in crate::store) fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| StoreError::Damaged(error.to_string()))
}

/// The number of elements.
pub(in crate::store) fn len<T>(things: &[T]) -> u32 {
    u32::try_from(things.len()).unwrap_or(u32::MAX)
}

/// Rows as one parameter, which one statement splits again with `jsonb_each(?1)`. The bundled
/// `SQLite` has it; `json_each` would write each row out as text once for every column.
pub(in crate::store) fn rows<T: serde::Serialize>(rows: &T) -> Result<String> {
    serde_json::to_string(rows).map_err(|error| StoreError::Damaged(error.to_string()))
}

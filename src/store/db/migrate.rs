//! The schema of a file, and the copy that is made before it changes.
//!
//! Owns: which schema this program needs and how a file gets it. Must not know: the purpose of the
//! tables.
//!
//! All migrations that a file lacks run in one transaction: a kill, an error or a signal at any
//! moment leaves the database unchanged.

mod copy;
mod watch;

use std::path::Path;

use sqlx::migrate::{Migrate, MigrateError, Migration, Migrator};
use sqlx::{Connection, SqliteConnection, SqlitePool};

use super::lock::{DatabaseLock, LockPurpose};
use super::{backup, sqlite};
use crate::store::{Result, StoreError};

pub use watch::{MigrationStep, MigrationWatch};

static MIGRATOR: Migrator = sqlx::migrate!("migrations/sqlite");
/// Where applied migrations are listed.
const APPLIED: &str = "_sqlx_migrations";

/// `pragma application_id` of our files: `PHON`.
const APPLICATION_ID: i64 = 0x5048_4f4e;

/// The schema of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Schema {
    /// No tables at all.
    None,
    /// Made by phonolog, up to and including this migration.
    Version(i64),
    /// Not made by phonolog.
    Foreign,
}

/// Upgrades the file to the schema that this program needs, and keeps a copy of the old file.
pub(in crate::store) async fn bring_up_to_date(
    writer: &SqlitePool,
    path: &Path,
    watch: &MigrationWatch,
) -> Result<()> {
    migrate(&MIGRATOR, writer, path, watch).await
}

/// Whether the file at `path` is missing, empty, of an older schema or about to be replaced by a
/// restore. An unreadable file needs no migration; the error comes when it is opened.
pub(in crate::store) async fn is_needed(path: &Path) -> bool {
    if !path.exists() || backup::is_restore_unfinished(path) {
        return true;
    }
    let Ok(mut connection) = sqlite::connect_to_read(path).await else { return false };
    let found = schema_of(&mut connection, path).await;
    // This connection wrote nothing.
    let _ = connection.close().await;
    match found {
        Ok(Schema::None) => true,
        Ok(Schema::Version(version)) => version < newest(&MIGRATOR),
        Ok(Schema::Foreign) | Err(_) => false,
    }
}

/// Refuses a file that this program cannot read.
pub(in crate::store) async fn check(readers: &SqlitePool, path: &Path) -> Result<()> {
    let path = path.to_owned();
    match schema(readers, &path).await? {
        Schema::Version(version) if version > newest(&MIGRATOR) => Err(StoreError::NewerDatabase { path }),
        Schema::Version(version) if version == newest(&MIGRATOR) => Ok(()),
        Schema::Version(_) | Schema::None if is_under_way(&path) => {
            Err(StoreError::MigrationUnderWay { path })
        }
        Schema::Version(_) => Err(StoreError::OlderDatabase { path }),
        Schema::None => Err(StoreError::EmptyDatabase { path }),
        Schema::Foreign => Err(StoreError::NotADatabase { path }),
    }
}

fn is_under_way(path: &Path) -> bool {
    DatabaseLock::holder(path).is_some_and(|holder| holder.purpose == Some(LockPurpose::Migration))
}

async fn migrate(
    migrator: &Migrator,
    writer: &SqlitePool,
    path: &Path,
    watch: &MigrationWatch,
) -> Result<()> {
    match schema(writer, path).await? {
        Schema::Foreign => return Err(StoreError::NotADatabase { path: path.to_owned() }),
        Schema::Version(version) if version > newest(migrator) => {
            return Err(StoreError::NewerDatabase { path: path.to_owned() });
        }
        Schema::Version(version) if version == newest(migrator) => return Ok(()),
        Schema::Version(version) => {
            copy::check_room(path, version)?;
            watch.report(MigrationStep::Copying);
            copy::keep(path, version, watch).await?;
            apply(migrator, writer, watch).await?;
            // Until now the data of the transaction is stored twice.
            sqlx::query("pragma wal_checkpoint(truncate)").execute(writer).await?;
            if let Err(error) = compact(writer, watch).await {
                tracing::info!(%error, "the upgraded database keeps the space of dropped tables for new data");
            }
            watch.report(MigrationStep::Done);
        }
        // No caller waits for this.
        Schema::None => apply(migrator, writer, &watch.silent()).await?,
    }
    Ok(())
}

/// A file is compacted if at least one of so many pages is free.
const ONE_FREE_OF: i64 = 4;

/// Returns the space of dropped tables to the disk, if it is a large part of the file. The database
/// is complete without it.
async fn compact(writer: &SqlitePool, watch: &MigrationWatch) -> Result<()> {
    let mut connection = writer.acquire().await?;
    let sql = "select (select freelist_count from pragma_freelist_count),
                      (select page_count from pragma_page_count)";
    let (free, pages): (i64, i64) = sqlx::query_as(sql).fetch_one(&mut *connection).await?;
    if free.saturating_mul(ONE_FREE_OF) < pages {
        return Ok(());
    }
    watch.report(MigrationStep::Compacting);
    watch.let_stop(&mut connection).await?;
    let compacted = sqlx::query("vacuum").execute(&mut *connection).await;
    watch.let_go(&mut connection).await?;
    compacted?;
    sqlx::query("pragma wal_checkpoint(truncate)").execute(&mut *connection).await?;
    Ok(())
}

/// Applies the missing migrations in one transaction.
async fn apply(migrator: &Migrator, writer: &SqlitePool, watch: &MigrationWatch) -> Result<()> {
    let mut connection = writer.acquire().await?;
    watch.let_stop(&mut connection).await?;
    let applied = apply_on(migrator, &mut connection, watch).await;
    if applied.is_ok() {
        watch.let_go(&mut connection).await?;
    } else {
        // A migration may have changed settings of the connection.
        connection.close().await?;
    }
    applied
}

async fn apply_on(
    migrator: &Migrator,
    connection: &mut SqliteConnection,
    watch: &MigrationWatch,
) -> Result<()> {
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
    tx.ensure_migrations_table(APPLIED).await.map_err(named)?;
    let applied = tx.list_applied_migrations(APPLIED).await.map_err(named)?;
    let is_applied = |migration: &&Migration| applied.iter().any(|old| old.version == migration.version);
    let missing: Vec<_> = migrator.iter().filter(|migration| !is_applied(migration)).collect();
    for (done, migration) in missing.iter().enumerate() {
        if watch.is_stopped() {
            return Err(StoreError::MigrationStopped);
        }
        watch.report(MigrationStep::Applying { done, total: missing.len() });
        tx.apply(APPLIED, migration).await.map_err(named)?;
    }
    Ok(tx.commit().await?)
}

fn named(error: MigrateError) -> StoreError {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            match StoreError::from(error) {
                StoreError::Sql(error) => StoreError::Migration(MigrateError::Execute(error)),
                named => named,
            }
        }
        error => StoreError::Migration(error),
    }
}

/// Applies to `model` the migrations that the other database has and that this program knows.
pub(in crate::store) async fn repeat(of: &mut SqliteConnection, model: &mut SqliteConnection) -> Result<()> {
    let applied = of.list_applied_migrations(APPLIED).await.map_err(named)?;
    model.ensure_migrations_table(APPLIED).await.map_err(named)?;
    let mut tx = model.begin().await?;
    for migration in MIGRATOR.iter() {
        if applied.iter().any(|old| old.version == migration.version) {
            tx.apply(APPLIED, migration).await.map_err(named)?;
        }
    }
    Ok(tx.commit().await?)
}

fn newest(migrator: &Migrator) -> i64 {
    migrator.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// Refuses a file that is no phonolog database, or that a newer version made. An older one is
/// upgraded when it is next opened. Returns the last migration of the file.
pub(in crate::store) async fn check_usable(connection: &mut SqliteConnection, path: &Path) -> Result<i64> {
    let path = path.to_owned();
    match schema_of(connection, &path).await? {
        Schema::Version(version) if version > newest(&MIGRATOR) => Err(StoreError::NewerDatabase { path }),
        Schema::Version(version) => Ok(version),
        Schema::None => Err(StoreError::EmptyDatabase { path }),
        Schema::Foreign => Err(StoreError::NotADatabase { path }),
    }
}

async fn schema(pool: &SqlitePool, path: &Path) -> Result<Schema> {
    let mut connection = pool.acquire().await.map_err(|error| sqlite::at(path, error))?;
    schema_of(&mut connection, path).await
}

async fn schema_of(connection: &mut SqliteConnection, path: &Path) -> Result<Schema> {
    let sql = "select (select count(*) from sqlite_schema where name not like 'sqlite\\_%' escape '\\'),
                      (select application_id from pragma_application_id),
                      exists(select 1 from sqlite_schema where name = '_sqlx_migrations')";
    let (tables, application, migrated): (i64, i64, bool) =
        sqlx::query_as(sql).fetch_one(&mut *connection).await.map_err(|error| sqlite::at(path, error))?;
    match (tables, application, migrated) {
        (0, _, _) => return Ok(Schema::None),
        (_, APPLICATION_ID, true) => {}
        // In an older version, a failed first migration left only the list of migrations behind.
        (1, 0, true) => return Ok(Schema::None),
        _ => return Ok(Schema::Foreign),
    }
    let version: Option<i64> =
        sqlx::query_scalar("select max(version) from _sqlx_migrations").fetch_one(connection).await?;
    Ok(Schema::Version(version.unwrap_or(0)))
}

/// Every migration, so that a test can stop before the last one.
#[cfg(test)]
pub(in crate::store) fn all() -> &'static Migrator {
    &MIGRATOR
}

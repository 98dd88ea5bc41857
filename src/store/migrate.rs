//! The schema of a file, and the copy before it changes.
//!
//! Owns: which schema this program needs and how a file gets it. Must not know: what the tables are for.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{SqliteConnection, SqlitePool};

use super::{Result, StoreError, sqlite};

static MIGRATOR: Migrator = sqlx::migrate!("migrations/sqlite");

/// `pragma application_id` of our files: `PHON`.
const APPLICATION_ID: i64 = 0x5048_4f4e;

/// What the schema of a file is.
#[derive(Debug, PartialEq, Eq)]
enum Schema {
    /// No tables at all.
    None,
    /// Made by phonolog, up to and including this migration.
    Version(i64),
    /// Somebody else's.
    Foreign,
}

/// Gives the file the schema that this program needs, keeping a copy of what was there before.
pub(super) async fn bring_up_to_date(writer: &SqlitePool, path: &Path) -> Result<()> {
    migrate(&MIGRATOR, writer, path).await
}

/// Refuses a file that this program cannot read.
pub(super) async fn check(readers: &SqlitePool, path: &Path) -> Result<()> {
    let path = path.to_owned();
    match schema(readers, &path).await? {
        Schema::Version(version) if version > newest(&MIGRATOR) => Err(StoreError::NewerDatabase { path }),
        Schema::Version(version) if version == newest(&MIGRATOR) => Ok(()),
        Schema::Version(_) => Err(StoreError::OlderDatabase { path }),
        Schema::None | Schema::Foreign => Err(StoreError::NotADatabase { path }),
    }
}

async fn migrate(migrator: &Migrator, writer: &SqlitePool, path: &Path) -> Result<()> {
    match schema(writer, path).await? {
        Schema::Foreign => {
            return Err(StoreError::NotADatabase { path: path.to_owned() });
        }
        Schema::Version(version) if version > newest(migrator) => {
            return Err(StoreError::NewerDatabase { path: path.to_owned() });
        }
        Schema::Version(version) if version == newest(migrator) => return Ok(()),
        Schema::Version(_) => keep_copy(writer, path, newest(migrator)).await?,
        Schema::None => {}
    }
    migrator.run(writer).await.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            match StoreError::from(error) {
                StoreError::Sql(error) => StoreError::Migration(MigrateError::Execute(error)),
                named => named,
            }
        }
        error => StoreError::Migration(error),
    })
}

fn newest(migrator: &Migrator) -> i64 {
    migrator.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// Refuses a file that is no database of phonolog's, or a newer one's; an older one is brought up to date
/// when it is next opened.
pub(super) async fn check_usable(connection: &mut SqliteConnection, path: &Path) -> Result<()> {
    let path = path.to_owned();
    match schema_of(connection, &path).await? {
        Schema::Version(version) if version > newest(&MIGRATOR) => Err(StoreError::NewerDatabase { path }),
        Schema::Version(_) => Ok(()),
        Schema::None | Schema::Foreign => Err(StoreError::NotADatabase { path }),
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
        // A first migration that failed leaves the list of migrations alone behind.
        (1, 0, true) => return Ok(Schema::None),
        _ => return Ok(Schema::Foreign),
    }
    let version: Option<i64> =
        sqlx::query_scalar("select max(version) from _sqlx_migrations").fetch_one(connection).await?;
    Ok(Schema::Version(version.unwrap_or(0)))
}

/// Keeps the database as it is beside itself, for this user alone, whole or not at all.
async fn keep_copy(writer: &SqlitePool, path: &Path, version: i64) -> Result<()> {
    let copy = beside(path, &format!(".before-{version}"));
    let part = beside(path, &format!(".before-{version}.part"));
    let unwritable = |error: io::Error| StoreError::Unwritable { path: copy.clone(), why: error.to_string() };
    // VACUUM INTO takes an empty file that is there, with the mode it has.
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part).map_err(unwritable)?;
    sqlx::query("vacuum into ?1")
        .bind(part.to_string_lossy().into_owned())
        .execute(writer)
        .await
        .map_err(|error| sqlite::at(&copy, error))?;
    std::fs::rename(&part, &copy).map_err(unwritable)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// Every migration, so that a test can stop before the last.
#[cfg(test)]
pub(super) fn all() -> &'static Migrator {
    &MIGRATOR
}

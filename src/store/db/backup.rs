//! Copies of the whole database: made while other processes write, and verified before they are
//! used.
//!
//! Owns: how a copy is made, what makes it valid, and how it replaces the database. Must not know:
//! why a copy is made.

mod leftovers;
mod restore;
mod tables;

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sqlx::{Connection, SqliteConnection, SqliteExecutor};

use super::sqlite::{beside, unwritable};
use super::{migrate, sqlite};
use crate::store::{MigrationWatch, Result, Store, StoreError};

pub use leftovers::{leftover_files, remove_leftovers, trial_prefix};
pub use restore::swap_in;
pub(super) use restore::{finish_restore, is_restore_unfinished};

/// The result of examining a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// What is wrong, one sentence each; empty if nothing is.
    pub faults: Vec<String>,
}

/// The most faults that are reported; more would add nothing.
const FAULTS: usize = 5;

impl Store {
    /// Examines every page, index, reference and table of the database. It reads the whole file.
    pub async fn examine(&self) -> Result<Health> {
        let mut connection = self.readers.acquire().await?;
        examine(&mut connection).await
    }

    /// Writes a copy of the current database to `target`, readable by this user only, and verifies
    /// it. Writers do not wait for it. An existing file is replaced once the copy is verified.
    pub async fn back_up(&self, target: &Path) -> Result<()> {
        copy(&self.path, target).await
    }

    /// Writes the contents of the open database to a new file beside it, although its own file was
    /// deleted or replaced.
    pub async fn rescue(&self, stamp: &str) -> Result<PathBuf> {
        let target = beside(&self.path, &format!(".before-replaced-{stamp}"));
        let part = leftovers::part_of(&target);
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part).map_err(unwritable(&part))?;
        let copied = vacuum_into(self.writer()?, &part).await.and_then(|()| {
            let placed = File::open(&part).and_then(|file| file.sync_all());
            placed.and_then(|()| std::fs::rename(&part, &target)).map_err(unwritable(&target))
        });
        if copied.is_err() {
            let _ = std::fs::remove_file(&part);
        }
        copied.map(|()| target)
    }
}

async fn vacuum_into(connection: impl SqliteExecutor<'_>, part: &Path) -> Result<()> {
    let target = part.to_string_lossy().into_owned();
    let copied = sqlx::query("vacuum into ?1").bind(target).execute(connection).await;
    copied.map(drop).map_err(|error| sqlite::at(part, error))
}

async fn examine(connection: &mut SqliteConnection) -> Result<Health> {
    let told: Vec<String> =
        sqlx::query_scalar("pragma integrity_check(5)").fetch_all(&mut *connection).await?;
    let mut faults: Vec<String> = told.into_iter().filter(|line| line != "ok").collect();
    let astray: Vec<(String, Option<String>)> =
        sqlx::query_as("select \"table\", parent from pragma_foreign_key_check limit 5")
            .fetch_all(&mut *connection)
            .await?;
    let words = |(table, parent): (String, Option<String>)| {
        format!("a row of {table} names one of {} that is not there", parent.unwrap_or_default())
    };
    faults.extend(astray.into_iter().map(words));
    faults.extend(tables::missing(connection).await?);
    faults.truncate(FAULTS);
    Ok(Health { faults })
}

/// Copies the database at `source`, which may have an older schema, to `target`. The result is a
/// complete and verified copy, or none.
pub async fn copy(source: &Path, target: &Path) -> Result<()> {
    copy_watched(source, target, &MigrationWatch::default()).await
}

/// The same; stops soon after `watch` requests it.
pub(in crate::store) async fn copy_watched(
    source: &Path,
    target: &Path,
    watch: &MigrationWatch,
) -> Result<()> {
    let part = leftovers::part_of(target);
    let copied = copy_to(source, &part, watch).await;
    if copied.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    copied?;
    std::fs::rename(&part, target).and_then(|()| sync_folder(target)).map_err(unwritable(target))
}

async fn copy_to(source: &Path, part: &Path, watch: &MigrationWatch) -> Result<()> {
    // VACUUM INTO accepts an existing empty file and keeps its mode. A file that an interrupted
    // copy left behind is no copy.
    let _ = std::fs::remove_file(part);
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(part).map_err(unwritable(part))?;
    let mut from = open(source).await?;
    migrate::check_usable(&mut from, source).await?;
    watch.let_stop(&mut from).await?;
    vacuum_into(&mut from, part).await?;
    from.close().await?;
    verify(part, watch).await?;
    File::open(part).and_then(|file| file.sync_all()).map_err(unwritable(part))
}

/// Whether the file is a valid phonolog database that this version can use.
async fn verify(path: &Path, watch: &MigrationWatch) -> Result<()> {
    let mut connection = open(path).await?;
    migrate::check_usable(&mut connection, path).await?;
    watch.let_stop(&mut connection).await?;
    let health = examine(&mut connection).await?;
    connection.close().await?;
    match health.faults.into_iter().next() {
        None => Ok(()),
        Some(fault) => Err(StoreError::Damaged(fault)),
    }
}

async fn open(path: &Path) -> Result<SqliteConnection> {
    if !path.is_file() {
        return Err(StoreError::NotADatabase { path: path.to_owned() });
    }
    sqlite::connect_to_read(path).await
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(sqlite::folder(path))?.sync_all()
}

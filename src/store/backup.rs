//! Copies of the whole database: made while others write, verified before they are believed, put in place
//! so that a kill leaves the old one or the new one.
//!
//! Owns: how a copy is made and what makes it a good one. Must not know: who wants it.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sqlx::{Connection, SqliteConnection};

use super::{Result, Store, StoreError, migrate, sqlite};

/// What an examination of a database found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// What is wrong, a sentence each; empty where nothing is.
    pub faults: Vec<String>,
}

/// Faults that are told; more of them mean the same.
const FAULTS: usize = 5;

impl Store {
    /// Examines every page, index and reference of the database. Reads all of it.
    pub async fn examine(&self) -> Result<Health> {
        let mut connection = self.readers.acquire().await?;
        examine(&mut connection).await
    }

    /// Writes a copy of the database as it is at this moment to `target`, for this user alone, and
    /// verifies it. Writers are not kept waiting. A file that is there is replaced, once the copy is good.
    pub async fn back_up(&self, target: &Path) -> Result<()> {
        copy(&self.path, target).await
    }
}

async fn examine(connection: &mut SqliteConnection) -> Result<Health> {
    let told: Vec<String> =
        sqlx::query_scalar("pragma integrity_check(5)").fetch_all(&mut *connection).await?;
    let mut faults: Vec<String> = told.into_iter().filter(|line| line != "ok").collect();
    let astray: Vec<(String, Option<String>)> =
        sqlx::query_as("select \"table\", parent from pragma_foreign_key_check limit 5")
            .fetch_all(connection)
            .await?;
    let words = |(table, parent): (String, Option<String>)| {
        format!("a row of {table} names one of {} that is not there", parent.unwrap_or_default())
    };
    faults.extend(astray.into_iter().map(words));
    faults.truncate(FAULTS);
    Ok(Health { faults })
}

/// Copies the database at `source`, which may be of an older schema, to `target`, whole and verified or not at
/// all.
pub async fn copy(source: &Path, target: &Path) -> Result<()> {
    let part = beside(target, ".part");
    let copied = copy_to(source, &part).await;
    if copied.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    copied?;
    std::fs::rename(&part, target).and_then(|()| sync_folder(target)).map_err(unwritable(target))
}

async fn copy_to(source: &Path, part: &Path) -> Result<()> {
    // VACUUM INTO takes an empty file that is there, with the mode it has. What a kill left is no copy.
    let _ = std::fs::remove_file(part);
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(part).map_err(unwritable(part))?;
    let mut from = open(source).await?;
    migrate::check_usable(&mut from, source).await?;
    sqlx::query("vacuum into ?1")
        .bind(part.to_string_lossy().into_owned())
        .execute(&mut from)
        .await
        .map_err(|error| sqlite::at(part, error))?;
    from.close().await?;
    verify(part).await?;
    File::open(part).and_then(|file| file.sync_all()).map_err(unwritable(part))
}

/// Whether the file is a database of phonolog's that this one can use, without a fault.
async fn verify(path: &Path) -> Result<()> {
    let mut connection = open(path).await?;
    migrate::check_usable(&mut connection, path).await?;
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
    let options = sqlite::options(path).read_only(true);
    SqliteConnection::connect_with(&options).await.map_err(|error| sqlite::at(path, error))
}

/// Puts a verified copy of `source` in the place of the database at `database`, whose lock the caller
/// holds. Gives where the old one is kept, if there was one.
pub async fn swap_in(source: &Path, database: &Path, stamp: &str) -> Result<Option<PathBuf>> {
    let next = beside(database, ".restoring");
    copy(source, &next).await?;
    let kept = set_aside(database, stamp).await;
    if kept.is_err() {
        let _ = std::fs::remove_file(&next);
    }
    let kept = kept?;
    std::fs::rename(&next, database).and_then(|()| sync_folder(database)).map_err(unwritable(database))?;
    Ok(kept)
}

/// Keeps the old database under another name, too, and sees to it that no log of its is taken for the new
/// one's.
async fn set_aside(database: &Path, stamp: &str) -> Result<Option<PathBuf>> {
    let kept = beside(database, &format!(".before-restore-{stamp}"));
    if !database.exists() {
        return Ok(None);
    }
    let log = beside(database, "-wal");
    if empty_log(database).await.is_ok() && log.metadata().map_or(0, |log| log.len()) == 0 {
        std::fs::hard_link(database, &kept).map_err(unwritable(&kept))?;
        remove(&log)?;
        remove(&beside(database, "-shm"))?;
    } else {
        // Damaged, or not a database: it goes with all that belongs to it.
        std::fs::rename(database, &kept).map_err(unwritable(&kept))?;
        for suffix in ["-wal", "-shm"] {
            match std::fs::rename(beside(database, suffix), beside(&kept, suffix)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(unwritable(&kept)(error)),
                _ => {}
            }
        }
    }
    Ok(Some(kept))
}

/// Brings what stands in the write-ahead log into the file itself.
async fn empty_log(database: &Path) -> Result<()> {
    let mut connection = SqliteConnection::connect_with(&sqlite::options(database)).await?;
    let done = sqlx::query("pragma wal_checkpoint(truncate)").execute(&mut connection).await;
    connection.close().await?;
    Ok(done.map(drop)?)
}

fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(unwritable(path)(error)),
        _ => Ok(()),
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn unwritable(path: &Path) -> impl Fn(io::Error) -> StoreError {
    let path = path.to_owned();
    move |error| StoreError::Unwritable { path: path.clone(), why: error.to_string() }
}

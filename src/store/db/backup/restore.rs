//! A backup replaces the database. A kill at any moment leaves either the old database or the new
//! one.
//!
//! | step | files | after a kill |
//! |---|---|---|
//! | 1 | the backup is copied to `.restoring` and verified | the old database; the copy is a leftover |
//! | 2 | the old database and its log are linked to `.before-restore-TIME` | the same |
//! | 3 | `.restoring` is renamed to `.restored` | the next start continues here |
//! | 4 | log and index of the old database are removed | the same |
//! | 5 | `.restored` is renamed to the database | the new database |

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use sqlx::{Connection, SqliteConnection};

use super::leftovers::part_of;
use super::{Result, StoreError, beside, copy, sqlite, sync_folder, unwritable};

/// Replaces the database at `database`, whose lock the caller holds, with a verified copy of
/// `source`. Returns where the old one is kept, if there was one.
pub async fn swap_in(source: &Path, database: &Path, stamp: &str) -> Result<Option<PathBuf>> {
    // If the path is a link, the file itself is replaced.
    let database = &std::fs::canonicalize(database).unwrap_or_else(|_| database.to_owned());
    finish_restore(database)?;
    let next = beside(database, ".restoring");
    copy(source, &next).await.map_err(|error| match error {
        StoreError::Damaged(fault) => StoreError::DamagedBackup { path: source.to_owned(), fault },
        error => error,
    })?;
    let kept = keep_old(database, stamp).await;
    if kept.is_err() {
        let _ = std::fs::remove_file(&next);
    }
    let kept = kept?;
    std::fs::rename(&next, restored(database))
        .and_then(|()| sync_folder(database))
        .map_err(unwritable(database))?;
    finish_restore(database)?;
    Ok(kept)
}

/// Where the backup is stored until it replaces the database.
fn restored(database: &Path) -> PathBuf {
    beside(database, ".restored")
}

/// Whether a restore was interrupted, so that [`finish_restore`] must finish it.
pub fn is_restore_unfinished(database: &Path) -> bool {
    restored(database).exists()
}

/// Does the last steps of an interrupted restore; does nothing if there is none. The caller keeps
/// all other processes out.
pub fn finish_restore(database: &Path) -> Result<()> {
    let restored = restored(database);
    if !restored.exists() {
        return Ok(());
    }
    // The log of the old database must not be used for the new one.
    remove(&beside(database, "-wal"))?;
    remove(&beside(database, "-shm"))?;
    std::fs::rename(&restored, database).and_then(|()| sync_folder(database)).map_err(unwritable(database))
}

/// Keeps the old database under another name, together with its log if that cannot be emptied.
async fn keep_old(database: &Path, stamp: &str) -> Result<Option<PathBuf>> {
    let kept = beside(database, &format!(".before-restore-{stamp}"));
    if !database.exists() {
        return Ok(None);
    }
    // A damaged file, or one that is no database, is kept as it is.
    let _ = empty_log(database).await;
    link(database, &kept)?;
    let log = beside(database, "-wal");
    if log.metadata().is_ok_and(|log| log.len() > 0) {
        link(&log, &beside(&kept, "-wal"))?;
    }
    sync_folder(&kept).map_err(unwritable(&kept))?;
    Ok(Some(kept))
}

/// A second name for a file; a copy on file systems without links.
fn link(file: &Path, other: &Path) -> Result<()> {
    match std::fs::hard_link(file, other) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(unwritable(other)(error)),
        Err(_) => {
            let part = part_of(other);
            std::fs::copy(file, &part)
                .and_then(|_| std::fs::File::open(&part)?.sync_all())
                .and_then(|()| std::fs::rename(&part, other))
                .map_err(unwritable(other))
        }
    }
}

/// Moves the contents of the write-ahead log into the file itself.
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

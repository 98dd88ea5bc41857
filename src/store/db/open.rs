//! The only way to open the database for writing. The process locks it for a purpose, and locks it
//! exclusively while the file is created, restored or upgraded.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::lock::{DatabaseLock, LockError, LockHolder, LockPurpose};
use super::migrate::{MigrationStep, MigrationWatch};
use super::{backup, migrate, sqlite};
use crate::store::{Access, Result, Store, StoreError};

/// How long to wait for the migration of another process.
const MIGRATION_LASTS: Duration = Duration::from_mins(2);
/// How long to wait for a process that has just started and will migrate, or that will soon end.
const START_LASTS: Duration = Duration::from_secs(2);
/// After this wait the reason is reported.
const TELL_AFTER: Duration = Duration::from_secs(1);
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(50);

/// Why an attempt was refused, and until when another one is worthwhile.
struct OpenRefused {
    error: StoreError,
    patience: Duration,
}

impl OpenRefused {
    fn forever(error: StoreError) -> Self {
        Self { error, patience: Duration::ZERO }
    }
}

impl Store {
    /// Opens the database at `url` for a process that writes to it, and locks it for `purpose`.
    ///
    /// A missing file is created, and an older schema is upgraded after a copy was stored in
    /// `<database>.before-<version>`; both only while no other process writes. If another process
    /// does the same, this one waits for it.
    pub async fn open_locked(
        url: &str,
        purpose: LockPurpose,
        watch: &MigrationWatch,
    ) -> Result<(Self, DatabaseLock)> {
        let path = sqlite::path_of(url)?;
        sqlite::create_folder(&path)?;
        let began = Instant::now();
        let mut is_told = false;
        loop {
            let refused = match attempt(url, &path, purpose, watch).await {
                Ok(opened) => return Ok(opened),
                Err(refused) => refused,
            };
            if began.elapsed() >= refused.patience {
                return Err(refused.error);
            }
            if !is_told && began.elapsed() >= TELL_AFTER {
                watch.report(MigrationStep::Waiting);
                is_told = true;
            }
            tokio::select! {
                () = sleep(BETWEEN_ATTEMPTS) => {}
                () = watch.stopped() => return Err(StoreError::MigrationStopped),
            }
        }
    }
}

async fn attempt(
    url: &str,
    path: &Path,
    purpose: LockPurpose,
    watch: &MigrationWatch,
) -> std::result::Result<(Store, DatabaseLock), OpenRefused> {
    let mut lock = DatabaseLock::acquire(path, purpose).map_err(|error| {
        let patience = if error.is_migration() { MIGRATION_LASTS } else { Duration::ZERO };
        OpenRefused { error: error.into(), patience }
    })?;
    // No other process copies or restores now; any leftover file belongs to a dead process.
    if let Err(error) = backup::remove_leftovers(&resolved(path)) {
        tracing::warn!(%error, "temporary files of a process that is gone could not be removed");
    }
    if !migrate::is_needed(&resolved(path)).await {
        let store = Store::open(url, Access::ReadWrite).await.map_err(OpenRefused::forever)?;
        return Ok((store, lock));
    }
    lock.begin_migration().map_err(|error| in_the_way(path, error))?;
    let opened = open_alone(url, path, watch).await;
    lock.end_migration().map_err(|error| OpenRefused::forever(error.into()))?;
    opened.map(|store| (store, lock)).map_err(OpenRefused::forever)
}

async fn open_alone(url: &str, path: &Path, watch: &MigrationWatch) -> Result<Store> {
    backup::finish_restore(&resolved(path))?;
    Store::open_watched(url, watch).await
}

/// The file itself, if the path is a link.
fn resolved(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Another writer that may also be about to migrate.
fn in_the_way(path: &Path, error: LockError) -> OpenRefused {
    let patience = if error.is_migration() { MIGRATION_LASTS } else { START_LASTS };
    let error = match error {
        LockError::Held(holder) => blocked_by(path, holder),
        error @ LockError::Unusable { .. } => error.into(),
    };
    OpenRefused { error, patience }
}

fn blocked_by(path: &Path, holder: LockHolder) -> StoreError {
    if path.exists() {
        StoreError::OlderDatabaseInUse { path: path.to_owned(), holder }
    } else {
        LockError::Held(holder).into()
    }
}

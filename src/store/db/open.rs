//! The one way to open the database for writing: under the lock of a purpose, and alone while it is made, restored or
//! brought up to date.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::lock::{DatabaseLock, LockError, LockHolder, LockPurpose};
use super::migrate::{MigrationStep, MigrationWatch};
use super::{backup, migrate, sqlite};
use crate::store::{Access, Result, Store, StoreError};

/// How long another process's migration is waited for.
const MIGRATION_LASTS: Duration = Duration::from_mins(2);
/// How long is waited for a process that has just begun and will migrate, or that ends soon.
const START_LASTS: Duration = Duration::from_secs(2);
/// Who waits for longer hears why.
const TELL_AFTER: Duration = Duration::from_secs(1);
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(50);

/// Why an attempt was refused, and until when it is worth another one.
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
    /// Opens the database at `url` for a process that writes it, and locks it for `purpose`.
    ///
    /// A missing file is made and an older schema brought up to date, after a copy was kept in
    /// `<database>.before-<version>`, only while nobody else writes. Another process that does the same is waited
    /// for.
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
    // Nobody else copies or restores now; what is left of that is a dead process's.
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

/// The file itself, where it is named by a link.
fn resolved(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Somebody else writes who may be about to migrate, too.
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

//! What a migration reports while it runs, and how it is stopped.

use std::fmt;
use std::sync::Arc;

use sqlx::SqliteConnection;
use tokio_util::sync::CancellationToken;

use super::Result;

/// The number of `SQLite` instructions between two checks for a stop: some milliseconds.
const BETWEEN_LOOKS: i32 = 100_000;

/// The current step of a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MigrationStep {
    /// Waiting for another process that is migrating the database, or about to do so.
    Waiting,
    /// Copying the database.
    Copying,
    /// Applying migrations.
    Applying {
        /// The number of applied migrations.
        done: usize,
        /// The number of all missing migrations.
        total: usize,
    },
    /// Returning the space of dropped tables to the disk.
    Compacting,
    /// The database is up to date.
    Done,
}

type Report = dyn Fn(MigrationStep) + Send + Sync;

/// Follows a migration and may stop it.
#[derive(Clone, Default)]
pub struct MigrationWatch {
    stop: CancellationToken,
    report: Option<Arc<Report>>,
}

impl fmt::Debug for MigrationWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MigrationWatch").field("stop", &self.stop).finish_non_exhaustive()
    }
}

impl MigrationWatch {
    /// Calls `report` at each step. If `stop` is cancelled, the migration is rolled back.
    #[must_use]
    pub fn new(stop: CancellationToken, report: impl Fn(MigrationStep) + Send + Sync + 'static) -> Self {
        Self { stop, report: Some(Arc::new(report)) }
    }

    /// The same without its reports.
    pub(super) fn silent(&self) -> Self {
        Self { stop: self.stop.clone(), report: None }
    }

    pub(in crate::store) fn report(&self, step: MigrationStep) {
        if let Some(report) = &self.report {
            report(step);
        }
    }

    /// Whether a stop was requested.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Ends once a stop is requested.
    pub(in crate::store) async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    /// From now on the connection's statements fail soon after the stop, however long they would
    /// take.
    pub(in crate::store) async fn let_stop(&self, connection: &mut SqliteConnection) -> Result<()> {
        let stop = self.stop.clone();
        connection.lock_handle().await?.set_progress_handler(BETWEEN_LOOKS, move || !stop.is_cancelled());
        Ok(())
    }

    /// The connection's statements run to their end again.
    pub(super) async fn let_go(&self, connection: &mut SqliteConnection) -> Result<()> {
        connection.lock_handle().await?.remove_progress_handler();
        Ok(())
    }
}

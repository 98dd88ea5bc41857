//! What a migration reports while it runs, and how it is stopped.

use std::fmt;
use std::sync::Arc;

use sqlx::SqliteConnection;
use tokio_util::sync::CancellationToken;

use super::Result;

/// Instructions of `SQLite`'s machine between two looks at whether to stop: some milliseconds.
const BETWEEN_LOOKS: i32 = 100_000;

/// Where a migration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MigrationStep {
    /// Another process that migrates the database, or is about to, is waited for.
    Waiting,
    /// The database is copied as it is.
    Copying,
    /// So many migrations of those that are missing have been applied.
    Applying {
        /// Those that have.
        done: usize,
        /// All of them.
        total: usize,
    },
    /// The database is up to date.
    Done,
}

type Report = dyn Fn(MigrationStep) + Send + Sync;

/// Whoever follows a migration and may stop it.
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
    /// Calls `report` at each step, and takes everything back when `stop` is cancelled.
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

    /// Whether it was told to stop.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Ends once it is told to stop.
    pub(in crate::store) async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    /// From now on the connection's statements fail soon after the stop, however long they would take.
    pub(in crate::store) async fn let_stop(&self, connection: &mut SqliteConnection) -> Result<()> {
        let stop = self.stop.clone();
        connection.lock_handle().await?.set_progress_handler(BETWEEN_LOOKS, move || !stop.is_cancelled());
        Ok(())
    }

    /// Its statements run to their end again.
    pub(super) async fn let_go(&self, connection: &mut SqliteConnection) -> Result<()> {
        connection.lock_handle().await?.remove_progress_handler();
        Ok(())
    }
}

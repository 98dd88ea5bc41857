//! The errors of the database, each as one sentence with the next step.
//!
//! Owns: the errors of the store. Must not know: which codes a database uses; `sqlite` sorts those.

use std::path::PathBuf;

use chrono::{DateTime, DurationRound, SecondsFormat, TimeDelta, Utc};

use super::lock::{LockError, LockHolder};

const MB: u64 = 1024 * 1024;

/// Why the store failed. No error leaves partial data behind.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL names no `SQLite` file.
    #[error("`{0}` is not a database URL; write it as sqlite:PATH")]
    Url(String),
    /// A newer phonolog has migrated the database.
    #[error("{} was written by a newer phonolog; install that version, or name another database", path.display())]
    NewerDatabase {
        /// The database file.
        path: PathBuf,
    },
    /// The database must be migrated, which a reader may not do.
    #[error("{} was written by an older phonolog or its first start was interrupted; `phonolog sync` upgrades it", path.display())]
    OlderDatabase {
        /// The database file.
        path: PathBuf,
    },
    /// Another process is migrating the database.
    #[error("another phonolog is creating or upgrading {}; try again in a moment", path.display())]
    MigrationUnderWay {
        /// The database file.
        path: PathBuf,
    },
    /// The database has an older schema, and another process is writing to it.
    #[error("{} was written by an older phonolog and must be upgraded first, but {holder} is using it; stop that process and try again", path.display())]
    OlderDatabaseInUse {
        /// The database file.
        path: PathBuf,
        /// The process that writes to it.
        holder: LockHolder,
    },
    /// A file without any table.
    #[error("{} is empty because its first start was interrupted; `phonolog sync` fills it", path.display())]
    EmptyDatabase {
        /// The database file.
        path: PathBuf,
    },
    /// The lock of the database could not be taken.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A migration would fill the disk.
    #[error(
        "upgrading {} needs about {} MB of free space, but only {} MB are free; free some space and try again; nothing was changed",
        path.display(), needed.div_ceil(MB), free / MB
    )]
    NoRoomToMigrate {
        /// The database file.
        path: PathBuf,
        /// Bytes that are needed.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// A migration was stopped by a signal and rolled back.
    #[error("stopped during the upgrade of the database; it is unchanged, and the next start tries again")]
    MigrationStopped,
    /// The last changes are in a log that cannot be read where it is.
    #[error(
        "{0} is on a read-only disk and was not closed properly; copy {0} and {0}-wal to a folder that can be written, and name the copy with --database",
        path.display()
    )]
    UnreadableLog {
        /// The database file.
        path: PathBuf,
    },
    /// The file is something else.
    #[error("{} is not a phonolog database; move it away or name another file", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The file or its folder is not writable.
    #[error("{} cannot be written ({why}); check the folder and its permissions", path.display())]
    Unwritable {
        /// The database file.
        path: PathBuf,
        /// The system's own words.
        why: String,
    },
    /// A reader found no database.
    #[error("there is no database at {}; `phonolog sync` creates one", path.display())]
    Missing {
        /// The expected path.
        path: PathBuf,
    },
    /// The store was opened for reading only.
    #[error("the database is open for reading only; use the engine that writes it")]
    ReadOnly,
    /// No room for another page.
    #[error(
        "the disk is full (no space, or no room for more files); free some space; nothing is lost and the next try continues from here"
    )]
    DiskFull,
    /// The file system failed to read or write the file.
    #[error(
        "the disk reported an error while the database was used ({0}); nothing is lost; check the disk; the next try continues from here"
    )]
    DiskFailed(String),
    /// Another process has locked the database.
    #[error("the database is locked by another program; close it or try again in a moment")]
    Busy,
    /// The database contains another person's library.
    #[error("the database holds the library of {known}, not of {asked}; name another database for {asked}")]
    OtherAccount {
        /// The account of the database.
        known: String,
        /// The account that logged in.
        asked: String,
    },
    /// The file is damaged.
    #[error("the database is damaged ({0}); restore a backup or move the file away and sync again")]
    Damaged(String),
    /// The backup is damaged.
    #[error("{} is damaged ({fault}) and was not restored; nothing was changed; use another backup", path.display())]
    DamagedBackup {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: String,
    },
    /// The sums of the statistics are damaged; they can be computed again from the plays.
    #[error(
        "the sums of the statistics are damaged ({0}); `phonolog stats --recount` recomputes them; nothing is lost"
    )]
    DamagedSums(String),
    /// A file claims more plays of one moment than can be told apart.
    #[error("more than a million plays ended at {}; this is not plausible, so the rest was not stored; check the file", whole_second(*at))]
    TooManyPlays {
        /// When they ended.
        at: DateTime<Utc>,
    },
    /// A list was requested for a time before the end of its first reading.
    #[error("{list} known only since {}; choose a later time", whole_second(*since))]
    NotKnownYet {
        /// The list, with its verb.
        list: &'static str,
        /// The end of its first reading.
        since: DateTime<Utc>,
    },
    /// A past state was requested of a list that was never read to its end.
    #[error("{list} not known yet: no sync has read it completely; run `phonolog sync` first")]
    NeverKnown {
        /// The list, with its verb.
        list: &'static str,
    },
    /// The journal and the stored list do not match; a bug in the program.
    #[error("the journal cannot reconstruct that time ({0}); keep the database and please report this bug")]
    Journal(String),
    /// This entity is not a list that is walked; a bug in the program.
    #[error("{0} is not a list; please report this bug")]
    NoList(crate::domain::Entity),
    /// A migration failed and was rolled back.
    #[error(
        "cannot upgrade the database ({0}); it is unchanged; go back to the previous version of phonolog"
    )]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// Any other error of the database.
    #[error("the database rejected a query ({0}); nothing was changed; please report this bug")]
    Sql(#[source] sqlx::Error),
}

/// The result of every method of the store.
pub type Result<T> = std::result::Result<T, StoreError>;

/// The first whole second from `at` on, so that a person who enters the displayed time does not get
/// an earlier one.
fn whole_second(at: DateTime<Utc>) -> String {
    let up = at.duration_round_up(TimeDelta::seconds(1)).unwrap_or(at);
    up.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

impl StoreError {
    /// Whether the disk is full.
    #[must_use]
    pub const fn is_disk_full(&self) -> bool {
        matches!(self, Self::DiskFull)
    }

    /// Whether the same call may succeed later, perhaps after space was freed, without any other
    /// change.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::DiskFull | Self::DiskFailed(_) | Self::Busy)
    }
}

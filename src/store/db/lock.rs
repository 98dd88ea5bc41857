//! The locks of the processes that write to the database.
//!
//! Owns: the lock files beside the database. Must not know: what their holders do. The kernel
//! releases a lock when its holder dies, so a stale file cannot block the next start. The text in
//! the files is only for messages.
//!
//! | kind | `.lock` | `.writers` | runs beside |
//! |---|---|---|---|
//! | engine | exclusive | shared | imports |
//! | import | | shared | an engine, other imports |
//! | maintenance | exclusive | exclusive | nothing |

mod file;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::files::resolved;

use file::{Attempt, LockFile, Share};

/// Why a process locks the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockPurpose {
    /// Syncs and records plays.
    Engine,
    /// Changes a setting when no engine runs.
    Setting,
    /// Stores a privacy export.
    Import,
    /// Stores the account of a login.
    Login,
    /// Computes the statistics again.
    Statistics,
    /// Upgrades the schema.
    Migration,
    /// Replaces the database with a backup.
    Restore,
    /// Erases everything.
    Forget,
}

/// Which locks may be held at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LockKind {
    Engine,
    Import,
    Maintenance,
}

impl LockPurpose {
    const ALL: [Self; 8] = [
        Self::Engine,
        Self::Setting,
        Self::Import,
        Self::Login,
        Self::Statistics,
        Self::Migration,
        Self::Restore,
        Self::Forget,
    ];

    const fn kind(self) -> LockKind {
        match self {
            Self::Engine | Self::Setting => LockKind::Engine,
            Self::Import | Self::Login | Self::Statistics => LockKind::Import,
            Self::Migration | Self::Restore | Self::Forget => LockKind::Maintenance,
        }
    }

    /// The word in the lock file.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::Setting => "setting",
            Self::Import => "import",
            Self::Login => "login",
            Self::Statistics => "statistics",
            Self::Migration => "migration",
            Self::Restore => "restore",
            Self::Forget => "forget",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == word)
    }

    /// The words in a message.
    const fn description(self) -> &'static str {
        match self {
            Self::Engine => "the engine",
            Self::Setting => "changing settings",
            Self::Import => "an import",
            Self::Login => "a login",
            Self::Statistics => "summing up statistics",
            Self::Migration => "upgrading the database",
            Self::Restore => "a restore",
            Self::Forget => "erasing it",
        }
    }
}

/// The process that holds a lock, according to the lock file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LockHolder {
    /// Its id.
    pub pid: Option<u32>,
    /// What it does.
    pub purpose: Option<LockPurpose>,
}

impl fmt::Display for LockHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("another phonolog")?;
        let purpose = self.purpose.map(LockPurpose::description);
        match (self.pid, purpose) {
            (Some(pid), Some(purpose)) => write!(f, " (process {pid}: {purpose})"),
            (Some(pid), None) => write!(f, " (process {pid})"),
            (None, Some(purpose)) => write!(f, " ({purpose})"),
            (None, None) => Ok(()),
        }
    }
}

/// Why there is no lock.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process holds it.
    #[error("{0} is using this database; close it or wait until it is done")]
    Held(LockHolder),
    /// The lock file cannot be created.
    #[error("{} cannot be locked ({source}); check the folder and its permissions", path.display())]
    Unusable {
        /// The lock file.
        path: PathBuf,
        /// The system's own words.
        source: io::Error,
    },
}

impl LockError {
    /// Whether the holder will soon end by itself.
    pub(in crate::store) fn is_migration(&self) -> bool {
        matches!(self, Self::Held(holder) if holder.purpose == Some(LockPurpose::Migration))
    }
}

/// What happened to the lock files after they were locked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockState {
    /// They are unchanged.
    Intact,
    /// One was missing or replaced; it was created and locked again.
    Renewed(PathBuf),
    /// Another process has locked the file that is now there.
    Lost(LockHolder),
}

/// Held as long as this process may write to the database.
#[derive(Debug)]
pub struct DatabaseLock {
    database: PathBuf,
    purpose: LockPurpose,
    /// `.lock`, for engines and maintenance.
    engine: Option<LockFile>,
    /// `.writers`, for all writers.
    writers: LockFile,
}

impl DatabaseLock {
    /// Locks the database at `database`, without waiting.
    pub fn acquire(database: &Path, purpose: LockPurpose) -> Result<Self, LockError> {
        let database = resolved(database);
        let kind = purpose.kind();
        let engine = match kind {
            LockKind::Import => None,
            LockKind::Engine | LockKind::Maintenance => Some(lock(&database, ".lock", Share::Exclusive)?),
        };
        let share = if kind == LockKind::Maintenance { Share::Exclusive } else { Share::Shared };
        let writers = lock(&database, ".writers", share)?;
        let lock = Self { database, purpose, engine, writers };
        lock.describe(purpose)?;
        Ok(lock)
    }

    /// Keeps all other processes out until [`Self::end_migration`]. After an error the lock is
    /// unchanged.
    pub(in crate::store) fn begin_migration(&mut self) -> Result<(), LockError> {
        if self.engine.is_none() {
            self.engine = Some(lock(&self.database, ".lock", Share::Exclusive)?);
        }
        let alone = self.writers.change(Share::Exclusive).and_then(|()| {
            // Meanwhile the file names the reason.
            self.describe(LockPurpose::Migration)
        });
        if alone.is_err() {
            self.end_migration()?;
        }
        alone
    }

    /// Admits other processes again.
    pub(in crate::store) fn end_migration(&mut self) -> Result<(), LockError> {
        // While `.lock` is held, no other process can have `.writers` exclusively, so this
        // succeeds.
        if self.purpose.kind() != LockKind::Maintenance {
            self.writers.change(Share::Shared)?;
        }
        self.describe(self.purpose)?;
        if self.purpose.kind() == LockKind::Import {
            self.engine = None;
        }
        Ok(())
    }

    /// Writes into the files which process holds them and why, for messages. An engine does not
    /// write into the file that it shares: a process that is refused there is refused because of an
    /// import.
    fn describe(&self, purpose: LockPurpose) -> Result<(), LockError> {
        if let Some(engine) = &self.engine {
            engine.describe(purpose.as_str())?;
        }
        if self.writers.share() == Share::Exclusive || self.purpose.kind() == LockKind::Import {
            self.writers.describe(purpose.as_str())?;
        }
        Ok(())
    }

    /// Writes the path of the holder's socket into the lock file; only for people, so errors are
    /// ignored.
    pub fn record_socket(&self, socket: &Path) {
        if let Some(engine) = &self.engine {
            engine.append(&socket.display().to_string());
        }
    }

    /// Compares the lock files with the files now at their paths. If one is missing, creates and
    /// locks it again. It must be called at least once a minute.
    pub fn check(&mut self) -> Result<LockState, LockError> {
        let mut state = LockState::Intact;
        for file in self.engine.iter_mut().chain([&mut self.writers]) {
            if file.is_in_place() {
                continue;
            }
            match file.renew() {
                Ok(()) => state = LockState::Renewed(file.path().to_owned()),
                Err(LockError::Held(holder)) => return Ok(LockState::Lost(holder)),
                Err(error) => return Err(error),
            }
        }
        if state != LockState::Intact {
            self.describe(self.purpose)?;
        }
        Ok(state)
    }

    /// The process that has locked the database at `database` exclusively: an engine or
    /// maintenance. Creates no file.
    #[must_use]
    pub fn holder(database: &Path) -> Option<LockHolder> {
        LockFile::holder_of(&beside(&resolved(database), ".lock"))
    }

    /// Whether an engine (or maintenance) has locked the database at `database`. Creates no file.
    #[must_use]
    pub fn is_engine_running(database: &Path) -> bool {
        Self::holder(database).is_some()
    }

    /// The lock files of the database at `database`.
    #[must_use]
    pub fn files(database: &Path) -> [PathBuf; 2] {
        let database = resolved(database);
        [".lock", ".writers"].map(|suffix| beside(&database, suffix))
    }
}

fn lock(database: &Path, suffix: &str, share: Share) -> Result<LockFile, LockError> {
    let path = beside(database, suffix);
    match LockFile::acquire(&path, share)? {
        Attempt::Locked(file) => Ok(file),
        Attempt::Held(holder) => Err(LockError::Held(holder)),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

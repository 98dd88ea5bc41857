//! The login on disk: one file that only its owner can read, in a folder that no other user can
//! write to.
//!
//! The file is replaced by renaming, so that a kill leaves either the old one or the new one. It is
//! changed only under a lock and after it was read again: a login that a person made or deleted
//! meanwhile is never overwritten.

mod folder;
mod leftovers;
mod slot;

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use futures_util::future::BoxFuture;

use crate::files::{self, FileError, Links};
use crate::spotify::{PortError, StoredToken, TokenSlot, TokenStore};

use folder::Folder;
/// Files that killed processes left beside a secret's file; they may contain a secret.
pub use leftovers::of as leftovers_of;
use slot::TokenFileSlot;

/// A token file has a few hundred bytes; a larger file is not one.
const LARGEST: u64 = 64 * 1024;

/// The login on disk.
#[derive(Debug, Clone)]
pub struct TokenFile {
    path: PathBuf,
}

impl TokenFile {
    /// The login kept at `path`.
    pub const fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// The login, if there is one. A file that other users can read or replace is refused, because
    /// it must be treated as known, or as another person's.
    pub fn read(&self) -> Result<Option<StoredToken>, PortError> {
        self.check_folder()?;
        let file = match files::open(&self.path, OpenOptions::new().read(true), Links::Follow) {
            Ok(file) => file,
            Err(error) if error.is_missing() => return Ok(None),
            Err(error) => return Err(self.unreadable(&error)),
        };
        let metadata = file.metadata().map_err(|error| self.unreadable(&FileError::System(error)))?;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(PortError(format!(
                "other users can read the login in {0}; run `chmod 600 {0}`, or `phonolog logout` and `phonolog login` to replace it",
                self.path.display()
            )));
        }
        let bytes = files::read_open(file, LARGEST).map_err(|error| self.unreadable(&error))?;
        leftovers::parse(&bytes).map(Some).ok_or_else(|| {
            PortError(format!(
                "the login in {} is damaged; run `phonolog login` to replace it",
                self.path.display()
            ))
        })
    }

    /// Stores a login that a person has just made, and replaces any other; it is on disk before
    /// this returns.
    pub fn write(&self, token: &StoredToken) -> Result<(), PortError> {
        self.check_folder()?;
        let written = Folder::lock(self.folder()).and_then(|folder| {
            let mut slot = TokenFileSlot::new(self, &folder)?;
            slot.fill(token)?;
            slot.replace(&folder)?;
            // The files of an earlier login are useless now.
            leftovers::erase(&self.path);
            folder.sync()
        });
        written.map_err(|error| self.unwritable(&error))
    }

    /// Deletes the login and what killed processes left of it; returns whether there was anything.
    pub fn remove(&self) -> Result<bool, PortError> {
        let removed = Folder::lock(self.folder()).and_then(|folder| {
            let was_there = match std::fs::remove_file(&self.path) {
                Ok(()) => true,
                Err(error) if error.kind() == io::ErrorKind::NotFound => false,
                Err(error) => return Err(error),
            };
            let erased = leftovers::erase(&self.path);
            folder.sync()?;
            Ok(was_there || erased > 0)
        });
        match removed {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            removed => removed.map_err(|error| self.trouble("cannot be removed", &error)),
        }
    }

    /// Adopts a login that a killed process had written but not put in place, and erases other
    /// files of such processes. Does nothing while the login itself cannot be read.
    pub fn tidy(&self) {
        if leftovers::of(&self.path).is_empty() {
            return;
        }
        let tidied = Folder::lock(self.folder()).and_then(|folder| self.tidy_in(&folder));
        if let Err(error) = tidied {
            tracing::warn!(%error, "cannot remove the unfinished login of a killed process");
        }
    }

    fn tidy_in(&self, folder: &Folder) -> io::Result<()> {
        let Ok(stored) = self.read() else { return Ok(()) };
        if let Some((path, login)) = leftovers::newest(&self.path, stored.as_ref()) {
            std::fs::rename(path, &self.path)?;
            tracing::info!(renewals = login.renewals, "using the login that a killed process had written");
        }
        leftovers::erase(&self.path);
        folder.sync()
    }

    /// Makes room for a login that is about to be fetched.
    fn slot(&self) -> Result<TokenFileSlot, PortError> {
        self.check_folder()?;
        let made = Folder::lock(self.folder()).and_then(|folder| {
            self.tidy_in(&folder)?;
            TokenFileSlot::new(self, &folder)
        });
        made.map_err(|error| self.unwritable(&error))
    }

    /// Fails if another user could replace the login's file.
    pub fn check_folder(&self) -> Result<(), PortError> {
        match folder::is_open_to_others(self.folder()) {
            Ok(true) => Err(PortError(format!(
                "other users can write to the directory {0}, so a login would not be safe there; run `chmod go-w {0}`",
                self.folder().display()
            ))),
            _ => Ok(()),
        }
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    fn unreadable(&self, error: &FileError) -> PortError {
        PortError(format!(
            "the login in {} cannot be read: {error}; {}, or run `phonolog logout` and `phonolog login`",
            self.path.display(),
            error.next_step()
        ))
    }

    fn unwritable(&self, error: &io::Error) -> PortError {
        if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
            return PortError(format!(
                "no space to save the login in {}; free some space; nothing is lost and the next try continues",
                self.path.display()
            ));
        }
        self.trouble("cannot be written", error)
    }

    fn trouble(&self, what: &str, error: &io::Error) -> PortError {
        PortError(format!(
            "the login in {} {what} ({}); check the owner and mode of its folder",
            self.path.display(),
            files::system_words(error)
        ))
    }
}

impl TokenStore for TokenFile {
    fn load(&self) -> BoxFuture<'_, Result<Option<StoredToken>, PortError>> {
        Box::pin(async { self.read() })
    }

    fn reserve(&self) -> BoxFuture<'_, Result<Box<dyn TokenSlot>, PortError>> {
        let file = self.clone();
        Box::pin(async move {
            let slot = folder::aside(move || file.slot()).await?;
            Ok(Box::new(slot) as Box<dyn TokenSlot>)
        })
    }
}

#[cfg(test)]
mod tests;

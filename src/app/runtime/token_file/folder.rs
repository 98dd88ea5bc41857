//! The folder of the login, locked while the login is changed.
//!
//! The lock is on the folder itself: it survives the renaming of its files, and leaves no file
//! behind.

use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use crate::spotify::PortError;

/// The lock is held for a few writes; a process that holds it longer was stopped in the middle.
const TRIES: u32 = 500;
const BETWEEN_TRIES: Duration = Duration::from_millis(10);

/// Held while the login is read and changed.
pub(super) struct Folder(File);

impl Folder {
    /// Waits a few seconds for a process that changes the login.
    pub(super) fn lock(path: &Path) -> io::Result<Self> {
        let folder = File::open(path)?;
        for _ in 0..TRIES {
            match folder.try_lock() {
                Err(TryLockError::WouldBlock) => std::thread::sleep(BETWEEN_TRIES),
                // Some network file systems cannot lock a folder. The login is still compared
                // before it is replaced; only a short moment between the two is unprotected.
                Ok(()) | Err(TryLockError::Error(_)) => return Ok(Self(folder)),
            }
        }
        Err(io::Error::new(io::ErrorKind::TimedOut, "another phonolog is changing it and does not finish"))
    }

    /// Writes the folder's entries to disk: without this, a power cut may restore what was
    /// replaced.
    pub(super) fn sync(&self) -> io::Result<()> {
        match self.0.sync_all() {
            // Not every file system does this for folders.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
            synced => synced,
        }
    }
}

/// Whether others than the owner can create files in it.
pub(super) fn is_open_to_others(path: &Path) -> io::Result<bool> {
    Ok(std::fs::metadata(path)?.permissions().mode() & 0o022 != 0)
}

/// Runs work that may wait for the disk or the lock in a thread of its own.
pub(super) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PortError> + Send + 'static,
) -> Result<T, PortError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| {
        Err(PortError("the login could not be changed; please report the log".to_owned()))
    })
}

//! The login on disk: one file that only its owner can read, replaced by renaming so that a kill leaves
//! the old one or the new one.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::PathBuf;

use futures_util::future::BoxFuture;

use crate::spotify::{PortError, StoredToken, TokenStore};

/// A token file is a few hundred bytes; more is not one.
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

    /// The login, if there is one. A file that others can read is refused: it must be taken for known.
    pub fn read(&self) -> Result<Option<StoredToken>, PortError> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.trouble("cannot be read", &error)),
        };
        let mode =
            file.metadata().map_err(|error| self.trouble("cannot be read", &error))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(PortError(format!(
                "others can read the login in {0}; run `chmod 600 {0}`, or `phonolog logout` and `phonolog login` to replace it",
                self.path.display()
            )));
        }
        let mut text = String::new();
        file.take(LARGEST)
            .read_to_string(&mut text)
            .map_err(|error| self.trouble("cannot be read", &error))?;
        serde_json::from_str(&text).map(Some).map_err(|_| {
            PortError(format!(
                "the login in {} is damaged; run `phonolog login` to replace it",
                self.path.display()
            ))
        })
    }

    /// Keeps the login; on the disk before this returns.
    pub fn write(&self, token: &StoredToken) -> Result<(), PortError> {
        let written = self.replace(token);
        written.map_err(|error| self.trouble("cannot be written", &error))
    }

    fn replace(&self, token: &StoredToken) -> std::io::Result<()> {
        let next = self.path.with_extension(format!("json.{}", std::process::id()));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&next)?;
        let written = serde_json::to_vec(token)
            .map_err(std::io::Error::other)
            .and_then(|bytes| file.write_all(&bytes))
            .and_then(|()| file.sync_all())
            .and_then(|()| std::fs::rename(&next, &self.path));
        if written.is_err() {
            // Half a token is of no use, and the first error is the one to tell.
            let _ = std::fs::remove_file(&next);
        }
        written
    }

    /// Drops the login; answers whether there was one.
    pub fn remove(&self) -> Result<bool, PortError> {
        match std::fs::remove_file(&self.path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(self.trouble("cannot be removed", &error)),
        }
    }

    fn trouble(&self, what: &str, error: &std::io::Error) -> PortError {
        PortError(format!(
            "the login in {} {what} ({error}); check the owner and mode of its directory",
            self.path.display()
        ))
    }
}

impl TokenStore for TokenFile {
    fn load(&self) -> BoxFuture<'_, Result<Option<StoredToken>, PortError>> {
        Box::pin(async { self.read() })
    }

    fn save<'a>(&'a self, token: &'a StoredToken) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async { self.write(token) })
    }
}

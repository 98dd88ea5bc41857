//! Room for one login beside the file that it will replace.
//!
//! It is created and filled before Spotify is asked, so that a full disk is noticed while the old
//! login is still valid. As long as its process lives, it is locked, so that it is not mistaken for
//! a leftover.

use std::fs::TryLockError;
use std::io::{self, Seek, Write};

use futures_util::future::BoxFuture;
use tempfile::{Builder, NamedTempFile};

use super::TokenFile;
use super::folder::{Folder, aside};
use super::leftovers::SUFFIX;
use crate::spotify::{PortError, StoredToken, TokenCommit, TokenSlot};

/// Two tokens and the scopes, of at most 4 kB each, and their field names.
const ROOM: [u8; 16 * 1024] = [0; 16 * 1024];

/// Room for one login; the file is deleted when this is dropped.
pub(super) struct TokenFileSlot {
    file: NamedTempFile,
    token_file: TokenFile,
}

impl TokenFileSlot {
    /// Creates room in the folder, which is locked.
    pub(super) fn new(token_file: &TokenFile, _: &Folder) -> io::Result<Self> {
        let name = token_file.path.file_name().unwrap_or_default().to_string_lossy();
        // A new file for its owner only; never an existing one, and never through a link.
        let mut file =
            Builder::new().prefix(&format!("{name}.")).suffix(SUFFIX).tempfile_in(token_file.folder())?;
        if let Err(TryLockError::WouldBlock) = file.as_file().try_lock() {
            return Err(io::Error::other("another program has locked a new file"));
        }
        file.write_all(&ROOM)?;
        file.as_file().sync_all()?;
        Ok(Self { file, token_file: token_file.clone() })
    }

    /// Writes a login into the slot; it is on disk before this returns. From now on a kill loses
    /// nothing: the next start finds it.
    pub(super) fn fill(&mut self, token: &StoredToken) -> io::Result<()> {
        let bytes = serde_json::to_vec(token)?;
        self.file.rewind()?;
        self.file.write_all(&bytes)?;
        self.file.as_file().set_len(u64::try_from(bytes.len()).unwrap_or(u64::MAX))?;
        self.file.as_file().sync_all()
    }

    /// Replaces the old login with it; it is on disk before this returns.
    pub(super) fn replace(self, folder: &Folder) -> io::Result<()> {
        self.file.persist(&self.token_file.path).map_err(|failed| failed.error)?;
        folder.sync()
    }

    fn replace_same(mut self, old: &StoredToken, new: &StoredToken) -> Result<TokenCommit, PortError> {
        let token_file = self.token_file.clone();
        let trouble = |error: io::Error| token_file.unwritable(&error);
        // Before the wait for the lock, because the old login may be used up.
        self.fill(new).map_err(trouble)?;
        let folder = Folder::lock(token_file.folder()).map_err(trouble)?;
        match token_file.read()? {
            Some(stored) if stored.is_same_grant(old) => {}
            _ => return Ok(TokenCommit::Superseded),
        }
        self.replace(&folder).map_err(trouble)?;
        Ok(TokenCommit::Stored)
    }
}

impl TokenSlot for TokenFileSlot {
    fn commit(
        self: Box<Self>,
        old: StoredToken,
        new: StoredToken,
    ) -> BoxFuture<'static, Result<TokenCommit, PortError>> {
        Box::pin(aside(move || self.replace_same(&old, &new)))
    }
}

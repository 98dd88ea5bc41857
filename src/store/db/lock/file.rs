//! One lock file: opened, locked, and compared with what is at its path.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{LockError, LockHolder, LockPurpose};

/// [`LockFile::holder_of`] locks the file for a moment, which must not be mistaken for a holder. So
/// a lock is tried this often, with this pause.
const ATTEMPTS: u32 = 4;
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(5);
/// How often a file may be replaced between open and lock before that is an error.
const REPLACEMENTS: u32 = 10;
/// A lock file contains two numbers and a path; a larger file is not a lock file.
const LARGEST: u64 = 8 * 1024;
/// A FIFO must not block, and a link could lead to any file of this user.
const SAFELY: rustix::fs::OFlags = rustix::fs::OFlags::NONBLOCK.union(rustix::fs::OFlags::NOFOLLOW);

/// Who may share a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    Shared,
    Exclusive,
}

/// The result of trying to lock a file.
pub enum Attempt {
    Locked(LockFile),
    Held(LockHolder),
}

/// A lock file that this process has locked.
#[derive(Debug)]
pub struct LockFile {
    path: PathBuf,
    share: Share,
    file: File,
}

impl LockFile {
    /// Creates the file if it is missing, and locks it. The locked file is the one at the path, not
    /// one that was deleted or replaced at the same moment.
    pub fn acquire(path: &Path, share: Share) -> Result<Attempt, LockError> {
        for _ in 0..REPLACEMENTS {
            let file = open(path).map_err(|source| unusable(path, source))?;
            if !try_lock(&file, share).map_err(|source| unusable(path, source))? {
                return Ok(Attempt::Held(holder(&file)));
            }
            if is_at(&file, path) {
                return Ok(Attempt::Locked(Self { path: path.to_owned(), share, file }));
            }
        }
        Err(unusable(path, io::Error::other("it is replaced again and again")))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub const fn share(&self) -> Share {
        self.share
    }

    /// Changes the kind of the lock; after an error the lock is unchanged.
    pub fn change(&mut self, share: Share) -> Result<(), LockError> {
        if self.share == share {
            return Ok(());
        }
        let unusable = |source| unusable(&self.path, source);
        if try_lock(&self.file, share).map_err(unusable)? {
            self.share = share;
            return Ok(());
        }
        // The kernel may have released the old lock before it refused the new one.
        try_lock(&self.file, self.share).map_err(unusable)?;
        Err(LockError::Held(holder(&self.file)))
    }

    /// Whether the path still leads to the locked file.
    pub fn is_in_place(&self) -> bool {
        is_at(&self.file, &self.path)
    }

    /// Locks the file that is now at the path, too, and only then releases the old one.
    pub fn renew(&mut self) -> Result<(), LockError> {
        match Self::acquire(&self.path, self.share)? {
            Attempt::Locked(file) => *self = file,
            Attempt::Held(holder) => return Err(LockError::Held(holder)),
        }
        Ok(())
    }

    /// Writes the holder into the file.
    pub fn describe(&self, purpose: &str) -> Result<(), LockError> {
        let text = format!("{}\n{purpose}\n", std::process::id());
        let written = self.file.set_len(0).and_then(|()| self.file.write_all_at(text.as_bytes(), 0));
        match written {
            // The text is for messages; a full disk is no reason to do without a lock.
            Err(error) if error.kind() != io::ErrorKind::StorageFull => Err(unusable(&self.path, error)),
            _ => Ok(()),
        }
    }

    pub fn append(&self, line: &str) {
        let mut file = &self.file;
        let _ = file.seek(io::SeekFrom::End(0)).and_then(|_| writeln!(file, "{line}"));
    }

    /// The process that has locked the file at `path` exclusively. Creates no file.
    pub fn holder_of(path: &Path) -> Option<LockHolder> {
        let file = OpenOptions::new().read(true).custom_flags(flags()).open(path).ok()?;
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)).then(|| holder(&file))
    }
}

fn flags() -> i32 {
    i32::try_from(SAFELY.bits()).unwrap_or_default()
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600).custom_flags(flags());
    let file = options.open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is not a regular file")) }
}

fn try_lock(file: &File, share: Share) -> io::Result<bool> {
    for _ in 0..ATTEMPTS {
        let locked = match share {
            Share::Shared => file.try_lock_shared(),
            Share::Exclusive => file.try_lock(),
        };
        match locked {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => std::thread::sleep(BETWEEN_ATTEMPTS),
            Err(TryLockError::Error(source)) => return Err(source),
        }
    }
    Ok(false)
}

fn is_at(file: &File, path: &Path) -> bool {
    let (Ok(open), Ok(there)) = (file.metadata(), std::fs::symlink_metadata(path)) else { return false };
    (open.dev(), open.ino()) == (there.dev(), there.ino())
}

fn holder(file: &File) -> LockHolder {
    let (mut text, mut file) = (String::new(), file);
    let read = file.rewind().and_then(|()| file.take(LARGEST).read_to_string(&mut text));
    let mut lines = if read.is_ok() { text.lines() } else { "".lines() };
    let pid = lines.next().and_then(|line| line.trim().parse().ok());
    LockHolder { pid, purpose: lines.next().and_then(LockPurpose::from_word) }
}

fn unusable(path: &Path, source: io::Error) -> LockError {
    LockError::Unusable { path: path.to_owned(), source }
}

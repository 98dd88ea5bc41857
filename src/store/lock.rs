//! One engine per database.
//!
//! Owns: the lock file beside the database. Must not know: what the holder does. The kernel frees the
//! lock when its holder dies, so nothing stale can keep the next start waiting; what stands in the file
//! is for messages only.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A look at the lock ([`EngineLock::is_held`]) takes it for a moment, which must not be mistaken for an
/// engine: it is tried this often, so far apart.
const PROBES: u32 = 4;
const PROBE_LASTS: Duration = Duration::from_millis(5);

/// Held for as long as this process may write the library.
#[derive(Debug)]
pub struct EngineLock {
    file: File,
}

/// Why the lock was not had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another engine runs on this database.
    #[error("another phonolog{} is at work on this database; close it or wait until it is done", holder(*pid))]
    Held {
        /// Its process, where the lock file told.
        pid: Option<u32>,
    },
    /// The lock file cannot be made.
    #[error("{} cannot be locked ({source}); check the folder and its permissions", path.display())]
    Unusable {
        /// The lock file.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(String::new, |pid| format!(" (process {pid})"))
}

impl EngineLock {
    /// Takes the lock of the database at `db_path`, at once or not at all.
    pub fn take(db_path: &Path) -> Result<Self, LockError> {
        let path = lock_path(db_path);
        let unusable = |source| LockError::Unusable { path: path.clone(), source };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(unusable)?;
        for _ in 0..PROBES {
            match file.try_lock() {
                Ok(()) => {
                    write_pid(&mut file).map_err(unusable)?;
                    return Ok(Self { file });
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(PROBE_LASTS),
                Err(TryLockError::Error(source)) => return Err(unusable(source)),
            }
        }
        Err(LockError::Held { pid: read_pid(&mut file) })
    }

    /// Notes in the file where the holder can be reached; for people alone, so a failure is none.
    pub fn tell_socket(&self, socket: &Path) {
        let _ = writeln!(&self.file, "{}", socket.display());
    }

    /// Whether an engine holds the lock of the database at `db_path`. Makes no file.
    #[must_use]
    pub fn is_held(db_path: &Path) -> bool {
        File::open(lock_path(db_path))
            .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}

/// Beside the file itself, by whichever link it is named.
fn lock_path(db_path: &Path) -> PathBuf {
    let path = std::fs::canonicalize(db_path).unwrap_or_else(|_| db_path.to_owned());
    let mut name = OsString::from(path);
    name.push(".lock");
    PathBuf::from(name)
}

fn read_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.lines().next()?.trim().parse().ok()
}

fn write_pid(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_second_is_told_who_holds_it_and_gets_it_when_the_first_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let db = dir.path().join("phonolog.db");
        let first = EngineLock::take(&db).unwrap();

        assert!(EngineLock::is_held(&db));
        let refused = EngineLock::take(&db).unwrap_err();
        assert!(matches!(refused, LockError::Held { pid } if pid == Some(std::process::id())));
        assert!(refused.to_string().contains(&std::process::id().to_string()));

        let mode = lock_path(&db).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);

        drop(first);
        assert!(!EngineLock::is_held(&db));
        EngineLock::take(&db).unwrap();
    }

    #[test]
    fn another_process_is_kept_out_and_its_death_frees_the_lock() {
        let dir = tempfile::tempdir().unwrap();
        let db = dir.path().join("phonolog.db");
        std::fs::write(lock_path(&db), "4711\n").unwrap();
        // flock(1) takes the same kind of lock from outside; it says `held` once it has it.
        let Ok(mut other) = std::process::Command::new("flock")
            .arg(lock_path(&db))
            .args(["sh", "-c", "echo held; exec cat"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
        else {
            return; // util-linux is not on this machine
        };
        let mut said = [0; 4];
        other.stdout.take().unwrap().read_exact(&mut said).unwrap();

        let refused = EngineLock::take(&db).unwrap_err();
        assert!(matches!(refused, LockError::Held { pid: Some(4711) }));

        drop(other.stdin.take());
        other.wait().unwrap();
        EngineLock::take(&db).unwrap();
    }

    #[test]
    fn a_folder_that_is_not_there_is_one_sentence() {
        let error = EngineLock::take(Path::new("/nonexistent/phonolog.db")).unwrap_err();
        assert!(error.to_string().starts_with("/nonexistent/phonolog.db.lock cannot be locked"));
    }
}

//! The path of the socket: one for each database, in a folder that no other user can enter.
//!
//! Another user of the machine could create a folder or a link of that name in the temporary folder
//! first. So an existing one is used only if it is a folder of this user that is closed to all
//! others.

use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tokio::net::UnixListener;

use crate::files;

/// The longest path of a Unix socket on every system; macOS is the strictest.
const LONGEST: usize = 103;

/// The path of a database's socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketPlace {
    folder: PathBuf,
    socket: PathBuf,
}

/// Why there can be no socket.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// Other users have access to the folder.
    #[error("{} is not a directory that only you can use ({why}); move it away or set XDG_RUNTIME_DIR", folder.display())]
    Unsafe {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The folder or the socket cannot be created.
    #[error("cannot create the socket {} ({why}); check the folder, or set XDG_RUNTIME_DIR to another", path.display())]
    Unusable {
        /// The socket.
        path: PathBuf,
        /// The system's own words.
        why: String,
    },
}

impl SocketPlace {
    /// The place for the database at `database`: in the folder of the session (`runtime`),
    /// otherwise in a folder of this user under `temporary`.
    #[must_use]
    pub fn of(database: &Path, runtime: Option<&Path>, temporary: &Path) -> Self {
        let folder = match runtime {
            Some(runtime) => runtime.join("phonolog"),
            None => temporary.join(format!("phonolog-{}", user())),
        };
        let socket = folder.join(format!("{}.sock", identity(database)));
        Self { folder, socket }
    }

    /// The socket.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Whether there is a socket that only this user can have created.
    pub(super) fn look(&self) -> Result<bool, PlaceError> {
        match std::fs::symlink_metadata(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            _ => self.check_folder()?,
        }
        Ok(std::fs::symlink_metadata(&self.socket).is_ok_and(|found| found.file_type().is_socket()))
    }

    /// Whether a process listens on the socket.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        self.look().is_ok_and(|found| found) && UnixStream::connect(&self.socket).is_ok()
    }

    /// Listens. The caller holds the database's lock, so an existing socket is a dead one.
    pub(super) fn listen(&self) -> Result<UnixListener, PlaceError> {
        if self.socket.as_os_str().len() > LONGEST {
            return Err(self.unusable(&io::Error::other("its path is too long")));
        }
        let made = std::fs::DirBuilder::new().mode(0o700).create(&self.folder);
        if let Err(error) = made.or_else(ignore(ErrorKind::AlreadyExists)) {
            return Err(self.unusable(&error));
        }
        self.check_folder()?;
        match std::fs::symlink_metadata(&self.socket) {
            Ok(found) if !found.file_type().is_socket() => {
                return Err(self.unusable(&io::Error::other("another file is there")));
            }
            Ok(_) => self.remove(),
            Err(_) => {}
        }
        let listener = UnixListener::bind(&self.socket).map_err(|error| self.unusable(&error))?;
        // The folder already keeps others out; this covers a folder that was opened by mistake.
        std::fs::set_permissions(&self.socket, std::fs::Permissions::from_mode(0o600))
            .map_err(|error| self.unusable(&error))?;
        Ok(listener)
    }

    /// Removes the socket, under the lock.
    pub(super) fn remove(&self) {
        if let Err(error) = std::fs::remove_file(&self.socket)
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!(%error, socket = %self.socket.display(), "the socket could not be removed");
        }
    }

    fn check_folder(&self) -> Result<(), PlaceError> {
        let is_unsafe = |why| PlaceError::Unsafe { folder: self.folder.clone(), why };
        let found = std::fs::symlink_metadata(&self.folder).map_err(|error| self.unusable(&error))?;
        if found.is_symlink() {
            return Err(is_unsafe("it is a symbolic link"));
        }
        if !found.is_dir() {
            return Err(is_unsafe("it is a file"));
        }
        if found.uid() != user() {
            return Err(is_unsafe("it belongs to another user"));
        }
        if found.permissions().mode() & 0o077 != 0 {
            return Err(is_unsafe("other users can enter it"));
        }
        Ok(())
    }

    fn unusable(&self, error: &io::Error) -> PlaceError {
        PlaceError::Unusable { path: self.socket.clone(), why: error.to_string() }
    }
}

fn ignore(kind: ErrorKind) -> impl FnOnce(io::Error) -> io::Result<()> {
    move |error| if error.kind() == kind { Ok(()) } else { Err(error) }
}

/// This user.
pub(super) fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Sixteen hexadecimal digits that identify the file, whichever path leads to it.
fn identity(database: &Path) -> String {
    let digest = Sha256::digest(files::resolved(database).as_os_str().as_bytes());
    hex(digest.get(..8).unwrap_or_default())
}

/// Two digits for each byte.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(dir: &Path) -> SocketPlace {
        SocketPlace::of(&dir.join("phonolog.db"), None, dir)
    }

    fn why(place: &SocketPlace) -> String {
        place.listen().unwrap_err().to_string()
    }

    #[test]
    fn one_file_has_one_socket_by_whichever_way_it_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let before = place(dir.path());
        std::fs::write(dir.path().join("phonolog.db"), "").unwrap();
        std::os::unix::fs::symlink(dir.path(), dir.path().join("link")).unwrap();
        let named_otherwise = SocketPlace::of(&dir.path().join("link/phonolog.db"), None, dir.path());
        assert_eq!(before, place(dir.path()));
        assert_eq!(before, named_otherwise);
        assert_ne!(before, SocketPlace::of(&dir.path().join("other.db"), None, dir.path()));
        let name = before.socket().file_stem().unwrap().to_str().unwrap();
        assert!(name.len() == 16 && name.chars().all(|c| c.is_ascii_hexdigit()), "{name}");
    }

    #[tokio::test]
    async fn folder_and_socket_are_for_their_owner_and_a_dead_socket_makes_room() {
        let dir = tempfile::tempdir().unwrap();
        let place = place(dir.path());
        assert!(!place.look().unwrap());
        drop(place.listen().unwrap());
        let _again = place.listen().unwrap();
        assert!(place.look().unwrap());
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&place.folder), mode(place.socket())), (0o700, 0o600));
    }

    #[tokio::test]
    async fn a_folder_that_is_not_ours_alone_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let place = place(dir.path());
        std::fs::create_dir(dir.path().join("theirs")).unwrap();
        std::os::unix::fs::symlink(dir.path().join("theirs"), &place.folder).unwrap();
        assert!(why(&place).contains("it is a symbolic link"));
        assert!(place.look().is_err());
        std::fs::remove_file(&place.folder).unwrap();
        std::fs::create_dir(&place.folder).unwrap();
        std::fs::set_permissions(&place.folder, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert!(why(&place).contains("other users can enter it"));
        assert!(place.look().is_err());
        std::fs::set_permissions(&place.folder, std::fs::Permissions::from_mode(0o700)).unwrap();
        std::fs::write(place.socket(), "precious").unwrap();
        assert!(why(&place).contains("another file is there"));
        assert_eq!(std::fs::read_to_string(place.socket()).unwrap(), "precious");
    }

    #[tokio::test]
    async fn a_path_that_no_socket_can_have_is_one_sentence() {
        let dir = tempfile::tempdir().unwrap();
        let long = SocketPlace::of(&dir.path().join("x"), None, &dir.path().join("y".repeat(120)));
        assert!(why(&long).contains("too long"));
    }
}

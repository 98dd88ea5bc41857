//! Opens and reads small files that a person or another program wrote: the config, a theme, tokens,
//! locks.
//!
//! Owns: protection against pipes and devices, links, and how much of a file is read. Must not
//! know: the contents of the files. Opening a pipe in the ordinary way waits for its other end, and
//! signals are not noticed meanwhile. Reading `/dev/zero` in the ordinary way ends when memory
//! does. It also resolves which file a path names.

use std::fmt;
use std::fs::{self, File, FileType, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

/// Whether a link at the end of a path is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// It is: a person chose the path.
    Follow,
    /// It is an error: the file is phonolog's own, and the link was created by someone else.
    Refuse,
}

/// Why a file cannot be used; as a clause about "it".
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system refused.
    #[error("{}", system_words(.0))]
    System(io::Error),
    /// The name is not that of a file.
    #[error("it is {0}, not a file")]
    NotAFile(FileKind),
    /// The file is larger than any such file.
    #[error("it is larger than {0}, too large for such a file")]
    TooLarge(Size),
    /// It is not UTF-8.
    #[error("it is not UTF-8 text")]
    NotText,
}

impl FileError {
    /// Whether the file does not exist.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::System(error) if error.kind() == ErrorKind::NotFound)
    }

    /// What a person does next, as a clause about "it".
    #[must_use]
    pub const fn next_step(&self) -> &'static str {
        match self {
            Self::System(_) => "check its owner and mode",
            Self::NotAFile(_) => "replace it with a file or name another one",
            Self::TooLarge(_) => "check its contents or name another one",
            Self::NotText => "save it as UTF-8",
        }
    }
}

impl From<FileError> for io::Error {
    fn from(error: FileError) -> Self {
        match error {
            FileError::System(error) => error,
            other => Self::new(ErrorKind::InvalidInput, other.to_string()),
        }
    }
}

/// Kinds of files that are not regular.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A directory.
    Folder,
    /// A FIFO.
    Pipe,
    /// A block or character device.
    Device,
    /// A socket.
    Socket,
    /// A symbolic link where none is allowed.
    Link,
}

impl FileKind {
    /// The kind; `None` for a regular file.
    #[must_use]
    pub fn of(kind: FileType) -> Option<Self> {
        match () {
            () if kind.is_file() => None,
            () if kind.is_dir() => Some(Self::Folder),
            () if kind.is_fifo() => Some(Self::Pipe),
            () if kind.is_socket() => Some(Self::Socket),
            () if kind.is_symlink() => Some(Self::Link),
            () => Some(Self::Device),
        }
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Folder => "a folder",
            Self::Pipe => "a pipe",
            Self::Device => "a device",
            Self::Socket => "a socket",
            Self::Link => "a link",
        })
    }
}

/// A number of bytes, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes if bytes >= 1 << 30 => write!(f, "{} GB", bytes >> 30),
            bytes if bytes >= 1 << 20 => write!(f, "{} MB", bytes >> 20),
            bytes => write!(f, "{} kB", bytes.div_ceil(1024)),
        }
    }
}

/// Opens a regular file with `options`, and never waits: any other kind of file is an error.
pub fn open(path: &Path, options: &mut OpenOptions, links: Links) -> Result<File, FileError> {
    let mut flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    if links == Links::Refuse {
        flags |= OFlags::NOFOLLOW;
    }
    let flags = i32::try_from(flags.bits()).unwrap_or(0);
    let file = options.custom_flags(flags).open(path).map_err(|error| refusal(path, error, links))?;
    match FileKind::of(file.metadata().map_err(FileError::System)?.file_type()) {
        None => Ok(file),
        Some(kind) => Err(FileError::NotAFile(kind)),
    }
}

/// Reads a regular file of at most `most` bytes.
pub fn read(path: &Path, links: Links, most: u64) -> Result<Vec<u8>, FileError> {
    read_open(open(path, OpenOptions::new().read(true), links)?, most)
}

/// Reads a regular file of at most `most` bytes of UTF-8.
pub fn read_text(path: &Path, links: Links, most: u64) -> Result<String, FileError> {
    String::from_utf8(read(path, links, most)?).map_err(|_| FileError::NotText)
}

/// Reads the rest of an open file, which is at most `most` bytes.
pub fn read_open(file: File, most: u64) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(FileError::System)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
        return Err(FileError::TooLarge(Size(most)));
    }
    Ok(bytes)
}

/// The system's own words, without the number that follows them.
#[must_use]
pub fn system_words(error: &io::Error) -> String {
    let words = error.to_string();
    words.split_once(" (os error").map_or_else(|| words.clone(), |(words, _)| words.to_owned())
}

/// The system's words for a socket or a link explain little.
fn refusal(path: &Path, error: io::Error, links: Links) -> FileError {
    let found = match links {
        Links::Follow => fs::metadata(path),
        Links::Refuse => fs::symlink_metadata(path),
    };
    match found.ok().and_then(|found| FileKind::of(found.file_type())) {
        Some(kind) if error.kind() != ErrorKind::PermissionDenied => FileError::NotAFile(kind),
        _ => FileError::System(error),
    }
}

/// The path without links and dots, whichever link leads to the file; the file need not exist yet.
#[must_use]
pub fn resolved(path: &Path) -> PathBuf {
    if let Ok(path) = std::fs::canonicalize(path) {
        return path;
    }
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    // A link to a file that does not exist yet names that file.
    let target = std::fs::read_link(&absolute).ok().and_then(|target| Some(absolute.parent()?.join(target)));
    let absolute = target.unwrap_or(absolute);
    let folder = absolute.parent().and_then(|folder| std::fs::canonicalize(folder).ok());
    match (folder, absolute.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => absolute,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    fn refused(path: &Path) -> String {
        read(path, Links::Follow, 10).unwrap_err().to_string()
    }

    #[test]
    fn only_files_are_opened_and_nothing_is_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
        let _listener = UnixListener::bind(dir.path().join("socket")).unwrap();
        assert_eq!(refused(&pipe), "it is a pipe, not a file");
        assert_eq!(refused(&dir.path().join("socket")), "it is a socket, not a file");
        assert_eq!(refused(dir.path()), "it is a folder, not a file");
        assert_eq!(refused(Path::new("/dev/zero")), "it is a device, not a file");
        let writing = open(&pipe, OpenOptions::new().write(true), Links::Refuse);
        assert!(matches!(writing, Err(FileError::NotAFile(FileKind::Pipe))));
        assert!(read(&dir.path().join("none"), Links::Refuse, 10).unwrap_err().is_missing());
        assert_eq!(refused(&dir.path().join("none")), "No such file or directory");
    }

    #[test]
    fn a_link_leads_to_a_person_s_file_and_never_to_one_of_our_own() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("file"), dir.path().join("link"));
        fs::write(&file, "text").unwrap();
        symlink(&file, &link).unwrap();
        assert_eq!(read_text(&link, Links::Follow, 10).unwrap(), "text");
        let refused = read_text(&link, Links::Refuse, 10).unwrap_err();
        assert_eq!(refused.to_string(), "it is a link, not a file");
        let mut writing = OpenOptions::new();
        writing.write(true).create(true).truncate(true);
        assert!(open(&link, &mut writing, Links::Refuse).is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), "text", "nothing was written through it");
        assert_eq!(read_text(&file, Links::Refuse, 10).unwrap(), "text");
    }

    #[test]
    fn no_more_is_read_than_such_a_file_may_have() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, [b'x'; 10]).unwrap();
        assert_eq!(read(&file, Links::Follow, 10).unwrap().len(), 10);
        fs::write(&file, [b'x'; 11]).unwrap();
        assert_eq!(refused(&file), "it is larger than 1 kB, too large for such a file");
        fs::write(&file, [0xff]).unwrap();
        assert!(matches!(read_text(&file, Links::Follow, 10), Err(FileError::NotText)));
    }
}

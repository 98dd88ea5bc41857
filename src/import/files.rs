//! The files to read: one, or those of a folder.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use sha2::{Digest, Sha256};

use super::archive::ArchiveLimits;
use super::encoding::{Content, HEAD};
use super::interner::Interner;
use super::{Ending, Event, ReadControl, Sink};
use crate::domain::SourceDigest;
use crate::files::{self, FileError, FileKind, Links};

/// Why a path cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The system refused.
    #[error("{} cannot be read ({why}); {}", path.display(), next_step(why))]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// The reason.
        why: FileError,
    },
    /// It has the name of an archive but is not one.
    #[error("{} is not a complete zip file ({why}); download it again", path.display())]
    BrokenArchive {
        /// The path.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

const fn next_step(why: &FileError) -> &'static str {
    match why {
        FileError::NotAFile(_) => "name a file, or save the input to a file first",
        _ => "check the path and its permissions",
    }
}

/// Reads everything at one path.
pub(super) struct SourceReading<'a, S> {
    pub(super) kept: Interner,
    pub(super) sink: &'a mut S,
    pub(super) limits: &'a ArchiveLimits<'a>,
}

/// Counts the read bytes of a file.
struct CountedBytes<'a> {
    inner: File,
    control: &'a ReadControl,
}

impl Read for CountedBytes<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.control.bytes.fetch_add(u64::try_from(read).unwrap_or(0), Ordering::Relaxed);
        Ok(read)
    }
}

impl Seek for CountedBytes<'_> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// The greatest depth of folders. Links are not followed, so there can be no loop.
const DEPTH: u32 = 64;

/// The number of bytes to read at `path`.
#[must_use]
pub fn weigh(path: &Path) -> u64 {
    let of_folder = || weigh_folder(path, DEPTH);
    fs::metadata(path).map_or(0, |meta| if meta.is_dir() { of_folder() } else { meta.len() })
}

fn weigh_folder(path: &Path, depth: u32) -> u64 {
    let weight = |entry: &fs::DirEntry| {
        let (path, kind) = (entry.path(), entry.file_type().ok()?);
        match WantedSource::of(&path, kind, depth) {
            WantedSource::Folder => Some(weigh_folder(&path, depth - 1)),
            WantedSource::File => Some(entry.metadata().ok()?.len()),
            WantedSource::Skipped(_) | WantedSource::Nothing => None,
        }
    };
    fs::read_dir(path).into_iter().flatten().flatten().filter_map(|entry| weight(&entry)).sum()
}

/// How an entry of a folder is handled.
enum WantedSource {
    Folder,
    File,
    /// It would be read if it were of another kind, and is reported.
    Skipped(String),
    Nothing,
}

impl WantedSource {
    fn of(path: &Path, kind: fs::FileType, depth: u32) -> Self {
        let name = path.to_string_lossy();
        let is_named_so = is_export(&name) || is_foreign_archive(&name);
        match FileKind::of(kind) {
            _ if is_leftover(&name) => Self::Nothing,
            Some(FileKind::Folder) if depth > 0 => Self::Folder,
            Some(FileKind::Folder) => Self::Skipped(format!("is nested in more than {DEPTH} folders")),
            _ if !is_named_so => Self::Nothing,
            Some(FileKind::Link) => Self::Skipped("is a symbolic link; links are not followed".to_owned()),
            Some(kind) => Self::Skipped(format!("is {kind}, not a file")),
            None => Self::File,
        }
    }
}

/// Reads everything at `path` into `sink`, in the order of names; `false` if the sink or `control`
/// stopped the reading.
pub fn read(path: &Path, control: &ReadControl, sink: &mut impl Sink) -> Result<bool, ImportError> {
    let meta = fs::metadata(path).map_err(|error| unreadable(path, FileError::System(error)))?;
    let limits = &ArchiveLimits::new(control);
    let mut reading = SourceReading { kept: Interner::default(), sink, limits };
    if meta.is_dir() { reading.folder(path, DEPTH) } else { reading.file(path) }
}

fn unreadable(path: &Path, why: FileError) -> ImportError {
    ImportError::Unreadable { path: path.to_owned(), why }
}

impl<S: Sink> SourceReading<'_, S> {
    fn folder(&mut self, path: &Path, depth: u32) -> Result<bool, ImportError> {
        let entries = fs::read_dir(path).map_err(|error| unreadable(path, FileError::System(error)))?;
        let mut entries: Vec<_> = entries.flatten().collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let (path, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
            let goes_on = match WantedSource::of(&path, kind, depth) {
                WantedSource::Folder => self.folder_of_many(&path, depth - 1),
                WantedSource::File => self.file_of_many(&path),
                WantedSource::Skipped(why) => self.skip(path.display().to_string(), why),
                WantedSource::Nothing => true,
            };
            if !goes_on {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// An unreadable entry affects only itself.
    fn folder_of_many(&mut self, path: &Path, depth: u32) -> bool {
        let read = self.folder(path, depth);
        read.unwrap_or_else(|error| self.broken(path.display().to_string(), error.to_string()))
    }

    fn file_of_many(&mut self, path: &Path) -> bool {
        let read = self.file(path);
        read.unwrap_or_else(|error| self.broken(path.display().to_string(), error.to_string()))
    }

    fn file(&mut self, path: &Path) -> Result<bool, ImportError> {
        let unreadable = |why| unreadable(path, why);
        let file = files::open(path, OpenOptions::new().read(true), Links::Follow).map_err(unreadable)?;
        let system = |error| unreadable(FileError::System(error));
        let mut file = file;
        let name = path.display().to_string();
        let Some(digest) = digest(&mut file, self.limits.control).map_err(system)? else { return Ok(false) };
        if self.limits.control.known.contains(&digest) {
            let length = file.metadata().map_err(system)?.len();
            self.limits.control.bytes.fetch_add(length, Ordering::Relaxed);
            return Ok((self.sink)(Event::Known { name, digest }));
        }
        if !(self.sink)(Event::Source { name: name.clone(), digest }) {
            return Ok(false);
        }
        let goes_on = self.whole_file(path, name, file)?;
        Ok(goes_on && (self.sink)(Event::SourceEnd))
    }

    fn whole_file(&mut self, path: &Path, name: String, file: File) -> Result<bool, ImportError> {
        let unreadable = |why| unreadable(path, why);
        let mut file = CountedBytes { inner: file, control: self.limits.control };
        let mut head = Vec::new();
        let looked = (&mut file).take(HEAD).read_to_end(&mut head).and_then(|_| file.rewind());
        looked.map_err(|error| unreadable(FileError::System(error)))?;
        // The bytes of a folder are counted once.
        self.limits.control.bytes.fetch_sub(head.len() as u64, Ordering::Relaxed);
        if Content::of(&head) == Content::Zip || is_zip(&name) {
            let read = self.zip(&name, file, 0);
            return read.map_err(|why| ImportError::BrokenArchive { path: path.to_owned(), why });
        }
        Ok(self.content(name, &mut file, 0))
    }

    /// Reports a skipped file.
    pub(super) fn skip(&mut self, name: String, why: String) -> bool {
        (self.sink)(Event::Skipped { name, why })
    }

    /// Reports a file of which nothing could be read.
    pub(super) fn broken(&mut self, name: String, why: String) -> bool {
        let ending = Ending { broken: Some(why), ..Ending::default() };
        (self.sink)(Event::File { name }) && (self.sink)(Event::End(ending))
    }
}

/// What identifies the contents of the file, which is read from its start again afterwards; `None`
/// if the reading was stopped.
fn digest(file: &mut File, control: &ReadControl) -> io::Result<Option<SourceDigest>> {
    let mut sum = Sha256::new();
    let mut piece = vec![0; 1 << 16];
    loop {
        let read = match file.read(&mut piece) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        if read == 0 {
            break;
        }
        if control.stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        sum.update(piece.get(..read).unwrap_or_default());
    }
    file.rewind()?;
    Ok(Some(SourceDigest(sum.finalize().into())))
}

fn base(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

/// Files that macOS leaves in archives.
pub(super) fn is_leftover(name: &str) -> bool {
    base(name).starts_with("._") || name.split(['/', '\\']).any(|part| part == "__MACOSX")
}

fn has_ending(name: &str, endings: &[&str]) -> bool {
    let ending = Path::new(base(name)).extension();
    ending.is_some_and(|found| endings.iter().any(|ending| found.eq_ignore_ascii_case(ending)))
}

/// Whether a file of that name may be, or contain, a listening history.
pub(super) fn is_export(name: &str) -> bool {
    has_ending(unpacked(name), &["json", "jsonl", "ndjson"]) || is_zip(name)
}

/// Archives that are reported, because people store exports in them, but not read.
pub(super) fn is_foreign_archive(name: &str) -> bool {
    has_ending(unpacked(name), &["tar"]) || has_ending(name, &["tgz", "7z", "rar"])
}

fn is_zip(name: &str) -> bool {
    has_ending(name, &["zip"])
}

/// The name without `.gz`, if it has that suffix.
fn unpacked(name: &str) -> &str {
    let gz = name.rsplit_once('.').filter(|(_, ending)| ending.eq_ignore_ascii_case("gz"));
    gz.map_or(name, |(stem, _)| stem)
}

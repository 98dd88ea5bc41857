//! Which files there are to read: one, those of a folder, those of an archive.

use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use zip::ZipArchive;

use super::kept::Kept;
use super::stream::{self, Outcome};
use super::{Event, Sink};

/// Why a path cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The system refuses.
    #[error("{} cannot be read ({source}); check the path and its permissions", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// It calls itself an archive.
    #[error("{} is not a whole zip file ({why}); download it again", path.display())]
    BrokenArchive {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

/// What is had beside the file at hand.
struct With<'a> {
    kept: Kept,
    bytes: &'a AtomicU64,
}

/// Counts what is read of a file.
struct Counted<'a, R> {
    inner: R,
    bytes: &'a AtomicU64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bytes.fetch_add(u64::try_from(read).unwrap_or(0), Ordering::Relaxed);
        Ok(read)
    }
}

impl<R: Seek> Seek for Counted<'_, R> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// How deep folders are followed.
const DEPTH: u32 = 8;

/// How many bytes there are to be read at `path`.
#[must_use]
pub fn weigh(path: &Path) -> u64 {
    let of_folder = || weigh_folder(path, DEPTH);
    fs::metadata(path).map_or(0, |meta| if meta.is_dir() { of_folder() } else { meta.len() })
}

fn weigh_folder(path: &Path, depth: u32) -> u64 {
    let weight = |entry: &fs::DirEntry| {
        let (path, kind) = (entry.path(), entry.file_type().ok()?);
        match wanted(&path, kind, depth) {
            Wanted::Folder => Some(weigh_folder(&path, depth - 1)),
            Wanted::File => Some(entry.metadata().ok()?.len()),
            Wanted::Link | Wanted::Nothing => None,
        }
    };
    fs::read_dir(path).into_iter().flatten().flatten().filter_map(|entry| weight(&entry)).sum()
}

/// What is done with an entry of a folder.
enum Wanted {
    Folder,
    File,
    /// It may lead out of the folder, or round in it, and is told.
    Link,
    Nothing,
}

fn wanted(path: &Path, kind: fs::FileType, depth: u32) -> Wanted {
    let name = path.to_string_lossy();
    let is_ours = is_json(&name) || is_zip(&name);
    match () {
        () if is_leftover(&name) => Wanted::Nothing,
        () if kind.is_dir() && depth > 0 => Wanted::Folder,
        () if kind.is_symlink() && is_ours => Wanted::Link,
        () if kind.is_file() && is_ours => Wanted::File,
        () => Wanted::Nothing,
    }
}

/// Reads everything at `path` into `sink`, in the order of names, and counts the bytes of it that were read;
/// `false` where the sink wanted no more.
pub fn read(path: &Path, bytes: &AtomicU64, sink: &mut impl Sink) -> Result<bool, ImportError> {
    let meta = fs::metadata(path).map_err(|source| unreadable(path, source))?;
    let with = &mut With { kept: Kept::default(), bytes };
    if meta.is_dir() { folder(path, with, sink, DEPTH) } else { file(path, with, sink) }
}

fn unreadable(path: &Path, source: io::Error) -> ImportError {
    ImportError::Unreadable { path: path.to_owned(), source }
}

fn folder(path: &Path, with: &mut With<'_>, sink: &mut impl Sink, depth: u32) -> Result<bool, ImportError> {
    let entries = fs::read_dir(path).map_err(|source| unreadable(path, source))?;
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
        let goes_on = match wanted(&path, kind, depth) {
            Wanted::Folder => folder(&path, with, sink, depth - 1)?,
            Wanted::File => one_of_many(&path, with, sink),
            Wanted::Link => {
                let name = path.to_string_lossy().into_owned();
                sink(Event::Skipped { name, why: "is a link, which is not followed".to_owned() })
            }
            Wanted::Nothing => true,
        };
        if !goes_on {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A file that cannot be read costs itself, not its neighbours.
fn one_of_many(path: &Path, with: &mut With<'_>, sink: &mut impl Sink) -> bool {
    match file(path, with, sink) {
        Ok(goes_on) => goes_on,
        Err(error) => {
            let name = path.display().to_string();
            let ending = super::Ending { broken: Some(error.to_string()), ..super::Ending::default() };
            sink(Event::File { name }) && sink(Event::End(ending))
        }
    }
}

fn file(path: &Path, with: &mut With<'_>, sink: &mut impl Sink) -> Result<bool, ImportError> {
    let mut file = File::open(path).map_err(|source| unreadable(path, source))?;
    let mut magic = [0; 4];
    let read = read_up_to(&mut file, &mut magic).map_err(|source| unreadable(path, source))?;
    file.rewind().map_err(|source| unreadable(path, source))?;
    let name = path.display().to_string();
    let file = Counted { inner: file, bytes: with.bytes };
    let is_archive = magic.get(..read).is_some_and(|start| start.starts_with(b"PK"));
    if is_archive || is_zip(&name) {
        archive(path, file, with, sink)
    } else {
        Ok(json(name, file, with, sink))
    }
}

fn read_up_to(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while let Some(rest) = buffer.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match file.read(rest)? {
            0 => break,
            more => read += more,
        }
    }
    Ok(read)
}

fn archive(
    path: &Path,
    file: impl Read + Seek,
    with: &mut With<'_>,
    sink: &mut impl Sink,
) -> Result<bool, ImportError> {
    let broken = |why: String| ImportError::BrokenArchive { path: path.to_owned(), why };
    let mut archive = ZipArchive::new(file).map_err(|error| broken(error.to_string()))?;
    let mut names: Vec<(String, usize)> = Vec::new();
    for index in 0..archive.len() {
        if let Some(Ok(name)) = archive.name_for_index(index) {
            names.push((name.into_owned(), index));
        }
    }
    names.sort();
    for (inner, index) in names {
        if is_leftover(&inner) || !is_json(&inner) {
            continue;
        }
        let name = format!("{}/{inner}", path.display());
        let goes_on = match archive.by_index(index) {
            Ok(entry) if entry.enclosed_name().is_none() => {
                sink(Event::Skipped { name, why: "names a place outside of its archive".to_owned() })
            }
            Ok(entry) => json(name, entry, with, sink),
            Err(error) => {
                let ending = super::Ending { broken: Some(error.to_string()), ..super::Ending::default() };
                sink(Event::File { name }) && sink(Event::End(ending))
            }
        };
        if !goes_on {
            return Ok(false);
        }
    }
    Ok(true)
}

fn json(name: String, reader: impl Read, with: &mut With<'_>, sink: &mut impl Sink) -> bool {
    if !sink(Event::File { name: name.clone() }) {
        return false;
    }
    match stream::read(reader, &mut with.kept, sink) {
        Outcome::History(ending) => sink(Event::End(ending)),
        Outcome::Other(why) => sink(Event::Skipped { name, why }),
        Outcome::Stopped => false,
    }
}

fn base(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

/// What macOS leaves in archives.
fn is_leftover(name: &str) -> bool {
    base(name).starts_with("._") || name.split(['/', '\\']).any(|part| part == "__MACOSX")
}

fn has_ending(name: &str, ending: &str) -> bool {
    Path::new(base(name)).extension().is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

fn is_json(name: &str) -> bool {
    has_ending(name, "json")
}

fn is_zip(name: &str) -> bool {
    has_ending(name, "zip")
}

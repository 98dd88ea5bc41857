//! Which files there are to read: one, those of a folder, those of an archive.

use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

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

/// How deep folders are followed.
const DEPTH: u32 = 8;

/// Reads everything at `path` into `sink`, in the order of names; `false` where the sink wanted no more.
pub fn read(path: &Path, sink: &mut impl Sink) -> Result<bool, ImportError> {
    let meta = fs::metadata(path).map_err(|source| unreadable(path, source))?;
    let kept = &mut Kept::default();
    if meta.is_dir() { folder(path, kept, sink, DEPTH) } else { file(path, kept, sink) }
}

fn unreadable(path: &Path, source: io::Error) -> ImportError {
    ImportError::Unreadable { path: path.to_owned(), source }
}

/// Links are not followed: they may lead out of the folder, or round in it.
fn folder(path: &Path, kept: &mut Kept, sink: &mut impl Sink, depth: u32) -> Result<bool, ImportError> {
    let entries = fs::read_dir(path).map_err(|source| unreadable(path, source))?;
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
        let name = path.to_string_lossy().into_owned();
        if is_leftover(&name) {
            continue;
        }
        let goes_on = if kind.is_dir() && depth > 0 {
            folder(&path, kept, sink, depth - 1)?
        } else if kind.is_symlink() && (is_json(&name) || is_zip(&name)) {
            sink(Event::Skipped { name, why: "is a link, which is not followed".to_owned() })
        } else if kind.is_file() && (is_json(&name) || is_zip(&name)) {
            one_of_many(&path, kept, sink)
        } else {
            true
        };
        if !goes_on {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A file that cannot be read costs itself, not its neighbours.
fn one_of_many(path: &Path, kept: &mut Kept, sink: &mut impl Sink) -> bool {
    match file(path, kept, sink) {
        Ok(goes_on) => goes_on,
        Err(error) => {
            let name = path.display().to_string();
            let ending = super::Ending { broken: Some(error.to_string()), ..super::Ending::default() };
            sink(Event::File { name }) && sink(Event::End(ending))
        }
    }
}

fn file(path: &Path, kept: &mut Kept, sink: &mut impl Sink) -> Result<bool, ImportError> {
    let mut file = File::open(path).map_err(|source| unreadable(path, source))?;
    let mut magic = [0; 4];
    let read = read_up_to(&mut file, &mut magic).map_err(|source| unreadable(path, source))?;
    file.rewind().map_err(|source| unreadable(path, source))?;
    let name = path.display().to_string();
    let is_archive = magic.get(..read).is_some_and(|start| start.starts_with(b"PK"));
    if is_archive || is_zip(&name) {
        archive(path, file, kept, sink)
    } else {
        Ok(json(name, file, kept, sink))
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

fn archive(path: &Path, file: File, kept: &mut Kept, sink: &mut impl Sink) -> Result<bool, ImportError> {
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
            Ok(entry) => json(name, entry, kept, sink),
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

fn json(name: String, reader: impl Read, kept: &mut Kept, sink: &mut impl Sink) -> bool {
    if !sink(Event::File { name: name.clone() }) {
        return false;
    }
    match stream::read(reader, kept, sink) {
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

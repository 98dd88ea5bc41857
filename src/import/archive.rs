//! Packed files: zip archives, gzip, one inside another, and how much of them is read.
//!
//! A few kilobytes may unpack to terabytes. So there are limits for the unpacked bytes, the number
//! of files, their depth and the length of an archive's directory. The limits are for all archives
//! of a path together.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::sync::atomic::Ordering;

use flate2::read::MultiGzDecoder;
use zip::ZipArchive;

use super::encoding::{Content, HEAD};
use super::files::{SourceReading, is_export, is_foreign_archive, is_leftover};
use super::stream::{self, ElementOutcome};
use super::{Event, ReadControl, Sink};
use crate::files::system_words;

/// The greatest depth of archives in archives.
const DEEPEST: u32 = 3;
/// The most unpacked bytes; the exports of twenty years have less than one gigabyte.
const MOST_UNPACKED: u64 = 4 << 30;
/// The most files in archives; an export has about thirty.
const MOST_FILES: u32 = 20_000;
/// The most bytes that are read to find an archive's files; ten thousand names need one megabyte.
const LONGEST_DIRECTORY: u64 = 4 << 20;
/// The most bytes of a name that are shown.
const LONGEST_NAME: usize = 400;

/// What may still be read at a path.
pub(super) struct ArchiveLimits<'a> {
    pub(super) control: &'a ReadControl,
    unpacked: Cell<u64>,
    files: Cell<u32>,
}

impl<'a> ArchiveLimits<'a> {
    pub(super) const fn new(control: &'a ReadControl) -> Self {
        Self { control, unpacked: Cell::new(MOST_UNPACKED), files: Cell::new(MOST_FILES) }
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.control.stop.load(Ordering::Relaxed)
    }

    /// Counts one of the allowed files.
    fn one_file(&self) -> Result<(), String> {
        let left = self.files.get().checked_sub(1);
        self.files.set(left.ok_or_else(|| format!("it has more than {MOST_FILES} files"))?);
        Ok(())
    }
}

/// A reader that ends at a limit or when the reading is stopped.
struct Limited<'a, R> {
    inner: R,
    limits: &'a ArchiveLimits<'a>,
    is_packed: bool,
}

impl<R: Read> Read for Limited<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.limits.is_stopped() {
            return Err(io::Error::other("is no longer needed"));
        }
        let read = self.inner.read(buffer)?;
        if self.is_packed {
            let left = self.limits.unpacked.get().checked_sub(u64::try_from(read).unwrap_or(u64::MAX));
            let too_much = || io::Error::other("unpacks to more than 4 GB, too much for an export");
            self.limits.unpacked.set(left.ok_or_else(too_much)?);
        }
        Ok(read)
    }
}

/// A file that fails after a limit of read bytes; without a limit it does not.
struct Bounded<'a, F> {
    inner: F,
    left: &'a Cell<Option<u64>>,
}

impl<F: Read> Read for Bounded<'_, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if let Some(left) = self.left.get() {
            let left = left.checked_sub(u64::try_from(read).unwrap_or(u64::MAX));
            self.left.set(Some(left.ok_or_else(|| io::Error::other("its directory of files is too large"))?));
        }
        Ok(read)
    }
}

impl<F: Seek> Seek for Bounded<'_, F> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

impl<S: Sink> SourceReading<'_, S> {
    /// Reads the files of an archive, in the order of their names; `depth` archives are around it.
    pub(super) fn zip(&mut self, path: &str, file: impl Read + Seek, depth: u32) -> Result<bool, String> {
        let left = Cell::new(Some(LONGEST_DIRECTORY));
        let opened = ZipArchive::new(Bounded { inner: file, left: &left });
        let mut archive = opened.map_err(|error| error.to_string())?;
        left.set(None);
        let mut names: Vec<(String, usize)> = Vec::new();
        for index in 0..archive.len() {
            if let Some(Ok(name)) = archive.name_for_index(index) {
                names.push((name.into_owned(), index));
            }
        }
        names.sort();
        for (inner, index) in names {
            if is_leftover(&inner) || !(is_export(&inner) || is_foreign_archive(&inner)) {
                continue;
            }
            self.limits.one_file()?;
            let name = format!("{path}/{}", short(&inner));
            let goes_on = match archive.by_index(index) {
                Ok(entry) if entry.enclosed_name().is_none() => {
                    self.skip(name, "has a path outside its archive".to_owned())
                }
                Ok(mut entry) => self.content(name, &mut entry, depth + 1),
                Err(error) => self.broken(name, unpack_elsewhere(&error.to_string())),
            };
            if !goes_on {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads a file or an archive's entry; `depth` archives are around it.
    pub(super) fn content(&mut self, name: String, reader: &mut dyn Read, depth: u32) -> bool {
        let limits = self.limits;
        let mut reader = Limited { inner: reader, limits, is_packed: depth > 0 };
        let mut head = Vec::new();
        if let Err(error) = (&mut reader).take(HEAD).read_to_end(&mut head) {
            let why = match depth {
                0 => system_words(&error),
                _ => unpack_elsewhere(&system_words(&error)),
            };
            return !limits.is_stopped() && self.broken(name, why);
        }
        let content = Content::of(&head);
        let mut whole = io::Cursor::new(head).chain(reader);
        match content {
            Content::Text(encoding) => self.history(name, &mut encoding.decoded(whole)),
            Content::Foreign(what) => self.skip(name, format!("is {what}")),
            Content::Zip | Content::Gzip if depth > DEEPEST => {
                self.skip(name, format!("is nested in more than {DEEPEST} archives"))
            }
            Content::Gzip => self.content(name, &mut MultiGzDecoder::new(whole), depth + 1),
            Content::Zip => match spooled(&mut whole) {
                Ok(file) => self.zip_of_many(name, file, depth),
                Err(error) => {
                    !limits.is_stopped()
                        && self.broken(name, format!("cannot be unpacked: {}", system_words(&error)))
                }
            },
        }
    }

    /// An unreadable archive affects only itself.
    fn zip_of_many(&mut self, name: String, file: File, depth: u32) -> bool {
        let read = self.zip(&name, file, depth);
        read.unwrap_or_else(|why| self.broken(name, format!("is not a complete zip file ({why})")))
    }

    fn history(&mut self, name: String, reader: &mut dyn Read) -> bool {
        if !(self.sink)(Event::File { name: name.clone() }) {
            return false;
        }
        let outcome = stream::read(reader, &mut self.kept, self.limits.control.keeps_rejected, self.sink);
        match outcome {
            _ if self.limits.is_stopped() => false,
            ElementOutcome::History(ending) => (self.sink)(Event::End(ending)),
            ElementOutcome::Other(why) => self.skip(name, why),
            ElementOutcome::Stopped => false,
        }
    }
}

/// Archives have many compression methods, and some are encrypted.
fn unpack_elsewhere(why: &str) -> String {
    format!("cannot be unpacked here ({why}); unpack the archive and import its folder")
}

/// An archive's directory is at its end, so an archive inside another one is written to an unnamed
/// file.
fn spooled(reader: &mut dyn Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(reader, &mut file)?;
    file.rewind()?;
    Ok(file)
}

fn short(name: &str) -> String {
    let mut end = name.len().min(LONGEST_NAME);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.get(..end).unwrap_or_default().to_owned()
}

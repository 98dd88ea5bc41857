//! Reads privacy exports row by row.
//!
//! Owns: files, folders and archives, and the formats in them. Must not know: where rows are
//! stored. The memory for reading does not depend on the real or claimed size of a file, or on the
//! size of its rows.
//!
//! | file | idea |
//! |---|---|
//! | `files` | the files to read: one, or those of a folder |
//! | `archive` | packed files: zip, gzip, one inside another, and how much of them is read |
//! | `encoding` | recognises the format and the encoding of a file by its first bytes |
//! | `stream` | rows, one after the other, in any lists |
//! | `json_buffer` | the buffer for their text |
//! | `damage` | the end of a row that is not valid JSON |
//! | `row` | one element: its format and its values |
//! | `time` | the formats of a time |
//! | `interner` | values that occur in many rows |
//! | `spreadsheet` | values as spreadsheet programs write them |

mod archive;
mod damage;
mod encoding;
mod files;
mod interner;
mod json_buffer;
mod row;
mod spreadsheet;
mod stream;
#[cfg(test)]
mod tests;
mod time;

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64};

pub use files::{ImportError, read, weigh};
pub use stream::NO_HISTORY;

use crate::domain::{ExportRow, SourceDigest};

/// What another thread may observe and control during the reading.
#[derive(Debug, Default)]
pub struct ReadControl {
    /// Bytes of files that were read so far, in their packed form.
    pub bytes: AtomicU64,
    /// Set to stop the reading; checked at the next piece of a file.
    pub stop: AtomicBool,
    /// Files on disk with these contents are not read.
    pub known: HashSet<SourceDigest>,
    /// Whether batches have the texts of rejected rows.
    pub keeps_rejected: bool,
}

/// What the reading finds, in order.
#[derive(Debug)]
pub enum Event {
    /// A file on disk begins, with all files in it.
    Source {
        /// Its path.
        name: String,
        /// Its contents.
        digest: SourceDigest,
    },
    /// The end of this file on disk.
    SourceEnd,
    /// A file on disk of [`ReadControl::known`].
    Known {
        /// Its path.
        name: String,
        /// Its contents.
        digest: SourceDigest,
    },
    /// A file begins.
    File {
        /// Its name, including that of its archive or folder.
        name: String,
    },
    /// Rows of the current file.
    Rows(Batch),
    /// The end of the current file.
    End(Ending),
    /// A file was skipped.
    Skipped {
        /// Its name.
        name: String,
        /// Why, as a sentence without subject and full stop; [`NO_HISTORY`] for the other files of
        /// an export.
        why: String,
    },
}

/// Consecutive rows of a file.
#[derive(Debug, Default)]
pub struct Batch {
    /// Rows that can be stored.
    pub rows: Vec<ExportRow>,
    /// Indices of the rows before which rejected rows were found, or of the end; in ascending
    /// order.
    pub lacks: Vec<usize>,
    /// The rejected rows, if [`ReadControl::keeps_rejected`].
    pub rejected: Vec<RejectedText>,
}

/// A row that was rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedText {
    /// Its number in the file, from 1.
    pub row: u64,
    /// Why, in words without a subject.
    pub why: &'static str,
    /// Its text; empty if it was too long to be read.
    pub text: String,
}

/// How a file ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ending {
    /// All rows, readable or not.
    pub rows: u64,
    /// Rejected rows: how many, by reason.
    pub rejected: BTreeMap<&'static str, Rejected>,
    /// Why the file could not be read to its end; the rows before are valid.
    pub broken: Option<String>,
}

/// Rows that were rejected for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rejected {
    /// How many.
    pub rows: u64,
    /// The first of them, counted from 1.
    pub first: u64,
}

/// Receives the events; `false` stops the reading.
pub trait Sink: FnMut(Event) -> bool {}
impl<F: FnMut(Event) -> bool> Sink for F {}

//! Privacy exports, read row by row.
//!
//! Owns: files, folders and archives, and the formats in them. Must not know: where rows are kept. The
//! memory that reading takes depends neither on a file's size nor on the size that it claims, nor on that of
//! its rows.
//!
//! | file | idea |
//! |---|---|
//! | `files` | which files there are: one, a folder's |
//! | `archive` | what is packed: zip, gzip, one in another, and how much of it is read |
//! | `encoding` | what a file begins with: which format and encoding it is |
//! | `stream` | rows, one after the other, in whatever lists they stand |
//! | `json_buffer` | the text of them that is held |
//! | `damage` | where a row ends that is no JSON |
//! | `row` | one element: which format it is, and what it says |
//! | `time` | the forms in which a moment is written |
//! | `interner` | what rows name again and again |
//! | `loose` | a value that may be of another type |

mod archive;
mod damage;
mod encoding;
mod files;
mod interner;
mod json_buffer;
mod loose;
mod row;
mod stream;
#[cfg(test)]
mod tests;
mod time;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64};

pub use files::{ImportError, read, weigh};
pub use stream::NO_HISTORY;

use crate::domain::ExportRow;

/// What somebody else may see and say while files are read.
#[derive(Debug, Default)]
pub struct ReadControl {
    /// Bytes of files that were read so far, packed as they are.
    pub bytes: AtomicU64,
    /// Set by whoever wants no more; heard at the next piece of a file.
    pub stop: AtomicBool,
}

/// What reading comes upon, in order.
#[derive(Debug)]
pub enum Event {
    /// A file begins.
    File {
        /// Its name, with the archive's or folder's where it lies in one.
        name: String,
    },
    /// Rows of the file that began last.
    Rows(Batch),
    /// That file is over.
    End(Ending),
    /// A file was left aside.
    Skipped {
        /// Its name.
        name: String,
        /// Why, as a sentence without a subject and a stop; [`NO_HISTORY`] for what exports have beside it.
        why: String,
    },
}

/// Rows as they stand in a file, one after the other.
#[derive(Debug, Default)]
pub struct Batch {
    /// Those that can be kept.
    pub rows: Vec<ExportRow>,
    /// Before which of them, or behind the last, rows stand that were rejected; in ascending order.
    pub lacks: Vec<usize>,
}

/// How a file ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ending {
    /// Rows that were there, readable or not.
    pub rows: u64,
    /// Rows that could not be kept: how many, by why.
    pub rejected: BTreeMap<&'static str, Rejected>,
    /// Why the file could not be read to its end; what came before is good.
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

/// Takes the events; `false` stops the reading.
pub trait Sink: FnMut(Event) -> bool {}
impl<F: FnMut(Event) -> bool> Sink for F {}

//! Privacy exports, read row by row.
//!
//! Owns: files, folders and archives, and the formats in them. Must not know: where rows are kept. The
//! memory that reading takes does not depend on a file's size, nor on the size that it claims.
//!
//! | file | idea |
//! |---|---|
//! | `source` | which files there are: one, a folder's, an archive's |
//! | `stream` | a JSON array, element by element |
//! | `window` | the text of it that is held |
//! | `row` | one element: which format it is, and what it says |
//! | `kept` | what rows name again and again |
//! | `loose` | a value that may be of another type |

mod kept;
mod loose;
mod row;
mod source;
mod stream;
#[cfg(test)]
mod tests;
mod window;

use std::collections::BTreeMap;

pub use source::{ImportError, read, weigh};

use crate::domain::ExportRow;

/// What reading comes upon, in order.
#[derive(Debug)]
pub enum Event {
    /// A file begins.
    File {
        /// Its name, with the archive's or folder's where it lies in one.
        name: String,
    },
    /// Rows of the file that began last.
    Rows(Vec<ExportRow>),
    /// That file is over.
    End(Ending),
    /// A file was left aside.
    Skipped {
        /// Its name.
        name: String,
        /// Why, as a sentence without a stop.
        why: String,
    },
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

//! One page of a list, row by row, so that a bad row never affects the others.

use crate::domain::ArtistId;

/// One row of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row<T> {
    /// Understood.
    Readable(T),
    /// `null`: it counts in `total` and has a place, but there is nothing to store.
    Null,
    /// Not understood: stored raw, counted and shown.
    SetAside {
        /// The JSON as it came.
        raw: String,
        /// Why it could not be read, in one sentence.
        why: String,
    },
}

impl<T> Row<T> {
    /// The value, if there is one.
    pub fn readable(&self) -> Option<&T> {
        match self {
            Self::Readable(value) => Some(value),
            Self::Null | Self::SetAside { .. } => None,
        }
    }
}

/// A page of a list that is read by offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows in the order of the list, null rows included.
    pub rows: Vec<Row<T>>,
    /// Index of the first row in the whole list, from 0.
    pub offset: u32,
    /// Length of the whole list according to this answer; it may change during a walk.
    pub total: u32,
    /// Whether the answer named a next page.
    pub has_next: bool,
}

/// A page of a list that is read by cursor (followed artists).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CursorPage<T> {
    /// The rows in the order of the list, null rows included.
    pub rows: Vec<Row<T>>,
    /// Length of the whole list, if the answer contains it.
    pub total: Option<u32>,
    /// The cursor of the next page; `None` at the end.
    pub next: Option<ArtistId>,
}

//! The four lists of the library: read page by page, compared, committed.
//!
//! Owns: the current lists and their staging table. Must not know: Spotify.

pub(super) mod commit_full;
pub(super) mod commit_incremental;
pub(super) mod compare;
pub(super) mod first_page;
pub(super) mod journal_entries;
pub(super) mod kept_rows;
pub(super) mod lists;
pub(super) mod null_rows;
pub(super) mod page;
pub(super) mod relinks;
pub(super) mod staging;
pub(super) mod unlisted;

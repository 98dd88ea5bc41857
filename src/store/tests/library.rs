//! The lists of the library: read completely, read from the top, and rows that they no longer show.

mod full;
mod incremental;
mod unlisted;

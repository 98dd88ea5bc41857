//! The lists of the library: read whole, read from the top, and what they no longer show.

mod full;
mod incremental;
mod unlisted;

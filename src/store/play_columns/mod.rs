//! How rows of `play_rows` and `export_rows` are packed into a few small numbers.
//!
//! Owns: the number of such a row, which is its time, and the bits of `facts`. Must not know:
//! evidence, sums, and what was played.

pub(super) mod facts;
pub(super) mod time_id;

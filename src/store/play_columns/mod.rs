//! How a row of `play_rows` is packed into a few small numbers.
//!
//! Owns: the number of a play, which is its time, and the bits of `facts`. Must not know: evidence,
//! sums, and what was played.

pub(super) mod facts;
pub(super) mod play_id;

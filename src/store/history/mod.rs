//! The library as it was: the journal replayed backwards.
//!
//! Owns: the replay. Must not know: how the journal is written.

pub(super) mod as_of;
pub(super) mod replay;
pub(super) mod rows;

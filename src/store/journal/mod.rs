//! What changed, forever: written, read, compared.
//!
//! Owns: `library_changes`. Must not know: how a change was found.

pub(super) mod diff;
pub(super) mod read;
pub(super) mod write;

//! What rows of privacy exports say about a play.

pub(super) mod offline;
pub(super) mod proof;
pub(super) mod skips;

//! What rows of privacy exports say of a play.

pub(super) mod offline;
pub(super) mod proof;
pub(super) mod skips;

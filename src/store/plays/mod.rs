//! What was played: what each source said, and the plays that are derived from it.
//!
//! Owns: polls, evidence, plays, coverage, imported rows. Must not know: how a source is read.

pub(super) mod coverage;
pub(super) mod derive;
pub(super) mod evidence;
pub(super) mod imported;
pub(super) mod played_items;
pub(super) mod polls;

//! One file or folder per command.
//!
//! Owns: what a command does and prints. Must not know: SQL, HTTP, widgets.

pub(super) mod account;
pub(super) mod engine;
pub(super) mod inspect;
pub(super) mod record;

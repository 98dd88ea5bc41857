//! How commands print: layout, times, failures.
//!
//! Owns: the format of printed lines. Must not know: what is printed.

pub(super) mod confirm;
pub(super) mod failure;
pub(super) mod layout;
pub(super) mod period;
pub(super) mod print;
pub(super) mod time_args;
pub(super) mod times;

//! What polls and exports say about the plays.

mod exports;
mod polls;
mod told_twice;
mod undo;

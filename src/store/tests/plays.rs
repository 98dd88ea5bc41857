//! What polls and exports said of the plays.

mod exports;
mod polls;
mod told_twice;

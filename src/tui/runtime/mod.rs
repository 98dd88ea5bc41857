//! The loop, the terminal and the signals.

pub(super) mod next_redraw;
pub(super) mod run;
pub(super) mod signals;
pub(super) mod terminal;

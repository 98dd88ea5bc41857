//! The state of the screens.
//!
//! Owns: the model. Must not know: the view.

pub(super) mod model;
pub(super) mod panes;
pub(super) mod prompt;
pub(super) mod resync_estimate;
pub(super) mod screens;

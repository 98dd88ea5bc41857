//! The parts around every screen, and the dialogs over it.

pub(super) mod confirm;
pub(super) mod footer;
pub(super) mod header;
pub mod help;
pub(super) mod popup;
pub mod tabs;
pub mod too_small;

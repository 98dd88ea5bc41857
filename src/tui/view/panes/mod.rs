//! The panes of the browser screens.

pub mod browsing;
pub(super) mod details;
pub(super) mod figures;
pub(super) mod grid;
pub(super) mod history;
pub mod table;

//! The panes of the browser screens.

pub mod browsing;
pub(super) mod details;
pub(super) mod figures;
pub(super) mod grid;
mod growth_chart;
pub(super) mod history;
pub mod table;

//! Aggregated months and years, from which any period is computed.
//!
//! Owns: the packed sums and their maintenance. Must not know: which statistic uses them.

pub(super) mod aggregate;
pub(super) mod credits;
pub(super) mod encoding;
pub(super) mod items;
pub(super) mod months;
pub(super) mod repair;
pub(super) mod settings;
pub(super) mod years;

//! Aggregated months and years, from which any period is answered.
//!
//! Owns: the packed sums and their upkeep. Must not know: which statistic asks.

pub(super) mod aggregate;
pub(super) mod credits;
pub(super) mod encoding;
pub(super) mod items;
pub(super) mod months;
pub(super) mod repair;
pub(super) mod settings;
pub(super) mod years;

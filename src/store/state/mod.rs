//! The progress of the sync, and what it must remember between two starts.
//!
//! Owns: `sync_state`, runs, accounts, settings, holds and request counts, alerts, rejected rows. Must not know: lists or plays.

pub(super) mod accounts;
pub(super) mod alerts;
pub(super) mod page_limits;
pub(super) mod rate_limits;
pub(super) mod rejected_rows;
pub(super) mod runs;
pub(super) mod settings;
pub(super) mod sync_state;

//! What an engine knows about itself and shows.

pub(super) mod alerts;
pub(super) mod owner;
pub(super) mod rate_limit_store;
pub(super) mod settings;
pub(super) mod snapshot;

//! Entities, runs, states, holds, snapshots.

pub(super) mod alerts;
pub(super) mod background_task;
pub(super) mod capability;
pub(super) mod entity;
pub(super) mod rate_limit;
pub(super) mod run;
pub(super) mod snapshot;
pub(super) mod sync_state;

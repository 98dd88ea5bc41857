//! When something is due.

pub(super) mod budget;
pub(super) mod clock_watch;
pub(super) mod failure_pause;
pub(super) mod full_refresh;
pub(super) mod schedule;

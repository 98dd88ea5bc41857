//! Faults, on demand or by mood.

pub(super) mod fault_kind;
pub(super) mod faults;
pub(super) mod late;
pub(super) mod mood;
pub(super) mod retry_after;
pub(super) mod span;
pub(super) mod strikes;

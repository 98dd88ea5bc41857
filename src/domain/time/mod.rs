//! Time zones, and times as people write them.

pub(super) mod past;
pub(super) mod zone;

//! The first screen: sync, limits, plays, journal.

pub(super) mod dashboard;
pub(super) mod eta;
pub(super) mod gauges;
pub(super) mod journal;
pub(super) mod limits;
pub(super) mod notices;
pub(super) mod now_playing;
pub(super) mod plays;
pub(super) mod run_line;

//! Plays: polled, shown while they are playing, and summed up.

pub(super) mod now_playing;
pub(super) mod playback;
pub(super) mod statistics;

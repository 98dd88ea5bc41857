//! The contents of playlists.
//!
//! Owns: `playlist_items` and the state of each playlist. Must not know: why Spotify refuses one.

pub(super) mod contents;
pub(super) mod items;
pub(super) mod order_keys;
pub(super) mod unreadable_places;
pub(super) mod version_diff;

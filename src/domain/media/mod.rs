//! Tracks, albums, artists, playlists, pages of them, rows of exports.

pub(super) mod export_row;
pub(super) mod ids;
pub(super) mod library;
pub(super) mod links;
pub(super) mod page;

//! What is known about tracks, albums, artists and episodes, whatever list names them.
//!
//! Owns: the catalogue tables. Must not know: which list names an item.

pub(super) mod artist_details;
pub(super) mod describe;

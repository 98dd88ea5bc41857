//! The generated account.

pub(super) mod account;
pub(super) mod catalogue;
pub(super) mod generate;
pub(super) mod ids;
pub(super) mod mutation;
pub(super) mod names;
pub(super) mod playlists;

//! A person's edits of the account.

pub(super) mod apply;
pub(super) mod draw;

//! What a person does to the account.

pub(super) mod apply;
pub(super) mod draw;

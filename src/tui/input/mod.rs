//! Keys, mouse, typed text and named commands.

pub(super) mod command_line;
pub(super) mod events;
pub(super) mod keys;

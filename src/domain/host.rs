//! Who runs an engine, since that decides what becomes of it when its screen closes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::sync::entity::{UnknownWord, words};

/// What kind of process runs an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Host {
    /// A screen; the engine ends with it, and another screen may go on in its place.
    Screen,
    /// `phonolog daemon`; whoever ends it wants it ended, or brings it back.
    Daemon,
    /// A command that does one run and ends.
    Command,
}

words!(Host, "host", {
    Screen => "screen",
    Daemon => "daemon",
    Command => "command",
});

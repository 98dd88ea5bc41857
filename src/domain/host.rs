//! What runs an engine, which decides what happens when its screen closes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::sync::entity::{UnknownWord, words};

/// What kind of process runs an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Host {
    /// A screen; the engine ends with it, and another screen may take over.
    Screen,
    /// `phonolog daemon`; whoever stops it wants it stopped, or restarts it.
    Daemon,
    /// A command that does one run and ends.
    Command,
}

words!(Host, "host", {
    Screen => "screen",
    Daemon => "daemon",
    Command => "command",
});

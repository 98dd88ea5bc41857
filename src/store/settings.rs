//! Small things that outlive the process: a person's switches, and what was learnt of the app.

use chrono::{DateTime, Utc};

use super::{Result, Store};
use crate::domain::AccountId;

/// A switch that a person set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// The library sync is stopped; playback is still recorded.
    Paused,
}

/// Something that Spotify lets some apps do and others not, learnt from its answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    /// Contents of playlists come from `/items`; closed means from `/tracks`.
    ItemsPath,
    /// Contents of lists that are neither one's own nor collaborative are shown.
    ForeignContents,
}

/// What was last learnt of a capability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapabilityState {
    /// Whether the app has it.
    pub open: bool,
    /// When that was learnt.
    pub checked_at: DateTime<Utc>,
}

impl Store {
    /// Whether a switch is on; off until somebody sets it.
    pub async fn flag(&self, name: Flag) -> Result<bool> {
        todo!("{name:?}")
    }

    /// Sets a switch.
    pub async fn set_flag(&self, name: Flag, on: bool) -> Result<()> {
        todo!("{name:?} {on}")
    }

    /// What is known of a capability; `None` before the first answer.
    pub async fn capability(&self, account: AccountId, name: Capability) -> Result<Option<CapabilityState>> {
        todo!("{account:?} {name:?}")
    }

    /// Remembers what an answer taught. When [`Capability::ForeignContents`] opens, hidden lists are
    /// pending again.
    pub async fn set_capability(
        &self,
        account: AccountId,
        name: Capability,
        state: CapabilityState,
    ) -> Result<()> {
        todo!("{account:?} {name:?} {state:?}")
    }
}

//! The gate: the one place that every request to Spotify passes.
//!
//! Owns: pacing, the order of precedence, one request in flight, and holds. Must not know: what is asked
//! for, or where holds are kept.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::error::PortError;
use super::ports::HoldLog;
use crate::clock::SharedClock;
use crate::domain::Hold;

/// How fast requests may follow each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GateSettings {
    /// Requests per second in the long run; 0 is no pacing at all.
    pub requests_per_second: f64,
    /// How many may follow each other at once after a rest.
    pub burst: u32,
}

/// Who goes first, in this order; within a lane, who came first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// A new access token; the client's own. Apart from the one request in flight, which waits for it.
    TokenRefresh,
    /// The listening history.
    Playback,
    /// A person waits for it.
    Now,
    /// Lists of the library.
    Listing,
    /// Contents of playlists.
    Contents,
    /// Genres and pictures.
    Details,
}

/// How a call wants to be treated.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Its precedence.
    pub lane: Lane,
    /// The longest hold that it waits out; a longer one ends it with `Held`.
    pub patience: Duration,
    /// Ends it with `Cancelled`.
    pub cancel: CancellationToken,
}

/// The gate; clone it freely, all clones are one.
#[derive(Clone)]
pub struct Gate {
    holds: watch::Receiver<Vec<Hold>>,
}

impl Gate {
    /// A gate that knows the holds on record.
    pub async fn open(
        _settings: GateSettings,
        log: Arc<dyn HoldLog>,
        _clock: SharedClock,
    ) -> Result<Self, PortError> {
        let (_, holds) = watch::channel(log.holds().await?);
        Ok(Self { holds })
    }

    /// The holds in force, newest state always right. One that has ended may stay until the next
    /// request: look at `reset_at`.
    #[must_use]
    pub fn holds(&self) -> watch::Receiver<Vec<Hold>> {
        self.holds.clone()
    }
}

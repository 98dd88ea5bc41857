//! Saved tracks read from the top: what is new goes above what is known.

use chrono::{DateTime, Utc};

use super::{Delta, Result, Store};
use crate::domain::{AccountId, RunId, TrackId};

/// What is known of the saved tracks without reading them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackHead {
    /// Slots held, null rows included.
    pub slots: u32,
    /// Track and time of the topmost slot; both are `None` for a null row.
    pub newest: Option<(Option<TrackId>, Option<DateTime<Utc>>)>,
}

/// By what a saved track is known again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotKey {
    /// `None` for a null row, which is never known again.
    pub track_id: Option<TrackId>,
    /// When it was saved.
    pub added_at: Option<DateTime<Utc>>,
}

/// How a reading from the top ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishHead {
    /// Rows that Spotify says there are.
    pub remote: u32,
    /// When the head was read.
    pub at: DateTime<Utc>,
    /// When the next turn comes.
    pub next_due_at: Option<DateTime<Utc>>,
}

/// What became of a reading from the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadOutcome {
    /// The numbers come out: the new rows stand on top.
    Applied(Delta),
    /// They do not: nothing was changed, what was staged is dropped, the list must be walked.
    Mismatch,
}

impl Store {
    /// How many saved tracks are held and what stands on top.
    pub async fn track_head(&self, account: AccountId) -> Result<TrackHead> {
        todo!("{account:?}")
    }

    /// For each key whether it is a slot that is held.
    pub async fn known_saved_tracks(&self, account: AccountId, keys: &[SlotKey]) -> Result<Vec<bool>> {
        todo!("{account:?} {keys:?}")
    }

    /// Puts the staged rows, all new and read from the top, above what is held: with L slots held, n
    /// staged and r old slots of tracks saved again, L - r + n must be what Spotify says. One transaction.
    pub async fn finish_head(
        &self,
        account: AccountId,
        run: RunId,
        finish: &FinishHead,
    ) -> Result<HeadOutcome> {
        todo!("{account:?} {run:?} {finish:?}")
    }
}

//! Which version of a playlist.

use chrono::{DateTime, Utc};

use crate::domain::{PlaylistId, RunId};

/// What one reading of a playlist found different.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VersionId {
    /// Of which playlist.
    pub playlist: PlaylistId,
    /// The run that saw it.
    pub run: RunId,
    /// When it was seen.
    pub seen_at: DateTime<Utc>,
}

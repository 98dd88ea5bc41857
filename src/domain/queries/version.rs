//! Identifies a version of a playlist.

use chrono::{DateTime, Utc};

use crate::domain::{PlaylistId, RunId};

/// The changes that one reading of a playlist found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VersionId {
    /// The playlist.
    pub playlist: PlaylistId,
    /// The run that saw it.
    pub run: RunId,
    /// When it was seen.
    pub seen_at: DateTime<Utc>,
}

//! How a job may end short of its goal. An entity's error is state, shown beside its gauge with the next
//! try; it never ends the engine.

use chrono::{DateTime, Utc};

use crate::domain::{Bucket, EntityState, HoldReason, RunStatus, Storage};
use crate::spotify::SpotifyError;
use crate::store::StoreError;

/// Why a job stopped.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Spotify refuses, for longer than a run waits.
    #[error("{}", held_sentence(*.bucket, *.until, *.reason))]
    Held {
        /// The bucket that was refused.
        bucket: Bucket,
        /// Until when.
        until: DateTime<Utc>,
        /// Why.
        reason: HoldReason,
    },
    /// A person stopped the run, or the program ends.
    #[error("stopped; the next sync continues from here")]
    Cancelled,
    /// Nobody is logged in.
    #[error("{why}")]
    NeedsLogin {
        /// One sentence with the next step.
        why: String,
    },
    /// Too much is gone to be believed without a person's word.
    #[error(
        "{gone} of {known} are missing at Spotify; they are kept until you run `phonolog sync --allow-removals`"
    )]
    Braked {
        /// Rows that Spotify no longer lists.
        gone: u32,
        /// Rows known before.
        known: u32,
    },
    /// Spotify refuses the app or the person behind it: nothing that was asked for says why.
    #[error(
        "{} ({said}); see at developer.spotify.com that its owner has Premium and that you are one of its users; phonolog retries automatically",
        Self::APP_REFUSED
    )]
    AppRefused {
        /// Spotify's own words.
        said: String,
    },
    /// No room left.
    #[error("disk full; free some space; nothing is lost and the next try continues from here")]
    DiskFull,
    /// The database did not take or give something.
    #[error("{why}")]
    Database {
        /// One sentence.
        why: String,
    },
    /// Spotify does not show a list whole; another try is worth no more than the next turn.
    #[error("{why}")]
    Incomplete {
        /// One sentence.
        why: String,
    },
    /// Anything else; there will be another try.
    #[error("{why}")]
    Failed {
        /// One sentence.
        why: String,
    },
}

/// Local wall-clock time in the words of a message: the day only where it is not today's.
fn held_sentence(bucket: Bucket, until: DateTime<Utc>, reason: HoldReason) -> String {
    let why = match reason {
        HoldReason::QuotaExceeded => "Spotify's quota for this app is used up",
        HoldReason::RateLimited => "Spotify asks for a pause",
    };
    let until = until.with_timezone(&chrono::Local).format("%Y-%m-%d %H:%M:%S");
    format!("{why} ({bucket}); no requests before {until}; everything so far is saved")
}

impl JobError {
    /// How the sentence of [`JobError::AppRefused`] begins.
    pub const APP_REFUSED: &str = "Spotify refuses this app";

    /// A failure that needs no kind of its own.
    pub fn failed(why: impl Into<String>) -> Self {
        Self::Failed { why: why.into() }
    }

    /// What a run that ends on this is called.
    pub const fn run_status(&self) -> RunStatus {
        match self {
            Self::Held { .. } => RunStatus::Held,
            Self::Cancelled => RunStatus::Cancelled,
            Self::NeedsLogin { .. } => RunStatus::NeedsLogin,
            Self::Braked { .. } => RunStatus::Braked,
            Self::AppRefused { .. }
            | Self::DiskFull
            | Self::Database { .. }
            | Self::Incomplete { .. }
            | Self::Failed { .. } => RunStatus::Failed,
        }
    }

    /// The word beside the gauge.
    pub const fn entity_state(&self) -> EntityState {
        match self {
            Self::Held { .. } => EntityState::Held,
            Self::Cancelled | Self::NeedsLogin { .. } => EntityState::Pending,
            Self::Braked { .. } => EntityState::Braked,
            Self::AppRefused { .. }
            | Self::DiskFull
            | Self::Database { .. }
            | Self::Incomplete { .. }
            | Self::Failed { .. } => EntityState::Failed,
        }
    }

    /// What it says of the record: an error that is none of its own says nothing.
    pub fn storage(&self) -> Option<Storage> {
        matches!(self, Self::DiskFull | Self::Database { .. })
            .then(|| Storage::Failing { why: self.to_string() })
    }

    /// Whether it costs an entity requests that got it nowhere, so that it is better asked for less often.
    pub const fn is_failure(&self) -> bool {
        matches!(self, Self::Database { .. } | Self::Incomplete { .. } | Self::Failed { .. })
    }

    /// Whether the entities that follow would end alike, so that trying them is waste.
    pub const fn ends_the_run(&self) -> bool {
        matches!(self, Self::Cancelled | Self::NeedsLogin { .. } | Self::DiskFull)
    }
}

impl From<SpotifyError> for JobError {
    fn from(error: SpotifyError) -> Self {
        match error {
            SpotifyError::Held { bucket, until, reason } => Self::Held { bucket, until, reason },
            SpotifyError::Cancelled => Self::Cancelled,
            SpotifyError::NeedsLogin { why } => Self::NeedsLogin { why },
            SpotifyError::AppRefused { message } => {
                Self::AppRefused { said: message.trim_end_matches('.').to_owned() }
            }
            // What must be on disk before a request is sent could not be put there.
            SpotifyError::Port(error) => Self::Database { why: error.to_string() },
            other => Self::failed(other.to_string()),
        }
    }
}

impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        if error.is_disk_full() { Self::DiskFull } else { Self::Database { why: error.to_string() } }
    }
}

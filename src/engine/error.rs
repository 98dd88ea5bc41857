//! How a job can end early. An entity's error is part of its state and is shown beside its gauge
//! with the time of the next try. It never ends the engine.

use chrono::{DateTime, Utc};

use crate::domain::{Bucket, EntityState, HoldReason, RunStatus, Storage};
use crate::spotify::SpotifyError;
use crate::store::StoreError;

/// Why a job stopped.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Spotify refuses requests for longer than a run waits.
    #[error("{}", held_sentence(*.bucket, *.until, *.reason))]
    Held {
        /// The bucket whose request was refused.
        bucket: Bucket,
        /// Until when.
        until: DateTime<Utc>,
        /// Why.
        reason: HoldReason,
    },
    /// A person stopped the run, or the program is stopping.
    #[error("stopped; the next sync continues from here")]
    Cancelled,
    /// Nobody is logged in.
    #[error("{why}")]
    NeedsLogin {
        /// One sentence with the next step.
        why: String,
    },
    /// So much is gone that a person must confirm it.
    #[error(
        "{gone} of {known} are missing at Spotify; they are kept until you run `phonolog sync --allow-removals`"
    )]
    Braked {
        /// Rows that Spotify no longer lists.
        gone: u32,
        /// Rows known before.
        known: u32,
    },
    /// Spotify refuses the app or its owner: no single request is the cause.
    #[error(
        "{} ({said}); see at developer.spotify.com that its owner has Premium and that you are one of its users; phonolog retries automatically",
        Self::APP_REFUSED
    )]
    AppRefused {
        /// Spotify's own words.
        said: String,
    },
    /// The disk is full.
    #[error("disk full; free some space; nothing is lost and the next try continues from here")]
    DiskFull,
    /// The database could not read or write something.
    #[error("{why}")]
    Database {
        /// One sentence.
        why: String,
    },
    /// Spotify does not show the whole list. Another try before the next turn would not help.
    #[error("{why}")]
    Incomplete {
        /// One sentence.
        why: String,
    },
    /// Any other failure; the job is tried again.
    #[error("{why}")]
    Failed {
        /// One sentence.
        why: String,
    },
}

/// Local time for a message. The day is included only if it is not today.
fn held_sentence(bucket: Bucket, until: DateTime<Utc>, reason: HoldReason) -> String {
    let why = match reason {
        HoldReason::QuotaExceeded => "Spotify's quota for this app is used up",
        HoldReason::RateLimited => "Spotify asks for a pause",
    };
    let until = until.with_timezone(&chrono::Local).format("%Y-%m-%d %H:%M:%S");
    format!("{why} ({bucket}); no requests before {until}; everything so far is saved")
}

impl JobError {
    /// The first words of the sentence of [`JobError::AppRefused`].
    pub const APP_REFUSED: &str = "Spotify refuses this app";

    /// A failure without a kind of its own.
    pub fn failed(why: impl Into<String>) -> Self {
        Self::Failed { why: why.into() }
    }

    /// The status of a run that ends with this error.
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

    /// The state that is shown beside the gauge.
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

    /// What the error says about the database: `None` if it is not a database error.
    pub fn storage(&self) -> Option<Storage> {
        matches!(self, Self::DiskFull | Self::Database { .. })
            .then(|| Storage::Failing { why: self.to_string() })
    }

    /// Whether the entity spent requests without any progress, so that it should be tried less
    /// often.
    pub const fn is_failure(&self) -> bool {
        matches!(self, Self::Database { .. } | Self::Incomplete { .. } | Self::Failed { .. })
    }

    /// Whether the entities that follow would fail in the same way, so that trying them would waste
    /// requests.
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
            // A record that must be on disk before a request is sent could not be written.
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

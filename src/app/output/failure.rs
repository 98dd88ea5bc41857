//! How a command may fail: one sentence, and the exit status that scripts rely on.

use std::io::ErrorKind;

/// What a command says that finds no database.
pub const NO_RECORD: &str = "there is no record yet; run `phonolog login`, or try `phonolog demo`";

/// A command that failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Status 1.
    #[error("{0}")]
    Failed(String),
    /// Status 2.
    #[error("{0}")]
    Usage(String),
    /// Status 3.
    #[error("{0}")]
    NeedsLogin(String),
    /// Status 130.
    #[error("interrupted")]
    Interrupted,
}

impl Failure {
    /// A failure without a kind of its own.
    pub fn failed(sentence: impl Into<String>) -> Self {
        Self::Failed(sentence.into())
    }

    /// `what` cannot be written; `advice` is the next step, unless the disk is full.
    pub fn unwritable(what: &str, error: &(dyn std::error::Error + 'static), advice: &str) -> Self {
        let mut cause = Some(error);
        while let Some(error) = cause {
            let kind = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
            if matches!(kind, Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded)) {
                return Self::failed(format!(
                    "{what} cannot be written because the disk is full (no space, or no room for more files); free some and try again"
                ));
            }
            cause = error.source();
        }
        let why = error.to_string();
        let why = why.split(" (os error").next().unwrap_or(&why);
        Self::failed(format!("{what} cannot be written ({why}); {advice}"))
    }

    /// The status that a script sees.
    #[must_use]
    pub const fn exit_status(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::NeedsLogin(_) => 3,
            Self::Interrupted => 130,
        }
    }
}

//! How a command may fail: one sentence, and the exit status that scripts rely on.

/// A command that did not do what was asked.
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
    /// A failure that needs no kind of its own.
    pub fn failed(sentence: impl Into<String>) -> Self {
        Self::Failed(sentence.into())
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

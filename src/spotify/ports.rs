//! What this module needs from others and must not know: where holds are stored, where the login is
//! stored, and whose database it is.

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;

use super::error::PortError;
use super::stored_token::StoredToken;
use crate::domain::{Bucket, Hold, User};

/// Stores holds and counts beyond the life of the process.
pub trait HoldLog: Send + Sync + 'static {
    /// The stored holds; read once, at start. Some of them may be over.
    fn holds(&self) -> BoxFuture<'_, Result<Vec<Hold>, PortError>>;

    /// Stores a hold. When this returns, the hold survives a kill: after a refusal it is awaited
    /// before anything else happens.
    fn record_hold<'a>(&'a self, hold: &'a Hold) -> BoxFuture<'a, Result<(), PortError>>;

    /// A bucket answered at `at`, although its stored hold lasts longer.
    fn end_hold(&self, bucket: Bucket, at: DateTime<Utc>) -> BoxFuture<'_, Result<(), PortError>>;

    /// Changes the start and the end of a bucket's stored hold after the wall clock was set.
    fn move_hold<'a>(&'a self, hold: &'a Hold) -> BoxFuture<'a, Result<(), PortError>>;

    /// Counts a request that is about to be sent.
    fn count_request(&self, bucket: Bucket, at: DateTime<Utc>) -> BoxFuture<'_, Result<(), PortError>>;

    /// Removes what was counted at `at`: that request was never sent.
    fn uncount_request(&self, bucket: Bucket, at: DateTime<Utc>) -> BoxFuture<'_, Result<(), PortError>>;
}

/// Stores the login.
pub trait TokenStore: Send + Sync + 'static {
    /// The login, if there is one.
    fn load(&self) -> BoxFuture<'_, Result<Option<StoredToken>, PortError>>;

    /// Makes room for a renewed login. It is awaited before Spotify is asked for one, since the
    /// answer may invalidate the old one.
    fn reserve(&self) -> BoxFuture<'_, Result<Box<dyn TokenSlot>, PortError>>;
}

/// Room for one renewed login; freed when dropped.
pub trait TokenSlot: Send + 'static {
    /// Replaces `old` with `new`, completely or not at all, unless the stored login is no longer
    /// `old`. It is awaited before the access token is used.
    fn commit(
        self: Box<Self>,
        old: StoredToken,
        new: StoredToken,
    ) -> BoxFuture<'static, Result<TokenCommit, PortError>>;
}

/// What happened to a renewed login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenCommit {
    /// It is stored; it survives a kill.
    Stored,
    /// It is not stored: meanwhile a person logged in or out, or another process renewed the login.
    Superseded,
}

/// Decides whether the database may store what a login returns.
pub trait AccountVerifier: Send + Sync + 'static {
    /// Whether this login was verified before, by any process.
    fn was_verified(&self, login: LoginId) -> BoxFuture<'_, Result<bool, PortError>>;

    /// Compares the user of the login, from `/me`, with the owner of the database.
    fn verify<'a>(&'a self, login: LoginId, user: &'a User)
    -> BoxFuture<'a, Result<Verification, PortError>>;
}

/// The owner of a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verification {
    /// The owner of the database.
    Owner,
    /// Another person; one sentence with the next step.
    Stranger(String),
}

/// Which login a request carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginId {
    /// The token that was passed at the start of the process.
    Given,
    /// The login that a person made at this time.
    Made(DateTime<Utc>),
}

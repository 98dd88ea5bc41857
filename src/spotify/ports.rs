//! What this module needs from others and must not know: where holds are stored, where the login is
//! stored, and the transport of requests.

use std::fmt;

use chrono::{DateTime, Months, Utc};
use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use url::Url;

use super::error::{PortError, SpotifyError};
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

/// The transport of a request and its answer: the network, or the simulator itself in a simulation.
pub trait Transport: Send + Sync + 'static {
    /// Sends one request. It ends by itself within half a minute.
    fn exchange(&self, request: Outgoing) -> BoxFuture<'_, Result<HttpAnswer, Broken>>;
}

/// A request. Both kinds contain a secret.
#[derive(Debug, Clone)]
pub enum Outgoing {
    /// To the Web API.
    Get {
        /// The URL.
        url: Url,
        /// The credential.
        bearer: SecretString,
    },
    /// To the token endpoint.
    Post {
        /// The URL.
        url: Url,
        /// `application/x-www-form-urlencoded`
        form: SecretString,
    },
}

impl Outgoing {
    /// The URL.
    #[must_use]
    pub const fn url(&self) -> &Url {
        match self {
            Self::Get { url, .. } | Self::Post { url, .. } => url,
        }
    }

    /// The HTTP method.
    #[must_use]
    pub const fn method(&self) -> &'static str {
        match self {
            Self::Get { .. } => "GET",
            Self::Post { .. } => "POST",
        }
    }
}

/// An answer as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The header, unread.
    pub retry_after: Option<String>,
    /// The text; of an error answer as much of it as arrived.
    pub body: String,
}

/// Why no answer came, or only a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// It took too long.
    TimedOut {
        /// The wait.
        seconds: u64,
    },
    /// There was no connection, and why.
    Unreachable(String),
    /// The answer ended early.
    CutOff,
    /// The connection broke before there was an answer, and how.
    Lost(String),
    /// The answer is longer than anything Spotify sends.
    TooLong {
        /// The most that would have been read.
        megabytes: usize,
    },
}

impl Broken {
    /// Whether the request never left this machine, so that Spotify cannot have counted it.
    pub(super) const fn is_unsent(&self) -> bool {
        matches!(self, Self::Unreachable(_))
    }

    pub(super) fn into_error(self, host: &str) -> SpotifyError {
        let cause = match self {
            Self::TimedOut { seconds } => format!("did not answer within {seconds} s"),
            Self::Unreachable(why) => format!("could not be reached ({why})"),
            Self::CutOff => "sent an incomplete response".to_owned(),
            Self::Lost(how) => format!("closed the connection ({how})"),
            Self::TooLong { megabytes } => {
                return SpotifyError::Unreadable {
                    what: format!("more than {megabytes} MB in one response"),
                };
            }
        };
        SpotifyError::Unavailable { host: host.to_owned(), cause, status: None }
    }
}

/// A login. `Debug` shows no secret. Serializing it does, but only for the token file.
#[derive(Clone, Serialize, Deserialize)]
pub struct StoredToken {
    /// Sent with each request; lives an hour.
    #[serde(serialize_with = "in_the_clear")]
    pub access_token: SecretString,
    /// Used to get the next access token; lives six months from `authorized_at`.
    #[serde(serialize_with = "in_the_clear")]
    pub refresh_token: SecretString,
    /// When the access token expires.
    pub expires_at: DateTime<Utc>,
    /// When the person consented; a refresh does not change it.
    pub authorized_at: DateTime<Utc>,
    /// The scopes that were granted, separated by spaces.
    pub scope: String,
    /// The app that it was granted to.
    pub client_id: String,
    /// Spotify answered `invalid_grant`: it is kept but not used until a person logs in again.
    #[serde(default)]
    pub suspect: bool,
    /// How often it was renewed. Of two copies of one login the one with more renewals is newer,
    /// whatever the clock showed.
    #[serde(default)]
    pub renewals: u32,
}

/// Months from consent to the end of a refresh token; refreshing does not prolong it.
/// Source: <https://developer.spotify.com/blog/2026-06-18-refresh-token-expiration>
const CONSENT_MONTHS: Months = Months::new(6);

impl StoredToken {
    /// Which login it is.
    #[must_use]
    pub const fn login(&self) -> LoginId {
        LoginId::Made(self.authorized_at)
    }

    /// Whether it is the same login with the same refresh token.
    #[must_use]
    pub fn is_same_grant(&self, other: &Self) -> bool {
        self.login() == other.login()
            && self.refresh_token.expose_secret() == other.refresh_token.expose_secret()
    }

    /// Whether it is a later copy of the same login.
    #[must_use]
    pub fn is_newer_than(&self, other: &Self) -> bool {
        self.login() == other.login() && (self.renewals, self.expires_at) > (other.renewals, other.expires_at)
    }

    /// When the person has to log in again.
    #[must_use]
    pub fn consent_ends_at(&self) -> Option<DateTime<Utc>> {
        self.authorized_at.checked_add_months(CONSENT_MONTHS)
    }
}

impl fmt::Debug for StoredToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredToken")
            .field("expires_at", &self.expires_at)
            .field("authorized_at", &self.authorized_at)
            .field("scope", &self.scope)
            .field("client_id", &self.client_id)
            .field("suspect", &self.suspect)
            .field("renewals", &self.renewals)
            .finish_non_exhaustive()
    }
}

fn in_the_clear<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> StoredToken {
        StoredToken {
            access_token: "acc3ss".into(),
            refresh_token: "r3fresh".into(),
            expires_at: DateTime::from_timestamp(3_600, 0).unwrap(),
            authorized_at: DateTime::from_timestamp(0, 0).unwrap(),
            scope: "user-library-read".to_owned(),
            client_id: "c1".to_owned(),
            suspect: true,
            renewals: 3,
        }
    }

    #[test]
    fn the_newer_copy_of_a_login_is_told_by_its_renewals_and_then_by_its_end() {
        let old = token();
        let later = StoredToken { expires_at: DateTime::from_timestamp(3_601, 0).unwrap(), ..old.clone() };
        assert!(later.is_newer_than(&old) && !old.is_newer_than(&later) && !old.is_newer_than(&old));
        let renewed = StoredToken { renewals: 4, ..old.clone() };
        assert!(renewed.is_newer_than(&later), "a clock that was set back");
        let another =
            StoredToken { authorized_at: DateTime::from_timestamp(1, 0).unwrap(), ..renewed.clone() };
        assert!(!another.is_newer_than(&old) && !another.is_same_grant(&renewed));
    }

    #[test]
    fn it_serializes_whole_and_shows_no_secret() {
        let json = serde_json::to_string(&token()).unwrap();
        let back: StoredToken = serde_json::from_str(&json).unwrap();
        assert_eq!(back.access_token.expose_secret(), "acc3ss");
        assert_eq!(back.refresh_token.expose_secret(), "r3fresh");
        assert!(back.suspect && back.renewals == 3);
        // The format of older versions.
        let older: StoredToken = serde_json::from_str(&json.replace(",\"renewals\":3", "")).unwrap();
        assert_eq!(older.renewals, 0);
        let shown = format!("{back:?}");
        assert!(!shown.contains("acc3ss") && !shown.contains("r3fresh"), "{shown}");
        assert!(shown.contains("c1"));
    }

    #[test]
    fn consent_ends_six_months_after_login() {
        assert_eq!(token().consent_ends_at().unwrap().to_rfc3339(), "1970-07-01T00:00:00+00:00");
    }
}

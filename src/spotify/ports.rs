//! What this module needs of others and must not know: where holds are kept, where the login lies, and
//! who carries a request.

use std::fmt;

use chrono::{DateTime, Months, Utc};
use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use url::Url;

use super::error::{PortError, SpotifyError};
use crate::domain::{Bucket, Hold};

/// Where holds and counts outlive the process.
pub trait HoldLog: Send + Sync + 'static {
    /// The holds on record; read once, at start. Those that are over may be among them.
    fn holds(&self) -> BoxFuture<'_, Result<Vec<Hold>, PortError>>;

    /// Keeps a hold. When this returns it survives a kill: it is awaited before anything else happens
    /// after a refusal.
    fn record_hold<'a>(&'a self, hold: &'a Hold) -> BoxFuture<'a, Result<(), PortError>>;

    /// A bucket answered at `at`, although the hold on record lasts longer.
    fn end_hold(&self, bucket: Bucket, at: DateTime<Utc>) -> BoxFuture<'_, Result<(), PortError>>;

    /// Counts a request that is about to be sent.
    fn count_request(&self, bucket: Bucket, at: DateTime<Utc>) -> BoxFuture<'_, Result<(), PortError>>;

    /// Takes back what was counted at `at`: that request was never sent.
    fn uncount_request(&self, bucket: Bucket, at: DateTime<Utc>) -> BoxFuture<'_, Result<(), PortError>>;
}

/// Where the login lies.
pub trait TokenStore: Send + Sync + 'static {
    /// The login, if there is one.
    fn load(&self) -> BoxFuture<'_, Result<Option<StoredToken>, PortError>>;

    /// Keeps the login, whole or not at all. It is awaited before the access token is used.
    fn save<'a>(&'a self, token: &'a StoredToken) -> BoxFuture<'a, Result<(), PortError>>;
}

/// Who carries a request to its host and brings the answer: the network, or in a simulation nobody but
/// the simulator itself.
pub trait Transport: Send + Sync + 'static {
    /// Sends one request. It ends by itself within half a minute.
    fn exchange(&self, request: Outgoing) -> BoxFuture<'_, Result<Answer, Broken>>;
}

/// A request on its way. Both kinds carry a secret.
#[derive(Debug, Clone)]
pub enum Outgoing {
    /// Of the Web API.
    Get {
        /// What is asked for.
        url: Url,
        /// Lets us in.
        bearer: SecretString,
    },
    /// Of the token endpoint.
    Post {
        /// Where to.
        url: Url,
        /// `application/x-www-form-urlencoded`
        form: SecretString,
    },
}

impl Outgoing {
    /// Where to.
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
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The header, unread.
    pub retry_after: Option<String>,
    /// The text; of an error answer as much of it as arrived.
    pub body: String,
}

/// Why no answer came, or not the whole of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// It took too long.
    TimedOut {
        /// What was waited.
        seconds: u64,
    },
    /// There was no connection; why.
    Unreachable(String),
    /// The answer ended in the middle.
    CutOff,
    /// The connection broke before there was an answer; how.
    Lost(String),
    /// The answer is longer than anything Spotify sends.
    TooLong {
        /// What would have been read.
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
            Self::CutOff => "cut off its answer".to_owned(),
            Self::Lost(how) => format!("broke the connection ({how})"),
            Self::TooLong { megabytes } => {
                return SpotifyError::Unreadable { what: format!("more than {megabytes} MB in one answer") };
            }
        };
        SpotifyError::Unavailable { host: host.to_owned(), cause, status: None }
    }
}

/// A login. `Debug` shows no secret; serializing it does, for the token file alone.
#[derive(Clone, Serialize, Deserialize)]
pub struct StoredToken {
    /// Let in with each request; lives an hour.
    #[serde(serialize_with = "in_the_clear")]
    pub access_token: SecretString,
    /// Brings the next access token; lives six months from `authorized_at`.
    #[serde(serialize_with = "in_the_clear")]
    pub refresh_token: SecretString,
    /// When the access token ends.
    pub expires_at: DateTime<Utc>,
    /// When the person consented; a refresh does not move it.
    pub authorized_at: DateTime<Utc>,
    /// The scopes that were granted, separated by spaces.
    pub scope: String,
    /// The app that it was granted to.
    pub client_id: String,
    /// Spotify answered `invalid_grant`: kept aside, not used, until a person logs in again.
    #[serde(default)]
    pub suspect: bool,
}

/// Months from consent to the end of a refresh token; refreshing does not prolong it.
/// Source: <https://developer.spotify.com/blog/2026-06-18-refresh-token-expiration>
const CONSENT_MONTHS: Months = Months::new(6);

impl StoredToken {
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
        }
    }

    #[test]
    fn it_serializes_whole_and_shows_no_secret() {
        let json = serde_json::to_string(&token()).unwrap();
        let back: StoredToken = serde_json::from_str(&json).unwrap();
        assert_eq!(back.access_token.expose_secret(), "acc3ss");
        assert_eq!(back.refresh_token.expose_secret(), "r3fresh");
        assert!(back.suspect);
        let shown = format!("{back:?}");
        assert!(!shown.contains("acc3ss") && !shown.contains("r3fresh"), "{shown}");
        assert!(shown.contains("c1"));
    }

    #[test]
    fn consent_ends_six_months_after_login() {
        assert_eq!(token().consent_ends_at().unwrap().to_rfc3339(), "1970-07-01T00:00:00+00:00");
    }
}

//! The transport of requests: what is sent, what comes back, and why nothing may come back.

use futures_util::future::BoxFuture;
use secrecy::SecretString;
use url::Url;

use super::error::SpotifyError;

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

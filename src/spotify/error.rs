//! The errors between us and Spotify, each as one sentence with the next step.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::domain::{Bucket, HoldReason, display_safe};

/// The implementation of a port failed (a full disk, an unreadable file).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PortError(
    /// One sentence for people.
    pub String,
);

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpotifyError {
    /// A rate limit lasts longer than the caller wants to wait. No request was or is sent.
    #[error("Spotify's {} holds `{bucket}` until {}; phonolog then continues automatically", limit(*reason), clock_time(*until))]
    Held {
        /// The bucket that may not be called; a rate limit of seconds also holds every other
        /// bucket.
        bucket: Bucket,
        /// When it may be called again.
        until: DateTime<Utc>,
        /// Which kind of limit.
        reason: HoldReason,
    },
    /// The caller's token was cancelled.
    #[error("stopped before Spotify answered")]
    Cancelled,
    /// Nothing can be fetched before a person logs in.
    #[error("{why}")]
    NeedsLogin {
        /// One sentence with the next step.
        why: String,
    },
    /// 403: this app or this person may not read it. It says nothing about other resources.
    #[error("Spotify refuses this: {message}")]
    Forbidden {
        /// Spotify's own words, safe to show.
        message: String,
    },
    /// 403 about the app, its owner or its users: a state of the app, and not of the requested
    /// resource.
    #[error("Spotify refuses this app: {message}")]
    AppRefused {
        /// Spotify's own words, safe to show.
        message: String,
    },
    /// 404: deleted or hidden.
    #[error("Spotify does not have this, or does not show it to this app")]
    NotFound,
    /// Another 4xx: the request itself was wrong, e.g. a page larger than allowed.
    #[error("Spotify did not accept the request: {message}")]
    BadRequest {
        /// Spotify's own words, safe to show.
        message: String,
    },
    /// 5xx, timeouts, resets, truncated bodies, no connection: worth another try later.
    #[error("{host} {cause}; trying again later may help")]
    Unavailable {
        /// The host of the request.
        host: String,
        /// What happened, in words that follow the host: `answered 502`,
        /// `could not be reached (...)`.
        cause: String,
        /// The HTTP status, if there was an answer.
        status: Option<u16>,
    },
    /// Well-formed, but in no known format.
    #[error("Spotify's answer cannot be parsed ({what}); a newer phonolog may support it")]
    Unreadable {
        /// What was expected but missing.
        what: String,
    },
    /// The hold log or the token store failed; nothing was sent after that.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl SpotifyError {
    /// Whether Spotify itself failed, and not the connection to it.
    #[must_use]
    pub const fn is_of_the_server(&self) -> bool {
        matches!(self, Self::Unavailable { status: Some(500..=599), .. })
    }

    /// Whether the same call may succeed a little later without any action.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// Whether the cause is temporary, and not the request or the caller.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Unavailable { .. }
                | Self::Held { .. }
                | Self::Cancelled
                | Self::Unreadable { .. }
                | Self::Port(_)
        )
    }
}

const fn limit(reason: HoldReason) -> &'static str {
    match reason {
        HoldReason::RateLimited => "rate limit",
        HoldReason::QuotaExceeded => "quota",
    }
}

fn clock_time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The longest foreign text in a message, in characters.
const LONGEST_QUOTE: usize = 200;

/// Foreign text in the form that a message may contain: one line, safe to show, short.
pub(super) fn quote(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let safe = display_safe(&line);
    match safe.char_indices().nth(LONGEST_QUOTE) {
        None => safe,
        Some((end, _)) => format!("{}…", safe.get(..end).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_names_bucket_kind_and_end() {
        let held = SpotifyError::Held {
            bucket: Bucket::Tracks,
            until: DateTime::from_timestamp(1_790_000_000, 0).unwrap(),
            reason: HoldReason::QuotaExceeded,
        };
        assert_eq!(
            held.to_string(),
            "Spotify's quota holds `tracks` until 2026-09-21T14:13:20Z; phonolog then continues automatically"
        );
        assert!(!held.is_transient());
    }

    #[test]
    fn foreign_text_is_one_safe_short_line() {
        assert_eq!(quote("  Active premium\r\n\u{1b}[31m required "), "Active premium [31m required");
        let long = quote(&"ö".repeat(LONGEST_QUOTE + 1));
        assert_eq!(long.chars().count(), LONGEST_QUOTE + 1);
        assert!(long.ends_with('…'));
        assert_eq!(quote(&"ö".repeat(LONGEST_QUOTE)).chars().count(), LONGEST_QUOTE);
    }
}

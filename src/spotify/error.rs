//! What can go wrong between us and Spotify, each as one sentence with the next step.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::domain::{Bucket, HoldReason, display_safe};

/// A port's owner could not do what was asked (a full disk, an unreadable file).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PortError(
    /// One sentence for people.
    pub String,
);

/// Why a call brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpotifyError {
    /// A rate limit is in force for longer than the caller wants to wait. Nothing was or is sent.
    #[error("Spotify's {} holds `{bucket}` until {}; phonolog then continues automatically", limit(*reason), clock_time(*until))]
    Held {
        /// What was asked for and may not be called; a rate limit of seconds holds every other one too.
        bucket: Bucket,
        /// The first instant at which it may be called again.
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
    /// 403: this app or this person may not have it. It says nothing about other things.
    #[error("Spotify refuses this: {message}")]
    Forbidden {
        /// Spotify's own words, safe to show.
        message: String,
    },
    /// 403 that speaks of the app, its owner or its users: a state of the app, not of what was asked for.
    #[error("Spotify refuses this app: {message}")]
    AppRefused {
        /// Spotify's own words, safe to show.
        message: String,
    },
    /// 404: gone or hidden.
    #[error("Spotify does not have this, or does not show it to this app")]
    NotFound,
    /// Another 4xx: the request itself was wrong, e.g. a page larger than allowed.
    #[error("Spotify did not accept the request: {message}")]
    BadRequest {
        /// Spotify's own words, safe to show.
        message: String,
    },
    /// 5xx, timeouts, resets, cut bodies, no connection: worth another try later.
    #[error("{host} {cause}; trying again later may help")]
    Unavailable {
        /// Who was asked.
        host: String,
        /// What happened, in words that follow the host: `answered 502`, `could not be reached (...)`.
        cause: String,
        /// The HTTP status, where there was an answer.
        status: Option<u16>,
    },
    /// Well-formed, but not what the platform is known to answer.
    #[error("Spotify's answer cannot be parsed ({what}); a newer phonolog may support it")]
    Unreadable {
        /// What was expected and not found.
        what: String,
    },
    /// The hold log or the token store failed; nothing was sent after that.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl SpotifyError {
    /// Whether Spotify itself failed over the request, and not the way to it.
    #[must_use]
    pub const fn is_of_the_server(&self) -> bool {
        matches!(self, Self::Unavailable { status: Some(500..=599), .. })
    }

    /// Whether the same call may well succeed a little later, with nobody doing anything about it.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// Whether the reason lies in this moment, not in what was asked or in who asks.
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

/// Longest foreign text that goes into a message, in characters.
const LONGEST_QUOTE: usize = 200;

/// Foreign text as a message may carry it: one line, safe to show, short.
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

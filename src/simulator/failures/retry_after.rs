//! The Retry-After of a fault, as a number, a date or any text.

use std::time::{Duration, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::simulator::time::Millis;

/// A Retry-After as it is sent: a number, a date, or text that tests how a client handles it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RetryAfter {
    /// Seconds.
    Seconds(u64),
    /// A date, this many seconds ahead: written `{"date": 30}`. The answer's `Date` uses the
    /// account's clock.
    Date {
        /// Seconds from now.
        date: u64,
    },
    /// Any text.
    Text(String),
}

impl RetryAfter {
    /// The header's text at this time.
    pub(in crate::simulator) fn text(&self, now: Millis) -> String {
        match self {
            Self::Seconds(seconds) => seconds.to_string(),
            Self::Date { date } => {
                let whole = now.div_euclid(1000).saturating_mul(1000);
                http_date(whole.saturating_add(milliseconds(*date)))
            }
            Self::Text(text) => text.clone(),
        }
    }

    /// How long it asks to wait, if it can be parsed.
    pub(in crate::simulator) fn millis(&self) -> Option<Millis> {
        match self {
            Self::Seconds(seconds) | Self::Date { date: seconds } => Some(milliseconds(*seconds)),
            Self::Text(text) => Some(milliseconds(text.trim().parse().ok()?)),
        }
    }

    /// Whether the answer must include the time of the clock that was used.
    pub(in crate::simulator) const fn is_date(&self) -> bool {
        matches!(self, Self::Date { .. })
    }
}

fn milliseconds(seconds: u64) -> Millis {
    Millis::try_from(seconds.saturating_mul(1000)).unwrap_or(Millis::MAX)
}

/// A time in the format of HTTP headers, to the second.
pub(in crate::simulator) fn http_date(at: Millis) -> String {
    let since = Duration::from_millis(u64::try_from(at).unwrap_or_default());
    httpdate::fmt_http_date(UNIX_EPOCH + since)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_as_far_ahead_as_it_says() {
        let date = RetryAfter::Date { date: 30 };
        assert_eq!(date.text(1_000_400), "Thu, 01 Jan 1970 00:17:10 GMT");
        assert_eq!(date.millis(), Some(30_000));
        assert_eq!(serde_json::from_str::<RetryAfter>(r#"{"date":30}"#).unwrap(), date);
        assert_eq!(RetryAfter::Text("soon".to_owned()).millis(), None);
        assert_eq!(RetryAfter::Text(" 7 ".to_owned()).millis(), Some(7_000));
    }
}

//! When a play without a connection ended.
//!
//! An export dates all such plays by the second in which the device was online again (`ts`). Their
//! starts are in `offline_timestamp`: in seconds in newer files, in milliseconds in older ones.

use crate::domain::plays::{SLACK_MS, WIDE_SLACK_MS};

/// Downloads play for 30 days without a connection
/// (<https://support.spotify.com/article/listen-offline/>), so an older start means a wrong clock.
const LONGEST_OFFLINE_MS: i64 = 30 * 86_400_000;

/// In seconds this is the year 5138, in milliseconds 1973.
const FIRST_MILLISECOND: i64 = 100_000_000_000;

/// An `offline_timestamp` in whole seconds since 1970, from either unit; `None` if it has no value.
#[must_use]
pub fn offline_second(timestamp: Option<i64>) -> Option<i64> {
    let timestamp = timestamp.filter(|timestamp| *timestamp > 0)?;
    Some(if timestamp < FIRST_MILLISECOND { timestamp } else { timestamp / 1000 })
}

/// The end of an offline play that was reported at `reported`, from its start and its length; all
/// in milliseconds. `None` if the report itself is right: the play was online, its start is not
/// plausible, or both times are nearly equal.
#[must_use]
pub fn offline_end(
    reported: i64,
    ms_played: Option<i64>,
    offline: Option<bool>,
    timestamp: Option<i64>,
) -> Option<i64> {
    let begin = offline_second(timestamp).filter(|_| offline == Some(true))? * 1000;
    let end = begin.saturating_add(ms_played.unwrap_or(0));
    let is_plausible = begin >= reported - LONGEST_OFFLINE_MS && end <= reported + SLACK_MS;
    (is_plausible && end < reported - WIDE_SLACK_MS).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2023-07-02T18:20:33Z.
    const LANDED: i64 = 1_688_322_033_000;
    const TAKEN_OFF: i64 = LANDED / 1000 - 30_000;

    fn end(offline: Option<bool>, timestamp: Option<i64>) -> Option<i64> {
        offline_end(LANDED, Some(200_000), offline, timestamp)
    }

    #[test]
    fn seconds_and_milliseconds_say_the_same() {
        let expected = Some(TAKEN_OFF * 1000 + 200_000);
        assert_eq!(end(Some(true), Some(TAKEN_OFF)), expected);
        assert_eq!(end(Some(true), Some(TAKEN_OFF * 1000 + 846)), expected);
    }

    #[test]
    fn the_report_is_believed_where_the_beginning_is_not_plausible() {
        let now = LANDED / 1000;
        for wrong in [None, Some(0), Some(-1), Some(now + 60), Some(now - 190), Some(1), Some(i64::MAX)] {
            assert_eq!(end(Some(true), wrong), None, "{wrong:?}");
        }
        assert_eq!(end(Some(true), Some(now - 31 * 86_400)), None);
        assert!(end(Some(true), Some(now - 29 * 86_400)).is_some());
        assert_eq!(end(Some(true), Some(now - 205)), None, "both say nearly the same");
    }

    #[test]
    fn online_plays_are_dated_by_their_report() {
        assert_eq!((end(Some(false), Some(TAKEN_OFF)), end(None, Some(TAKEN_OFF))), (None, None));
    }
}

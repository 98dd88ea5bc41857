//! What a 429 means: how long to wait, and for which requests.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use crate::domain::{Bucket, Hold, HoldReason};

/// A 429 as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::spotify) struct RateLimitRefusal {
    /// Usable seconds of Retry-After.
    pub(in crate::spotify) retry_after: Option<u64>,
    /// The kind of limit.
    pub(in crate::spotify) limit: Limit,
}

/// The limit that a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::spotify) enum Limit {
    /// The API's, without a reason: the length shows which one.
    Unnamed,
    /// The API's quota, flagged `QUOTA_EXCEEDED`.
    Quota,
    /// The token endpoint's. Without a token nothing can be sent, so it holds every bucket.
    Tokens,
}

/// If Retry-After has no usable value: 30 s, doubling up to 15 min.
const FIRST_GUESS: u64 = 30;
const LONGEST_GUESS: u64 = 15 * 60;
/// Longer times (over 7 days) are not believed: one day, then one probe.
const LONGEST_BELIEVED: u64 = 7 * DAY;
const DAY: u64 = 24 * 60 * 60;

/// Seconds of a Retry-After header, rounded up; `None` if it is missing, zero or unreadable.
pub(in crate::spotify) fn retry_after(header: Option<&str>) -> Option<u64> {
    let seconds: f64 = header?.trim().parse().ok()?;
    if !seconds.is_finite() || seconds <= 0.0 {
        return None;
    }
    // A value beyond a `Duration` is still a number of seconds, and is not believed.
    let asked = std::time::Duration::try_from_secs_f64(seconds.ceil());
    Some(asked.unwrap_or(std::time::Duration::MAX).as_secs())
}

/// Seconds from `date`, the answer's own Date header, to a Retry-After that is an HTTP date; from
/// `now` if `date` is missing or unreadable. `None` if Retry-After is no date; 0 if it has passed.
/// Both forms are allowed: <https://www.rfc-editor.org/rfc/rfc9110#field.retry-after>
pub(in crate::spotify) fn seconds_until(
    retry_after: &str,
    date: Option<&str>,
    now: DateTime<Utc>,
) -> Option<u64> {
    let instant = |text: &str| httpdate::parse_http_date(text.trim()).ok().map(DateTime::<Utc>::from);
    let from = date.and_then(instant).unwrap_or(now);
    let rest = crate::clock::until(instant(retry_after)?, from);
    Some(rest.as_secs().saturating_add(u64::from(rest.subsec_nanos() > 0)))
}

impl RateLimitRefusal {
    /// The hold that follows from a refusal of `bucket` at `now`, after `guesses` refusals without
    /// a time.
    pub(super) fn hold(self, bucket: Bucket, guesses: u32, now: DateTime<Utc>) -> Hold {
        let seconds = match self.retry_after {
            None => guess(guesses),
            Some(seconds) if seconds > LONGEST_BELIEVED => DAY,
            Some(seconds) => seconds,
        };
        // At most 7 days, so neither conversion can fail.
        let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
        let end = now + TimeDelta::seconds(i64::from(seconds));
        Hold {
            bucket,
            reset_at: whole_second_after(end),
            retry_after_seconds: seconds,
            hit_at: now,
            reason: self.reason(seconds),
        }
    }

    const fn reason(self, seconds: u32) -> HoldReason {
        match self.limit {
            Limit::Quota => HoldReason::QuotaExceeded,
            Limit::Unnamed if seconds > Hold::LONGEST_WINDOW_SECONDS => HoldReason::QuotaExceeded,
            Limit::Unnamed | Limit::Tokens => HoldReason::RateLimited,
        }
    }
}

fn guess(before: u32) -> u64 {
    FIRST_GUESS.saturating_mul(2_u64.saturating_pow(before)).min(LONGEST_GUESS)
}

/// `at`, or the next whole second after it.
pub(super) fn whole_second_after(at: DateTime<Utc>) -> DateTime<Utc> {
    // Fails only outside the years 1677 to 2262, where rounding does not matter.
    at.duration_round_up(TimeDelta::seconds(1)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use HoldReason::{QuotaExceeded, RateLimited};
    use Limit::{Quota, Tokens, Unnamed};

    #[rstest]
    #[case::missing(None, None)]
    #[case::zero(Some("0"), None)]
    #[case::words(Some("soon"), None)]
    #[case::negative(Some("-3"), None)]
    #[case::date(Some("Wed, 21 Oct 2026 07:28:00 GMT"), None)]
    #[case::not_a_number(Some("NaN"), None)]
    #[case::endless(Some("inf"), None)]
    #[case::plain(Some("5"), Some(5))]
    #[case::spaced(Some(" 7 "), Some(7))]
    #[case::fraction(Some("1.2"), Some(2))]
    #[case::quota(Some("86400"), Some(86_400))]
    #[case::beyond_every_duration(Some("1e300"), Some(u64::MAX))]
    #[case::more_digits_than_a_number_has(Some("99999999999999999999999"), Some(u64::MAX))]
    #[case::a_trace(Some("1e-300"), Some(1))]
    fn retry_after_is_whole_seconds_or_nothing(#[case] header: Option<&str>, #[case] seconds: Option<u64>) {
        assert_eq!(retry_after(header), seconds);
    }

    #[rstest]
    #[case::ahead_of_its_own_clock(
        "Wed, 21 Oct 2026 07:28:00 GMT",
        Some("Wed, 21 Oct 2026 06:48:00 GMT"),
        Some(2_400)
    )]
    #[case::by_our_clock("Wed, 21 Oct 2026 07:28:00 GMT", None, Some(480))]
    #[case::by_our_clock_where_its_own_is_garbled("Wed, 21 Oct 2026 07:28:00 GMT", Some("noon"), Some(480))]
    #[case::the_form_of_rfc_850("Wednesday, 21-Oct-26 07:28:00 GMT", None, Some(480))]
    #[case::the_form_of_asctime("Wed Oct 21 07:28:00 2026", None, Some(480))]
    #[case::passed("Wed, 21 Oct 2026 07:00:00 GMT", None, Some(0))]
    #[case::seconds("2400", None, None)]
    #[case::words("soon", None, None)]
    fn a_date_is_as_many_seconds_as_lie_before_it(
        #[case] retry_after: &str,
        #[case] date: Option<&str>,
        #[case] seconds: Option<u64>,
    ) {
        let now = "2026-10-21T07:20:00Z".parse().unwrap();
        assert_eq!(seconds_until(retry_after, date, now), seconds);
    }

    #[rstest]
    #[case::short(Some(5), Unnamed, 0, 5, RateLimited)]
    #[case::a_minute(Some(60), Unnamed, 0, 60, RateLimited)]
    #[case::longer_is_a_quota(Some(61), Unnamed, 0, 61, QuotaExceeded)]
    #[case::flagged(Some(5), Quota, 0, 5, QuotaExceeded)]
    #[case::a_week(Some(604_800), Quota, 0, 604_800, QuotaExceeded)]
    #[case::over_a_week(Some(604_801), Quota, 0, 86_400, QuotaExceeded)]
    #[case::absurd(Some(u64::MAX), Unnamed, 0, 86_400, QuotaExceeded)]
    #[case::first_guess(None, Unnamed, 0, 30, RateLimited)]
    #[case::second_guess(None, Unnamed, 1, 60, RateLimited)]
    #[case::third_guess(None, Unnamed, 2, 120, QuotaExceeded)]
    #[case::last_guess(None, Quota, 5, 900, QuotaExceeded)]
    #[case::guessed_for_ever(None, Quota, u32::MAX, 900, QuotaExceeded)]
    #[case::tokens(Some(3_600), Tokens, 0, 3_600, RateLimited)]
    fn length_and_kind(
        #[case] retry_after: Option<u64>,
        #[case] limit: Limit,
        #[case] guesses: u32,
        #[case] seconds: u32,
        #[case] reason: HoldReason,
    ) {
        let now = DateTime::from_timestamp(1_000, 0).unwrap();
        let hold = RateLimitRefusal { retry_after, limit }.hold(Bucket::Tracks, guesses, now);
        assert_eq!((hold.retry_after_seconds, hold.reason), (seconds, reason));
        assert_eq!(hold.reset_at, now + TimeDelta::seconds(i64::from(seconds)));
    }

    #[test]
    fn the_end_is_rounded_up_to_a_whole_second() {
        let refusal = RateLimitRefusal { retry_after: Some(5), limit: Unnamed };
        for (millis, end) in [(0, 15), (1, 16), (999, 16)] {
            let now = DateTime::from_timestamp_millis(10_000 + millis).unwrap();
            assert_eq!(refusal.hold(Bucket::Me, 0, now).reset_at.timestamp(), end);
        }
    }
}

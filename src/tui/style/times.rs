//! Ages, remaining times, countdowns and ends by the wall clock.
//!
//! Ages and remaining times are shown in whole minutes as of the last full minute, so that a quiet
//! screen changes at most once a minute, with all its ages together. They are wrong by less than a
//! minute.

use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Timelike, Utc};

use crate::tui::style::zone::DisplayZone;

/// The unit in which a distance in time is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Distance {
    Now,
    Minutes(i64),
    Hours(i64),
    Days(i64),
}

impl Distance {
    const fn of(minutes: i64) -> Self {
        match minutes {
            ..=0 => Self::Now,
            1..60 => Self::Minutes(minutes),
            60..1440 => Self::Hours(minutes / 60),
            _ => Self::Days(minutes / 1440),
        }
    }

    /// The fewest minutes that are shown in this unit.
    const fn least(self) -> i64 {
        match self {
            Self::Now => 0,
            Self::Minutes(minutes) => minutes,
            Self::Hours(hours) => hours * 60,
            Self::Days(days) => days * 1440,
        }
    }

    /// The fewest minutes that are shown in a longer unit.
    const fn beyond(self) -> i64 {
        match self {
            Self::Now => 1,
            Self::Minutes(minutes) => minutes + 1,
            Self::Hours(hours) => (hours + 1) * 60,
            Self::Days(days) => (days + 1) * 1440,
        }
    }

    fn short(self) -> String {
        match self {
            Self::Now => "now".to_owned(),
            Self::Minutes(minutes) => format!("{minutes} min"),
            Self::Hours(hours) => format!("{hours} h"),
            Self::Days(1) => "1 day".to_owned(),
            Self::Days(days) => format!("{days} days"),
        }
    }
}

fn minute(now: DateTime<Utc>) -> DateTime<Utc> {
    now.trunc_subsecs(0) - TimeDelta::seconds(i64::from(now.second()))
}

fn age(at: DateTime<Utc>, now: DateTime<Utc>) -> Distance {
    Distance::of((minute(now) - at).num_minutes())
}

fn to_go(at: DateTime<Utc>, now: DateTime<Utc>) -> Distance {
    Distance::of((at - minute(now)).num_minutes())
}

/// `4 min ago`, `just now`.
pub fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match age(at, now) {
        Distance::Now => "just now".to_owned(),
        age => age.short() + " ago",
    }
}

/// `4 min`, `now`; for a column of ages.
pub fn short_age(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    age(at, now).short()
}

/// `in 56 min`, `soon` within the minute, `now`.
pub fn due(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match to_go(at, now) {
        Distance::Now if at > minute(now) => "soon".to_owned(),
        Distance::Now => "now".to_owned(),
        to_go => "in ".to_owned() + &to_go.short(),
    }
}

/// Whole days until `at`; −1 when it has passed.
pub fn days_left(at: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    match to_go(at, now) {
        _ if at <= minute(now) => -1,
        Distance::Now | Distance::Minutes(_) | Distance::Hours(_) => 0,
        Distance::Days(days) => days,
    }
}

/// How long every text above about `at` stays the same, from `now` on.
pub fn stays(at: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    let change = match to_go(at, now) {
        _ if at <= minute(now) => at + TimeDelta::minutes(age(at, now).beyond()),
        Distance::Now => at,
        // At its fewest minutes it is still shown in this unit, and just after that no longer.
        to_go => at - TimeDelta::minutes(to_go.least()) + TimeDelta::nanoseconds(1),
    };
    // Visible at the first full minute that is not before the change.
    let seen = minute(change + TimeDelta::nanoseconds(59_999_999_999));
    let next = minute(now) + TimeDelta::minutes(1);
    (seen.max(next) - now).to_std().unwrap_or(Duration::ZERO)
}

/// `0:05`, `23:59:58`, `6 d 23:59:58`: the remaining time, rounded up, so that zero means over.
pub fn countdown(left: TimeDelta) -> String {
    let nanos = i64::from(left.subsec_nanos() > 0);
    let seconds = (left.num_seconds() + nanos).max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let seconds = seconds % 60;
    match (days, hours) {
        (0, 0) => format!("{minutes}:{seconds:02}"),
        (0, _) => format!("{hours}:{minutes:02}:{seconds:02}"),
        _ => format!("{days} d {hours}:{minutes:02}:{seconds:02}"),
    }
}

/// The remaining whole seconds; the last one is shown until the end.
pub fn seconds_left(end: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    let left = end - now;
    (left.num_seconds() + i64::from(left.subsec_nanos() > 0)).max(0)
}

/// How long a countdown to `end` stays the same.
pub fn countdown_stays(end: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    let left = (end - now).to_std().unwrap_or(Duration::ZERO);
    match left.subsec_nanos() {
        0 => Duration::from_secs(1),
        nanos => Duration::from_nanos(nanos.into()),
    }
}

/// The end by the person's clock: `14:32:07`, `Tue 14:32:07`, `24 Dec 14:32`.
pub fn wall_clock(end: DateTime<Utc>, now: DateTime<Utc>, zone: DisplayZone) -> String {
    let (end, now) = (zone.on_the_wall(end), zone.on_the_wall(now));
    match (end.date_naive() - now.date_naive()).num_days() {
        0 => end.format("%H:%M:%S").to_string(),
        1..7 => end.format("%a %H:%M:%S").to_string(),
        _ => end.format("%-d %b %H:%M").to_string(),
    }
}

/// `3:05`, `1:02:05`: the progress of a playing item.
pub fn playing_time(millis: u64) -> String {
    let seconds = millis / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// `12 s`, `4 min`, `3 h 20 min`: a past or future duration.
pub fn span(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{} s", seconds.max(0)),
        60..3600 => format!("{} min", (seconds + 30) / 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
    use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};
    use rstest::rstest;

    use super::{
        ago, countdown, countdown_stays, days_left, due, playing_time, short_age, span, stays, wall_clock,
    };
    use crate::tui::style::zone::DisplayZone;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn now() -> DateTime<Utc> {
        at("2026-11-23T12:32:40Z")
    }

    #[rstest]
    #[case("2026-11-23T12:32:39Z", "just now")]
    #[case("2026-11-23T12:31:01Z", "just now")]
    #[case("2026-11-23T12:31:00Z", "1 min ago")]
    #[case("2026-11-23T12:28:00Z", "4 min ago")]
    #[case("2026-11-23T11:32:00Z", "1 h ago")]
    #[case("2026-11-22T12:32:00Z", "1 day ago")]
    #[case("2026-11-20T12:32:00Z", "3 days ago")]
    #[case::a_clock_that_was_ahead("2026-11-23T14:00:00Z", "just now")]
    fn ages(#[case] instant: &str, #[case] text: &str) {
        assert_eq!(ago(at(instant), now()), text);
    }

    #[rstest]
    #[case("2026-11-23T12:32:00Z", "now")]
    #[case("2026-11-23T12:32:45Z", "soon")]
    #[case("2026-11-23T12:33:00Z", "in 1 min")]
    #[case("2026-11-23T12:33:59Z", "in 1 min")]
    #[case::half_an_hour_from_now("2026-11-23T13:02:40Z", "in 30 min")]
    #[case("2026-11-23T13:28:00Z", "in 56 min")]
    #[case("2026-11-23T13:32:00Z", "in 1 h")]
    #[case("2026-11-25T13:32:00Z", "in 2 days")]
    fn times_to_go(#[case] instant: &str, #[case] text: &str) {
        assert_eq!(due(at(instant), now()), text);
    }

    #[rstest]
    #[case(0, "0:00")]
    #[case(1, "0:01")]
    #[case(4_700, "0:05")]
    #[case(5_000, "0:05")]
    #[case(65_000, "1:05")]
    #[case(86_398_000, "23:59:58")]
    #[case(86_400_000, "1 d 0:00:00")]
    #[case(-5_000, "0:00")]
    fn countdowns_round_up(#[case] millis: i64, #[case] text: &str) {
        assert_eq!(countdown(TimeDelta::milliseconds(millis)), text);
    }

    #[rstest]
    #[case("2026-11-23T12:40:07Z", "13:40:07")]
    #[case::tomorrow_over_there("2026-11-23T23:40:07Z", "Tue 00:40:07")]
    #[case("2026-11-24T12:40:07Z", "Tue 13:40:07")]
    #[case("2026-12-24T12:40:07Z", "24 Dec 13:40")]
    fn ends_are_told_on_the_persons_clock(#[case] instant: &str, #[case] text: &str) {
        let zone = DisplayZone(|_| FixedOffset::east_opt(3600).unwrap());
        assert_eq!(wall_clock(at(instant), now(), zone), text);
    }

    #[test]
    fn an_end_beyond_the_change_of_summer_time_is_told_in_the_time_of_then() {
        let zone = DisplayZone(|instant| {
            let summer = instant < "2026-10-25T01:00:00Z".parse::<DateTime<Utc>>().unwrap();
            FixedOffset::east_opt(if summer { 7200 } else { 3600 }).unwrap()
        });
        let text = wall_clock(at("2026-10-25T10:00:00Z"), at("2026-10-24T22:30:00Z"), zone);
        assert_eq!(text, "11:00:00");
    }

    #[test]
    fn spans_and_days() {
        assert_eq!([0, 59_999, 185_000, 3_725_000].map(playing_time), ["0:00", "0:59", "3:05", "1:02:05"]);
        assert_eq!([span(-1), span(59), span(90), span(7_260)], ["0 s", "59 s", "2 min", "2 h 1 min"]);
        assert_eq!(days_left(now() + TimeDelta::days(3), now()), 3);
        assert_eq!(days_left(now() - TimeDelta::hours(1), now()), -1);
    }

    fn told(instant: DateTime<Utc>, now: DateTime<Utc>) -> (String, String, String, i64) {
        let days = days_left(instant, now);
        (ago(instant, now), due(instant, now), short_age(instant, now), days)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn a_text_stays_exactly_as_long_as_said(offset in -200_000_000_i64..200_000_000, jitter in 0_i64..60_000) {
            let now = now() + TimeDelta::milliseconds(jitter);
            let instant = now + TimeDelta::milliseconds(offset);
            let stays = stays(instant, now);
            prop_assert!(stays > Duration::ZERO);
            let just_before = now + TimeDelta::from_std(stays).unwrap() - TimeDelta::nanoseconds(1);
            prop_assert_eq!(told(instant, now), told(instant, just_before));
            prop_assert!(stays <= Duration::from_mins(24 * 60 + 1));
        }

        #[test]
        fn a_countdown_stays_exactly_as_long_as_said(millis in 1_i64..200_000_000) {
            let end = now() + TimeDelta::milliseconds(millis);
            let change = now() + TimeDelta::from_std(countdown_stays(end, now())).unwrap();
            let just_before = change - TimeDelta::nanoseconds(1);
            prop_assert_eq!(countdown(end - now()), countdown(end - just_before));
            prop_assert!(countdown(end - now()) != countdown(end - change));
        }
    }
}

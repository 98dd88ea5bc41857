//! Ages, times to go, countdowns and wall-clock ends.
//!
//! Ages and times to go are told in whole minutes as of the last full minute, so that a quiet screen
//! changes at most once a minute, all its ages together. They are less than a minute off.

use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Timelike, Utc};

use super::model::Zone;

/// How far away something is, as coarsely as it is told.
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

    /// The least minutes that are told so.
    const fn least(self) -> i64 {
        match self {
            Self::Now => 0,
            Self::Minutes(minutes) => minutes,
            Self::Hours(hours) => hours * 60,
            Self::Days(days) => days * 1440,
        }
    }

    /// The least minutes that are told as something longer.
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
    let seconds = (at - minute(now)).num_seconds();
    Distance::of((seconds + 59).div_euclid(60))
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

/// `in 56 min`, `now`.
pub fn due(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match to_go(at, now) {
        Distance::Now => "now".to_owned(),
        to_go => "in ".to_owned() + &to_go.short(),
    }
}

/// Whole days until `at`; negative when it has passed.
pub fn days_left(at: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    (at - minute(now)).num_seconds().div_euclid(86_400)
}

/// How long every text above about `at` stays as it is at `now`.
pub fn stays(at: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    let change = if at > minute(now) {
        at - TimeDelta::minutes(to_go(at, now).least() - 1)
    } else {
        at + TimeDelta::minutes(age(at, now).beyond())
    };
    // Seen at the first full minute that is not before the change.
    let seen = minute(change + TimeDelta::nanoseconds(59_999_999_999));
    let next = minute(now) + TimeDelta::minutes(1);
    (seen.max(next) - now).to_std().unwrap_or(Duration::ZERO)
}

/// `0:05`, `23:59:58`, `6 d 23:59:58`: what is left, rounded up, so that zero means over.
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

/// How long a countdown to `end` stays as it is.
pub fn countdown_stays(end: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    let left = (end - now).to_std().unwrap_or(Duration::ZERO);
    match left.subsec_nanos() {
        0 => Duration::from_secs(1),
        nanos => Duration::from_nanos(nanos.into()),
    }
}

/// The end on the person's clock: `14:32:07`, `Tue 14:32:07`, `24 Dec 14:32`.
pub fn wall_clock(end: DateTime<Utc>, now: DateTime<Utc>, zone: Zone) -> String {
    let (end, now) = (zone.on_the_wall(end), zone.on_the_wall(now));
    match (end.date_naive() - now.date_naive()).num_days() {
        0 => end.format("%H:%M:%S").to_string(),
        1..7 => end.format("%a %H:%M:%S").to_string(),
        _ => end.format("%-d %b %H:%M").to_string(),
    }
}

/// `12 s`, `4 min`, `3 h 20 min`: how long something took or will take.
pub fn span(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{} s", seconds.max(0)),
        60..3600 => format!("{} min", (seconds + 30) / 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

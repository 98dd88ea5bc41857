//! The formats of a time in exports, and in the tools that people process them with.

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset, NaiveDateTime};

use crate::json::{Lenient, LenientField, rounded};

/// A time as it is in a row.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Moment<'a> {
    Text(Cow<'a, str>),
    /// Seconds or milliseconds since 1970.
    Number(i64),
}

impl<'de> Lenient<'de> for Moment<'de> {
    fn from_borrowed(text: &'de str) -> LenientField<Self> {
        LenientField::Value(Self::Text(Cow::Borrowed(text)))
    }

    fn from_text(text: &str) -> LenientField<Self> {
        LenientField::Value(Self::Text(Cow::Owned(text.to_owned())))
    }

    fn from_integer(number: i64) -> LenientField<Self> {
        LenientField::Value(Self::Number(number))
    }

    fn from_fraction(number: f64) -> LenientField<Self> {
        rounded(number).map_or(LenientField::Odd, Self::from_integer)
    }
}

impl Moment<'_> {
    /// In milliseconds since 1970; UTC if it names no zone. Years outside the database's own
    /// calendar are an error.
    pub(super) fn millis(&self) -> Option<i64> {
        let at = match self {
            Self::Text(text) => of_text(text)?,
            Self::Number(number) => of_number(*number)?,
        };
        (0..253_402_300_800_000).contains(&at).then_some(at)
    }
}

/// Spotify writes `2019-04-07T13:30:30Z`; its own description of the export says
/// `2019-04-07 13:30:30`, in UTC. Account data have only the minute. The other formats are those of
/// programming languages.
fn of_text(text: &str) -> Option<i64> {
    // Spotify's own format first: a million rows must not be tried with every other format.
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.timestamp_millis());
    }
    if let Ok(minute) = NaiveDateTime::parse_from_str(text, ACCOUNT_DATA) {
        return Some(minute.and_utc().timestamp_millis());
    }
    // Some repeat the zone after the offset: `(Coordinated Universal Time)`, `[UTC]`.
    let text = text.split(['(', '[']).next().unwrap_or(text).trim();
    if let Ok(number) = text.parse() {
        return of_number(number);
    }
    let (plain, is_utc) = match ZONES.iter().find_map(|zone| text.strip_suffix(zone)) {
        Some(plain) => (plain.trim_end(), true),
        None => (text, false),
    };
    with_offset(plain)
        .filter(|at| !is_utc || at.offset().local_minus_utc() == 0)
        .map_or_else(
            || Some(FORMS.iter().find_map(|form| NaiveDateTime::parse_from_str(plain, form).ok())?.and_utc()),
            |at| Some(at.to_utc()),
        )
        .map(|at| at.timestamp_millis())
}

const ACCOUNT_DATA: &str = "%Y-%m-%d %H:%M";

const ZONES: [&str; 5] = ["UTC", "GMT", "Z", "utc", "z"];

/// Formats with an unambiguous order of day and month.
const FORMS: [&str; 13] = [
    ACCOUNT_DATA,
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%dt%H:%M:%S%.f",
    "%Y-%m-%d, %H:%M:%S%.f",
    "%Y-%m-%d %I:%M:%S %p",
    "%Y-%m-%dT%H:%M",
    "%Y/%m/%d %H:%M:%S%.f",
    "%Y/%m/%d %H:%M",
    "%Y%m%dT%H%M%S",
    "%a, %d %b %Y %H:%M:%S",
    "%a %b %d %H:%M:%S %Y",
    "%a %b %d %Y %H:%M:%S",
];

/// A time with an offset such as `+02:00`.
fn with_offset(text: &str) -> Option<DateTime<FixedOffset>> {
    let forms =
        ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f %#z", "%Y-%m-%dT%H:%M%#z", "%Y-%m-%d %H:%M%#z"];
    let others = ["%Y/%m/%d %H:%M:%S%.f %#z", "%Y%m%dT%H%M%S%#z", "%a %b %d %Y %H:%M:%S GMT%#z"];
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_rfc2822(text))
        .ok()
        .or_else(|| forms.iter().chain(&others).find_map(|form| DateTime::parse_from_str(text, form).ok()))
}

/// Ten digits are seconds, thirteen milliseconds; both cover 2001 to 2286.
const fn of_number(number: i64) -> Option<i64> {
    match number {
        1_000_000_000..=9_999_999_999 => Some(number * 1_000),
        1_000_000_000_000..=9_999_999_999_999 => Some(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_moment_in_all_its_forms() {
        for text in [
            "2019-04-07T13:30:30Z",
            "2019-04-07t13:30:30z",
            "2019-04-07T13:30:30.000Z",
            "2019-04-07T15:30:30+02:00",
            "2019-04-07 13:30:30",
            "2019-04-07 13:30:30 UTC",
            "2019-04-07 13:30:30Z",
            "2019-04-07 13:30:30+00:00",
            "2019-04-07 15:30:30 +0200",
            "2019-04-07T13:30:30",
            "2019-04-07T13:30:30+0000",
            " 2019-04-07 13:30:30.000 ",
            "2019-04-07 13:30:30 +0000 UTC",
            "2019-04-07 13:30:30.000000+00:00",
            "2019-04-07T13:30:30Z[UTC]",
            "2019-04-07T15:30:30+02:00[Europe/Oslo]",
            "2019-04-07T13:30:30 Z",
            "2019-04-07t13:30:30",
            "2019-04-07, 13:30:30",
            "2019-04-07 01:30:30 PM",
            "2019/04/07 13:30:30",
            "2019/04/07 15:30:30 +0200",
            "20190407T133030Z",
            "Sun, 07 Apr 2019 13:30:30 GMT",
            "Sun, 7 Apr 2019 13:30:30 +0000",
            "Sun Apr  7 13:30:30 2019",
            "Sun Apr 07 2019 13:30:30 GMT+0000 (Coordinated Universal Time)",
            "1554643830",
            "1554643830000",
        ] {
            let moment = Moment::Text(text.into());
            assert_eq!(moment.millis(), Some(1_554_643_830_000), "{text}");
        }
        assert_eq!(Moment::Number(1_554_643_830).millis(), Some(1_554_643_830_000));
        for text in ["2019-04-07 13:30", "2019-04-07T13:30Z", "2019-04-07T15:30+02:00", "2019/04/07 13:30"] {
            assert_eq!(Moment::Text(text.into()).millis(), Some(1_554_643_800_000), "{text}");
        }
    }

    #[test]
    fn what_may_be_another_moment_is_none() {
        let odd = ["", "yesterday", "07/04/2019 13:30", "2019-04-07", "17", "0000-01-01T00:00:00Z", "13:30"];
        for text in odd.into_iter().chain(["2019-04-07 15:30:30 +0200 UTC", "2019-13-07 13:30:30"]) {
            assert_eq!(Moment::Text(text.into()).millis(), None, "{text}");
        }
        assert_eq!(Moment::Number(17).millis(), None);
    }
}

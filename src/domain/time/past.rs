//! A time as a person writes it.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

/// Local times, as the journal shows them.
const LOCAL: [&str; 4] = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"];

/// Why a text names no past time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotInThePast {
    /// It is not a time.
    #[error(
        "`{0}` is not a time; write 2026-11-01T10:00:00Z, 2026-11-01 for the beginning of that day, or 7d for \
         seven days ago"
    )]
    NoTime(String),
    /// It is in the future.
    #[error("{0} is in the future; choose a time that has passed")]
    Future(String),
}

/// Parses a time that is not after `now`: RFC 3339, a local date or time, or how long ago.
/// `first_instant` is the first instant at which local clocks show a time.
pub fn in_the_past(
    text: &str,
    now: DateTime<Utc>,
    first_instant: impl Fn(NaiveDateTime) -> Option<DateTime<Utc>>,
) -> Result<DateTime<Utc>, NotInThePast> {
    let text = text.trim();
    let Some(time) = absolute(text, first_instant).or_else(|| ago(text, now)) else {
        return Err(NotInThePast::NoTime(text.to_owned()));
    };
    if time > now { Err(NotInThePast::Future(text.to_owned())) } else { Ok(time) }
}

/// The same, but a date means the end of that day, or `now` if that is earlier.
pub fn to_the_end_of(
    text: &str,
    now: DateTime<Utc>,
    first_instant: impl Fn(NaiveDateTime) -> Option<DateTime<Utc>>,
) -> Result<DateTime<Utc>, NotInThePast> {
    let begin = in_the_past(text, now, &first_instant)?;
    let next = date(text.trim()).and_then(|day| day.checked_add_days(Days::new(1)));
    let next = next.and_then(|next| first_instant(next.and_time(NaiveTime::MIN)));
    Ok(next.map_or(begin, |next| (next - TimeDelta::milliseconds(1)).min(now)))
}

/// The end of the second of a time, but not later than `now`: lines show whole seconds, and what
/// was seen in a second counts as seen by then.
#[must_use]
pub fn to_its_end(time: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    let names_a_second = time.timestamp_subsec_nanos() == 0;
    let end = if names_a_second { time + TimeDelta::milliseconds(999) } else { time };
    end.min(now)
}

fn date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

fn absolute(
    text: &str,
    first_instant: impl Fn(NaiveDateTime) -> Option<DateTime<Utc>>,
) -> Option<DateTime<Utc>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    let date = date(text).map(|date| date.and_time(NaiveTime::MIN));
    let time = || LOCAL.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    first_instant(date.or_else(time)?)
}

fn ago(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let span = humantime::parse_duration(text).ok()?;
    now.checked_sub_signed(TimeDelta::from_std(span).ok()?)
}

#[cfg(test)]
mod tests {
    use chrono::{FixedOffset, TimeZone};

    use super::*;
    use crate::domain::first_instant;

    fn read(text: &str) -> Result<String, String> {
        let now = "2026-11-08T12:00:00Z".parse().unwrap();
        let zone = FixedOffset::east_opt(3600).unwrap();
        let time =
            in_the_past(text, now, |time| first_instant(time, &zone)).map_err(|error| error.to_string())?;
        Ok(time.format("%FT%T").to_string())
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, time) in [
            ("2026-11-01T10:00:00Z", "2026-11-01T10:00:00"),
            ("2026-11-01T10:00:00.5+02:00", "2026-11-01T08:00:00"),
            ("2026-11-01", "2026-10-31T23:00:00"),
            ("2026-11-01 10:30", "2026-11-01T09:30:00"),
            ("2026-11-01T10:30:05", "2026-11-01T09:30:05"),
            (" 7d ", "2026-11-01T12:00:00"),
            ("1h 30m", "2026-11-08T10:30:00"),
            ("0s", "2026-11-08T12:00:00"),
            ("2026-11-08T12:00:00Z", "2026-11-08T12:00:00"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(time), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_or_not_past_is_said_in_a_sentence() {
        for text in ["", "yesterday", "2026-13-01", "2026-11", "7", "-7d", "99999999999999y", "10:00"] {
            let said = read(text).unwrap_err();
            assert!(said.starts_with(&format!("`{text}` is not a time; write ")), "{text}: {said}");
        }
        for text in ["2026-11-08T12:00:01Z", "2026-11-09", "2300-01-01"] {
            let said = read(text).unwrap_err();
            assert_eq!(said, format!("{text} is in the future; choose a time that has passed"));
        }
    }

    #[test]
    fn a_date_can_be_meant_to_its_end() {
        let now = "2026-11-08T12:00:00Z".parse().unwrap();
        let zone = FixedOffset::east_opt(3600).unwrap();
        let read = |text| to_the_end_of(text, now, |time| first_instant(time, &zone)).unwrap();
        assert_eq!(read("2026-11-01").to_rfc3339(), "2026-11-01T22:59:59.999+00:00");
        assert_eq!(read("2026-11-08"), now);
        assert_eq!(read("2026-11-01 10:30").to_rfc3339(), "2026-11-01T09:30:00+00:00");
        assert_eq!(read("7d").to_rfc3339(), "2026-11-01T12:00:00+00:00");
    }

    #[test]
    fn a_second_is_meant_to_its_end_and_a_fraction_as_it_is() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let now = at("2026-11-08T12:00:00.4Z");
        assert_eq!(to_its_end(at("2026-11-08T11:00:00Z"), now), at("2026-11-08T11:00:00.999Z"));
        assert_eq!(to_its_end(at("2026-11-08T11:00:00.2Z"), now), at("2026-11-08T11:00:00.2Z"));
        assert_eq!(to_its_end(at("2026-11-08T12:00:00Z"), now), now);
    }

    /// A day on which the clocks go from 23:59 to 01:00, and one of 25 hours.
    #[derive(Debug, Clone, Copy)]
    struct Springing;

    impl TimeZone for Springing {
        type Offset = FixedOffset;

        fn from_offset(_: &FixedOffset) -> Self {
            Self
        }

        fn offset_from_local_date(&self, _: &NaiveDate) -> chrono::MappedLocalTime<FixedOffset> {
            chrono::MappedLocalTime::None
        }

        fn offset_from_local_datetime(&self, local: &NaiveDateTime) -> chrono::MappedLocalTime<FixedOffset> {
            let hours = |hours| FixedOffset::east_opt(3600 * hours).unwrap();
            match local.format("%m-%d %H").to_string().as_str() {
                "09-06 00" => chrono::MappedLocalTime::None,
                "11-01 01" => chrono::MappedLocalTime::Ambiguous(hours(-3), hours(-4)),
                _ => chrono::MappedLocalTime::Single(hours(-3)),
            }
        }

        fn offset_from_utc_date(&self, _: &NaiveDate) -> FixedOffset {
            FixedOffset::east_opt(0).unwrap()
        }

        fn offset_from_utc_datetime(&self, _: &NaiveDateTime) -> FixedOffset {
            FixedOffset::east_opt(0).unwrap()
        }
    }

    #[test]
    fn a_midnight_that_the_clocks_skip_is_when_they_go_on() {
        let now = "2026-11-08T12:00:00Z".parse().unwrap();
        let read = |text| {
            in_the_past(text, now, |time| first_instant(time, &Springing))
                .unwrap()
                .format("%FT%T")
                .to_string()
        };
        assert_eq!(read("2026-09-06"), "2026-09-06T04:00:00");
        assert_eq!(read("2026-11-01 01:30"), "2026-11-01T04:30:00");
    }
}

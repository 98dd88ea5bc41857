//! The forms in which exports, and the tools that people lead them through, write a moment.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDateTime};

use super::loose::{Loose, Scalar};

/// A moment as it stands in a row.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Moment<'a> {
    Text(Cow<'a, str>),
    /// Seconds or milliseconds since 1970.
    Number(i64),
}

impl<'de> Scalar<'de> for Moment<'de> {
    fn of_borrowed(text: &'de str) -> Loose<Self> {
        Loose::Value(Self::Text(Cow::Borrowed(text)))
    }

    fn of_text(text: &str) -> Loose<Self> {
        Loose::Value(Self::Text(Cow::Owned(text.to_owned())))
    }

    fn of_number(number: i64) -> Loose<Self> {
        Loose::Value(Self::Number(number))
    }
}

impl Moment<'_> {
    /// In milliseconds since 1970, UTC where it names no zone. Years of which the database's own calendar knows
    /// nothing are a mistake.
    pub(super) fn millis(&self) -> Option<i64> {
        let at = match self {
            Self::Text(text) => of_text(text)?,
            Self::Number(number) => of_number(*number)?,
        };
        (0..253_402_300_800_000).contains(&at).then_some(at)
    }
}

/// Spotify writes `2019-04-07T13:30:30Z`; its own description of the export says `2019-04-07 13:30:30`, and that
/// it is UTC. Account data have the minute.
fn of_text(text: &str) -> Option<i64> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.timestamp_millis());
    }
    let text = text.trim();
    if let Ok(number) = text.parse() {
        return of_number(number);
    }
    if let Some(at) = ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f %#z", "%Y-%m-%d %H:%M:%S%.f%#z"]
        .iter()
        .find_map(|form| DateTime::parse_from_str(text, form).ok())
    {
        return Some(at.timestamp_millis());
    }
    let plain =
        ["UTC", "GMT", "Z", "utc", "z"].iter().find_map(|zone| text.strip_suffix(zone)).unwrap_or(text);
    let forms = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"];
    let at = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(plain.trim_end(), form).ok())?;
    Some(at.and_utc().timestamp_millis())
}

/// Ten digits are seconds, thirteen milliseconds, of 2001 to 2286 both.
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
            "1554643830",
            "1554643830000",
        ] {
            let moment = Moment::Text(text.into());
            assert_eq!(moment.millis(), Some(1_554_643_830_000), "{text}");
        }
        assert_eq!(Moment::Number(1_554_643_830).millis(), Some(1_554_643_830_000));
        assert_eq!(Moment::Text("2019-04-07 13:30".into()).millis(), Some(1_554_643_800_000));
    }

    #[test]
    fn what_may_be_another_moment_is_none() {
        for text in ["", "yesterday", "07/04/2019 13:30", "2019-04-07", "17", "0000-01-01T00:00:00Z", "13:30"]
        {
            assert_eq!(Moment::Text(text.into()).millis(), None, "{text}");
        }
        assert_eq!(Moment::Number(17).millis(), None);
    }
}

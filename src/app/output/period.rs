//! A period as a person writes it: a start, or a year, a month or days of the calendar.

use chrono::{DateTime, Days, Months, NaiveDate, Utc};

use super::time_args;
use crate::app::Failure;
use crate::domain::Zone;
use crate::store::Period;

/// Calendar days: the first, and the first after the period.
fn calendar(text: &str) -> Option<(NaiveDate, NaiveDate)> {
    let day = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    let digits = |part: &str, many: usize| part.len() == many && part.bytes().all(|c| c.is_ascii_digit());
    let mut parts = text.split('-');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(year), None, None, None) if digits(year, 4) => {
            let first = day(&format!("{year}-01-01"))?;
            Some((first, first.checked_add_months(Months::new(12))?))
        }
        (Some(year), Some(month), None, None) if digits(year, 4) && digits(month, 2) => {
            let first = day(&format!("{text}-01"))?;
            Some((first, first.checked_add_months(Months::new(1))?))
        }
        _ => {
            let first = day(text)?;
            Some((first, first.checked_add_days(Days::new(1))?))
        }
    }
}

/// Parses a period that has begun by `now`: a year, a month or a day, or two of these with `..`
/// between them, both included; `30d` is the last thirty days.
pub fn within(text: &str, now: DateTime<Utc>, zone: Zone) -> Result<Period, Failure> {
    let text = text.trim();
    let (from, to) = match (text.split_once(".."), calendar(text)) {
        (Some((first, last)), _) => between(text, first.trim(), last.trim(), zone)?,
        (None, Some((first, end))) => (zone.day_begins(first), zone.day_begins(end)),
        (None, None) => (time_args::in_the_past(text, now, &zone.tz())?, now),
    };
    begun(text, from, to, now)
}

/// Parses a start, and everything from then on: a year, a month, a day or any other time; a range
/// ends where it says.
pub fn since(text: &str, now: DateTime<Utc>, zone: Zone) -> Result<Period, Failure> {
    let text = text.trim();
    if text.contains("..") {
        return within(text, now, zone);
    }
    let from = match calendar(text) {
        Some((first, _)) => zone.day_begins(first),
        None => time_args::in_the_past(text, now, &zone.tz())?,
    };
    begun(text, from, now, now)
}

fn begun(text: &str, from: DateTime<Utc>, to: DateTime<Utc>, now: DateTime<Utc>) -> Result<Period, Failure> {
    if from == now {
        return Err(Failure::Usage(format!("{text} is an empty period; write a longer one, such as 30d")));
    }
    if from > now {
        return Err(Failure::Usage(format!("{text} is in the future; choose a period that has begun")));
    }
    Ok(Period { from, to: to.min(now) })
}

fn between(
    text: &str,
    first: &str,
    last: &str,
    zone: Zone,
) -> Result<(DateTime<Utc>, DateTime<Utc>), Failure> {
    let (Some((from, _)), Some((_, to))) = (calendar(first), calendar(last)) else {
        return Err(Failure::Usage(format!(
            "`{text}` is not a period; write 2025, 2025-11, 2025-01-01..2025-12-31, or 30d for the last thirty days"
        )));
    };
    if from >= to {
        return Err(Failure::Usage(format!("{text} ends before it begins; write the earlier day first")));
    }
    Ok((zone.day_begins(from), zone.day_begins(to)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Result<String, String> {
        told(within, text)
    }

    fn told(
        read: impl Fn(&str, DateTime<Utc>, Zone) -> Result<Period, Failure>,
        text: &str,
    ) -> Result<String, String> {
        let now = "2026-11-08T12:00:00Z".parse().unwrap();
        let period = read(text, now, "Europe/Berlin".parse().unwrap()).map_err(|error| error.to_string())?;
        Ok(format!("{} {}", period.from.format("%FT%T"), period.to.format("%FT%T")))
    }

    #[test]
    fn periods_are_read_as_people_write_them() {
        for (text, period) in [
            ("2025", "2024-12-31T23:00:00 2025-12-31T23:00:00"),
            ("2025-10", "2025-09-30T22:00:00 2025-10-31T23:00:00"),
            ("2025-01-01..2025-01-02", "2024-12-31T23:00:00 2025-01-02T23:00:00"),
            ("2024 .. 2025-01", "2023-12-31T23:00:00 2025-01-31T23:00:00"),
            ("2026", "2025-12-31T23:00:00 2026-11-08T12:00:00"),
            ("2026-11-01", "2026-10-31T23:00:00 2026-11-01T23:00:00"),
            ("7d", "2026-11-01T12:00:00 2026-11-08T12:00:00"),
        ] {
            assert_eq!(said(text).as_deref(), Ok(period), "{text}");
        }
    }

    #[test]
    fn since_means_from_then_on() {
        for (text, period) in [
            ("2025", "2024-12-31T23:00:00 2026-11-08T12:00:00"),
            ("2025-10", "2025-09-30T22:00:00 2026-11-08T12:00:00"),
            ("2026-11-01", "2026-10-31T23:00:00 2026-11-08T12:00:00"),
            ("7d", "2026-11-01T12:00:00 2026-11-08T12:00:00"),
            ("2024..2025", "2023-12-31T23:00:00 2025-12-31T23:00:00"),
        ] {
            assert_eq!(told(since, text).as_deref(), Ok(period), "{text}");
        }
    }

    #[test]
    fn what_is_no_period_or_none_that_has_begun_is_said_in_a_sentence() {
        for (text, sentence) in [
            ("soon", "`soon` is not a time; write 2026-11-01T10:00:00Z"),
            ("2025..", "`2025..` is not a period; write 2025, 2025-11"),
            ("2025-13", "`2025-13` is not a time; write"),
            ("2025-02..2025-01", "2025-02..2025-01 ends before it begins; write the earlier day first"),
            ("2027", "2027 is in the future; choose a period that has begun"),
            ("2026-12..2027", "2026-12..2027 is in the future; choose a period that has begun"),
            ("0s", "0s is an empty period; write a longer one"),
        ] {
            let error = said(text).unwrap_err();
            assert!(error.starts_with(sentence), "{text}: {error}");
        }
    }
}

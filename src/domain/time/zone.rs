//! Times in a time zone: days, hours and months, including daylight saving time.

use std::fmt;
use std::str::FromStr;

use chrono::{
    DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone,
};
use chrono::{Timelike, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};

/// A zone of the IANA time zone database, such as `Europe/Berlin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(Tz);

/// A name that is no zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{written}` is not a time zone; the nearest is `{nearest}`")]
pub struct UnknownZone {
    /// As written.
    pub written: String,
    /// The zone with the most similar name.
    pub nearest: &'static str,
}

/// The local time at an instant, to the hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalHour {
    /// Days since 1970-01-01.
    pub day: i32,
    /// 0 to 23.
    pub hour: u8,
}

impl LocalHour {
    /// Hours since 1970-01-01 by the person's clocks.
    #[must_use]
    pub fn since_1970(self) -> i64 {
        i64::from(self.day) * 24 + i64::from(self.hour)
    }

    /// The hour of the week, 0 for the first of Monday, 167 for the last of Sunday.
    #[must_use]
    pub fn of_week(self) -> u8 {
        // 1970-01-01 was a Thursday.
        let weekday = u8::try_from((self.day + 3).rem_euclid(7)).unwrap_or(0);
        weekday * 24 + self.hour
    }
}

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(Tz::UTC);

    /// The zone's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The zone's type in chrono.
    #[must_use]
    pub const fn tz(self) -> Tz {
        self.0
    }

    /// The local time at an instant.
    #[must_use]
    pub fn at(self, at: DateTime<Utc>) -> LocalHour {
        let shown = at.with_timezone(&self.0).naive_local();
        // Two digits always fit.
        LocalHour { day: days_since_1970(shown.date()), hour: u8::try_from(shown.hour()).unwrap_or(0) }
    }

    /// By how many seconds the clocks are ahead of UTC at an instant.
    #[must_use]
    pub fn ahead(self, at: DateTime<Utc>) -> i32 {
        at.with_timezone(&self.0).offset().fix().local_minus_utc()
    }

    /// The month that contains an instant.
    #[must_use]
    pub fn month_at(self, at: DateTime<Utc>) -> Month {
        let month = Month::of(at.with_timezone(&self.0).date_naive());
        // Clocks that are set back past midnight on the first day show the previous month again.
        match month.next() {
            Some(next) if self.month_begins(next) <= at => next,
            _ => month,
        }
    }

    /// The first instant of a month: when its first day is first shown.
    #[must_use]
    pub fn month_begins(self, month: Month) -> DateTime<Utc> {
        self.first_instant(month.0.and_time(NaiveTime::MIN))
    }

    /// The first instant after a month; after the last month of the calendar, the last possible
    /// instant.
    #[must_use]
    pub fn month_ends(self, month: Month) -> DateTime<Utc> {
        month.next().map_or(DateTime::<Utc>::MAX_UTC, |next| self.month_begins(next))
    }

    /// The first instant of a day.
    #[must_use]
    pub fn day_begins(self, day: NaiveDate) -> DateTime<Utc> {
        self.first_instant(day.and_time(NaiveTime::MIN))
    }

    /// The first instant at which the clocks show a time. If they skip it, the instant at which
    /// they continue, to the quarter of an hour.
    #[must_use]
    pub fn first_instant(self, time: NaiveDateTime) -> DateTime<Utc> {
        first_instant(time, &self.0).unwrap_or_else(|| time.and_utc())
    }

    /// The days between two days, both included, that no clock of this zone ever showed, because a
    /// place moved across the date line.
    #[must_use]
    pub fn skipped_days(self, from: NaiveDate, to: NaiveDate) -> Vec<i32> {
        let days = from.iter_days().take_while(|day| *day <= to);
        let is_skipped = |day: &NaiveDate| {
            let noon = day.and_time(NaiveTime::MIN) + TimeDelta::hours(12);
            let next = day.checked_add_days(Days::new(1)).unwrap_or(*day);
            self.0.from_local_datetime(&noon).earliest().is_none()
                && self.day_begins(*day) == self.day_begins(next)
        };
        days.filter(is_skipped).map(days_since_1970).collect()
    }
}

/// The first instant at which the clocks of a zone show a time. If they are set back, it is the
/// first of the two; if they skip it, the instant at which they continue, to the quarter of an
/// hour.
pub fn first_instant<Z: TimeZone>(time: NaiveDateTime, zone: &Z) -> Option<DateTime<Utc>> {
    let later = |quarters: i64| time.checked_add_signed(TimeDelta::minutes(15 * quarters));
    let instant = |quarters: i64| zone.from_local_datetime(&later(quarters)?).earliest();
    (0..=100).find_map(instant).map(|instant| instant.to_utc())
}

/// The names of the days of the week, from Monday on.
pub const WEEKDAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Days since 1970-01-01.
#[must_use]
pub fn days_since_1970(day: NaiveDate) -> i32 {
    day.num_days_from_ce() - NaiveDate::default().num_days_from_ce()
}

/// The date this many days after 1970-01-01.
#[must_use]
pub fn date_of(days: i32) -> NaiveDate {
    NaiveDate::from_num_days_from_ce_opt(days.saturating_add(NaiveDate::default().num_days_from_ce()))
        .unwrap_or_default()
}

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(written: &str) -> Result<Self, UnknownZone> {
        written
            .parse()
            .map(Self)
            .map_err(|_| UnknownZone { written: written.to_owned(), nearest: nearest(written) })
    }
}

/// The name most similar to the written one; people also leave out the continent.
fn nearest(written: &str) -> &'static str {
    let written = written.to_lowercase();
    let likeness = |name: &str| {
        let name = name.to_lowercase();
        let city = name.rsplit('/').next().unwrap_or(&name);
        strsim::jaro_winkler(&written, &name).max(strsim::jaro_winkler(&written, city))
    };
    let names = TZ_VARIANTS.iter().map(|zone| zone.name());
    names.max_by(|a, b| likeness(a).total_cmp(&likeness(b))).unwrap_or("UTC")
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A calendar month, by its first day; written as `2025-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(NaiveDate);

impl Month {
    /// The month of a day.
    #[must_use]
    pub fn of(day: NaiveDate) -> Self {
        Self(day.with_day(1).unwrap_or(day))
    }

    /// The next month.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        self.0.checked_add_months(Months::new(1)).map(Self)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn zone(name: &str) -> Zone {
        name.parse().unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[rstest]
    #[case("Europe/Berln", "Europe/Berlin")]
    #[case("berlin", "Europe/Berlin")]
    #[case("europe/berlin", "Europe/Berlin")]
    #[case("Katmandu", "Asia/Katmandu")]
    fn an_unknown_name_is_refused_with_the_nearest(#[case] written: &str, #[case] nearest: &str) {
        let error = written.parse::<Zone>().unwrap_err();
        assert_eq!(error.to_string(), format!("`{written}` is not a time zone; the nearest is `{nearest}`"));
    }

    #[rstest]
    #[case("Europe/Berlin", "2025-03-30", 23)]
    #[case("Europe/Berlin", "2025-10-26", 25)]
    #[case("Europe/Berlin", "2025-10-27", 24)]
    #[case("America/Sao_Paulo", "2018-11-04", 23)] // midnight is skipped
    #[case("America/Sao_Paulo", "2018-02-17", 25)] // the last hour comes twice
    #[case("Asia/Kathmandu", "2025-10-26", 24)]
    #[case("Pacific/Apia", "2011-12-30", 0)]
    fn days_are_as_long_as_the_clocks_make_them(#[case] name: &str, #[case] date: &str, #[case] hours: i64) {
        let (zone, date) = (zone(name), day(date));
        let length = zone.day_begins(date.succ_opt().unwrap()) - zone.day_begins(date);
        assert_eq!(length, TimeDelta::hours(hours));
    }

    #[test]
    fn an_hour_that_comes_twice_is_one_hour_of_the_day_and_a_skipped_one_none() {
        let berlin = zone("Europe/Berlin");
        let hour = |text| berlin.at(at(text)).hour;
        assert_eq!((hour("2025-10-26T00:30:00Z"), hour("2025-10-26T01:30:00Z")), (2, 2));
        assert_eq!((hour("2025-03-30T00:59:59Z"), hour("2025-03-30T01:00:00Z")), (1, 3));
        let kathmandu = zone("Asia/Kathmandu").at(at("2025-11-24T18:15:00Z"));
        assert_eq!((date_of(kathmandu.day), kathmandu.hour), (day("2025-11-25"), 0));
        let before_1970 = zone("America/New_York").at(at("1970-01-01T04:59:59Z"));
        assert_eq!(before_1970, LocalHour { day: -1, hour: 23 });
    }

    #[test]
    fn a_day_that_a_place_never_had_is_known() {
        let days = |name| zone(name).skipped_days(day("1970-01-01"), day("2037-12-31"));
        assert_eq!(days("Pacific/Apia"), [days_since_1970(day("2011-12-30"))]);
        assert_eq!(days("Europe/Berlin"), Vec::<i32>::new());
        assert_eq!(days("Pacific/Kwajalein").len(), 1);
    }

    #[test]
    fn clocks_that_are_turned_back_past_the_first_of_a_month_do_not_turn_the_month_back() {
        let zone = zone("America/St_Johns"); // 2009-11-01 00:01 became 2009-10-31 23:01
        let again_october = at("2009-11-01T02:45:00Z");
        assert_eq!(date_of(zone.at(again_october).day), day("2009-10-31"));
        assert_eq!(zone.month_at(again_october).to_string(), "2009-11");
        assert_eq!(zone.month_at(at("2009-11-01T02:29:59Z")).to_string(), "2009-10");
    }

    proptest! {
        #[test]
        fn every_instant_lies_in_its_month(which in 0..TZ_VARIANTS.len(), second in 0i64..2_000_000_000) {
            let zone = Zone(TZ_VARIANTS[which]);
            let at = DateTime::from_timestamp(second, 0).unwrap();
            let month = zone.month_at(at);
            prop_assert!(zone.month_begins(month) <= at);
            prop_assert!(at < zone.month_begins(month.next().unwrap()));
        }
    }
}

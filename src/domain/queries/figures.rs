//! Statistics of plays: which figure, of which period.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::ItemKind;

/// A figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Figure {
    /// The most played tracks.
    #[default]
    Tracks,
    /// The most played artists.
    Artists,
    /// The most played albums.
    Albums,
    /// The most played genres.
    Genres,
    /// The days of a year.
    Calendar,
    /// The hours of each day of the week.
    Hours,
    /// How many tracks were saved in each month.
    Growth,
}

impl Figure {
    /// Every figure, in the order of their tabs.
    pub const ALL: [Self; 7] =
        [Self::Tracks, Self::Artists, Self::Albums, Self::Genres, Self::Calendar, Self::Hours, Self::Growth];

    /// The title of its tab.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tracks => "Tracks",
            Self::Artists => "Artists",
            Self::Albums => "Albums",
            Self::Genres => "Genres",
            Self::Calendar => "Calendar",
            Self::Hours => "Hours",
            Self::Growth => "Growth",
        }
    }
}

/// How long a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PeriodKind {
    /// The whole history.
    #[default]
    All,
    /// A calendar year.
    Year,
    /// A calendar month.
    Month,
    /// Monday to Sunday.
    Week,
}

impl PeriodKind {
    /// Every kind, from the longest to the shortest.
    pub const ALL: [Self; 4] = [Self::All, Self::Year, Self::Month, Self::Week];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Year => "year",
            Self::Month => "month",
            Self::Week => "week",
        }
    }

    /// The first and the last day of the period that contains a day; `None` if it has no bounds.
    #[must_use]
    pub fn around(self, day: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        let first = match self {
            Self::All => return None,
            Self::Year => NaiveDate::from_ymd_opt(day.year(), 1, 1)?,
            Self::Month => day.with_day(1)?,
            Self::Week => day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into()))?,
        };
        let next = match self {
            Self::Year => first.checked_add_months(Months::new(12))?,
            Self::Week => first.checked_add_days(Days::new(7))?,
            _ => first.checked_add_months(Months::new(1))?,
        };
        Some((first, next.pred_opt()?))
    }
}

/// A period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PeriodOf {
    /// How long it is.
    pub kind: PeriodKind,
    /// A day in it; `None`: today.
    pub day: Option<NaiveDate>,
}

/// How much was played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    /// The number of plays.
    pub plays: u64,
    /// Their milliseconds.
    pub ms: u64,
    /// Whether some plays count with the length of their track, because their real length is not
    /// known.
    pub is_about: bool,
}

/// The statistics of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatsFigures {
    /// Its first day, no earlier than the first play.
    pub first: NaiveDate,
    /// Its last, no later than today.
    pub last: NaiveDate,
    /// The range in which periods can be chosen: from the day of the first play until today.
    pub known: (NaiveDate, NaiveDate),
    /// The sum of everything.
    pub total: Amount,
    /// The complete part of its history, in thousandths of its time.
    pub complete: u16,
    /// Gaps that touch it.
    pub gaps: u32,
    /// Whether all stored plays are summed up.
    pub settled: bool,
    /// The figure itself.
    pub shown: ShownFigures,
}

/// A figure's values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShownFigures {
    /// The most played first.
    Top(Vec<TopRow>),
    /// Days with plays, in order.
    Calendar(Vec<(NaiveDate, Amount)>),
    /// The hours of the week, all 168, starting on Monday at midnight.
    Hours(Vec<Amount>),
    /// Months, the newest first.
    Growth(Vec<MonthRow>),
}

/// A place in a ranking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopRow {
    /// The name.
    pub name: String,
    /// The artists.
    pub artists: Option<String>,
    /// Its uri, if it has one.
    pub uri: Option<String>,
    /// The item whose details can be shown.
    pub thing: Option<ItemKind>,
    /// The amount.
    pub amount: Amount,
}

/// A month of the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthRow {
    /// Its first day.
    pub first: NaiveDate,
    /// Tracks that were saved by its end.
    pub saved: u64,
    /// Tracks that were added in it.
    pub came: u64,
    /// Tracks whose removal was seen in it.
    pub went: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_lies_in_its_year_month_and_week() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let around = |kind: PeriodKind, text| kind.around(day(text));
        assert_eq!(around(PeriodKind::All, "2026-11-26"), None);
        let year = (day("2024-01-01"), day("2024-12-31"));
        assert_eq!(around(PeriodKind::Year, "2024-02-29"), Some(year));
        assert_eq!(around(PeriodKind::Month, "2024-02-29"), Some((day("2024-02-01"), day("2024-02-29"))));
        let week = (day("2026-12-28"), day("2027-01-03"));
        assert_eq!(around(PeriodKind::Week, "2027-01-01"), Some(week));
        assert_eq!(around(PeriodKind::Week, "2026-12-28"), Some(week));
        assert_eq!(around(PeriodKind::Week, "2027-01-03"), Some(week));
    }
}

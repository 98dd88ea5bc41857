//! What plays come to: which figure, of which period.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::ItemKind;

/// A figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Figure {
    /// What was played most.
    #[default]
    Tracks,
    /// Who.
    Artists,
    /// From which album.
    Albums,
    /// Of which genre.
    Genres,
    /// The days of a year.
    Calendar,
    /// The hours of each day of the week.
    Hours,
    /// How many tracks were saved, month by month.
    Growth,
}

impl Figure {
    /// Every figure, in the order of their tabs.
    pub const ALL: [Self; 7] =
        [Self::Tracks, Self::Artists, Self::Albums, Self::Genres, Self::Calendar, Self::Hours, Self::Growth];

    /// Its name on its tab.
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
    /// All that is known.
    #[default]
    All,
    /// A year of the calendar.
    Year,
    /// A month of it.
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

    /// The first and the last day of the period that a day lies in; `None` where it has no bounds.
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
    /// A day that lies in it; `None`: today.
    pub day: Option<NaiveDate>,
}

/// How much was played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    /// How often.
    pub plays: u64,
    /// For how many milliseconds.
    pub ms: u64,
    /// Whether some plays count for the length of their track, because nobody told how long they lasted.
    pub is_about: bool,
}

/// What plays come to in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatsFigures {
    /// Its first day, no earlier than the first play.
    pub first: NaiveDate,
    /// Its last, no later than today.
    pub last: NaiveDate,
    /// The days between which there are periods: that of the first play, and today.
    pub known: (NaiveDate, NaiveDate),
    /// Everything together.
    pub total: Amount,
    /// For how many thousandths of its time the history is complete.
    pub complete: u16,
    /// Gaps that touch it.
    pub gaps: u32,
    /// Whether everything that is stored is summed up.
    pub settled: bool,
    /// The figure itself.
    pub shown: ShownFigures,
}

/// A figure's values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShownFigures {
    /// The most played first.
    Top(Vec<TopRow>),
    /// Days with plays, in their order.
    Calendar(Vec<(NaiveDate, Amount)>),
    /// The hours of the week from Monday midnight on, all 168.
    Hours(Vec<Amount>),
    /// Months, the newest first.
    Growth(Vec<MonthRow>),
}

/// A place in a ranking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopRow {
    /// Of what.
    pub name: String,
    /// By whom.
    pub artists: Option<String>,
    /// Its uri, where it has one.
    pub uri: Option<String>,
    /// What more can be told of.
    pub thing: Option<ItemKind>,
    /// How much.
    pub amount: Amount,
}

/// A month of the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthRow {
    /// Its first day.
    pub first: NaiveDate,
    /// Tracks that were saved at its end.
    pub saved: u64,
    /// Tracks that were put there in it.
    pub came: u64,
    /// Tracks that were seen to be gone in it.
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

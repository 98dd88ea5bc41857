//! The report of a period, as details to scroll in.

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::report::{self, ReportFigures};
use super::{QueryRecord, QueryResult, sentence};
use crate::domain::queries::{Cell, Details, Fact, PeriodOf, Section};
use crate::domain::{WEEKDAYS, Zone, date_of};
use crate::store::{MovedRank, Period, PlayTally, Ranked};

/// Reads the report of a period, as of now.
pub async fn read(record: &QueryRecord, asked: PeriodOf, now: DateTime<Utc>) -> QueryResult<Details> {
    let statistics = record.account().statistics();
    let Some(first) = statistics.first_play().await.map_err(sentence)? else {
        return Err(
            "no plays are recorded yet; phonolog records them while it runs, or imports them with `phonolog import`".to_owned()
        );
    };
    let zone = statistics.kept_by().await.map_err(sentence)?.zone;
    let (first, last) = days(asked, first, now, zone);
    let end = last.checked_add_days(Days::new(1)).unwrap_or(last);
    let period = Period { from: zone.day_begins(first), to: zone.day_begins(end) };
    let figures = ReportFigures::read(statistics, period, now).await.map_err(sentence)?;
    Ok(Details { name: "report".to_owned(), uri: None, sections: sections(&figures, first, last) })
}

/// The first and the last day. A period without plays is not moved to one with plays.
fn days(
    asked: PeriodOf,
    first_play: DateTime<Utc>,
    now: DateTime<Utc>,
    zone: Zone,
) -> (NaiveDate, NaiveDate) {
    let day = |at: DateTime<Utc>| date_of(zone.at(at).day);
    let today = day(now);
    asked.kind.around(asked.day.unwrap_or(today)).unwrap_or((day(first_play).min(today), today))
}

fn sections(figures: &ReportFigures, first: NaiveDate, last: NaiveDate) -> Vec<Section> {
    let text = |text: String| Cell::Text(text.into());
    let mut sums = vec![Fact::new("Days", text(format!("{first} to {last}")))];
    sums.extend(report::facts(figures).into_iter().map(|(name, value)| Fact::new(name, text(value))));
    if figures.total.plays == 0 {
        let nothing = Section::of("", vec![sums.remove(0), Fact::prose("No play is known in this period.")]);
        return nothing.into_iter().collect();
    }
    let plays = |row: &Ranked| report::plays(row.tally.plays);
    let sections = [
        Section::of("", sums),
        Section::of("Artists", ranking(&figures.artists)),
        Section::of("Songs", ranking(&figures.tracks)),
        Section::of("Albums", ranking(&figures.albums)),
        Section::of("Heard for the first time", list(&figures.discoveries, plays)),
        Section::of(
            "Earlier favourites that were not played",
            list(&figures.forgotten, |row| format!("{} before", plays(row))),
        ),
        Section::of(
            "Skipped most",
            list(&figures.skipped, |row| format!("{} of {}", row.tally.skips, row.tally.judged)),
        ),
        Section::of("Hours of the week, from midnight to midnight", week(&figures.week)),
    ];
    sections.into_iter().flatten().collect()
}

fn ranking(places: &[MovedRank]) -> Vec<Fact> {
    let fact = |(at, place): (u32, &MovedRank)| Fact {
        label: format!("{at:>2}  {}", report::plays(place.row.tally.plays)),
        values: [Cell::Moved(place.moved)].into_iter().chain(named(&place.row)).collect(),
    };
    (1..).zip(places).map(fact).collect()
}

fn list(rows: &[Ranked], amount: impl Fn(&Ranked) -> String) -> Vec<Fact> {
    rows.iter().map(|row| Fact { label: amount(row), values: named(row).into() }).collect()
}

/// A name and its artists, if it has any.
fn named(row: &Ranked) -> [Cell; 2] {
    let name = if row.name.trim().is_empty() { "(no name)" } else { &row.name };
    [Cell::Text(name.into()), Cell::text(row.artists.as_deref())]
}

/// Each day of the week as 24 levels.
fn week(hours: &[PlayTally]) -> Vec<Fact> {
    let most = hours.iter().map(|tally| tally.plays).max().unwrap_or(0).max(1);
    let level = |tally: &PlayTally| u8::try_from((tally.plays * 4).div_ceil(most)).unwrap_or(4);
    let day = |(name, hours): (&&str, &[PlayTally])| {
        Fact::new(*name, Cell::Levels(hours.iter().map(level).collect()))
    };
    WEEKDAYS.iter().zip(hours.chunks(24)).map(day).collect()
}

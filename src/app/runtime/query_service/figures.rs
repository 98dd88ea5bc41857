//! The statistics of a period, for the screen.

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::{QueryRecord, QueryResult, sentence};
use crate::domain::queries::{
    Amount, Figure, ItemKind, MonthRow, PeriodOf, ShownFigures, StatsFigures, TopRow,
};
use crate::domain::{Month, TrackId, Zone, date_of};
use crate::store::{Listening, Period, PeriodParts, PlayTally, Ranked, SavedMonth, TopRequest};

/// Rows of a ranking.
const ROWS: usize = 500;

/// A figure of a period, as of now.
pub async fn read(
    record: &QueryRecord,
    figure: Figure,
    period: PeriodOf,
    now: DateTime<Utc>,
) -> QueryResult<StatsFigures> {
    let asked = FiguresRequest::of(record, figure, period, now).await?;
    let parts = match figure {
        Figure::Calendar | Figure::Hours | Figure::Growth => PeriodParts::Times,
        _ => PeriodParts::Everything,
    };
    let statistics = record.account().statistics();
    let listening = statistics.listening(asked.period, parts).await.map_err(sentence)?;
    let known = Period { to: asked.period.to.min(now).max(asked.period.from), ..asked.period };
    let completeness = statistics.completeness(known).await.map_err(sentence)?;
    Ok(StatsFigures {
        first: asked.first,
        last: asked.last,
        known: asked.known,
        total: amount(&listening.sum()),
        complete: thousandths(completeness.share),
        gaps: completeness.gaps,
        settled: listening.settled,
        shown: asked.shown(figure, &listening).await?,
    })
}

/// A parsed period.
struct FiguresRequest<'a> {
    record: &'a QueryRecord,
    zone: Zone,
    first: NaiveDate,
    last: NaiveDate,
    known: (NaiveDate, NaiveDate),
    period: Period,
    /// What was saved when; only for the growth.
    saved: Vec<SavedMonth>,
}

impl<'a> FiguresRequest<'a> {
    async fn of(
        record: &'a QueryRecord,
        figure: Figure,
        asked: PeriodOf,
        now: DateTime<Utc>,
    ) -> QueryResult<Self> {
        let statistics = record.account().statistics();
        let zone = statistics.kept_by().await.map_err(sentence)?.zone;
        let day = |at: DateTime<Utc>| date_of(zone.at(at).day);
        let first_play = statistics.first_play().await.map_err(sentence)?;
        let is_growth = figure == Figure::Growth;
        let saved =
            if is_growth { statistics.saved_by_month(zone).await.map_err(sentence)? } else { Vec::new() };
        let first_saved = saved.first().map(|month| day(zone.month_begins(month.month)));
        let first_known = match first_play.map(day).into_iter().chain(first_saved).min() {
            Some(first) => first.min(day(now)),
            None if is_growth => return Err("no tracks are saved yet; the first sync reads them".to_owned()),
            None => {
                return Err(
                    "no plays are recorded yet; phonolog records them while it runs, or imports them with \
                            `phonolog import`"
                        .to_owned(),
                );
            }
        };
        let today = day(now);
        let (first, last) = bounds(asked, first_known, today);
        let next = last.checked_add_days(Days::new(1)).unwrap_or(last);
        // The stamp of a play may be slightly ahead of our own clock.
        let period = Period { from: zone.day_begins(first), to: zone.day_begins(next) };
        Ok(Self { record, zone, first, last: last.min(today), known: (first_known, today), period, saved })
    }

    async fn shown(&self, figure: Figure, listening: &Listening) -> QueryResult<ShownFigures> {
        Ok(match figure {
            Figure::Tracks => self.top(listening, TopRequest::Tracks).await?,
            Figure::Artists => self.top(listening, TopRequest::Artists).await?,
            Figure::Albums => self.top(listening, TopRequest::Albums).await?,
            Figure::Genres => self.top(listening, TopRequest::Genres).await?,
            Figure::Calendar => {
                let days = listening.days().iter().filter(|(_, tally)| tally.plays > 0);
                ShownFigures::Calendar(days.map(|(day, tally)| (date_of(*day), amount(tally))).collect())
            }
            Figure::Hours => ShownFigures::Hours(listening.week().iter().map(amount).collect()),
            Figure::Growth => ShownFigures::Growth(self.growth()),
        })
    }

    async fn top(&self, listening: &Listening, top: TopRequest) -> QueryResult<ShownFigures> {
        let rows = self.record.account().statistics().top(listening, top, ROWS).await.map_err(sentence)?;
        Ok(ShownFigures::Top(rows.into_iter().map(top_row).collect()))
    }

    /// Every month since the first saved track, including months without a change; the newest
    /// first.
    fn growth(&self) -> Vec<MonthRow> {
        let day = |month: Month| date_of(self.zone.at(self.zone.month_begins(month)).day);
        let mut changes = self.saved.iter().peekable();
        let (mut rows, mut saved) = (Vec::new(), 0_u64);
        let mut next = self.saved.first().map(|first| first.month);
        while let Some(month) = next.filter(|month| day(*month) <= self.last) {
            let change = changes.next_if(|change| change.month == month);
            let (came, went) = change.map_or((0, 0), |change| (change.came, change.went));
            saved = (saved + came).saturating_sub(went);
            next = month.next();
            let ends_before = next.is_some_and(|next| day(next) <= self.first);
            if !ends_before {
                rows.push(MonthRow { first: day(month), saved, came, went });
            }
        }
        rows.reverse();
        rows
    }
}

/// The first and the last day of a period; a period outside the known range is moved to the nearest
/// one within it.
fn bounds(asked: PeriodOf, first_known: NaiveDate, today: NaiveDate) -> (NaiveDate, NaiveDate) {
    let day = asked.day.unwrap_or(today).clamp(first_known, today);
    match asked.kind.around(day) {
        // The stamp of a play may be slightly ahead of our own clock.
        None => (first_known, today.checked_add_days(Days::new(1)).unwrap_or(today)),
        Some(bounds) => bounds,
    }
}

fn top_row(row: Ranked) -> TopRow {
    let thing = row.uri.as_deref().and_then(|uri| uri.strip_prefix("spotify:track:"));
    TopRow {
        thing: thing.map(|id| ItemKind::Track(TrackId::new(id))),
        amount: amount(&row.tally),
        name: row.name,
        artists: row.artists,
        uri: row.uri,
    }
}

const fn amount(tally: &PlayTally) -> Amount {
    Amount { plays: tally.plays, ms: tally.ms, is_about: tally.estimated > 0 }
}

/// 1000 only if it is complete.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to 1
fn thousandths(share: f64) -> u16 {
    (share.clamp(0.0, 1.0) * 1000.0).floor() as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::queries::PeriodKind;

    #[test]
    fn a_period_outside_of_what_is_known_is_the_nearest_within() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let (known, today) = (day("2020-05-17"), day("2026-11-26"));
        let of = |kind, asked: Option<&str>| {
            let (first, last) = bounds(PeriodOf { kind, day: asked.map(day) }, known, today);
            format!("{first} {last}")
        };
        assert_eq!(of(PeriodKind::All, None), "2020-05-17 2026-11-27");
        assert_eq!(of(PeriodKind::Year, None), "2026-01-01 2026-12-31");
        assert_eq!(of(PeriodKind::Year, Some("1999-01-01")), "2020-01-01 2020-12-31");
        assert_eq!(of(PeriodKind::Month, Some("2030-01-01")), "2026-11-01 2026-11-30");
        assert_eq!(of(PeriodKind::Week, Some("2021-01-01")), "2020-12-28 2021-01-03");
    }
}

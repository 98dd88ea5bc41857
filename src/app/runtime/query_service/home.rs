//! Listening at a glance, read for the home screen.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta, Utc};

use super::{QueryRecord, QueryResult, sentence};
use crate::domain::queries::{EarlierDay, HomeFigures, HomeRank, HomeSpan, Movement, OverdueTrack};
use crate::domain::{Zone, date_of};
use crate::store::{
    Listening, MovedRank, Period, PeriodParts, PlayTally, Ranked, RankedItem, StatisticsStore, TopRequest,
};

/// Rows of a ranking.
const RANKS: usize = 20;
/// Rankings are of this many days, and compared with as many before.
const LATELY: u64 = 30;
/// Years ago whose day is shown.
const YEARS_AGO: [u32; 4] = [1, 2, 5, 10];
/// Tracks of such a day.
const OF_A_DAY: usize = 3;
/// A track with this many plays may be overdue.
const OFTEN: u64 = 12;
/// A track is overdue if it was not played for this long.
const LONG: TimeDelta = TimeDelta::days(240);
/// The most played tracks of all time among which overdue ones are looked for.
const FAVOURITES: usize = 600;

/// Everything for the home screen, as of now.
pub async fn read(record: &QueryRecord, now: DateTime<Utc>) -> QueryResult<HomeFigures> {
    let statistics = record.account().statistics();
    let Some(first) = statistics.first_play().await.map_err(sentence)? else {
        return Err(
            "No plays are recorded yet. phonolog records them while it runs, or imports your history with \
                    `phonolog import`"
                .to_owned(),
        );
    };
    let zone = statistics.kept_by().await.map_err(sentence)?.zone;
    let home = HomeRequest { statistics, zone, today: date_of(zone.at(now).day), now };
    home.read(first.min(now)).await
}

struct HomeRequest<'a> {
    statistics: StatisticsStore<'a>,
    zone: Zone,
    today: NaiveDate,
    now: DateTime<Utc>,
}

impl HomeRequest<'_> {
    async fn read(&self, first: DateTime<Utc>) -> QueryResult<HomeFigures> {
        let tomorrow = self.zone.day_begins(after(self.today, 1));
        // The stamp of a play may be slightly ahead of our own clock.
        let all = Period { from: first, to: tomorrow + TimeDelta::days(1) };
        let ever = self.statistics.listening(all, PeriodParts::Everything).await.map_err(sentence)?;
        let days = ever.days();
        let lately = earlier(self.today, LATELY - 1);
        let this = self.between(lately, after(self.today, 2)).await?;
        let before = self.between(earlier(lately, LATELY), lately).await?;
        let streaks = ever.streaks(self.now);
        let length = |streak: Option<crate::store::Streak>| streak.map_or(0, |streak| streak.days);
        Ok(HomeFigures {
            today: self.today,
            days: self.last_days(days),
            spans: self.spans(days),
            streaks: (length(streaks.current), length(streaks.longest)),
            artists: self.ranks(&this, &before, RankedItem::Artist).await?,
            tracks: self.ranks(&this, &before, RankedItem::Track).await?,
            on_this_day: self.earlier_days().await?,
            overdue: self.overdue(&ever).await?,
            settled: ever.settled,
        })
    }

    /// What was played from a day on, up to another one.
    async fn between(&self, from: NaiveDate, to: NaiveDate) -> QueryResult<Listening> {
        let period = Period { from: self.zone.day_begins(from), to: self.zone.day_begins(to) };
        self.statistics.listening(period, PeriodParts::Everything).await.map_err(sentence)
    }

    fn last_days(&self, days: &BTreeMap<i32, PlayTally>) -> Vec<u32> {
        let today = number_of(self.today);
        let plays =
            |day: i32| days.get(&day).map_or(0, |tally| u32::try_from(tally.plays).unwrap_or(u32::MAX));
        (today - i32::from(HomeFigures::DAYS) + 1..=today).map(plays).collect()
    }

    /// Today, this week and this month, each with the same part of the one before.
    fn spans(&self, days: &BTreeMap<i32, PlayTally>) -> [HomeSpan; 3] {
        let sum = |from: NaiveDate, to: NaiveDate| -> u64 {
            days.range(number_of(from)..=number_of(to)).map(|(_, tally)| tally.ms).sum()
        };
        let span = |from: NaiveDate, before: NaiveDate| {
            let length = (self.today - from).num_days().unsigned_abs();
            let until = after(before, length).min(from.pred_opt().unwrap_or(from));
            HomeSpan { ms: sum(from, self.today), before_ms: sum(before, until) }
        };
        let month = self.today.with_day(1).unwrap_or(self.today);
        let last_month = month.checked_sub_months(Months::new(1)).unwrap_or(month);
        let week = earlier(self.today, self.today.weekday().num_days_from_monday().into());
        [span(self.today, earlier(self.today, 1)), span(week, earlier(week, 7)), span(month, last_month)]
    }

    async fn ranks(
        &self,
        this: &Listening,
        before: &Listening,
        item: RankedItem,
    ) -> QueryResult<Vec<HomeRank>> {
        let rows = self.statistics.moved(this, before, item, RANKS).await.map_err(sentence)?;
        let rank = |MovedRank { row, moved }| HomeRank {
            name: row.name,
            artists: row.artists,
            plays: row.tally.plays,
            moved,
        };
        Ok(rows.into_iter().map(rank).collect())
    }

    async fn earlier_days(&self) -> QueryResult<Vec<EarlierDay>> {
        let mut found = Vec::new();
        for years in YEARS_AGO {
            let Some(day) = self.today.checked_sub_months(Months::new(12 * years)) else { continue };
            let listening = self.between(day, after(day, 1)).await?;
            let sum = listening.sum();
            if sum.plays == 0 {
                continue;
            }
            let tracks =
                self.statistics.top(&listening, TopRequest::Tracks, OF_A_DAY).await.map_err(sentence)?;
            let rank = |row: Ranked| HomeRank {
                name: row.name,
                artists: row.artists,
                plays: row.tally.plays,
                moved: Movement::Same,
            };
            found.push(EarlierDay { years, ms: sum.ms, tracks: tracks.into_iter().map(rank).collect() });
        }
        Ok(found)
    }

    async fn overdue(&self, ever: &Listening) -> QueryResult<Vec<OverdueTrack>> {
        let rows = self.statistics.top(ever, TopRequest::Tracks, FAVOURITES).await.map_err(sentence)?;
        let overdue = |row: Ranked| {
            let last_played_at: DateTime<Utc> = row.last_played_at.as_deref()?.parse().ok()?;
            let is_overdue = row.tally.plays >= OFTEN && self.now - last_played_at >= LONG;
            let Ranked { name, artists, tally, .. } = row;
            is_overdue.then_some(OverdueTrack { name, artists, plays: tally.plays, last_played_at })
        };
        Ok(rows.into_iter().filter_map(overdue).take(RANKS).collect())
    }
}

fn after(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_add_days(Days::new(days)).unwrap_or(day)
}

fn earlier(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_sub_days(Days::new(days)).unwrap_or(day)
}

/// Days since 1970.
fn number_of(day: NaiveDate) -> i32 {
    i32::try_from((day - date_of(0)).num_days()).unwrap_or(0)
}

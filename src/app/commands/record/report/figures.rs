//! Everything that a report tells, read from the statistics.
//!
//! Owns: what is counted, and what it is compared with. Must not know: how it is shown.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};

use crate::domain::date_of;
use crate::domain::queries::Movement;
use crate::store::{
    Listening, Period, PeriodParts, PlayTally, Ranked, Result, StatisticsStore, Streak, TopRequest,
};

/// Rows of a ranking.
const ROWS: usize = 10;
/// The most played tracks among which forgotten favourites are looked for.
const FAVOURITES: usize = 500;
/// Rows of the shorter lists.
const FEW: usize = 5;
/// Plays before a period that make a track a favourite.
const FAVOURITE: u64 = 15;

/// A period in figures.
pub struct ReportFigures {
    /// Plays, time, skips.
    pub total: PlayTally,
    /// Days with plays.
    pub days: usize,
    /// The longest run of such days.
    pub streak: Option<Streak>,
    /// The day with the most plays.
    pub fullest_day: Option<(NaiveDate, PlayTally)>,
    /// The complete part of the history, 0 to 1, and the gaps that touch it.
    pub known: f64,
    /// Gaps in it.
    pub gaps: u32,
    /// Plays of each month, the first one first.
    pub months: Vec<(String, PlayTally)>,
    /// By hour of the week, from Monday midnight.
    pub week: Vec<PlayTally>,
    /// The most played artists, tracks and albums.
    pub artists: Vec<Place>,
    /// The most played tracks.
    pub tracks: Vec<Place>,
    /// The most played albums.
    pub albums: Vec<Place>,
    /// How many tracks were played for the first time.
    pub new_tracks: usize,
    /// How many artists were.
    pub new_artists: usize,
    /// The most played of the new artists.
    pub discoveries: Vec<Ranked>,
    /// Favourites of before that were not played.
    pub forgotten: Vec<Ranked>,
    /// The most skipped tracks.
    pub skipped: Vec<Ranked>,
}

/// A place in a ranking.
pub struct Place {
    pub row: Ranked,
    pub moved: Movement,
}

impl ReportFigures {
    /// Reads a period; places are compared with the same length of time before it.
    pub async fn read(statistics: StatisticsStore<'_>, period: Period, now: DateTime<Utc>) -> Result<Self> {
        let parts = PeriodParts::Everything;
        let listening = statistics.listening(period, parts).await?;
        let length = period.to - period.from;
        let before = Period { from: period.from - length, to: period.from };
        let before = statistics.listening(before, parts).await?;
        let ever = Period { from: DateTime::UNIX_EPOCH, to: period.from };
        let ever = statistics.listening(ever, parts).await?;
        let completeness = statistics.completeness(Period { to: period.to.min(now), ..period }).await?;
        let read = Reading { statistics, listening: &listening, before: &before, ever: &ever };
        let (new_tracks, _) = read.first_heard(TopRequest::Tracks).await?;
        let (new_artists, discoveries) = read.first_heard(TopRequest::Artists).await?;
        let days: Vec<_> = listening.days().iter().filter(|(_, tally)| tally.plays > 0).collect();
        let fullest = days.iter().max_by_key(|(_, tally)| tally.plays);
        Ok(Self {
            total: listening.sum(),
            days: days.len(),
            streak: listening.streaks(now).longest,
            fullest_day: fullest.map(|(day, tally)| (date_of(**day), **tally)),
            known: completeness.share,
            gaps: completeness.gaps,
            months: months(&listening, period),
            week: listening.week().to_vec(),
            artists: read.places(TopRequest::Artists).await?,
            tracks: read.places(TopRequest::Tracks).await?,
            albums: read.places(TopRequest::Albums).await?,
            new_tracks,
            new_artists,
            discoveries,
            forgotten: read.forgotten().await?,
            skipped: statistics.most_skipped(&listening, FEW).await?,
        })
    }

    /// Minutes of listening.
    pub const fn minutes(&self) -> u64 {
        self.total.ms / 60_000
    }
}

struct Reading<'a> {
    statistics: StatisticsStore<'a>,
    listening: &'a Listening,
    before: &'a Listening,
    ever: &'a Listening,
}

fn key(row: &Ranked) -> String {
    row.uri.clone().unwrap_or_else(|| format!("{}\n{}", row.name, row.artists.as_deref().unwrap_or_default()))
}

impl Reading<'_> {
    async fn places(&self, top: TopRequest) -> Result<Vec<Place>> {
        let earlier = self.statistics.top(self.before, top, usize::MAX).await?;
        let earlier: HashMap<String, u32> = earlier.iter().map(key).zip(0..).collect();
        let rows = self.statistics.top(self.listening, top, ROWS).await?;
        let place = |(place, row): (u32, Ranked)| {
            let moved = Movement::between(earlier.get(&key(&row)).copied(), place);
            Place { row, moved }
        };
        Ok((0..).zip(rows).map(place).collect())
    }

    /// What was never played before the period: how many, and the most played of them.
    async fn first_heard(&self, top: TopRequest) -> Result<(usize, Vec<Ranked>)> {
        let known = self.statistics.top(self.ever, top, usize::MAX).await?;
        let known: HashSet<String> = known.iter().map(key).collect();
        let rows = self.statistics.top(self.listening, top, usize::MAX).await?;
        let mut new: Vec<Ranked> = rows.into_iter().filter(|row| !known.contains(&key(row))).collect();
        let count = new.len();
        new.truncate(FEW);
        Ok((count, new))
    }

    async fn forgotten(&self) -> Result<Vec<Ranked>> {
        let played = self.statistics.top(self.listening, TopRequest::Tracks, usize::MAX).await?;
        let played: HashSet<String> = played.iter().map(key).collect();
        let before = self.statistics.top(self.ever, TopRequest::Tracks, FAVOURITES).await?;
        let is_forgotten = |row: &Ranked| row.tally.plays >= FAVOURITE && !played.contains(&key(row));
        Ok(before.into_iter().filter(is_forgotten).take(FEW).collect())
    }
}

/// Every month that the period touches, with those without plays between two others.
fn months(listening: &Listening, period: Period) -> Vec<(String, PlayTally)> {
    let mut months: BTreeMap<(i32, u32), PlayTally> = BTreeMap::new();
    for (day, tally) in listening.days() {
        let day = date_of(*day);
        months.entry((day.year(), day.month())).or_default().add(tally);
    }
    let zone = listening.keeping.zone;
    let day = |at: DateTime<Utc>| date_of(zone.at(at).day);
    let first = months.keys().next().copied();
    let last = day(period.to - TimeDelta::milliseconds(1));
    let Some(mut month) = first else { return Vec::new() };
    let mut rows = Vec::new();
    while month <= (last.year(), last.month()) {
        let tally = months.get(&month).copied().unwrap_or_default();
        rows.push((format!("{}-{:02}", month.0, month.1), tally));
        month = if month.1 == 12 { (month.0 + 1, 1) } else { (month.0, month.1 + 1) };
    }
    rows
}

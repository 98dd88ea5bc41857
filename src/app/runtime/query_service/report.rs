//! Everything that a report tells, read from the statistics.
//!
//! Owns: what is counted, and what it is compared with. Must not know: how it is shown.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};

use crate::domain::date_of;
use crate::store::{
    FirstHeard, Listening, MovedRank, Period, PeriodParts, PlayTally, Ranked, RankedItem, Result,
    StatisticsStore, Streak,
};

/// Rows of a ranking.
const ROWS: usize = 10;
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
    pub artists: Vec<MovedRank>,
    /// The most played tracks.
    pub tracks: Vec<MovedRank>,
    /// The most played albums.
    pub albums: Vec<MovedRank>,
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
        let first = |item| statistics.first_heard(&listening, &ever, item, FEW);
        let FirstHeard { count: new_tracks, .. } = first(RankedItem::Track).await?;
        let FirstHeard { count: new_artists, rows: discoveries } = first(RankedItem::Artist).await?;
        let places = |item| statistics.moved(&listening, &before, item, ROWS);
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
            artists: places(RankedItem::Artist).await?,
            tracks: places(RankedItem::Track).await?,
            albums: places(RankedItem::Album).await?,
            new_tracks,
            new_artists,
            discoveries,
            forgotten: statistics.forgotten(&listening, &ever, FAVOURITE, FEW).await?,
            skipped: statistics.most_skipped(&listening, FEW).await?,
        })
    }

    /// Minutes of listening.
    pub const fn minutes(&self) -> u64 {
        self.total.ms / 60_000
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

/// A number with thousands apart.
pub fn number(number: u64) -> String {
    crate::tui::count(number)
}

/// A number of plays.
pub fn plays(count: u64) -> String {
    if count == 1 { "1 play".to_owned() } else { format!("{} plays", number(count)) }
}

/// What is told in sums: a name and its value.
pub fn facts(figures: &ReportFigures) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("Plays", number(figures.total.plays)),
        ("Minutes", number(figures.minutes())),
        ("Days with music", number(figures.days as u64)),
        ("New songs", number(figures.new_tracks as u64)),
        ("New artists", number(figures.new_artists as u64)),
    ];
    if let Some(streak) = figures.streak {
        facts.push(("Longest streak", format!("{} (from {})", streak.days, date_of(streak.first_day))));
    }
    if let Some((day, tally)) = figures.fullest_day {
        facts.push(("Busiest day", format!("{day}, {}", plays(tally.plays))));
    }
    if let Some(rate) = figures.total.skip_rate() {
        facts.push(("Skipped", percent(rate)));
    }
    facts.push(("History complete", known(figures)));
    facts
}

fn percent(share: f64) -> String {
    format!("{:.1} %", (share * 1000.0).floor() / 10.0)
}

fn known(figures: &ReportFigures) -> String {
    let gaps = match figures.gaps {
        0 => String::new(),
        1 => ", 1 gap".to_owned(),
        gaps => format!(", {gaps} gaps"),
    };
    format!("{} of the time{gaps}", percent(figures.known))
}

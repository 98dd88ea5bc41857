//! `phonolog stats`: what was played most, when, for how long, and what was never played.

mod lines;
mod overview;

use chrono::{DateTime, Utc};
use color_eyre::Result;
use serde::Serialize;

use crate::cli::{self, Statistic};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::domain::{WEEKDAYS, Zone, date_of};
use crate::store::{
    Access, Completeness, Listening, LockPurpose, NeverPlayed, Period, PeriodParts, PlayTally, Ranked,
    StatisticsStore, Store, StoreError, Streaks, TopRequest,
};

use crate::app::Failure;
use crate::app::output::failure::NO_RECORD;
use crate::app::output::layout::Paper;
use crate::app::output::{period, print};
use crate::app::runtime::{engine_host, signals};

/// The number of rows by default.
const ROWS: usize = 10;

/// The output: figures, their period, and how much of that is known.
#[derive(Serialize)]
struct StatsAnswer {
    statistic: &'static str,
    period: Period,
    /// The time zone of the days and hours.
    time_zone: &'static str,
    completeness: Completeness,
    /// Whether all stored plays are summed up.
    settled: bool,
    /// The sum of the period.
    total: PlayTally,
    #[serde(flatten)]
    figures: StatsSource,
    /// The name of the period.
    #[serde(skip)]
    called: String,
}

/// The figures of one statistic.
#[derive(Serialize)]
#[serde(untagged)]
enum StatsSource {
    Ranking {
        rows: Vec<Ranked>,
    },
    Times {
        rows: Vec<Time>,
    },
    Streaks {
        #[serde(flatten)]
        streaks: Streaks,
    },
    Skips {
        skip_rate: Option<f64>,
        rows: Vec<Ranked>,
    },
    NeverPlayed {
        count: usize,
        rows: Vec<NeverPlayed>,
    },
    Overview(Box<Overview>),
}

/// A day, an hour or a weekday.
#[derive(Serialize)]
struct Time {
    when: String,
    #[serde(flatten)]
    tally: PlayTally,
}

/// An overview.
#[derive(Serialize)]
struct Overview {
    skip_rate: Option<f64>,
    days: usize,
    #[serde(flatten)]
    streaks: Streaks,
    tracks: Vec<Ranked>,
    artists: Vec<Ranked>,
    hours: Vec<PlayTally>,
    weekdays: Vec<PlayTally>,
}

/// Prints a statistic, for people or as JSON.
pub async fn show(config: &Config, args: &cli::StatsArgs) -> Result<u8> {
    let now = SystemClock::shared().now();
    // An invalid period is an error with any database.
    asked_period(args, now, config.stats.time_zone)?;
    if !config.paths.database.exists() {
        print::error(NO_RECORD);
        return Ok(0);
    }
    if args.recount {
        sum_up_again(config).await?;
    }
    let mut answered = read(config, args, now).await;
    if let Err(error) = &answered
        && matches!(error.downcast_ref(), Some(StoreError::DamagedSums(_)))
    {
        print::error("the sums of the statistics are damaged; recomputing them from the plays");
        sum_up_again(config).await?;
        answered = read(config, args, now).await;
    }
    let Some(answer) = answered? else {
        print::error(
            "no plays are recorded yet; `phonolog` records them while it runs, and an import adds your history",
        );
        return Ok(0);
    };
    if args.json {
        print::json(&answer)?;
    } else {
        print::line(lines::of(&answer, Paper::of(config), config).trim_end());
    }
    Ok(0)
}

async fn read(config: &Config, args: &cli::StatsArgs, now: DateTime<Utc>) -> Result<Option<StatsAnswer>> {
    let store = Store::open(&config.paths.database_url(), Access::ReadOnly).await?;
    let answered = answer(&store, args, now).await;
    store.close().await;
    answered
}

/// Computes every sum again, beside an engine or without one.
async fn sum_up_again(config: &Config) -> Result<()> {
    let stop = signals::stop_on_signals()?;
    let (store, _lock) = engine_host::open_for_writing(config, LockPurpose::Statistics).await?;
    if let Some(account) = store.accounts().current().await?.map(|account| account.id) {
        let statistics = store.account(account).statistics();
        statistics.drop_sums().await?;
        while !stop.is_cancelled() && statistics.settle_step().await? {}
    }
    store.close().await;
    // The next writer completes the rest.
    if stop.is_cancelled() { Err(Failure::Interrupted.into()) } else { Ok(()) }
}

/// The period that was asked for; `None` is the whole history.
fn asked_period(args: &cli::StatsArgs, now: DateTime<Utc>, zone: Zone) -> Result<Option<Period>, Failure> {
    match (&args.period, &args.since) {
        (Some(text), _) => period::within(text, now, zone).map(Some),
        (None, Some(text)) => period::since(text, now, zone).map(Some),
        (None, None) => Ok(None),
    }
}

async fn answer(store: &Store, args: &cli::StatsArgs, now: DateTime<Utc>) -> Result<Option<StatsAnswer>> {
    let Some(account) = store.accounts().current().await?.map(|account| account.id) else { return Ok(None) };
    let statistics = store.account(account).statistics();
    let Some(first) = statistics.first_play().await? else { return Ok(None) };
    let zone = statistics.kept_by().await?.zone;
    let (period, called) = match asked_period(args, now, zone)? {
        Some(period) => {
            let day = |at| date_of(zone.at(at).day);
            let last = period.to - chrono::TimeDelta::milliseconds(1);
            (period, format!("{} to {}", day(period.from), day(last)))
        }
        // The stamp of a play may be slightly ahead of our own clock.
        None => (
            Period { from: first.min(now), to: now + chrono::TimeDelta::days(1) },
            "the whole history".to_owned(),
        ),
    };
    let parts = parts(args.statistic);
    let listening = statistics.listening(period, parts).await?;
    let known = Period { to: period.to.min(now), ..period };
    let limit = args.limit.map_or(ROWS, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let asked =
        StatsRequest { statistics, listening: &listening, limit, is_limited: args.limit.is_some(), now };
    let figures = asked.figures(args.statistic).await?;
    Ok(Some(StatsAnswer {
        statistic: name(args.statistic),
        period: known,
        time_zone: zone.name(),
        completeness: statistics.completeness(known).await?,
        settled: listening.settled,
        total: listening.sum(),
        figures,
        called,
    }))
}

const fn parts(statistic: Option<Statistic>) -> PeriodParts {
    match statistic {
        Some(Statistic::Days | Statistic::Hours | Statistic::Weekdays | Statistic::Streaks) => {
            PeriodParts::Times
        }
        _ => PeriodParts::Everything,
    }
}

const fn name(statistic: Option<Statistic>) -> &'static str {
    match statistic {
        None => "overview",
        Some(Statistic::TopTracks) => "top-tracks",
        Some(Statistic::Artists) => "artists",
        Some(Statistic::Albums) => "albums",
        Some(Statistic::Genres) => "genres",
        Some(Statistic::Days) => "days",
        Some(Statistic::Hours) => "hours",
        Some(Statistic::Weekdays) => "weekdays",
        Some(Statistic::Streaks) => "streaks",
        Some(Statistic::Skips) => "skips",
        Some(Statistic::NeverPlayed) => "never-played",
        Some(Statistic::NotSaved) => "not-saved",
    }
}

/// A period, and what is requested about it.
struct StatsRequest<'a> {
    statistics: StatisticsStore<'a>,
    listening: &'a Listening,
    limit: usize,
    is_limited: bool,
    now: DateTime<Utc>,
}

impl StatsRequest<'_> {
    async fn figures(&self, statistic: Option<Statistic>) -> Result<StatsSource> {
        let Self { statistics, listening, limit, .. } = *self;
        let top = |top| statistics.top(listening, top, limit);
        Ok(match statistic {
            None => StatsSource::Overview(Box::new(self.overview().await?)),
            Some(Statistic::TopTracks) => StatsSource::Ranking { rows: top(TopRequest::Tracks).await? },
            Some(Statistic::Artists) => StatsSource::Ranking { rows: top(TopRequest::Artists).await? },
            Some(Statistic::Albums) => StatsSource::Ranking { rows: top(TopRequest::Albums).await? },
            Some(Statistic::Genres) => StatsSource::Ranking { rows: top(TopRequest::Genres).await? },
            Some(Statistic::Days) => StatsSource::Times { rows: self.days() },
            Some(Statistic::Hours) => {
                let hours = listening.hours().into_iter().enumerate();
                let rows = hours.map(|(hour, tally)| Time { when: format!("{hour:02}:00"), tally });
                StatsSource::Times { rows: rows.collect() }
            }
            Some(Statistic::Weekdays) => {
                let days = WEEKDAYS.iter().zip(listening.weekdays());
                let rows = days.map(|(day, tally)| Time { when: (*day).to_owned(), tally });
                StatsSource::Times { rows: rows.collect() }
            }
            Some(Statistic::Streaks) => StatsSource::Streaks { streaks: listening.streaks(self.now) },
            Some(Statistic::Skips) => StatsSource::Skips {
                skip_rate: listening.sum().skip_rate(),
                rows: statistics.most_skipped(listening, limit).await?,
            },
            Some(Statistic::NeverPlayed) => {
                let (rows, count) = statistics.never_played(listening, limit).await?;
                StatsSource::NeverPlayed { count, rows }
            }
            Some(Statistic::NotSaved) => {
                StatsSource::Ranking { rows: statistics.not_saved(listening, limit).await? }
            }
        })
    }

    /// Days with plays, oldest first.
    fn days(&self) -> Vec<Time> {
        let days = self.listening.days();
        let skip = if self.is_limited { days.len().saturating_sub(self.limit) } else { 0 };
        let days = days.iter().skip(skip);
        days.map(|(day, tally)| Time { when: date_of(*day).to_string(), tally: *tally }).collect()
    }

    async fn overview(&self) -> Result<Overview> {
        let Self { statistics, listening, .. } = *self;
        Ok(Overview {
            skip_rate: listening.sum().skip_rate(),
            days: listening.days().values().filter(|tally| tally.plays > 0).count(),
            streaks: listening.streaks(self.now),
            tracks: statistics.top(listening, TopRequest::Tracks, overview::ROWS).await?,
            artists: statistics.top(listening, TopRequest::Artists, overview::ROWS).await?,
            hours: listening.hours(),
            weekdays: listening.weekdays(),
        })
    }
}

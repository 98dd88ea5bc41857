//! `phonolog report`: what was played in a year, or in any other period, as a text to read and to
//! share. Its figures are those of the screen (`query_service/report.rs`).
//!
//! | file | idea |
//! |---|---|
//! | `markdown` | the report on standard output |
//! | `page` | the same as one HTML file |
//! | `card` | a picture to share, as SVG |

mod card;
mod markdown;
mod page;

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use chrono::{DateTime, Datelike, Utc};
use color_eyre::Result;

use crate::app::Failure;
use crate::app::output::failure::NO_RECORD;
use crate::app::output::{period, print};
use crate::app::runtime::query_service::report::ReportFigures;
use crate::cli;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::domain::{Zone, date_of};
use crate::store::{Access, Period, Store};

/// A period and the report of it.
struct PeriodReport {
    /// The period as it was asked for.
    called: String,
    figures: ReportFigures,
}

/// Prints the report, and writes the files that were asked for.
pub async fn write(config: &Config, args: &cli::Report) -> Result<u8> {
    let now = SystemClock::shared().now();
    for text in args.period.iter().chain(&args.against) {
        // An invalid period is an error with any database.
        period::within(text, now, config.stats.time_zone)?;
    }
    if !config.paths.database.exists() {
        return Err(Failure::failed(NO_RECORD).into());
    }
    let store = Store::open(&config.paths.database_url(), Access::ReadOnly).await?;
    let reports = read(&store, args, now).await;
    store.close().await;
    let (report, against) = reports?;
    if let Some(path) = &args.html {
        save(path, &page::of(&report, against.as_ref()))?;
    }
    if let Some(path) = &args.card {
        save(path, &card::of(&report))?;
    }
    if args.html.is_none() && args.card.is_none() {
        print::line(markdown::of(&report, against.as_ref()).trim_end());
    }
    Ok(0)
}

async fn read(
    store: &Store,
    args: &cli::Report,
    now: DateTime<Utc>,
) -> Result<(PeriodReport, Option<PeriodReport>)> {
    let nothing =
        || Failure::failed("no play is recorded yet; `phonolog import` adds your listening history");
    let account = store.accounts().current().await?.ok_or_else(nothing)?.id;
    let statistics = store.account(account).statistics();
    statistics.first_play().await?.ok_or_else(nothing)?;
    let zone = statistics.kept_by().await?.zone;
    let this_year = date_of(zone.at(now).day).year().to_string();
    let called = args.period.clone().unwrap_or(this_year);
    let asked = |called: String| Ok::<_, Failure>((period::within(&called, now, zone)?, called));
    let (period, called) = asked(called)?;
    let figures = ReportFigures::read(statistics, period, now).await?;
    let report = PeriodReport { called: name(&called, period, zone), figures };
    let against = match args.against.clone().map(asked).transpose()? {
        Some((period, called)) => {
            let figures = ReportFigures::read(statistics, period, now).await?;
            Some(PeriodReport { called: name(&called, period, zone), figures })
        }
        None => None,
    };
    Ok((report, against))
}

/// A year is its own name; any other period is told by its days.
fn name(called: &str, period: Period, zone: Zone) -> String {
    let called = called.trim();
    if called.len() == 4 || called.len() == 7 {
        return called.to_owned();
    }
    let day = |at: DateTime<Utc>| date_of(zone.at(at).day);
    format!("{} to {}", day(period.from), day(period.to - chrono::TimeDelta::milliseconds(1)))
}

/// Writes a file that only this user can read; it says what a person listens to.
fn save(path: &Path, text: &str) -> Result<(), Failure> {
    use std::os::unix::fs::OpenOptionsExt;
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let written = opened.and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Failure::failed(format!("{} exists already; name another file", path.display()))
        }
        _ => Failure::unwritable(&path.display().to_string(), &error, "name another file"),
    })
}

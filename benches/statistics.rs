//! How fast statistics over a million plays of ten years are answered, and what maintaining them costs.
//!
//! ```sh
//! cargo bench --locked --bench statistics
//! ```
//!
//! Stores generated rows of an export through the store's own door, sums them up, and asks each statistic
//! for several periods. Prints medians of seven.

// A measuring tool prints, may panic where its own database misbehaves, and rounds.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

#[path = "million/mod.rs"]
mod million;

use std::error::Error;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use phonolog::domain::AccountId;
use phonolog::store::{Period, PeriodParts, Store, TopRequest};
use sqlx::Connection;

const ROUNDS: usize = 7;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    let url = format!("sqlite:{}", dir.path().join("phonolog.db").display());
    let end = million::end();
    let (store, account) = million::opened(&url).await?;

    let begun = Instant::now();
    million::fill(&store, account).await?;
    println!("{} rows stored in {:.2} s", million::PLAYS, begun.elapsed().as_secs_f64());
    println!("summed up for the first time in {:.2} s", million::settle(&store, account).await?);
    store.account(account).statistics().keep_by("Asia/Kathmandu".parse()?, Duration::from_secs(30)).await?;
    println!("and again in another time zone in {:.2} s", million::settle(&store, account).await?);
    save(&url).await?;
    million::settle(&store, account).await?;

    println!("\n| statistic | ten years | 4 years, days at the edges | a year | 30 days |");
    println!("|---|---|---|---|---|");
    for (name, what) in STATISTICS {
        let mut cells = Vec::new();
        for (from, to) in periods(end) {
            cells.push(format!(
                "{:.0} ms",
                median(&store, account, Period { from, to }, *what).await? * 1000.0
            ));
        }
        println!("| {name} | {} |", cells.join(" | "));
    }
    store.close().await;
    Ok(())
}

fn periods(end: DateTime<Utc>) -> [(DateTime<Utc>, DateTime<Utc>); 4] {
    let days = TimeDelta::days;
    [
        (end - days(3650), end),
        (end - days(365 * 6 + 15), end - days(365 * 2 + 16)),
        (end - days(380), end - days(15)),
        (end - days(30), end),
    ]
}

#[derive(Clone, Copy)]
enum What {
    Top(TopRequest),
    Times,
    Skips,
    NeverPlayed,
    NotSaved,
    Completeness,
}

const STATISTICS: &[(&str, What)] = &[
    ("top tracks", What::Top(TopRequest::Tracks)),
    ("artists", What::Top(TopRequest::Artists)),
    ("albums", What::Top(TopRequest::Albums)),
    ("genres", What::Top(TopRequest::Genres)),
    ("days, hours, weekdays, streaks", What::Times),
    ("skips", What::Skips),
    ("never played", What::NeverPlayed),
    ("not saved", What::NotSaved),
    ("completeness", What::Completeness),
];

async fn ask(store: &Store, account: AccountId, period: Period, what: What) -> Result<(), Box<dyn Error>> {
    let parts = if matches!(what, What::Times) { PeriodParts::Times } else { PeriodParts::Everything };
    let statistics = store.account(account).statistics();
    if let What::Completeness = what {
        statistics.completeness(period).await?;
        return Ok(());
    }
    let listening = statistics.listening(period, parts).await?;
    assert!(listening.settled && listening.sum().plays > 0, "nothing to tell");
    match what {
        What::Top(top) => {
            assert_eq!(statistics.top(&listening, top, 10).await?.len(), 10);
        }
        What::Skips => {
            assert!(!statistics.most_skipped(&listening, 10).await?.is_empty());
        }
        What::NeverPlayed => drop(statistics.never_played(&listening, 10).await?),
        What::NotSaved => {
            assert!(!statistics.not_saved(&listening, 10).await?.is_empty());
        }
        What::Times | What::Completeness => assert!(listening.streaks(period.to).longest.is_some()),
    }
    Ok(())
}

async fn median(
    store: &Store,
    account: AccountId,
    period: Period,
    what: What,
) -> Result<f64, Box<dyn Error>> {
    let mut took = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        ask(store, account, period, what).await?;
        took.push(begun.elapsed().as_secs_f64());
    }
    took.sort_by(f64::total_cmp);
    Ok(took.get(ROUNDS / 2).copied().unwrap_or_default())
}

/// A library of 10,000 saved tracks, a tenth of them never played, and genres of every artist.
async fn save(url: &str) -> Result<(), Box<dyn Error>> {
    let mut connection = sqlx::SqliteConnection::connect(url).await?;
    let sql = "
        insert into artists (artist_id, name, genres)
        select 'a' || artist_id, name, json_array('genre ' || (artist_id % 200), 'genre ' || (artist_id % 7))
        from stats_artists where true on conflict do nothing;
        with recursive n (n) as (select 0 union all select n + 1 from n where n < 999)
        insert into tracks (track_id, uri, name, artists, credits, is_local)
        select 'never' || n, 'spotify:track:never' || n, 'Never ' || n, 'Nobody', '[[null,\"Nobody\"]]', 0 from n;
        insert into saved_tracks (account_id, ord, track_id, added_at)
        select 1, row_number() over (), track_id, '2020-01-01T00:00:00Z'
        from (select track_id from tracks order by track_id desc limit 10000)";
    sqlx::raw_sql(sql).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

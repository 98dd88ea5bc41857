//! How long a key of a filter takes over a million plays of ten years.
//!
//! ```sh
//! cargo bench --locked --bench plays
//! ```
//!
//! Types filters letter by letter, as a screen's reader answers them: what fits is found in memory among
//! everything that was ever played, its plays in the months in which it occurs. Prints the median, the 95th
//! percentile and the slowest key, for each filter and in all, and what the first key costs besides.

// A measuring tool prints.
#![allow(clippy::print_stdout)]

#[path = "million/mod.rs"]
mod million;

use std::error::Error;
use std::time::{Duration, Instant};

use phonolog::domain::queries::{Anchor, BrowseList};
use phonolog::search::ListIndex;

/// What people type: what is everywhere, an artist, one song, one that was played in few months, and what is nowhere.
const TYPED: [&str; 6] =
    ["song", "artist:\"artist 12\"", "\"song 7\"", "album:\"album 2999\"", "song 29990", "nothing like this"];
const EACH: u32 = 200;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    let url = format!("sqlite:{}", dir.path().join("phonolog.db").display());
    let (store, account) = million::opened(&url).await?;
    million::fill(&store, account).await?;
    million::settle(&store, account).await?;

    let begun = Instant::now();
    let rows = store.account(account).queries().browse(&BrowseList::Played).await?;
    let titles = rows.len();
    let mut index = ListIndex::new(BrowseList::Played.columns(), rows, |time| time.date_naive());
    let shelved = begun.elapsed();
    let begun = Instant::now();
    let months = store.account(account).queries().played_months().await?;
    println!(
        "the first key: {titles} titles made ready in {:.1} ms, the months in {:.1} ms",
        millis(shelved),
        millis(begun.elapsed())
    );

    let mut all = Vec::new();
    for typed in TYPED {
        let mut keys = Vec::new();
        for end in 1..=typed.len() {
            let begun = Instant::now();
            let uris = index.uris(typed.get(..end).unwrap_or(typed));
            store.account(account).queries().plays_of(&uris, &months, Anchor::Newest, EACH).await?;
            keys.push(begun.elapsed());
        }
        told(typed, &mut keys);
        all.extend(keys);
    }
    told("all", &mut all);
    store.close().await;
    Ok(())
}

fn told(name: &str, keys: &mut [Duration]) {
    keys.sort_unstable();
    let at = |percent: usize| keys.get((keys.len() - 1) * percent / 100).copied().unwrap_or_default();
    println!(
        "{name}: {} keys, median {:.1} ms, 95th percentile {:.1} ms, slowest {:.1} ms",
        keys.len(),
        millis(at(50)),
        millis(at(95)),
        millis(at(100))
    );
}

fn millis(took: Duration) -> f64 {
    took.as_secs_f64() * 1e3
}

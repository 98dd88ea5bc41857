//! The real engine, the real `SQLite` and the simulator under one virtual clock, seeded.
//!
//! A seed has a story: the account, the app's shape and limits, and a list of steps with faults, edits between
//! any two requests, crashes, restarts, steps of the wall clock. At the end, when the account stands still and
//! Spotify is well again, the database must equal the account, and on the way nothing that stayed may
//! have been called removed and no request may have come early.
//!
//! ```text
//!   seed ─▶ draw ─▶ story ─▶ play ─▶ script        what happens at which request
//!                                    ▼
//!   engine ─▶ client ─▶ wire ─▶ simulator       one life of the engine = one tokio runtime;
//!      │        └─ clock ◀──┴──── clock         a crash drops it at any await
//!      ▼             ▲ moves on only when the runtime has nothing to do and SQLite is quiet
//!    store ──────────┘
//! ```
//!
//! `docs/simulation.md` says how to run it, how to read a trace and what to do with a story that failed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "all of this is test, helpers included; clippy sees only the functions marked so"
)]

mod album;
mod attempt;
mod backup;
mod check;
mod clock;
mod corpus;
#[path = "../shared/database.rs"]
mod database;
mod disk;
mod draw;
mod edits;
mod export;
mod incident;
mod life;
mod liveness;
mod login;
mod moods;
mod older;
mod oracle;
mod page;
mod play;
mod report;
mod script;
mod seeds;
mod setting;
mod shrink;
mod simpler;
mod story;
mod tally;
mod trace;
mod trouble;
#[path = "../shared/truth.rs"]
mod truth;
mod week;
mod wire;
mod witness;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use seeds::Wanted;
use story::Story;
use tally::Tally;

/// A quarter of a seed's time goes to small pieces of memory that threads hand to each other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Failures after which the rest is not run: the first few tell enough.
const ENOUGH: usize = 5;

#[test]
fn every_story_ends_in_equality() {
    let wanted = Wanted::from_env();
    play_all(|n| wanted.get(n), wanted.is_one());
}

#[test]
fn every_story_of_the_corpus_ends_in_equality() {
    let (lines, began) = (corpus::lines(), Instant::now());
    let of = |n: u64| {
        if !seeds::has_time_for_line(n, began) {
            return None;
        }
        let line = lines.get(usize::try_from(n).ok()?)?;
        assert!(!line.found.is_empty(), "line {} of the corpus does not say what it found", n + 1);
        Some((format!("corpus-{}", n + 1), line.story.clone()))
    };
    play_all(of, false);
}

fn play_all(stories: impl Fn(u64) -> Option<(String, Story)> + Sync, keeps_trace: bool) {
    let (next, enough, failures) = (AtomicU64::new(0), AtomicBool::new(false), Mutex::new(Vec::new()));
    let tally = Tally::begin();
    let work = || {
        while !enough.load(Ordering::Relaxed)
            && let Some((name, story)) = stories(next.fetch_add(1, Ordering::Relaxed))
        {
            let judged = oracle::judgements();
            let ended = attempt::story(&story);
            let judgements = oracle::judgements() - judged;
            if keeps_trace {
                println!(
                    "{}the trace: {}",
                    story.to_text(),
                    report::keep_trace(&name, &trace::text()).display()
                );
            }
            tally.add(ended.as_ref().copied().unwrap_or_default(), judgements);
            if let Err(failure) = ended {
                let report = report::of(&name, story, failure);
                let mut failures = failures.lock().unwrap();
                failures.push(report);
                enough.store(failures.len() >= ENOUGH, Ordering::Relaxed);
            }
        }
    };
    // A story waits for its database's threads half of its time.
    let workers = 2 * std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..workers).for_each(|_| drop(scope.spawn(work))));

    let failures = failures.into_inner().unwrap();
    println!("{}\n{}", tally.line(), oracle::most_spent());
    for failure in &failures {
        eprintln!("{failure}");
    }
    assert!(failures.is_empty(), "{} stories failed", failures.len());
}

//! The real engine, the real `SQLite` and the simulator under one virtual clock, seeded.
//!
//! A seed decides everything: the account, the app's shape and limits, faults, edits between any two
//! requests, crashes, restarts, steps of the wall clock. At the end, when the account stands still and
//! Spotify is well again, the database must equal the account, and on the way nothing that stayed may
//! have been called removed and no request may have come early.
//!
//! ```text
//!            seed ─▶ story ──────────┐ what happens when
//!                                    ▼
//!   engine ─▶ client ─▶ wire ─▶ simulator       one life of the engine = one tokio runtime;
//!      │        └─ clock ◀──┴──── clock         a crash drops it at any await
//!      ▼             ▲ moves on only when the runtime has nothing to do and SQLite is quiet
//!    store ──────────┘
//! ```
//!
//! `PHONOLOG_SEEDS=2000` runs that many seeds, `PHONOLOG_SEED=7` the one. Without either as many are run as
//! fit in two minutes. A seed that fails leaves its story behind as a text.

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
mod check;
mod clock;
#[path = "../shared/database.rs"]
mod database;
mod life;
mod liveness;
mod login;
mod oracle;
mod story;
mod tale;
mod trouble;
#[path = "../shared/truth.rs"]
mod truth;
mod wire;
mod witness;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A quarter of a seed's time goes to small pieces of memory that threads hand to each other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What a run without instructions may take.
const TIME: Duration = Duration::from_mins(2);
/// And the least it must do, however slow the machine is.
const LEAST: u64 = 40;

/// Seeds that found a fault once, run first: of stories as they are drawn now.
const FOUND: [u64; 4] = [25_809, 25_851, 31_541, 53_086];

/// Which seeds are run.
enum Seeds {
    One(u64),
    So(u64),
    AsFit(Instant),
}

impl Seeds {
    fn wanted() -> Self {
        let number = |name| std::env::var(name).ok().map(|text: String| text.parse().expect("a number"));
        match (number("PHONOLOG_SEED"), number("PHONOLOG_SEEDS")) {
            (Some(seed), _) => Self::One(seed),
            (None, Some(seeds)) => Self::So(seeds),
            (None, None) => Self::AsFit(Instant::now() + TIME),
        }
    }

    /// The seed number `n`, counted from 0, if it is to be run.
    fn get(&self, n: u64) -> Option<u64> {
        match self {
            Self::One(seed) => (n == 0).then_some(*seed),
            Self::So(seeds) => (n < *seeds).then_some(first() + n),
            Self::AsFit(until) => {
                let counted = n.checked_sub(FOUND.len() as u64);
                let is_time = n < LEAST || Instant::now() < *until;
                counted.map_or_else(|| found(n), |n| is_time.then_some(first() + n))
            }
        }
    }
}

fn found(n: u64) -> Option<u64> {
    FOUND.get(usize::try_from(n).ok()?).copied()
}

/// Where counting begins: other machines may look at other seeds.
fn first() -> u64 {
    std::env::var("PHONOLOG_FIRST_SEED").map_or(1, |text| text.parse().expect("a number"))
}

/// Failures after which the rest is not run: the first few tell enough.
const ENOUGH: usize = 5;

#[test]
fn every_seed_ends_in_equality() {
    let seeds = Seeds::wanted();
    let (next, enough, failures) = (AtomicU64::new(0), AtomicBool::new(false), Mutex::new(Vec::new()));
    let began = Instant::now();
    let work = || {
        while !enough.load(Ordering::Relaxed)
            && let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed))
        {
            tale::begin();
            let ended = catch_unwind(AssertUnwindSafe(|| story::run(seed)));
            if matches!(seeds, Seeds::One(_)) {
                println!("the story: {}", tale::keep(seed).display());
            }
            if let Err(panic) = ended {
                let what = format!("{}\n  the story: {}", words(panic.as_ref()), tale::keep(seed).display());
                let mut failures = failures.lock().unwrap();
                failures.push((seed, what));
                enough.store(failures.len() >= ENOUGH, Ordering::Relaxed);
            }
        }
    };
    // A seed waits for its database's threads half of its time.
    let workers = 2 * std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..workers).for_each(|_| drop(scope.spawn(work))));

    let failures = failures.into_inner().unwrap();
    let run = next.into_inner().saturating_sub(workers as u64).max(1);
    println!("{run} seeds in {:?}", began.elapsed());
    for (seed, what) in &failures {
        eprintln!("seed {seed}: {what}\n  again: PHONOLOG_SEED={seed} cargo test --test simulation\n");
    }
    assert!(failures.is_empty(), "{} seeds failed", failures.len());
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

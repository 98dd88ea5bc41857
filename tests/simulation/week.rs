//! A week of a daemon with an account that nobody changes, while Spotify behaves as in the field.

use std::sync::Arc;

use phonolog::simulator::Mood;

use crate::check;
use crate::clock::SimClock;
use crate::life::World;
use crate::seeds::is_ci;
use crate::setting::Setting;
use crate::story::{Life, Whose};

/// Where changes are checked, or where weeks are asked for.
const DAYS: u64 = 7;
/// Minutes in which everything is read, with as many again to spare.
const FIRST_READING: u64 = 180;
/// More of them with `PHONOLOG_WEEKS`.
const WEEKS: u64 = 1;

/// A library of some size and the settings as they are without a config.
const fn setting(seed: u64) -> Setting {
    Setting {
        seed,
        tracks: 400,
        albums: 60,
        artists: 60,
        playlists: 12,
        playlist_rows: 30,
        plays: 50,
        shape: String::new(),
        latency_ms: 120,
        window_limit: 0,
        day_limit: 0,
        initial_batch: 50,
        incremental_batch: 20,
        full_interval_hours: 24 * 30,
        requests_per_second: 2,
        burst: 5,
        daily_budget: 300,
        gate_wait_seconds: 60,
        migrations: None,
    }
}

/// Requests a day that nobody can do without: each hour one page of the tracks, the albums and the artists, and every
/// page of the playlists; each day the rest of the albums and the artists; and a poll each half hour.
fn least(setting: &Setting) -> u64 {
    let pages = |rows: u32| u64::from(rows.div_ceil(setting.initial_batch));
    let an_hour = 3 + pages(setting.playlists);
    24 * an_hour + pages(setting.albums) - 1 + pages(setting.artists) - 1 + 48
}

#[test]
fn a_week_in_the_field_costs_little_more_than_it_must() {
    let weeks = std::env::var("PHONOLOG_WEEKS").map_or(WEEKS, |text| text.parse().expect("a number"));
    for seed in 1..=weeks {
        let setting = Setting { shape: "2026".to_owned(), ..setting(seed) };
        let world = World::new(&setting, SimClock::new());
        world.oracle.lock().unwrap().account_is(&world.simulator.truth());
        world.log_in(Whose::Owner);
        world.live(&Life::Minutes(FIRST_READING));
        let a_day = requests_a_day(&world, seed, hours());
        let least = least(&setting);
        println!("seed {seed}: {a_day} requests a day; {least} are the least");
        assert!(a_day <= 2 * least, "seed {seed}: {a_day} requests a day; {least} are the least");

        world.simulator.set_faults(Vec::new());
        world.clock.pass(crate::liveness::EVERY_HOLD_IS_OVER);
        world.live(&Life::Minutes(FIRST_READING));
        check::equality(&world);
    }
}

/// Not played by default: 10,000 tracks take long in a program without optimisation. `docs/performance.md` has its figure.
#[test]
#[ignore = "measures a large library"]
fn a_week_of_a_large_library_that_nobody_changes() {
    let setting = Setting {
        shape: "2026".to_owned(),
        tracks: 10_000,
        albums: 500,
        artists: 400,
        playlists: 200,
        latency_ms: 20,
        ..setting(1)
    };
    let world = World::new(&setting, SimClock::new());
    world.oracle.lock().unwrap().account_is(&world.simulator.truth());
    world.log_in(Whose::Owner);
    // The budget of a day spreads the first reading over several days.
    world.live(&Life::Minutes(4 * 24 * 60));
    check::equality(&world);
    let before = world.simulator.requests().total;
    world.live(&Life::Minutes(7 * 24 * 60));
    let a_day = (world.simulator.requests().total - before) / 7;
    println!("{a_day} requests a day");
    check::equality(&world);
}

/// A developer waits for a quarter of a day.
fn hours() -> u64 {
    if is_ci() || std::env::var_os("PHONOLOG_WEEKS").is_some() { DAYS * 24 } else { 6 }
}

fn requests_a_day(world: &Arc<World>, seed: u64, hours: u64) -> u64 {
    let before = world.simulator.requests().total;
    world.simulator.set_faults(world.simulator.faults_of(Mood::Field, seed));
    world.live(&Life::Minutes(hours * 60));
    (world.simulator.requests().total - before) * 24 / hours
}

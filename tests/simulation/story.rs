//! What happens when: everything drawn from the seed, by request number and never by time, so that a
//! seed repeats.

use std::sync::Arc;
use std::time::Duration;

use phonolog::config;
use phonolog::domain::{Entity, RunStatus, Trigger};
use phonolog::handle::SyncRequest;
use phonolog::simulator::{Shape, SimConfig, Simulator};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::album;
use crate::check;
use crate::clock::SimClock;
use crate::life::{Ended, Life, World};
use crate::liveness;
use crate::login::Keyring;
use crate::trouble::{self, Edits};
use crate::witness::Witness;

/// What the script has in store for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Go,
    /// The engine dies before it is sent.
    CrashBefore,
    /// The simulator answers, and nobody hears it.
    CrashUnanswered,
    /// The engine dies when the runtime has come to rest so often after it.
    CrashAfter {
        rests: u32,
    },
}

/// What happens between requests.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is something that a story may hold, beside the others"
)]
pub struct Script {
    seed: u64,
    requests: u64,
    /// Of a hundred requests so many find the account edited.
    edits_percent: u32,
    crash: Option<(u64, Moment)>,
    /// Whether tracks come to be shown under other ids.
    pub relinks: bool,
    /// Whether slots of playlists may have been null in two answers in a row.
    pub has_null_slots: bool,
    /// Whether lists contradicted themselves.
    pub is_bent: bool,
    /// Whether somebody may have been refused to ask what is in the library.
    pub is_closed: bool,
    /// Whether answers may have shown contents with rows that are null or left out.
    pub has_damaged_contents: bool,
    /// Whether the account was edited since the oracle looked at it.
    pub was_edited: bool,
    pub witness: Witness,
    news: Vec<String>,
}

impl Script {
    fn new(seed: u64) -> Self {
        Self {
            seed,
            requests: 0,
            edits_percent: 0,
            crash: None,
            relinks: false,
            has_null_slots: false,
            is_bent: false,
            is_closed: false,
            has_damaged_contents: false,
            was_edited: false,
            witness: Witness::default(),
            news: Vec::new(),
        }
    }

    /// Whether the engine is to die in an account that stands still.
    pub fn dies_in_peace(&self) -> bool {
        self.crash.is_some() && self.edits_percent == 0
    }

    /// One more request.
    pub fn request(&mut self, simulator: &Simulator) -> Moment {
        self.requests += 1;
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(self.requests);
        if rng.random_ratio(self.edits_percent, 100) {
            self.edit(simulator, &mut rng);
        }
        match self.crash.take_if(|(at, _)| *at == self.requests) {
            Some((_, moment)) => moment,
            None => Moment::Go,
        }
    }

    /// What a person does to the account.
    pub fn edit(&mut self, simulator: &Simulator, rng: &mut ChaCha8Rng) {
        for edit in Edits::draw(rng, &self.witness, self.relinks) {
            let touched = self.witness.edit(simulator, &edit);
            self.news.push(format!("{edit:?} {}", touched.join(" ")));
        }
        self.was_edited = true;
    }

    /// What to tell of what was done.
    pub fn news(&mut self) -> Vec<String> {
        std::mem::take(&mut self.news)
    }
}

/// One seed, from the first login to the last comparison.
pub fn run(seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let world = world(seed, &mut rng);
    world.oracle.lock().unwrap().account_is(&world.simulator.truth());
    world.keyring.log_in(&world.simulator, &world.clock);
    world.script.lock().unwrap().relinks = rng.random_ratio(1, 5);
    let is_pictured = rng.random_ratio(1, 4);
    for _ in 0..rng.random_range(1..=4) {
        storm(&world, &mut rng);
        if is_pictured {
            album::take(&world);
        }
    }
    calm_down(&world);
    if rng.random_ratio(1, 3) {
        liveness::the_schedule_alone_catches_up(&world, &mut rng);
    }
    album::compare(&world);
    check::everything(&world, rng.random_ratio(1, 4));
}

fn world(seed: u64, rng: &mut ChaCha8Rng) -> Arc<World> {
    let clock = SimClock::new();
    let config = SimConfig {
        tracks: size(rng, 140),
        albums: size(rng, 45),
        artists: size(rng, 45),
        playlists: size(rng, 14),
        playlist_rows: if rng.random_ratio(1, 8) { 120 } else { rng.random_range(4..=24) },
        plays: size(rng, 60),
        seed,
        latency: Duration::from_millis(if rng.random_ratio(1, 2) { rng.random_range(1..400) } else { 0 }),
        shape: Shape::ALL[rng.random_range(0..3)],
        window_limit: if rng.random_ratio(1, 4) { rng.random_range(40..120) } else { 0 },
        day_limit: if rng.random_ratio(1, 4) { rng.random_range(60..200) } else { 0 },
    };
    let simulator = Simulator::with_time(config.clone(), Arc::new(clock.clone()));
    let settings = config::Sync {
        library_interval: Duration::from_hours(1),
        playback_interval: Duration::from_mins(30),
        initial_batch: rng.random_range(5..=10),
        incremental_batch: rng.random_range(3..=8),
        full_interval: Duration::from_hours(24 * rng.random_range(1..40)),
    };
    let gate = config::Gate {
        requests_per_second: f64::from(rng.random_range(0..4_u32)),
        burst: rng.random_range(1..8),
        daily_budget: rng.random_range(50..500),
        wait: Duration::from_secs(rng.random_range(0..90)),
    };
    let world = World::new(clock, simulator, Arc::new(Keyring::default()), Script::new(seed), settings, gate);
    world.tell(|| world.url());
    world.tell(|| format!("seed {seed}: {config:?}\n{settings:?}\n{gate:?}"));
    world
}

/// Often small or empty, where the edges are.
fn size(rng: &mut ChaCha8Rng, most: u32) -> u32 {
    let most = if rng.random_ratio(1, 4) { most.min(6) } else { most };
    rng.random_range(0..=most)
}

/// One life of an engine with everything against it.
fn storm(world: &Arc<World>, rng: &mut ChaCha8Rng) {
    trouble::between_lives(world, rng);
    let life = if rng.random_ratio(1, 5) {
        Life::For(Duration::from_mins(rng.random_range(1..400)))
    } else {
        Life::Once(request(rng))
    };
    {
        let mut script = world.script.lock().unwrap();
        script.edits_percent = if rng.random_ratio(2, 3) { rng.random_range(1..25) } else { 0 };
        script.crash = rng.random_ratio(1, 2).then(|| {
            let at = script.requests + rng.random_range(1..=60);
            (at, trouble::crash(rng))
        });
    }
    if let Ended::Run(run) = world.live(&life)
        && run.status == RunStatus::NeedsLogin
    {
        // A person tries until it works.
        world.simulator.set_faults(Vec::new());
        world.keyring.log_in(&world.simulator, &world.clock);
    }
}

fn request(rng: &mut ChaCha8Rng) -> SyncRequest {
    let mut entities: Vec<Entity> = Vec::new();
    if rng.random_ratio(1, 4) {
        entities = Entity::MIRRORED.into_iter().filter(|_| rng.random_ratio(1, 2)).collect();
    }
    let (full, allow_removals) = (rng.random_ratio(1, 8), rng.random_ratio(1, 8));
    SyncRequest { entities, full, allow_removals, trigger: Trigger::Cli }
}

/// Nobody edits, nothing fails: runs come until one is done.
fn calm_down(world: &Arc<World>) {
    world.tell(|| "calm".to_owned());
    world.simulator.set_faults(Vec::new());
    {
        let mut script = world.script.lock().unwrap();
        script.edits_percent = 0;
        script.crash = None;
    }
    // A first reading under which the list moved is settled by the next; a list that was refused is asked for
    // again the day after, and one of others' lists then shows them all.
    for _ in 0..3 {
        check::run_until_done(world, false);
        world.clock.pass(Duration::from_hours(25));
    }
}

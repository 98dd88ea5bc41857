//! Draws the story of a seed.

use std::collections::BTreeMap;

use phonolog::domain::{Entity, Trigger};
use phonolog::handle::SyncRequest;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::disk::{DiskFault, DiskTrouble};
use crate::edits;
use crate::moods::Weather;
use crate::setting::Setting;
use crate::story::{
    Death, ENDING, Ending, Fate, Incident, Life, Living, Step, Story, Tokens, Whose, Wish, stream,
};

/// The last request of a life that something may happen at.
const LAST_REQUEST: u64 = 300;

/// The kinds of steps come from stream 0, each step from its own.
pub fn story(seed: u64) -> Story {
    let mut rng = stream(seed, 0);
    let setting = Setting::draw(seed, &mut rng);
    let (relinks, is_pictured) = (rng.random_ratio(1, 5), rng.random_ratio(1, 4));
    let weather = Weather::draw(&setting);
    let mut kinds = Vec::new();
    for _ in 0..rng.random_range(1..=4) {
        kinds.extend(between_lives(&mut rng));
        kinds.push(Kind::Live);
        kinds.extend(is_pictured.then_some(Kind::Picture));
    }
    if rng.random_ratio(1, 6) {
        let backed_up = rng.random_range(0..=kinds.len());
        kinds.insert(backed_up, Kind::BackUp);
        kinds.insert(rng.random_range(backed_up + 1..=kinds.len()), Kind::Restore);
    }
    let edits = edits::draw(&mut stream(seed, ENDING), false);
    let ending = Ending { looks_again: rng.random_ratio(1, 4), edits };
    let steps = (1..).zip(kinds).map(|(n, kind)| (n, kind.draw(&mut stream(seed, n), relinks, &weather)));
    Story { setting, steps: steps.collect(), ending }
}

#[derive(Clone, Copy)]
enum Kind {
    Wait,
    Listen,
    SetClock,
    Tokens,
    Faults,
    NoFaults,
    Live,
    Picture,
    BackUp,
    Restore,
}

fn between_lives(rng: &mut ChaCha8Rng) -> Vec<Kind> {
    let mut kinds = Vec::new();
    kinds.extend(rng.random_ratio(1, 2).then_some(Kind::Wait));
    kinds.extend(rng.random_ratio(1, 6).then_some(Kind::Listen));
    kinds.extend(rng.random_ratio(1, 8).then_some(Kind::SetClock));
    kinds.extend(rng.random_ratio(1, 6).then_some(Kind::Tokens));
    kinds.push(if rng.random_ratio(7, 9) { Kind::Faults } else { Kind::NoFaults });
    kinds
}

impl Kind {
    fn draw(self, rng: &mut ChaCha8Rng, relinks: bool, weather: &Weather) -> Step {
        match self {
            Self::Wait => Step::Wait(rng.random_range(1..200_000)),
            Self::Listen => Step::Listen(rng.random_range(1..120)),
            Self::SetClock => Step::SetClock(clock_step(rng)),
            Self::Tokens => Step::Tokens(tokens(rng)),
            Self::Faults => Step::Faults(weather.faults(rng)),
            Self::NoFaults => Step::Faults(Vec::new()),
            Self::Live => Step::Live(living(rng, relinks)),
            Self::Picture => Step::Picture,
            Self::BackUp => Step::BackUp,
            Self::Restore => Step::Restore,
        }
    }
}

fn living(rng: &mut ChaCha8Rng, relinks: bool) -> Living {
    let life = if rng.random_ratio(1, 5) {
        Life::Minutes(rng.random_range(1..400))
    } else {
        Life::Once(request(rng))
    };
    let percent = if rng.random_ratio(2, 3) { rng.random_range(1..25) } else { 0 };
    let mut during = BTreeMap::new();
    for at in 1..=LAST_REQUEST {
        if rng.random_ratio(percent, 100) {
            during.insert(at, Incident::Edit(edits::draw(rng, relinks)));
        }
    }
    if rng.random_ratio(1, 3) {
        for _ in 0..rng.random_range(1..=3) {
            during.insert(rng.random_range(1..=60), incident(rng, matches!(life, Life::Minutes(_))));
        }
    }
    if rng.random_ratio(1, 2) {
        let at = if rng.random_ratio(1, 12) { 0 } else { rng.random_range(1..=60) };
        during.insert(at, Incident::Die(death(rng)));
    }
    Living { life, during }
}

/// Seconds, hours or years, forward and back.
fn clock_step(rng: &mut ChaCha8Rng) -> i64 {
    const THREE_YEARS: i64 = 3 * 365 * 86_400;
    let most = [300, 90_000, THREE_YEARS][rng.random_range(0..3)];
    rng.random_range(-most..=most)
}

/// What machine, other processes and screens do; a second run is asked for only where the engine has a schedule.
fn incident(rng: &mut ChaCha8Rng, has_schedule: bool) -> Incident {
    match rng.random_range(0..11) {
        0 => Incident::SetClock(clock_step(rng)),
        1 => Incident::Suspend(rng.random_range(1..200_000)),
        2 => Incident::Tokens(tokens(rng)),
        3 => Incident::Screens(rng.random_range(0..3)),
        4 => Incident::OtherProcesses,
        5 => Incident::Login(if rng.random_ratio(1, 2) { Whose::Owner } else { Whose::Stranger }),
        6 => Incident::Import(rng.random_range(1..20)),
        7 => Incident::Wish(Wish::Cancel),
        8 => Incident::Disk(disk_trouble(rng)),
        9 => Incident::Wish(if rng.random_ratio(2, 3) { Wish::Pause } else { Wish::Resume }),
        _ if has_schedule => Incident::Wish(Wish::Sync(request(rng).entities)),
        _ => Incident::Wish(Wish::Cancel),
    }
}

fn disk_trouble(rng: &mut ChaCha8Rng) -> DiskTrouble {
    DiskTrouble {
        fault: [DiskFault::Full, DiskFault::ShortWrite, DiskFault::FailingSync][rng.random_range(0..3)],
        after: rng.random_range(0..40),
        count: [1, rng.random_range(1..30), 100_000][rng.random_range(0..3)],
    }
}

fn tokens(rng: &mut ChaCha8Rng) -> Tokens {
    Tokens {
        fate: if rng.random_ratio(2, 3) { Fate::Expire } else { Fate::Revoke },
        omit_refresh: rng.random_ratio(1, 2),
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

fn death(rng: &mut ChaCha8Rng) -> Death {
    match rng.random_range(0..10) {
        0 => Death::Before,
        1..=2 => Death::Unanswered,
        _ => Death::Rests(rng.random_range(0..25)),
    }
}

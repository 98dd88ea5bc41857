//! Draws the story of a seed.

use std::collections::BTreeMap;

use phonolog::domain::{Entity, Trigger};
use phonolog::handle::SyncRequest;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::edits;
use crate::setting::Setting;
use crate::story::{Death, Ending, Fate, Incident, Life, Living, Step, Story, Tokens, stream};
use crate::trouble;

/// The last request of a life that something may happen at.
const LAST_REQUEST: u64 = 300;

/// The kinds of steps come from stream 0, each step from its own.
pub fn story(seed: u64) -> Story {
    let mut rng = stream(seed, 0);
    let setting = Setting::draw(seed, &mut rng);
    let (relinks, is_pictured) = (rng.random_ratio(1, 5), rng.random_ratio(1, 4));
    let mut kinds = Vec::new();
    for _ in 0..rng.random_range(1..=4) {
        kinds.extend(between_lives(&mut rng));
        kinds.push(Kind::Live);
        kinds.extend(is_pictured.then_some(Kind::Picture));
    }
    let ending = Ending { looks_again: rng.random_ratio(1, 4), is_left_to_schedule: rng.random_ratio(1, 3) };
    let steps = (1..).zip(kinds).map(|(n, kind)| (n, kind.draw(&mut stream(seed, n), relinks)));
    Story { setting, steps: steps.collect(), ending }
}

#[derive(Clone, Copy)]
enum Kind {
    Wait,
    SetClock,
    Tokens,
    Faults,
    NoFaults,
    Live,
    Picture,
}

fn between_lives(rng: &mut ChaCha8Rng) -> Vec<Kind> {
    let mut kinds = Vec::new();
    kinds.extend(rng.random_ratio(1, 2).then_some(Kind::Wait));
    kinds.extend(rng.random_ratio(1, 8).then_some(Kind::SetClock));
    kinds.extend(rng.random_ratio(1, 6).then_some(Kind::Tokens));
    kinds.push(if rng.random_ratio(7, 9) { Kind::Faults } else { Kind::NoFaults });
    kinds
}

impl Kind {
    fn draw(self, rng: &mut ChaCha8Rng, relinks: bool) -> Step {
        match self {
            Self::Wait => Step::Wait(rng.random_range(1..200_000)),
            Self::SetClock => Step::SetClock(rng.random_range(-90_000..90_000)),
            Self::Tokens => Step::Tokens(Tokens {
                fate: if rng.random_ratio(2, 3) { Fate::Expire } else { Fate::Revoke },
                omit_refresh: rng.random_ratio(1, 2),
            }),
            Self::Faults => Step::Faults(trouble::draw(rng)),
            Self::NoFaults => Step::Faults(Vec::new()),
            Self::Live => Step::Live(living(rng, relinks)),
            Self::Picture => Step::Picture,
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
    if rng.random_ratio(1, 2) {
        during.insert(rng.random_range(1..=60), Incident::Die(death(rng)));
    }
    Living { life, during }
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

//! What can go wrong at Spotify.

use std::sync::Arc;

use phonolog::simulator::{Fault, FaultKind, RetryAfter};
use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use crate::life::World;
use crate::moods;
use crate::trace::Who::Spotify;

/// The faults of one step, where Spotify is kind otherwise. Lists contradict themselves in a third of all.
pub fn draw(rng: &mut ChaCha8Rng) -> Vec<Fault> {
    let faults = if rng.random_ratio(6, 7) { rng.random_range(1..=4) } else { 0 };
    let bends = if rng.random_ratio(1, 3) { rng.random_range(1..=3) } else { 0 };
    let mut drawn: Vec<Fault> = (0..faults).map(|_| fault(rng)).collect();
    drawn.extend((0..bends).map(|_| bend(rng)));
    drawn
}

/// Sets faults, and remembers what judges must know of them. Which rows are hidden is drawn now.
pub fn strike(world: &Arc<World>, faults: &[Fault], rng: &mut ChaCha8Rng) {
    let truth = world.simulator.truth();
    let faults: Vec<Fault> = faults.iter().map(|fault| with_rows(fault, &truth, rng)).collect();
    for fault in &faults {
        world.trace(Spotify, || format!("from now on: {fault:?}"));
    }
    world.script.lock().unwrap().is_bent |= faults.iter().any(moods::bends);
    world.simulator.set_faults(faults);
}

/// A list that is to hide rows hides some that it has now; an empty one is told longer than it is.
fn with_rows(fault: &Fault, truth: &Value, rng: &mut ChaCha8Rng) -> Fault {
    let mut fault = fault.clone();
    let list = LISTS.iter().find(|(place, _)| *place == fault.matching);
    if fault.kind != FaultKind::HiddenRow || !fault.uris.is_empty() {
        return fault;
    }
    let rows = list.and_then(|(_, list)| truth[list].as_array()).into_iter().flatten();
    let uris: Vec<String> = rows.map(|row| row["uri"].as_str().unwrap().to_owned()).collect();
    fault.uris = uris.sample(rng, 2).cloned().collect();
    if fault.uris.is_empty() {
        fault.kind = FaultKind::TotalOffset;
    }
    fault
}

const LISTS: [(&str, &str); 3] =
    [("/v1/me/tracks", "tracks"), ("/v1/me/albums", "albums"), ("/v1/me/following", "artists")];

const PLACES: [&str; 9] = [
    "/v1/me/tracks",
    "/v1/me/albums",
    "/v1/me/following",
    "/v1/me/playlists",
    "/v1/playlists/",
    "/v1/me/player",
    "/v1/me",
    "/v1",
    "/api/token",
];

/// How lists contradict themselves.
const BENDS: [FaultKind; 6] = [
    FaultKind::TotalOffset,
    FaultKind::HiddenRow,
    FaultKind::HiddenRow,
    FaultKind::Stale,
    FaultKind::CursorLoop,
    FaultKind::LargestPage,
];

/// A list that contradicts itself, for a whole life or for some answers.
fn bend(rng: &mut ChaCha8Rng) -> Fault {
    let (place, _) = *LISTS.choose(rng).unwrap();
    let mut fault = Fault::new(place, *BENDS.choose(rng).unwrap());
    match fault.kind {
        FaultKind::TotalOffset => fault.offset = Some(rng.random_range(-3..=3)),
        FaultKind::Stale => fault.edits = Some(rng.random_range(1..=3)),
        FaultKind::LargestPage => fault.rows = Some(rng.random_range(1..=8)),
        _ => {}
    }
    if rng.random_ratio(1, 2) {
        fault.after = rng.random_range(0..20);
        fault.count = Some(rng.random_range(1..=12));
    }
    fault
}

fn fault(rng: &mut ChaCha8Rng) -> Fault {
    let place = *PLACES.choose(rng).unwrap();
    let kinds = [
        FaultKind::Status,
        FaultKind::Status,
        FaultKind::Truncate,
        FaultKind::Reset,
        FaultKind::Delay,
        FaultKind::EmptyPage,
        FaultKind::NullRow,
        FaultKind::MissingRow,
        FaultKind::PlainText,
    ];
    let mut fault = Fault::new(place, *kinds.choose(rng).unwrap());
    fault.after = rng.random_range(0..30);
    fault.count = Some(rng.random_range(1..=4));
    fault.probability = rng.random_ratio(1, 2).then(|| rng.random_range(0.05..1.0));
    fault.delay_ms = Some(rng.random_range(1..45_000));
    if matches!(fault.kind, FaultKind::Status | FaultKind::PlainText) {
        status(&mut fault, rng);
    }
    fault
}

fn status(fault: &mut Fault, rng: &mut ChaCha8Rng) {
    fault.status = Some(match rng.random_range(0..10) {
        0..=3 => *[500, 502, 503, 504].choose(rng).unwrap(),
        4 => 404,
        5 => 403,
        _ => 429,
    });
    if fault.status == Some(429) {
        // What is refused for longer than a minute, or for its quota, is one bucket.
        let is_wide = matches!(fault.matching.as_str(), "/v1" | "/v1/me");
        fault.retry_after = match rng.random_range(if is_wide { 4 } else { 0 }..8) {
            0 => None,
            1 => Some(RetryAfter::Text("soon".to_owned())),
            2 => Some(RetryAfter::Seconds(0)),
            3 => Some(RetryAfter::Seconds(rng.random_range(61..90_000))),
            _ => Some(RetryAfter::Seconds(rng.random_range(1..61))),
        };
        fault.reason = (!is_wide && rng.random_ratio(1, 3)).then(|| "QUOTA_EXCEEDED".to_owned());
    }
}

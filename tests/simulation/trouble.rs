//! What can go wrong, and what a person may do meanwhile.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use phonolog::simulator::{Fault, FaultKind, Mutation, Pick, PlaylistEdit, RetryAfter, Rows};
use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use crate::album;
use crate::life::World;
use crate::login;
use crate::story::Moment;
use crate::witness::Witness;

/// Edits of the account.
pub struct Edits;

impl Edits {
    /// What a person does in one go; several things at once happen in the same second.
    pub fn draw(rng: &mut ChaCha8Rng, witness: &Witness, relinks: bool) -> Vec<Mutation> {
        let count = rng.random_range(1..=3);
        let mut edits: Vec<Mutation> = (0..count).map(|_| Self::one(rng, witness)).collect();
        if relinks && rng.random_ratio(1, 3) {
            edits.push(Mutation::RelinkTracks(Pick::Count(rng.random_range(1..=3))));
        }
        edits
    }

    fn one(rng: &mut ChaCha8Rng, witness: &Witness) -> Mutation {
        let some = Pick::Count(rng.random_range(1..=3));
        match rng.random_range(0..100) {
            0..=17 => Mutation::SaveTracks(some),
            18..=37 => Mutation::RemoveTracks(some),
            38..=45 => {
                again(&witness.removed_tracks(), rng).map_or(Mutation::SaveTracks(some), Mutation::SaveTracks)
            }
            46..=52 => Mutation::SaveAlbums(some),
            53..=58 => Mutation::RemoveAlbums(some),
            59..=64 => Mutation::FollowArtists(some),
            65..=70 => Mutation::UnfollowArtists(some),
            71..=74 => Mutation::CreatePlaylists(Pick::Count(1)),
            75..=77 => Mutation::DeletePlaylists(Pick::Count(1)),
            78..=79 => Mutation::Play(some.into()),
            _ => Mutation::EditPlaylist(PlaylistEdit {
                add: Some(Rows::Count(rng.random_range(0..4))),
                remove: Some(Rows::Count(rng.random_range(0..3))),
                moves: Some(rng.random_range(0..3)),
                name: rng.random_ratio(1, 8).then(|| format!("renamed {}", rng.random_range(0..1000))),
                ..PlaylistEdit::default()
            }),
        }
    }
}

/// Tracks that were removed and are saved again.
fn again(removed: &[String], rng: &mut ChaCha8Rng) -> Option<Pick> {
    let uris: Vec<String> = removed.sample(rng, 2).cloned().collect();
    (!uris.is_empty()).then_some(Pick::Uris(uris))
}

/// When an engine dies.
pub fn crash(rng: &mut ChaCha8Rng) -> Moment {
    match rng.random_range(0..10) {
        0 => Moment::CrashBefore,
        1..=2 => Moment::CrashUnanswered,
        _ => Moment::CrashAfter { rests: rng.random_range(0..25) },
    }
}

/// Time, the machine's clock, tokens and faults, set before an engine starts.
pub fn between_lives(world: &Arc<World>, rng: &mut ChaCha8Rng) {
    if rng.random_ratio(1, 2) {
        world.clock.pass(Duration::from_secs(rng.random_range(1..200_000)));
    }
    if rng.random_ratio(1, 8) {
        // Set forward, a clock ends a hold on record before its time: a restart has nothing else to go by.
        let had_holds = world.simulator.requests().rejected > 0;
        let seconds = rng.random_range(-90_000..if had_holds { 0 } else { 90_000 });
        world.tell(|| format!("the machine's clock is set by {seconds} s"));
        album::step_clock(world, seconds);
    }
    if rng.random_ratio(1, 6) {
        let fate = if rng.random_ratio(2, 3) { "expire" } else { "revoke" };
        world.tell(|| format!("every token: {fate}"));
        let body = format!("{{\"{fate}\": true, \"omit_refresh\": {}}}", rng.random_ratio(1, 2));
        login::ask(
            &world.simulator,
            &world.clock,
            Request::post("/sim/token").body(Body::from(body)).unwrap(),
        );
    }
    let faults: Vec<Fault> = if rng.random_ratio(2, 3) {
        (0..rng.random_range(1..=4)).map(|_| fault(rng)).collect()
    } else {
        vec![]
    };
    let bends = bends(world, rng);
    {
        let mut script = world.script.lock().unwrap();
        script.is_bent |= !bends.is_empty();
        script.is_closed |= faults.iter().any(|fault| matches!(fault.status, Some(403 | 404)));
    }
    let faults: Vec<Fault> = faults.into_iter().chain(bends).collect();
    for fault in &faults {
        world.tell(|| format!("fault: {fault:?}"));
    }
    let hits_contents = |fault: &Fault| "/v1/playlists/".starts_with(&fault.matching);
    let mut script = world.script.lock().unwrap();
    script.has_null_slots |=
        faults.iter().any(|fault| fault.kind == FaultKind::NullRow && hits_contents(fault));
    script.has_damaged_contents |= faults.iter().any(|fault| {
        matches!(fault.kind, FaultKind::NullRow | FaultKind::MissingRow) && hits_contents(fault)
    });
    drop(script);
    world.simulator.set_faults(faults);
}

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

/// Lists that contradict themselves, for a whole life or for some answers. Drawn beside everything else, so that
/// the other stories stay what they are.
fn bends(world: &Arc<World>, rng: &ChaCha8Rng) -> Vec<Fault> {
    let mut rng = rng.clone();
    rng.set_stream(u64::MAX);
    if rng.random_ratio(2, 3) {
        return Vec::new();
    }
    let truth = world.simulator.truth();
    (0..rng.random_range(1..=3)).map(|_| bend(&truth, &mut rng)).collect()
}

fn bend(truth: &Value, rng: &mut ChaCha8Rng) -> Fault {
    let lists = [("/v1/me/tracks", "tracks"), ("/v1/me/albums", "albums"), ("/v1/me/following", "artists")];
    let (place, list) = *lists.choose(rng).unwrap();
    let uris: Vec<String> =
        truth[list].as_array().unwrap().iter().map(|row| row["uri"].as_str().unwrap().to_owned()).collect();
    let kinds = [
        FaultKind::TotalOffset,
        FaultKind::HiddenRow,
        FaultKind::HiddenRow,
        FaultKind::Stale,
        FaultKind::CursorLoop,
        FaultKind::LargestPage,
    ];
    let hidden: Vec<String> = uris.sample(rng, 2).cloned().collect();
    let kind = match *kinds.choose(rng).unwrap() {
        FaultKind::HiddenRow if hidden.is_empty() => FaultKind::TotalOffset,
        kind => kind,
    };
    let mut fault = Fault::new(place, kind);
    match kind {
        FaultKind::HiddenRow => fault.uris = hidden,
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

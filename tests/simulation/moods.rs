//! Stories draw their faults by mood: `PHONOLOG_MOOD=kind|field|hostile`, or one of them by the seed.

use phonolog::simulator::{Fault, FaultKind, Mood, Simulator};
use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

/// The mood that is asked for, or the seed's.
pub fn mood(rng: &mut ChaCha8Rng) -> Mood {
    let drawn = *Mood::ALL.choose(rng).unwrap();
    std::env::var("PHONOLOG_MOOD").map_or(drawn, |word| word.parse().expect("a mood"))
}

/// Faults of a mood for one life of an engine: what comes once in weeks comes in this one, if at all.
pub fn draw(simulator: &Simulator, mood: Mood, rng: &mut ChaCha8Rng) -> Vec<Fault> {
    let faults = simulator.faults_of(mood, rng.random());
    if mood != Mood::Field {
        return faults;
    }
    faults.into_iter().filter_map(|fault| drawn_near(fault, rng)).collect()
}

fn drawn_near(mut fault: Fault, rng: &mut ChaCha8Rng) -> Option<Fault> {
    if fault.every.take().is_some() {
        fault.after = rng.random_range(0..30);
        return rng.random_ratio(1, 4).then_some(fault);
    }
    if let Some(probability) = &mut fault.probability {
        *probability = (*probability * 4.0).min(0.5);
    }
    rng.random_ratio(2, 3).then_some(fault)
}

fn hits_contents(fault: &Fault) -> bool {
    "/v1/playlists/".starts_with(&fault.matching) || fault.matching.starts_with("/v1/playlists/")
}

/// Whether a fault may make lists contradict themselves.
pub fn bends(fault: &Fault) -> bool {
    matches!(
        fault.kind,
        FaultKind::TotalOffset
            | FaultKind::LaggingTotal
            | FaultKind::HiddenRow
            | FaultKind::Stale
            | FaultKind::CursorLoop
            | FaultKind::EndlessPages
            | FaultKind::LargestPage
            | FaultKind::ShortPages
            | FaultKind::WholePage
            | FaultKind::RepeatedRow
            | FaultKind::ChangedFields
            | FaultKind::Contains
            | FaultKind::Body
    )
}

/// Whether slots of playlists may be null in two answers in a row.
pub fn hides_slots(fault: &Fault) -> bool {
    damages_contents(fault) && fault.kind != FaultKind::MissingRow
}

/// Whether a fault may make contents that the account never had.
pub fn damages_contents(fault: &Fault) -> bool {
    let damages = matches!(
        fault.kind,
        FaultKind::NullRow
            | FaultKind::MissingRow
            | FaultKind::RepeatedRow
            | FaultKind::ChangedFields
            | FaultKind::Without
            | FaultKind::Body
            | FaultKind::EmptyPage
            | FaultKind::BadPlace
            | FaultKind::Stale
            | FaultKind::CursorLoop
            | FaultKind::WholePage
            | FaultKind::EndlessPages
            | FaultKind::TotalOffset
            | FaultKind::LaggingTotal
    );
    hits_contents(fault) && damages
}

/// Whether a fault may refuse for good to say what is in the library.
pub fn closes(fault: &Fault) -> bool {
    let refuses = matches!(fault.kind, FaultKind::Status | FaultKind::PlainText);
    refuses && fault.status.is_some_and(|status| matches!(status, 400 | 403 | 404))
}

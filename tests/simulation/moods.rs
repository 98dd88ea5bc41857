//! Stories draw their faults by mood: `PHONOLOG_MOOD=kind|field|hostile`, or one of them by the seed.

use phonolog::simulator::{Fault, FaultKind, Mood, Simulator};
use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use crate::clock::SimClock;
use crate::setting::Setting;
use crate::story::stream;
use crate::trouble;

/// The mood of a story, and the account as it is at the beginning, which its faults speak of.
pub struct Weather {
    mood: Mood,
    simulator: Simulator,
}

impl Weather {
    /// The mood that is asked for, or the seed's. Drawn beside everything else, so that it changes nothing else.
    pub fn draw(setting: &Setting) -> Self {
        let drawn = *Mood::ALL.choose(&mut stream(setting.seed, u32::MAX - 1)).unwrap();
        let mood = std::env::var("PHONOLOG_MOOD").map_or(drawn, |word| word.parse().expect("a mood"));
        Self { mood, simulator: setting.simulator(&SimClock::new()) }
    }

    /// The faults of one step. In the field, what comes once in weeks comes now, if at all.
    pub fn faults(&self, rng: &mut ChaCha8Rng) -> Vec<Fault> {
        let faults = self.simulator.faults_of(self.mood, rng.random());
        match self.mood {
            Mood::Kind => trouble::draw(rng),
            Mood::Field => faults.into_iter().filter_map(|fault| drawn_near(fault, rng)).collect(),
            Mood::Hostile => faults,
        }
    }
}

fn drawn_near(mut fault: Fault, rng: &mut ChaCha8Rng) -> Option<Fault> {
    if fault.every.take().is_some() {
        fault.after = rng.random_range(0..30);
        return rng.random_ratio(1, 4).then_some(fault);
    }
    if let Some(probability) = &mut fault.probability {
        *probability = (*probability * 4e6).round().min(5e5) / 1e6;
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

/// Whether rows may come back in the middle of a list when the fault is over.
pub fn reshows_rows(fault: &Fault) -> bool {
    matches!(
        fault.kind,
        FaultKind::HiddenRow
            | FaultKind::Stale
            | FaultKind::MissingRow
            | FaultKind::RepeatedRow
            | FaultKind::BadPlace
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

/// Whether a fault may refuse for good to say what is in the library, or say something else.
pub fn closes(fault: &Fault) -> bool {
    if fault.kind == FaultKind::Contains {
        return true;
    }
    let refuses = matches!(fault.kind, FaultKind::Status | FaultKind::PlainText);
    refuses && fault.status.is_some_and(|status| matches!(status, 400 | 403 | 404))
}

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

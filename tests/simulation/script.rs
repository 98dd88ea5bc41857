//! What the step that is played has in store for each request, and what was seen of the account so far.

use std::collections::BTreeMap;

use phonolog::simulator::Simulator;
use rand_chacha::ChaCha8Rng;

use crate::edits::Edit;
use crate::story::{self, ENDING, Incident};
use crate::witness::Witness;

/// What happens between requests, and what happened.
#[derive(Default)]
pub struct Script {
    seed: u64,
    /// The step that is played.
    step: u32,
    /// Requests of this life.
    requests: u64,
    during: BTreeMap<u64, Incident>,
    /// Whether tracks came to be shown under other ids.
    pub relinks: bool,
    /// Whether lists contradicted themselves.
    pub is_bent: bool,
    pub witness: Witness,
}

impl Script {
    pub fn new(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// A step begins.
    pub fn begin(&mut self, step: u32, during: BTreeMap<u64, Incident>) {
        (self.step, self.requests, self.during) = (step, 0, during);
    }

    /// Whether the account stands still in this life, and nobody but the engine writes.
    pub fn is_at_peace(&self) -> bool {
        self.during.values().all(|incident| matches!(incident, Incident::Die(_)))
    }

    /// Whether all steps were played.
    pub const fn is_over(&self) -> bool {
        self.step == ENDING
    }

    /// One more request, or the start: what happens at it.
    pub fn request(&mut self) -> Option<Incident> {
        let incident = self.during.remove(&self.requests);
        self.requests += 1;
        incident
    }

    /// The stream of what happens now.
    pub fn chance(&self) -> ChaCha8Rng {
        let mut rng = story::stream(self.seed, self.step);
        rng.set_word_pos(u128::from(self.requests) << 32);
        rng
    }

    /// Does edits, and says after each what it touched.
    pub fn edit(&mut self, simulator: &Simulator, edits: &[Edit], mut touched: impl FnMut(String)) {
        let mut rng = self.chance();
        let place = u64::from(self.step) << 32 | self.requests << 8;
        for (place, edit) in (place..).zip(edits) {
            self.relinks |= matches!(edit, Edit::RelinkTracks(_));
            let mutation = edit.mutation(&self.witness, &mut rng);
            let uris = self.witness.edit(simulator, place, &mutation);
            touched(format!("{edit:?} {}", uris.join(" ")));
        }
    }
}

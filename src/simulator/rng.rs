//! The source of all randomness: one random stream per item, all derived from the seed.
//!
//! An item's traits are generated again from its own stream whenever it is shown. So nothing needs
//! to be stored, and the choices for one item never change another one.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A random stream.
pub(super) type Stream = ChaCha8Rng;

/// The purpose of a stream.
#[derive(Debug, Clone, Copy)]
pub(super) enum Subject {
    Artist,
    Album,
    Track,
    Show,
    Episode,
    Playlist,
    Person,
    Snapshot,
    /// The catalogue's structure and the account's lists, generated once.
    Library,
    Mutation,
    Fault,
    NullRow,
    Token,
    Mood,
}

impl Subject {
    const fn number(self) -> u64 {
        self as u64 + 1
    }
}

/// The random streams of a seed.
#[derive(Debug, Clone)]
pub(super) struct Chance {
    seed: Stream,
}

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed: Stream::seed_from_u64(seed) }
    }

    /// The stream of item `number` of `subject`, from its start.
    pub(super) fn of(&self, subject: Subject, number: u64) -> Stream {
        let mut stream = self.seed.clone();
        stream.set_stream(subject.number() << 56 | number);
        stream
    }
}

/// One of `choices`; empty text if there is none.
pub(super) fn pick<'a>(rng: &mut Stream, choices: &[&'a str]) -> &'a str {
    choices.get(index(rng, choices.len())).copied().unwrap_or_default()
}

/// A number below `len`; 0 if `len` is 0.
pub(super) fn index(rng: &mut Stream, len: usize) -> usize {
    if len == 0 { 0 } else { rng.random_range(0..len) }
}

/// Whether an event with a probability of `percent` percent happens.
pub(super) fn one_in_hundred(rng: &mut Stream, percent: u32) -> bool {
    rng.random_ratio(percent.min(100), 100)
}

/// Puts `items` in a random order (Fisher and Yates).
pub(super) fn shuffle<T>(rng: &mut Stream, items: &mut [T]) {
    for last in (1..items.len()).rev() {
        items.swap(last, index(rng, last + 1));
    }
}

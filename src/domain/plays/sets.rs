//! Disjoint sets.

/// Disjoint sets of indices from 0 on.
#[derive(Debug, Clone)]
pub struct Sets(Vec<usize>);

impl Sets {
    /// Each index in a set of its own.
    #[must_use]
    pub fn new(len: usize) -> Self {
        Self((0..len).collect())
    }

    /// The first index of the set that contains this one.
    #[must_use]
    pub fn root(&self, mut place: usize) -> usize {
        while let Some(next) = self.0.get(place).filter(|next| **next != place) {
            place = *next;
        }
        place
    }

    /// Merges the sets of both.
    pub fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        if let Some(place) = self.0.get_mut(one.max(other)) {
            *place = one.min(other);
        }
    }
}

//! Which of many things belong together.

/// Disjoint sets of places from 0 on.
#[derive(Debug, Clone)]
pub struct Sets(Vec<usize>);

impl Sets {
    /// Each place by itself.
    #[must_use]
    pub fn new(len: usize) -> Self {
        Self((0..len).collect())
    }

    /// The first place of the set that this one is in.
    #[must_use]
    pub fn root(&self, mut place: usize) -> usize {
        while let Some(next) = self.0.get(place).filter(|next| **next != place) {
            place = *next;
        }
        place
    }

    /// Puts both into one set.
    pub fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        if let Some(place) = self.0.get_mut(one.max(other)) {
            *place = one.min(other);
        }
    }
}

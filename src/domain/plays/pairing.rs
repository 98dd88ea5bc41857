//! Pairs that keep the order of time and leave the fewest unmatched; among those, the cheapest.
//!
//! Choosing the nearest first would be worse: if a song is played twice in a row and stamped at its
//! starts, the first play's row is nearest to the second play's stamp, and the first stamp stays
//! unmatched.

use std::collections::BTreeMap;

use super::sets::Sets;

/// Two things that may be one: their indices in two sequences, each ordered by time, and the cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) left: usize,
    pub(super) right: usize,
    pub(super) cost: i64,
}

/// The pairs, by `left` and `right`. The order is kept among connected candidates, which are about
/// one song.
pub(super) fn pair(candidates: &[Candidate]) -> Vec<(usize, usize)> {
    let end_of =
        |place: fn(&Candidate) -> usize| candidates.iter().map(place).max().map_or(0, |last| last + 1);
    let lefts = end_of(|candidate| candidate.left);
    let mut sets = Sets::new(lefts + end_of(|candidate| candidate.right));
    for candidate in candidates {
        sets.join(candidate.left, lefts + candidate.right);
    }
    let mut songs: BTreeMap<usize, Vec<Candidate>> = BTreeMap::new();
    for candidate in candidates {
        songs.entry(sets.root(candidate.left)).or_default().push(*candidate);
    }
    songs.into_values().flat_map(longest_chain).collect()
}

/// The quality of a chain: the number of pairs, and their low cost.
type Worth = (usize, i64);

/// The longest chain of candidates in which both indices increase, and among those the cheapest.
fn longest_chain(mut candidates: Vec<Candidate>) -> Vec<(usize, usize)> {
    // Candidates of one `left` are sorted by decreasing `right`, so that none of them follows
    // another.
    candidates.sort_unstable_by_key(|one| (one.left, std::cmp::Reverse(one.right), one.cost));
    let mut rights: Vec<usize> = candidates.iter().map(|one| one.right).collect();
    rights.sort_unstable();
    rights.dedup();
    let mut best = BestUpTo::new(rights.len());
    let mut before: Vec<Option<usize>> = Vec::with_capacity(candidates.len());
    for (number, one) in candidates.iter().enumerate() {
        let rank = rights.partition_point(|right| *right < one.right);
        let last = best.below(rank);
        let (pairs, gain) = last.map_or((0, 0), |(worth, _)| worth);
        before.push(last.map(|(_, number)| number));
        best.put(rank, ((pairs + 1, gain - one.cost), number));
    }
    let mut chain = Vec::new();
    let mut next = best.below(rights.len()).map(|(_, number)| number);
    while let Some((number, one)) = next.and_then(|number| Some((number, candidates.get(number)?))) {
        chain.push((one.left, one.right));
        next = before.get(number).copied().flatten();
    }
    chain.reverse();
    chain
}

/// The best chain that ends at or before each rank: a Fenwick tree of maxima.
struct BestUpTo(Vec<Option<(Worth, usize)>>);

impl BestUpTo {
    fn new(ranks: usize) -> Self {
        Self(vec![None; ranks + 1])
    }

    /// The best among the ranks below `end`.
    fn below(&self, end: usize) -> Option<(Worth, usize)> {
        let (mut place, mut best) = (end, None);
        while place > 0 {
            best = better(best, self.0.get(place).copied().flatten());
            place &= place - 1;
        }
        best
    }

    fn put(&mut self, rank: usize, chain: (Worth, usize)) {
        let mut place = rank + 1;
        while let Some(known) = self.0.get_mut(place) {
            *known = better(*known, Some(chain));
            place += place & place.wrapping_neg();
        }
    }
}

/// The better one; of two equal ones the earlier.
fn better(one: Option<(Worth, usize)>, other: Option<(Worth, usize)>) -> Option<(Worth, usize)> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if other.0 > one.0 { other } else { one }),
        (one, other) => one.or(other),
    }
}

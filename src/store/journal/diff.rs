//! The difference between two orders of items, some of which may occur more than once.
//!
//! Owns: added, removed and moved items by place. Must not know: what the items are.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// How one order became another; every place counts from 0 in its own order, ascending.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::store) struct Diff {
    /// Places in the old order.
    pub(in crate::store) removed: Vec<usize>,
    /// Places in the new order.
    pub(in crate::store) added: Vec<usize>,
    /// Old and new place of each item that was removed in one place and inserted in another.
    pub(in crate::store) moved: Vec<(usize, usize)>,
    /// Old and new place of each item that kept its order among the others.
    pub(in crate::store) kept: Vec<(usize, usize)>,
}

/// Compares two orders.
pub(in crate::store) fn diff<K: Eq + Hash>(old: &[K], new: &[K]) -> Diff {
    let mut diff = Diff::default();
    let mut taken_out = Vec::new();
    let mut put_in = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, old, new) {
        if let DiffOp::Equal { old_index, new_index, len } = op {
            diff.kept.extend((old_index..old_index + len).zip(new_index..new_index + len));
        } else {
            taken_out.extend(op.old_range());
            put_in.extend(op.new_range());
        }
    }
    let mut elsewhere: HashMap<&K, VecDeque<usize>> = HashMap::new();
    for place in taken_out {
        if let Some(key) = old.get(place) {
            elsewhere.entry(key).or_default().push_back(place);
        }
    }
    for place in put_in {
        let from = new.get(place).and_then(|key| elsewhere.get_mut(key)?.pop_front());
        match from {
            Some(from) => diff.moved.push((from, place)),
            None => diff.added.push(place),
        }
    }
    diff.removed = elsewhere.into_values().flatten().collect();
    diff.removed.sort_unstable();
    diff
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_thing_moved_is_one_move() {
        let diff = diff(&["a", "b", "c", "d"], &["d", "a", "b", "c"]);
        assert_eq!(diff.moved, [(3, 0)]);
        assert!(diff.added.is_empty() && diff.removed.is_empty());
    }

    #[test]
    fn a_second_copy_is_added_and_its_loss_is_removed() {
        let more = diff(&["a", "b"], &["a", "b", "a"]);
        assert_eq!((more.added, more.removed, more.moved), (vec![2], vec![], vec![]));
        let less = diff(&["a", "b", "a"], &["b", "a"]);
        assert_eq!((less.added, less.removed, less.moved), (vec![], vec![0], vec![]));
    }

    proptest! {
        /// The journal relies on this: the old order can be reconstructed from the new one.
        #[test]
        fn the_old_order_follows_from_the_new_one_and_the_difference(
            old in prop::collection::vec(0_u8..8, 0..40),
            new in prop::collection::vec(0_u8..8, 0..40),
        ) {
            let diff = diff(&old, &new);
            let mut back: Vec<Option<u8>> = vec![None; old.len()];
            for place in &diff.removed {
                back[*place] = Some(old[*place]);
            }
            for (from, to) in diff.moved.iter().chain(&diff.kept) {
                prop_assert!(back[*from].is_none());
                back[*from] = Some(new[*to]);
            }
            prop_assert_eq!(back.into_iter().flatten().collect::<Vec<_>>(), old);
            prop_assert_eq!(diff.added.len() + diff.moved.len() + diff.kept.len(), new.len());
            prop_assert!(diff.kept.is_sorted_by(|a, b| a.0 < b.0 && a.1 < b.1));
        }
    }
}

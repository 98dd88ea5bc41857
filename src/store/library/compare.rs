//! Compares the library with the list that was read.
//!
//! Owns: which slots are gone, new or saved again, and where to write the new ones with the fewest
//! changes. Pure. Must not know: how the result is used.

use std::collections::{HashMap, VecDeque};

use super::lists::ListSlot;

/// The differences, by index into the two compared lists.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::store) struct ListComparison {
    /// Current slots whose items were not read again.
    pub(in crate::store) gone: Vec<usize>,
    /// Staged slots whose items are not stored.
    pub(in crate::store) fresh: Vec<usize>,
    /// Current and staged slot of an item that was saved again at another time, perhaps under
    /// another id.
    pub(in crate::store) again: Vec<(usize, usize)>,
    /// Current and staged slot of a track that Spotify now shows under another id.
    pub(in crate::store) relinked: Vec<(usize, usize)>,
    /// For each staged slot the current slot with the same item, saved at the same time; or the
    /// relinked one.
    pub(in crate::store) same: Vec<Option<usize>>,
    /// Where to write the staged slots.
    pub(in crate::store) layout: Layout,
}

/// How the current list becomes the staged one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::store) enum Layout {
    /// This many staged slots are added at the top; the rest is the current list without the
    /// removed rows.
    Top(usize),
    /// The order differs: every slot gets its staged place.
    #[default]
    Rewritten,
}

/// Compares the current list with the staged one; both from the top.
pub(in crate::store) fn compare(live: &[ListSlot], staged: &[ListSlot]) -> ListComparison {
    let mut comparison = ListComparison {
        same: match_up(live, staged, |slot| slot.key.as_ref().map(|key| (key, &slot.added_at))),
        ..ListComparison::default()
    };
    let is_kept = kept(live, &comparison.same);
    let left_live = indices(live, |index| !is_kept.get(index).copied().unwrap_or(false));
    let left_staged = indices(staged, |index| comparison.same.get(index) == Some(&None));
    pair_again(&mut comparison, live, &left_live, staged, &left_staged);
    comparison.layout = layout(live, &is_kept, staged, &comparison.same);
    comparison
}

/// Finds which of the missing items that Spotify says are still in the library were saved again
/// under another id.
pub(in crate::store) fn pair_editions(
    comparison: &mut ListComparison,
    live: &[ListSlot],
    staged: &[ListSlot],
    is_edition: impl Fn(&str, &str) -> bool,
) {
    let ListComparison { gone, fresh, again, .. } = comparison;
    fresh.retain(|new| {
        let key = staged.get(*new).and_then(|slot| slot.key.as_deref());
        let is_it = |old: &usize| {
            let old = live.get(*old).and_then(|slot| slot.key.as_deref());
            old.zip(key).is_some_and(|(old, new)| is_edition(old, new))
        };
        let Some(place) = gone.iter().position(is_it) else {
            return true;
        };
        again.push((gone.remove(place), *new));
        false
    });
}

/// Finds which missing and new items are one recording, saved at the same time, under another id.
pub(in crate::store) fn relink(
    comparison: &mut ListComparison,
    live: &[ListSlot],
    staged: &[ListSlot],
    are_alike: impl Fn(&str, &str) -> bool,
) {
    let ListComparison { gone, fresh, relinked, same, .. } = comparison;
    fresh.retain(|new| {
        let Some((key, added_at)) =
            staged.get(*new).and_then(|slot| Some((slot.key.as_deref()?, &slot.added_at)))
        else {
            return true;
        };
        let is_it = |old: &ListSlot| {
            old.added_at == *added_at && old.key.as_deref().is_some_and(|old| are_alike(old, key))
        };
        let Some(place) = gone.iter().position(|old| live.get(*old).is_some_and(is_it)) else {
            return true;
        };
        let old = gone.remove(place);
        relinked.push((old, *new));
        if let Some(same) = same.get_mut(*new) {
            *same = Some(old);
        }
        false
    });
    if !comparison.relinked.is_empty() {
        let is_kept = kept(live, &comparison.same);
        comparison.layout = layout(live, &is_kept, staged, &comparison.same);
    }
}

/// For each current slot whether it stays.
fn kept(live: &[ListSlot], same: &[Option<usize>]) -> Vec<bool> {
    let mut is_kept = vec![false; live.len()];
    for index in same.iter().flatten() {
        if let Some(kept) = is_kept.get_mut(*index) {
            *kept = true;
        }
    }
    is_kept
}

/// The indices of slots with a key that pass a test.
fn indices(slots: &[ListSlot], test: impl Fn(usize) -> bool) -> Vec<usize> {
    let keyed = slots.iter().enumerate().filter(|(_, slot)| slot.key.is_some());
    keyed.map(|(index, _)| index).filter(|index| test(*index)).collect()
}

/// For each staged slot a current one with the same identity; each current slot is used once.
fn match_up<'a, K: Eq + std::hash::Hash>(
    live: &'a [ListSlot],
    staged: &'a [ListSlot],
    identity: impl Fn(&'a ListSlot) -> Option<K>,
) -> Vec<Option<usize>> {
    let mut held: HashMap<K, VecDeque<usize>> = HashMap::with_capacity(live.len());
    for (index, slot) in live.iter().enumerate() {
        if let Some(identity) = identity(slot) {
            held.entry(identity).or_default().push_back(index);
        }
    }
    let found = |slot| held.get_mut(&identity(slot)?)?.pop_front();
    staged.iter().map(found).collect()
}

/// Finds which of the unmatched items were saved again at another time.
fn pair_again(
    comparison: &mut ListComparison,
    live: &[ListSlot],
    left_live: &[usize],
    staged: &[ListSlot],
    left_staged: &[usize],
) {
    let key = |slots: &[ListSlot], index: usize| slots.get(index).and_then(|slot| slot.key.clone());
    let mut held: HashMap<Option<String>, VecDeque<usize>> = HashMap::new();
    for index in left_live {
        held.entry(key(live, *index)).or_default().push_back(*index);
    }
    for index in left_staged {
        let old = held.get_mut(&key(staged, *index)).and_then(VecDeque::pop_front);
        match old {
            Some(old) => comparison.again.push((old, *index)),
            None => comparison.fresh.push(*index),
        }
    }
    comparison.gone = held.into_values().flatten().collect();
    comparison.gone.sort_unstable();
}

fn layout(live: &[ListSlot], is_kept: &[bool], staged: &[ListSlot], same: &[Option<usize>]) -> Layout {
    let is_new = |(slot, same): &(&ListSlot, &Option<usize>)| slot.key.is_some() && same.is_none();
    let top = staged.iter().zip(same).take_while(is_new).count();
    // A null row has no identity: it must stay in place among its neighbours, otherwise every row
    // moves.
    let stays = live.iter().zip(is_kept).enumerate();
    let stays = stays.filter(|(_, (slot, kept))| **kept || slot.key.is_none());
    let stays = stays.map(|(index, (slot, _))| slot.key.as_ref().map(|_| index));
    let below = staged.iter().zip(same).skip(top);
    let mut all_found = true;
    let below: Vec<Option<usize>> = below
        .map(|(slot, same)| {
            all_found &= slot.key.is_none() || same.is_some();
            *same
        })
        .collect();
    if all_found && stays.eq(below) { Layout::Top(top) } else { Layout::Rewritten }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a1` is item a saved at time 1; `-` is a null row.
    fn slots(text: &str) -> Vec<ListSlot> {
        let slot = |(ord, word): (usize, &str)| ListSlot {
            ord: i64::try_from(ord).unwrap(),
            key: (word != "-").then(|| word[..1].to_owned()),
            added_at: (word != "-").then(|| word[1..].to_owned()),
            payload: None,
        };
        text.split_whitespace().enumerate().map(slot).collect()
    }

    fn compared(live: &str, staged: &str) -> ListComparison {
        compare(&slots(live), &slots(staged))
    }

    #[test]
    fn the_same_list_needs_nothing() {
        let same = compared("a1 - b1 c1", "a1 - b1 c1");
        assert_eq!(same.layout, Layout::Top(0));
        assert!(same.gone.is_empty() && same.fresh.is_empty() && same.again.is_empty());
    }

    #[test]
    fn new_on_top_and_gone_below_touch_nothing_between() {
        let edited = compared("a1 b1 - c1 d1", "x2 y2 a1 - c1");
        assert_eq!(edited.layout, Layout::Top(2));
        assert_eq!(edited.fresh, [0, 1]);
        assert_eq!(edited.gone, [1, 4]);
        assert_eq!(edited.same, [None, None, Some(0), None, Some(3)]);
    }

    #[test]
    fn saved_again_is_neither_gone_nor_new() {
        let again = compared("a1 b1 c1", "c2 a1 b1");
        assert_eq!(again.again, [(2, 0)]);
        assert!(again.gone.is_empty() && again.fresh.is_empty());
        assert_eq!(again.layout, Layout::Top(1));
    }

    #[test]
    fn another_id_at_the_same_time_is_the_same_slot_where_it_sounds_the_same() {
        let (live, staged) = (slots("a1 b1 c1"), slots("x2 a1 d1 c1"));
        let mut found = compare(&live, &staged);
        relink(&mut found, &live, &staged, |old, new| (old, new) == ("b", "d"));
        assert_eq!(found.relinked, [(1, 2)]);
        assert_eq!((found.gone, found.fresh), (vec![], vec![0]));
        assert_eq!(found.layout, Layout::Top(1));
    }

    #[test]
    fn another_order_new_rows_below_or_a_moved_null_row_rewrite_the_list() {
        assert_eq!(compared("a1 b1", "b1 a1").layout, Layout::Rewritten);
        assert_eq!(compared("a1 b1", "a1 x1 b1").layout, Layout::Rewritten);
        assert_eq!(compared("a1 - b1", "- a1 b1").layout, Layout::Rewritten);
        assert_eq!(compared("a1 b1", "a1 b1 -").layout, Layout::Rewritten);
        assert_eq!(compared("a1 - b1", "a1 b1").layout, Layout::Rewritten);
    }

    #[test]
    fn each_copy_of_a_thing_is_counted() {
        let fewer = compared("a1 a1 b1", "a1 b1");
        assert_eq!(fewer.gone, [1]);
        assert_eq!(fewer.layout, Layout::Top(0));
    }
}

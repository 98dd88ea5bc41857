//! Rows that stay in the library although their list did not show them.
//!
//! Owns: their places in the new list. Must not know: why they stay.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::commit_full::{FinishWalk, Swap};
use super::commit_incremental::FinishIncremental;
use super::lists::ListSlot;
use super::{null_rows, unlisted};
use crate::domain::{AccountId, Entity};
use crate::store::Result;
use crate::store::db::sqlite::{Tx, len};

impl Swap {
    /// The same list with every row that was not read again and may not be removed, each after its
    /// previous neighbour; and the ids of these rows.
    pub(in crate::store) async fn keeping(
        self,
        tx: &mut Tx,
        account: AccountId,
        finish: &FinishWalk,
    ) -> Result<(Self, HashSet<String>)> {
        let may_go = |id: &str| finish.baseline || finish.consented.contains(id);
        let kept: HashSet<String> = self.gone_ids().filter(|id| !may_go(id)).map(str::to_owned).collect();
        if kept.is_empty() {
            return Ok((self, kept));
        }
        let payloads = null_rows::payloads(tx, account, self.list.entity()).await?;
        let mut staged = with_kept(&self.live, self.staged, &kept);
        for slot in staged.iter_mut().filter(|slot| slot.key.as_ref().is_some_and(|id| kept.contains(id))) {
            let payload = payloads.iter().find(|(id, _)| Some(id) == slot.key.as_ref());
            slot.payload = payload.map(|(_, json)| json.clone());
        }
        let again = Self::between(tx, self.list, self.live, staged).await?;
        let again = again.with_still_there(&finish.still_there);
        Ok((Self { null_rows: self.null_rows, listed: self.listed, ..again }, kept))
    }
}

/// Saved tracks that a reading from the top leaves in place although the list does not show them.
pub(in crate::store) struct KeptTracks {
    /// Spotify says that they are saved.
    pub(in crate::store) vouched: HashSet<String>,
    /// Spotify could not be asked.
    undecided: HashSet<String>,
    /// The number of their slots, including null rows.
    pub(in crate::store) slots: u32,
    /// Order keys of the slots that Spotify no longer confirms: they are removed.
    pub(in crate::store) denied: Vec<i64>,
}

impl KeptTracks {
    pub(in crate::store) async fn load(
        tx: &mut Tx,
        account: AccountId,
        live: &[ListSlot],
        staged: &[ListSlot],
        finish: &FinishIncremental,
    ) -> Result<Self> {
        let shown: HashSet<&String> = staged.iter().filter_map(|slot| slot.key.as_ref()).collect();
        let is_shown = |slot: &ListSlot| slot.key.as_ref().is_some_and(|key| shown.contains(key));
        let unlisted = unlisted::load(tx, account, Entity::Tracks).await?;
        let is_vouched = |slot: &ListSlot| {
            slot.key.as_ref().and_then(|key| unlisted.get(key)).is_some_and(|row| row.is_vouched)
        };
        let stays = live.iter().filter(|slot| !is_shown(slot) && !finish.gone.contains(&slot.ord));
        let (vouched, others): (Vec<&ListSlot>, Vec<&ListSlot>) = stays.partition(|slot| is_vouched(slot));
        let is_denied = |slot: &&ListSlot| slot.key.as_ref().is_some_and(|key| finish.denied.contains(key));
        let (denied, vouched): (Vec<&ListSlot>, Vec<&ListSlot>) = vouched.into_iter().partition(is_denied);
        let undecided: Vec<&ListSlot> =
            others.into_iter().filter(|slot| finish.undecided.contains(&slot.ord)).collect();
        let ids = |slots: &[&ListSlot]| slots.iter().filter_map(|slot| slot.key.clone()).collect();
        Ok(Self {
            slots: len(&vouched).saturating_add(len(&undecided)),
            vouched: ids(&vouched),
            undecided: ids(&undecided),
            denied: denied.into_iter().map(|slot| slot.ord).collect(),
        })
    }

    /// All of their ids.
    pub(in crate::store) fn all(&self) -> HashSet<String> {
        self.vouched.union(&self.undecided).cloned().collect()
    }
}

/// `staged` with the slots of `live` whose keys are `kept`, each after the slot that it followed
/// before.
fn with_kept(live: &[ListSlot], staged: Vec<ListSlot>, kept: &HashSet<String>) -> Vec<ListSlot> {
    let first_ord = staged.first().map_or(0, |slot| slot.ord);
    let held: HashSet<&str> = live.iter().filter_map(|slot| slot.key.as_deref()).collect();
    let is_held = |slot: &ListSlot| slot.key.as_deref().is_some_and(|key| held.contains(key));
    let places: HashMap<&str, usize> =
        staged.iter().enumerate().filter_map(|(place, slot)| Some((slot.key.as_deref()?, place))).collect();
    // A slot that was at the top is put below the new rows.
    let mut place = staged.iter().position(is_held).unwrap_or(staged.len());
    let mut before: BTreeMap<usize, Vec<ListSlot>> = BTreeMap::new();
    for slot in live {
        match slot.key.as_deref() {
            None => place += usize::from(staged.get(place).is_some_and(|slot| slot.key.is_none())),
            Some(key) if kept.contains(key) => before.entry(place).or_default().push(slot.clone()),
            Some(key) => place = places.get(key).map_or(place, |found| found + 1),
        }
    }
    let end = staged.len();
    let mut list = Vec::with_capacity(end + kept.len());
    for (place, slot) in staged.into_iter().enumerate() {
        list.extend(before.remove(&place).unwrap_or_default());
        list.push(slot);
    }
    list.extend(before.remove(&end).unwrap_or_default());
    (first_ord..).zip(list).map(|(ord, slot)| ListSlot { ord, ..slot }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(text: &str) -> Vec<ListSlot> {
        let slot = |(ord, word): (i64, &str)| ListSlot {
            ord,
            key: (word != "-").then(|| word.to_owned()),
            ..ListSlot::default()
        };
        (7..).zip(text.split_whitespace()).map(slot).collect()
    }

    fn kept(live: &str, staged: &str, kept: &str) -> String {
        let kept = kept.split_whitespace().map(str::to_owned).collect();
        let list = with_kept(&slots(live), slots(staged), &kept);
        let first = list[0].ord;
        assert!(list.iter().map(|slot| slot.ord).eq((first..).take(list.len())), "{list:?}");
        let words: Vec<&str> = list.iter().map(|slot| slot.key.as_deref().unwrap_or("-")).collect();
        words.join(" ")
    }

    #[test]
    fn what_is_kept_stands_behind_its_neighbour_of_before() {
        assert_eq!(kept("a b c d", "x a c d", "b"), "x a b c d");
        assert_eq!(kept("a b c d", "a b c", "d"), "a b c d");
        assert_eq!(kept("a b c d", "a d", "b c"), "a b c d");
        assert_eq!(kept("a - b c", "a - c", "b"), "a - b c", "behind the null row that is still there");
    }

    #[test]
    fn what_stood_on_top_goes_below_what_is_new() {
        assert_eq!(kept("a b c", "x y b c", "a"), "x y a b c");
        assert_eq!(kept("a b", "x y", "a b"), "x y a b");
        assert_eq!(kept("a b", "", "a b"), "a b");
    }
}

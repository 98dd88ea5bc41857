//! Items that were not read again, and null rows that may hide them.
//!
//! Owns: what a walk that ended now would remove, and how to restore rows that could only not be
//! read. A null row counts in its list and has a place, but no content: the item that was there may
//! still be there. Must not know: how to find out.

use std::collections::{HashMap, HashSet};

use super::commit_full::Swap;
use super::lists::{self, LibraryList, ListSlot};
use super::unlisted::{self, Unlisted};
use super::{relinks, staging};
use crate::domain::{AccountId, Entity};
use crate::store::db::sqlite::{self, Tx, len};
use crate::store::{LibraryStore, Result, StoreError};

/// What a walk that ended now would remove.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Missing {
    /// Stored items that were not read again.
    pub gone: Vec<Gone>,
    /// Null rows that were not there at the last reading.
    pub new_null_rows: u32,
}

/// A stored item that was not read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// Its id.
    pub id: String,
    /// What is known about it if an earlier reading did not show it either.
    pub unlisted: Option<Unlisted>,
}

impl LibraryStore<'_> {
    /// What a walk that ended now would remove; empty if the brake will stop it anyway.
    #[tracing::instrument(name = "missing_rows", level = "error", skip_all)]
    pub async fn missing(self, entity: Entity, allow_removals: Option<u32>) -> Result<Missing> {
        let Self { store, account } = self;
        let mut tx = store.begin().await?;
        let swap = Swap::load(&mut tx, account, entity).await?;
        let unlisted = unlisted::load(&mut tx, account, entity).await?;
        if swap.brake(allow_removals, |id| unlisted.get(id).is_some_and(|row| row.is_vouched)).is_some() {
            tx.commit().await?;
            return Ok(Missing::default());
        }
        let gone = swap.gone_ids().map(|id| Gone { unlisted: unlisted.get(id).copied(), id: id.to_owned() });
        let gone: Vec<Gone> = gone.collect();
        let held = match LibraryList::of(entity)? {
            LibraryList::Tracks => len(&null_rows(&swap.live)),
            _ => crate::store::state::sync_state::read(&mut *tx, account, entity).await?.null_rows,
        };
        tx.commit().await?;
        Ok(Missing { gone, new_null_rows: swap.null_rows.saturating_sub(held) })
    }

    /// Keeps the place of each of these items at which a null row was read, and returns the items
    /// without a null row. A track that was saved again under another id needs none.
    #[tracing::instrument(level = "error", skip_all)]
    pub async fn keep_masked(self, entity: Entity, still_there: &HashSet<String>) -> Result<HashSet<String>> {
        let Self { store, account } = self;
        let mut tx = store.begin().await?;
        let swap = Swap::load(&mut tx, account, entity).await?.with_still_there(still_there);
        let gone = swap.gone_ids().filter(|id| still_there.contains(*id));
        let mut ids: HashSet<String> = gone.map(str::to_owned).collect();
        if entity == Entity::Tracks {
            let elsewhere = relinks::staged_under_another_id(&mut tx, account, &ids).await?;
            ids.retain(|id| !elsewhere.contains(id));
        }
        let staged = staging::load(&mut tx, account, entity).await?;
        let pairs = pair(&swap.live, &staged, &ids);
        let payloads = payloads(&mut tx, account, entity).await?;
        let slots: Vec<ListSlot> = pairs
            .into_iter()
            .map(|(old, ord)| {
                let payload = payloads.iter().find(|(id, _)| Some(id) == old.key.as_ref());
                ListSlot { ord, payload: payload.map(|(_, json)| json.clone()), ..old.clone() }
            })
            .collect();
        staging::fill(&mut tx, account, entity, &slots).await?;
        tx.commit().await?;
        ids.retain(|id| !slots.iter().any(|slot| slot.key.as_ref() == Some(id)));
        Ok(ids)
    }
}

fn null_rows(slots: &[ListSlot]) -> Vec<&ListSlot> {
    slots.iter().filter(|slot| slot.key.is_none()).collect()
}

/// The list's own data about its items, beyond the catalogue.
pub(in crate::store) async fn payloads(
    tx: &mut Tx,
    account: AccountId,
    entity: Entity,
) -> Result<Vec<(String, String)>> {
    if entity != Entity::Playlists {
        return Ok(Vec::new());
    }
    let json =
        |list: &crate::domain::Playlist| Ok::<_, StoreError>((list.id.to_string(), sqlite::rows(list)?));
    lists::playlists(tx, account).await?.iter().map(json).collect()
}

/// For each masked slot the place of the null row that hides it: the one directly after the slot's
/// upper neighbour, otherwise the next free one, if any.
fn pair<'a>(live: &'a [ListSlot], staged: &[ListSlot], ids: &HashSet<String>) -> Vec<(&'a ListSlot, i64)> {
    let masked = |slot: &ListSlot| slot.key.as_ref().is_some_and(|key| ids.contains(key));
    let index: HashMap<&str, usize> =
        live.iter().enumerate().filter_map(|(index, slot)| Some((slot.key.as_deref()?, index))).collect();
    let mut left: Vec<&ListSlot> = live.iter().filter(|slot| masked(slot)).collect();
    let mut pairs = Vec::with_capacity(left.len());
    let mut unused = Vec::new();
    let mut next: Option<usize> = Some(0);
    for slot in staged {
        match &slot.key {
            Some(key) => next = index.get(key.as_str()).map(|index| index + 1),
            None => match next.and_then(|index| live.get(index)).filter(|old| masked(old)) {
                Some(old) => {
                    left.retain(|slot| slot.ord != old.ord);
                    pairs.push((old, slot.ord));
                    next = next.map(|index| index + 1);
                }
                None => unused.push(slot.ord),
            },
        }
    }
    pairs.extend(left.into_iter().zip(unused));
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(text: &str) -> Vec<ListSlot> {
        let slot = |(ord, word): (usize, &str)| ListSlot {
            ord: i64::try_from(ord).unwrap(),
            key: (word != "-").then(|| word.to_owned()),
            ..ListSlot::default()
        };
        text.split_whitespace().enumerate().map(slot).collect()
    }

    fn paired(live: &str, staged: &str, masked: &str) -> Vec<(String, i64)> {
        let ids = masked.split_whitespace().map(str::to_owned).collect();
        let live = slots(live);
        let pairs = pair(&live, &slots(staged), &ids);
        pairs.into_iter().map(|(slot, ord)| (slot.key.clone().unwrap(), ord)).collect()
    }

    #[test]
    fn a_null_row_hides_what_stood_behind_its_neighbour() {
        assert_eq!(paired("a b c d", "a - c -", "b d"), [("b".into(), 1), ("d".into(), 3)]);
        assert_eq!(paired("a b c", "- x b c -", "a"), [("a".into(), 0)]);
        assert_eq!(paired("a b c", "x - b c", "a"), [("a".into(), 1)]);
    }

    #[test]
    fn a_null_row_hides_one_thing_alone() {
        assert_eq!(paired("a b c", "a - d", "b c"), [("b".into(), 1)]);
        assert_eq!(paired("a b c", "a c", "b"), []);
    }
}

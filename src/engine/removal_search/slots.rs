//! The stored slots, and how to find one.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use chrono::{DateTime, Utc};

use super::fingerprint::Likeness;
use crate::domain::{Saved, Track, TrackId};

/// A readable row.
#[derive(Debug, Clone)]
pub struct ObservedRow {
    /// The track's id.
    pub id: TrackId,
    /// When the track was saved.
    pub added_at: Option<DateTime<Utc>>,
    /// How it is recognised under another id.
    pub likeness: Likeness,
}

impl ObservedRow {
    /// A row of an answer.
    pub fn of(saved: &Saved<Track>) -> Self {
        Self { id: saved.item.id.clone(), added_at: saved.added_at, likeness: Likeness::of(&saved.item) }
    }

    /// Whether it is the same row under another id.
    fn is_relinked(&self, other: &Self) -> bool {
        self.added_at == other.added_at && self.likeness.is_like(other.likeness)
    }
}

/// A slot of the stored list.
#[derive(Debug, Clone)]
pub struct StoredSlot {
    /// Its order key in the store, ascending from the top, with gaps.
    pub ord: i64,
    /// Its content when last seen; `None` for a null row.
    pub row: Option<ObservedRow>,
}

/// The stored list from the top, by rank.
#[derive(Debug)]
pub struct Slots {
    list: Vec<StoredSlot>,
    /// Ranks of the slots with a track, ordered by id.
    by_id: Vec<u32>,
}

impl Slots {
    pub fn new(list: Vec<StoredSlot>) -> Self {
        let keyed = (0_u32..).zip(&list).filter(|(_, slot)| slot.row.is_some());
        let mut by_id: Vec<u32> = keyed.map(|(rank, _)| rank).collect();
        by_id.sort_by_key(|rank| id_of(&list, *rank));
        Self { list, by_id }
    }

    /// Stores these rows in these slots.
    pub fn show(&mut self, rows: Vec<(u32, &ObservedRow)>) {
        if rows.is_empty() {
            return;
        }
        for (rank, row) in rows {
            if let Some(slot) = self.list.get_mut(rank as usize) {
                slot.row = Some(row.clone());
            }
        }
        *self = Self::new(std::mem::take(&mut self.list));
    }

    pub fn len(&self) -> u32 {
        u32::try_from(self.list.len()).unwrap_or(u32::MAX)
    }

    pub fn ord(&self, rank: u32) -> Option<i64> {
        self.list.get(rank as usize).map(|slot| slot.ord)
    }

    pub fn row(&self, rank: u32) -> Option<&ObservedRow> {
        self.list.get(rank as usize)?.row.as_ref()
    }

    pub fn is_null(&self, rank: u32) -> bool {
        self.list.get(rank as usize).is_some_and(|slot| slot.row.is_none())
    }

    /// Ranks of the slots of a track, from the top.
    pub fn of_id(&self, id: &TrackId) -> &[u32] {
        let from = self.by_id.partition_point(|rank| id_of(&self.list, *rank) < Some(id));
        let to = self.by_id.partition_point(|rank| id_of(&self.list, *rank) <= Some(id));
        self.by_id.get(from..to).unwrap_or_default()
    }

    /// Ranks of the slots that are stored exactly like this row: the same track, saved at the same
    /// time.
    pub fn same(&self, row: &ObservedRow) -> impl Iterator<Item = u32> {
        let ranks = self.of_id(&row.id).iter().copied();
        ranks.filter(|rank| self.row(*rank).is_some_and(|held| held.added_at == row.added_at))
    }

    /// The given ranks whose slots may be this row under another id.
    pub fn like(&self, row: &ObservedRow, ranks: impl Iterator<Item = u32>) -> impl Iterator<Item = u32> {
        ranks.filter(|rank| self.row(*rank).is_some_and(|held| held.is_relinked(row)))
    }

    /// Removes the slots of these tracks and returns their places. `None` if one of the tracks has
    /// two slots, because nothing shows which of the two it was.
    pub fn take_out(self, ids: &HashSet<&TrackId>) -> Option<(Self, Vec<i64>)> {
        if ids.iter().any(|id| self.of_id(id).len() > 1) {
            return None;
        }
        let is_out = |slot: &StoredSlot| slot.row.as_ref().is_some_and(|row| ids.contains(&row.id));
        let (out, list): (Vec<StoredSlot>, Vec<StoredSlot>) = self.list.into_iter().partition(is_out);
        Some((Self::new(list), out.into_iter().map(|slot| slot.ord).collect()))
    }

    /// A fingerprint of this list, so that a checkpoint of another list is not used for it.
    pub fn fingerprint(&self) -> u64 {
        let ords: Vec<i64> = self.list.iter().map(|slot| slot.ord).collect();
        BuildHasherDefault::<DefaultHasher>::new().hash_one(ords)
    }
}

fn id_of(list: &[StoredSlot], rank: u32) -> Option<&TrackId> {
    list.get(rank as usize)?.row.as_ref().map(|row| &row.id)
}

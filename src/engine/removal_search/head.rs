//! Finds where the new rows of a list end.
//!
//! Owns: which rows above the first known one are new. Must not know: what happens to the rows
//! below.

use std::collections::HashSet;

use super::Unsettled;
use super::slots::{ObservedRow, Slots, StoredSlot};
use crate::domain::TrackId;

/// The top of a list, read down to a known row.
pub struct Head {
    /// The number of new rows from the top.
    pub new: usize,
    /// The stored slots, without those of tracks that were saved again.
    pub slots: Slots,
    /// Places of the slots of those tracks.
    pub resaved: Vec<i64>,
    /// Ranks of slots whose only match is a null row, which may just as well be a new row.
    pub doubted: Vec<u32>,
}

const TWO_SLOTS: Unsettled = Unsettled::Walk("a track has two slots");

impl Head {
    /// `staged` are the rows of earlier pages, all of them new. `page` is the first page with a
    /// known row.
    pub fn new(
        held: Vec<StoredSlot>,
        staged: &[Option<ObservedRow>],
        page: &[Option<ObservedRow>],
    ) -> Result<Self, Unsettled> {
        let slots = Slots::new(held);
        let is_known = |row: &ObservedRow| slots.same(row).next().is_some();
        let mut rows = page.iter().enumerate();
        let anchor = rows.find_map(|(at, row)| Some((at, row.as_ref().filter(|row| is_known(row))?)));
        let (at, known) = anchor.ok_or(Unsettled::Walk("no row of the page is known"))?;
        let (above, _) = page.split_at(at);
        let resaved = saved_again(&slots, staged.iter().chain(above).flatten())?;
        let (slots, out) = slots.take_out(&resaved).ok_or(TWO_SLOTS)?;
        let rank = match slots.same(known).collect::<Vec<_>>().as_slice() {
            [rank] => *rank,
            [] => return Err(Unsettled::BeginAgain("a track stands twice in the list")),
            _ => return Err(TWO_SLOTS),
        };
        if staged.iter().flatten().any(|row| slots.like(row, 0..rank).next().is_some()) {
            return Err(Unsettled::Walk("a row that was taken for new is a slot under another id"));
        }
        let (new, doubted) = climb(&slots, &resaved, above, rank);
        // That a track is in the library does not prove its slot, because it may have been saved
        // again under another id.
        let mut doubted_rows = doubted.iter().filter_map(|rank| slots.row(*rank));
        let stands_above = |slot: &ObservedRow| {
            staged.iter().chain(above).flatten().any(|row| row.likeness.is_like(slot.likeness))
        };
        if doubted_rows.any(stands_above) {
            return Err(Unsettled::Walk("a track may have been saved again under another id"));
        }
        Ok(Self { new: staged.len() + new, slots, resaved: out, doubted })
    }
}

/// The stored tracks among these rows, all above the first known row: they were saved again.
fn saved_again<'a>(
    slots: &Slots,
    rows: impl Iterator<Item = &'a ObservedRow>,
) -> Result<HashSet<&'a TrackId>, Unsettled> {
    let (mut ids, mut held) = (HashSet::new(), HashSet::new());
    for row in rows {
        if !ids.insert(&row.id) {
            return Err(Unsettled::BeginAgain("a track stands twice in the list"));
        }
        if slots.of_id(&row.id).is_empty() {
            continue;
        }
        // A different slot that is shown under this id is not this track saved again.
        if slots.like(row, 0..slots.len()).next().is_some() {
            return Err(TWO_SLOTS);
        }
        held.insert(&row.id);
    }
    Ok(held)
}

/// How many rows above the known one, at the given rank, are new; and the doubted slots.
fn climb(
    slots: &Slots,
    resaved: &HashSet<&TrackId>,
    above: &[Option<ObservedRow>],
    rank: u32,
) -> (usize, Vec<u32>) {
    let slot_of = |row: &Option<ObservedRow>| row.as_ref().and_then(|row| slots.like(row, 0..rank).last());
    let recognised = above.iter().enumerate().find_map(|(at, row)| Some((at, slot_of(row)?)));
    let (at, top) = recognised.unwrap_or((above.len(), rank));
    let heals = |row: &ObservedRow, rank| {
        slots.is_null(rank) && slots.of_id(&row.id).is_empty() && !resaved.contains(&row.id)
    };
    let is_slot =
        |(row, rank): &(&Option<ObservedRow>, u32)| row.as_ref().is_none_or(|row| heals(row, *rank));
    let old: Vec<_> = above.iter().take(at).rev().zip((0..top).rev()).take_while(is_slot).collect();
    let has_null_row = old.iter().any(|(row, _)| row.is_none());
    let doubted = (0..top).filter(|rank| has_null_row && slots.row(*rank).is_some());
    (at - old.len(), doubted.collect())
}

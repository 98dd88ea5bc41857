//! The journal's lines for a list that was read completely.
//!
//! Owns: which change each difference is, and the content of its detail. Pure. Must not know: how
//! the difference is written to the rows. Places are those of the views: from 0 at the top, null
//! rows not counted.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::compare::{Layout, ListComparison};
use super::lists::{LibraryList, ListSlot};
use crate::domain::Playlist;
use crate::store::Delta;
use crate::store::journal::diff::diff;
use crate::store::journal::write::{Entry, JournalChange, JournalKind, Stood};
use crate::store::{Result, StoreError};

impl Delta {
    /// The counts of a list of changes.
    pub(in crate::store) fn of(edits: &[Entry<'_>]) -> Self {
        let mut delta = Self::default();
        for edit in edits {
            match edit.change {
                JournalChange::Added => delta.added += 1,
                JournalChange::Removed => delta.removed += 1,
                JournalChange::Changed | JournalChange::Moved => delta.changed += 1,
            }
        }
        delta
    }
}

const fn kind(list: LibraryList) -> JournalKind {
    match list {
        LibraryList::Tracks => JournalKind::Track,
        LibraryList::Albums => JournalKind::Album,
        LibraryList::Artists => JournalKind::Artist,
        LibraryList::Playlists => JournalKind::Playlist,
    }
}

/// A slot with its place in the view.
#[derive(Clone, Copy)]
struct PlacedRow<'a> {
    slot: &'a ListSlot,
    position: u32,
}

impl<'a> PlacedRow<'a> {
    fn key(&self) -> Option<&'a str> {
        self.slot.key.as_deref()
    }

    fn stood(&self) -> Stood<'a> {
        Stood { position: self.position, added_at: self.slot.added_at.as_deref() }
    }
}

fn placed(slots: &[ListSlot]) -> Vec<PlacedRow<'_>> {
    let mut position = 0;
    let place = |slot| {
        let placed = PlacedRow { slot, position };
        position += u32::from(placed.slot.key.is_some());
        placed
    };
    slots.iter().map(place).collect()
}

/// The items that were removed, added, saved again and, if the order counts, moved.
pub(in crate::store) fn of_list<'a>(
    list: LibraryList,
    live: &'a [ListSlot],
    staged: &'a [ListSlot],
    found: &ListComparison,
) -> Vec<Entry<'a>> {
    let (live, staged) = (placed(live), placed(staged));
    let kind = kind(list);
    let at = |places: &[PlacedRow<'a>], index: &usize| places.get(*index).copied();
    let removed = found.gone.iter().filter_map(|index| at(&live, index));
    let added = found.fresh.iter().filter_map(|index| at(&staged, index));
    let again = found.again.iter().filter_map(|(old, new)| Some((at(&live, old)?, at(&staged, new)?)));
    let mut edits: Vec<Entry<'a>> = removed
        .map(|place| Entry::removed(kind, place.key(), place.stood()))
        .chain(added.map(|place| Entry::added(kind, place.key(), place.stood())))
        .collect();
    edits.extend(again.map(|(old, new)| match (old.key(), new.key()) {
        (Some(before), Some(now)) if before != now => {
            Entry::relinked([before, now], old.stood(), new.stood())
        }
        _ => Entry::saved_again(kind, new.key(), old.stood(), new.stood()),
    }));
    let relinked = found.relinked.iter().filter_map(|(old, new)| Some((at(&live, old)?, at(&staged, new)?)));
    edits.extend(
        relinked.filter_map(|(old, new)| {
            Some(Entry::relinked([old.key()?, new.key()?], old.stood(), new.stood()))
        }),
    );
    if list.keeps_order() && found.layout == Layout::Rewritten {
        let moved = moved(found).into_iter();
        let moved = moved.filter_map(|(old, new)| Some((at(&live, &old)?, at(&staged, &new)?)));
        edits.extend(moved.map(|(old, new)| Entry::moved(kind, new.key(), old.position, new.position)));
    }
    edits
}

/// Current and staged index of each row that is unchanged but has moved among the others of its
/// kind.
fn moved(found: &ListComparison) -> Vec<(usize, usize)> {
    let stays = |(staged, live): (usize, &Option<usize>)| live.map(|live| (live, staged));
    let now: Vec<(usize, usize)> = found.same.iter().enumerate().filter_map(stays).collect();
    let now_order: Vec<usize> = now.iter().map(|(live, _)| *live).collect();
    let mut old_order = now_order.clone();
    old_order.sort_unstable();
    let moved = diff(&old_order, &now_order).moved.into_iter();
    moved.filter_map(|(_, to)| now.get(to).copied()).collect()
}

/// The same for the list of playlists, including changes of a playlist's own fields. `known` are
/// all playlists that were ever listed, because one that comes back may have other fields than
/// before.
pub(in crate::store) fn of_playlists<'a>(
    live: &'a [ListSlot],
    staged: &'a [ListSlot],
    found: &ListComparison,
    known: &[Playlist],
) -> Result<Vec<Entry<'a>>> {
    let mut edits = of_list(LibraryList::Playlists, live, staged, found);
    let listed: HashSet<&str> = live.iter().filter_map(|slot| slot.key.as_deref()).collect();
    let mut anew = descriptions(staged, known)?;
    for edit in edits.iter_mut().filter(|edit| edit.change == JournalChange::Added) {
        let changes = edit.key.and_then(|key| anew.remove(key));
        if let (Some(changes), Some(detail)) = (changes, edit.detail.as_object_mut()) {
            detail.insert("changes".to_owned(), Value::Object(changes));
        }
    }
    let moves = edits.iter().position(|edit| edit.change == JournalChange::Moved).unwrap_or(edits.len());
    let stays = staged.iter().filter_map(|slot| slot.key.as_deref()).filter(|key| listed.contains(key));
    let changed = stays.filter_map(|key| Some(Entry::described_anew(Some(key), anew.get(key)?)));
    edits.splice(moves..moves, changed.collect::<Vec<_>>());
    Ok(edits)
}

/// The fields of the playlists that differ from the known ones, by their id.
fn descriptions<'a>(
    staged: &'a [ListSlot],
    known: &[Playlist],
) -> Result<HashMap<&'a str, Map<String, Value>>> {
    let known: HashMap<&str, &Playlist> =
        known.iter().map(|playlist| (playlist.id.as_str(), playlist)).collect();
    let mut anew = HashMap::new();
    for slot in staged {
        let Some(key) = slot.key.as_deref() else { continue };
        let Some((old, payload)) = known.get(key).zip(slot.payload.as_ref()) else { continue };
        let new: Playlist =
            serde_json::from_str(payload).map_err(|error| StoreError::Damaged(error.to_string()))?;
        let changes = changes(old, &new);
        if !changes.is_empty() {
            anew.insert(key, changes);
        }
    }
    Ok(anew)
}

/// Old and new value of each field that differs. A field that an answer omits is no change. A first
/// value for the name of the same owner, or for the visibility, is no change either. No description
/// and an empty one are the same.
fn changes(old: &Playlist, new: &Playlist) -> Map<String, Value> {
    let mut changes = Map::new();
    let mut compare = |field: &str, old: Value, new: Value| {
        if old != new {
            changes.insert(field.to_owned(), json!([old, new]));
        }
    };
    if !new.name.is_empty() {
        compare("name", json!(old.name), json!(new.name));
    }
    if !old.owner_id.is_empty() && !new.owner_id.is_empty() {
        compare("owner_id", json!(old.owner_id), json!(new.owner_id));
    }
    if new.owner_name.is_some() && (old.owner_name.is_some() || old.owner_id != new.owner_id) {
        compare("owner_name", json!(old.owner_name), json!(new.owner_name));
    }
    if let (Some(before), Some(now)) = (old.collaborative, new.collaborative) {
        compare("collaborative", json!(before), json!(now));
    }
    if let Some(description) = &new.description
        && !(description.is_empty() && old.description.is_none())
    {
        compare("description", json!(old.description), json!(description));
    }
    if let (Some(before), Some(now)) = (old.public, new.public) {
        compare("public", json!(before), json!(now));
    }
    changes
}

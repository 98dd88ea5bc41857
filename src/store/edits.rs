//! The journal's lines for a list that was read whole.
//!
//! Owns: which change each difference is called and what its detail says. Pure. Must not know: how the
//! difference becomes rows. Places are those of the views: from 0 at the top, null rows not counted.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::Delta;
use super::compare::{Comparison, Layout};
use super::diff::diff;
use super::journal::{Change, Entry, Kind};
use super::live::{List, Slot};
use super::{Result, StoreError};
use crate::domain::Playlist;

impl Delta {
    /// What a list of changes amounts to.
    pub(super) fn of(edits: &[Entry<'_>]) -> Self {
        let mut delta = Self::default();
        for edit in edits {
            match edit.change {
                Change::Added => delta.added += 1,
                Change::Removed => delta.removed += 1,
                Change::Changed | Change::Moved => delta.changed += 1,
            }
        }
        delta
    }
}

const fn kind(list: List) -> Kind {
    match list {
        List::Tracks => Kind::Track,
        List::Albums => Kind::Album,
        List::Artists => Kind::Artist,
        List::Playlists => Kind::Playlist,
    }
}

/// A slot with its place in the view.
#[derive(Clone, Copy)]
struct Placed<'a> {
    slot: &'a Slot,
    position: usize,
}

fn placed(slots: &[Slot]) -> Vec<Placed<'_>> {
    let mut position = 0;
    let place = |slot| {
        let placed = Placed { slot, position };
        position += usize::from(placed.slot.key.is_some());
        placed
    };
    slots.iter().map(place).collect()
}

fn entry(list: List, change: Change, place: Placed<'_>) -> Entry<'_> {
    let mut detail = Map::from_iter([("position".to_owned(), json!(place.position))]);
    if let Some(added_at) = &place.slot.added_at {
        detail.insert("added_at".to_owned(), json!(added_at));
    }
    Entry { change, kind: kind(list), key: place.slot.key.as_deref(), detail: Value::Object(detail) }
}

/// What was removed, added and saved again.
pub(super) fn of_list<'a>(
    list: List,
    live: &'a [Slot],
    staged: &'a [Slot],
    found: &Comparison,
) -> Vec<Entry<'a>> {
    let (live, staged) = (placed(live), placed(staged));
    let at = |places: &[Placed<'a>], index: &usize| places.get(*index).copied();
    let removed = found.gone.iter().filter_map(|index| at(&live, index));
    let added = found.fresh.iter().filter_map(|index| at(&staged, index));
    let again = found.again.iter().filter_map(|(old, new)| Some((at(&live, old)?, at(&staged, new)?)));
    let mut edits: Vec<Entry<'a>> = removed
        .map(|place| entry(list, Change::Removed, place))
        .chain(added.map(|place| entry(list, Change::Added, place)))
        .collect();
    edits.extend(again.map(|(old, new)| {
        let mut detail = Map::from_iter([
            ("position".to_owned(), json!([old.position, new.position])),
            ("added_at".to_owned(), json!([old.slot.added_at, new.slot.added_at])),
        ]);
        if old.slot.key != new.slot.key {
            detail.insert("relinked".to_owned(), json!([old.slot.key, new.slot.key]));
        }
        let key = new.slot.key.as_deref();
        Entry { change: Change::Changed, kind: kind(list), key, detail: Value::Object(detail) }
    }));
    let relinked = found.relinked.iter().filter_map(|(old, new)| Some((at(&live, old)?, at(&staged, new)?)));
    edits.extend(relinked.map(|(old, new)| Entry {
        change: Change::Changed,
        kind: kind(list),
        key: new.slot.key.as_deref(),
        detail: json!({
            "position": [old.position, new.position],
            "relinked": [old.slot.key, new.slot.key],
            "added_at": [old.slot.added_at, new.slot.added_at],
        }),
    }));
    edits
}

/// The same for the list of playlists, where also what a playlist says of itself and its place count.
pub(super) fn of_playlists<'a>(
    live: &'a [Slot],
    staged: &'a [Slot],
    found: &Comparison,
    stored: &[Playlist],
) -> Result<Vec<Entry<'a>>> {
    let mut edits = of_list(List::Playlists, live, staged, found);
    let stored: HashMap<&str, &Playlist> =
        stored.iter().map(|playlist| (playlist.id.as_str(), playlist)).collect();
    for slot in staged {
        let Some((old, payload)) =
            slot.key.as_deref().and_then(|key| stored.get(key)).zip(slot.payload.as_ref())
        else {
            continue;
        };
        let new: Playlist =
            serde_json::from_str(payload).map_err(|error| StoreError::Damaged(error.to_string()))?;
        let changes = changes(old, &new);
        if !changes.is_empty() {
            edits.push(Entry {
                change: Change::Changed,
                kind: Kind::Playlist,
                key: slot.key.as_deref(),
                detail: json!({ "changes": changes }),
            });
        }
    }
    if found.layout == Layout::Rewritten {
        edits.extend(moves(live, staged));
    }
    Ok(edits)
}

fn moves<'a>(live: &[Slot], staged: &'a [Slot]) -> Vec<Entry<'a>> {
    let keys =
        |slots: &'_ [Slot]| -> Vec<Option<String>> { slots.iter().map(|slot| slot.key.clone()).collect() };
    let moved = diff(&keys(live), &keys(staged)).moved.into_iter();
    let entries = moved.map(|(from, to)| Entry {
        change: Change::Moved,
        kind: Kind::Playlist,
        key: staged.get(to).and_then(|slot| slot.key.as_deref()),
        detail: json!({ "position": [from, to] }),
    });
    entries.collect()
}

/// Old and new value of each field that differs. What an answer leaves out is no change.
fn changes(old: &Playlist, new: &Playlist) -> Map<String, Value> {
    let mut changes = Map::new();
    let mut compare = |field: &str, old: Value, new: Value| {
        if old != new {
            changes.insert(field.to_owned(), json!([old, new]));
        }
    };
    compare("name", json!(old.name), json!(new.name));
    compare("owner_id", json!(old.owner_id), json!(new.owner_id));
    compare("collaborative", json!(old.collaborative), json!(new.collaborative));
    if let Some(description) = &new.description {
        let before = old.description.as_deref().unwrap_or_default();
        compare("description", json!(before), json!(description));
    }
    if let (Some(before), Some(now)) = (old.public, new.public) {
        compare("public", json!(before), json!(now));
    }
    changes
}

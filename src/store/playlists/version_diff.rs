//! One version of a playlist held against the next.
//!
//! Owns: where the slots of the new version go, and its lines in the journal. Pure. Must not know: how
//! versions are read or stored.

use serde_json::{Map, Value, json};

use super::items::{Item, PlacedItem};
use super::order_keys;
use crate::domain::PlaylistId;
use crate::store::journal::diff::{Diff, diff};
use crate::store::journal::write::{Entry, JournalChange};

/// A version that is stored, and the one that takes its place.
pub(in crate::store) struct Versions<'a> {
    old: &'a [PlacedItem],
    new: &'a [Item],
    diff: Diff,
}

impl<'a> Versions<'a> {
    pub(in crate::store) fn compare(old: &'a [PlacedItem], new: &'a [Item]) -> Self {
        let before: Vec<_> = old.iter().map(|slot| slot.item.identity()).collect();
        let now: Vec<_> = new.iter().map(Item::identity).collect();
        Self { old, new, diff: diff(&before, &now) }
    }

    /// The new version with its places: what kept its place among its neighbours stands where it stood.
    pub(in crate::store) fn placed(&self) -> Vec<PlacedItem> {
        let mut staying = vec![None; self.new.len()];
        for (from, to) in &self.diff.kept {
            if let (Some(old), Some(place)) = (self.old.get(*from), staying.get_mut(*to)) {
                *place = Some(old.ord);
            }
        }
        let ords = order_keys::around(&staying).into_iter();
        ords.zip(self.new).map(|(ord, item)| PlacedItem { ord, item: item.clone() }).collect()
    }

    /// The journal's lines. A removed slot says all that it held, so that the version before can be had
    /// back from the one after.
    pub(in crate::store) fn edits(&self, playlist: &PlaylistId, name: &str) -> Vec<Entry<'a>> {
        let line = |change, item: &'a Item, position: Value, before: Option<&Item>| Entry {
            change,
            kind: item.journal_kind(),
            key: item.key.as_deref(),
            uri: item.uri.as_deref(),
            detail: detail(playlist, name, position, item, before),
        };
        let old = |place: &usize| self.old.get(*place).map(|slot| &slot.item);
        let pair = |(from, to): &(usize, usize)| Some((*from, *to, old(from)?, self.new.get(*to)?));

        let mut edits = Vec::new();
        let removed = self.diff.removed.iter();
        edits.extend(
            removed.filter_map(|from| Some(line(JournalChange::Removed, old(from)?, json!(from), None))),
        );
        edits.extend(self.diff.added.iter().filter_map(|to| {
            let item = self.new.get(*to)?;
            Some(line(JournalChange::Added, item, json!(to), None))
        }));
        edits.extend(self.diff.moved.iter().filter_map(|places| {
            let (from, to, before, item) = pair(places)?;
            Some(line(JournalChange::Moved, item, json!([from, to]), Some(before)))
        }));
        edits.extend(self.diff.kept.iter().filter_map(|places| {
            let (from, to, before, item) = pair(places)?;
            let touched = (&before.added_at, &before.added_by) != (&item.added_at, &item.added_by);
            touched.then(|| line(JournalChange::Changed, item, json!([from, to]), Some(before)))
        }));
        edits
    }
}

/// Where a slot stood and what it held; `[old, new]` where that is two things.
fn detail(playlist: &PlaylistId, name: &str, position: Value, item: &Item, before: Option<&Item>) -> Value {
    let value = |get: fn(&Item) -> &Option<String>| match before.filter(|old| get(old) != get(item)) {
        Some(old) => json!([get(old), get(item)]),
        None => json!(get(item)),
    };
    Value::Object(Map::from_iter([
        ("playlist_id".to_owned(), json!(playlist)),
        ("playlist".to_owned(), json!(name)),
        ("position".to_owned(), position),
        ("kind".to_owned(), json!(item.kind)),
        ("added_at".to_owned(), value(|item| &item.added_at)),
        ("added_by".to_owned(), value(|item| &item.added_by)),
    ]))
}

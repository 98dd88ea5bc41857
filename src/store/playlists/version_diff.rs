//! Compares one version of a playlist with the next.
//!
//! Owns: the places of the slots of the new version, and its lines in the journal. Pure. Must not
//! know: how versions are read or stored.

use serde_json::{Map, Value, json};

use super::items::{Item, PlacedItem};
use super::order_keys;
use crate::domain::PlaylistId;
use crate::store::journal::diff::{Diff, diff};
use crate::store::journal::write::{Entry, JournalChange};

/// A stored version, and the one that replaces it.
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

    /// The new version with its places: a slot that kept its order among the others keeps its
    /// place.
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

    /// The journal's lines. The line of a removed slot contains its whole content, so that the
    /// version before can be reconstructed from the one after.
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

/// The position and the content of a slot; `[old, new]` if they differ.
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

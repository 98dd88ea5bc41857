//! Values that occur in many rows, stored once for all of them.
//!
//! Owns: how a value is found by the text of a row, before anything of that is copied. Must not
//! know: formats.

use std::borrow::Cow;
use std::hash::BuildHasher;
use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::domain::{Circumstances, ExportItem};

/// Items and circumstances that are cached at a time; this limits the memory of an import.
const REMEMBERED: usize = 40_000;
/// The most bytes of their names; real ones need less.
const REMEMBERED_BYTES: usize = 4 << 20;

/// The recently used values.
#[derive(Default)]
pub(super) struct Interner {
    hasher: DefaultHashBuilder,
    items: Things<ExportItem>,
    circumstances: Things<Circumstances>,
    new_bytes: usize,
}

type Text<'a> = Option<Cow<'a, str>>;

impl Interner {
    /// The item with these [names](ExportItem::names).
    pub(super) fn item(&mut self, names: &[Text<'_>; 11]) -> Arc<ExportItem> {
        let is =
            |item: &ExportItem| item.names().map(Option::as_deref) == names.each_ref().map(Option::as_deref);
        let make = || ExportItem::from_names(names.clone().map(owned));
        let bytes = || bytes_of(names);
        self.items.get(self.hasher.hash_one(names), is, make, bytes, &mut self.new_bytes)
    }

    /// Bytes added to the cache since the last [reset of the count](Self::count_anew).
    pub(super) const fn new_bytes(&self) -> usize {
        self.new_bytes
    }

    /// Resets the count of added bytes.
    pub(super) const fn count_anew(&mut self) {
        self.new_bytes = 0;
    }

    /// Circumstances: platform, country and reasons; shuffle, skipped, offline and incognito;
    /// unknown fields.
    pub(super) fn circumstances(
        &mut self,
        texts: &[Text<'_>; 4],
        flags: [Option<bool>; 4],
        unknown: Option<&str>,
    ) -> Arc<Circumstances> {
        let make = || {
            let [platform, conn_country, reason_start, reason_end] = texts.clone().map(owned);
            let [shuffle, skipped, offline, incognito_mode] = flags;
            let unknown = unknown.map(str::to_owned);
            Circumstances {
                platform,
                conn_country,
                reason_start,
                reason_end,
                shuffle,
                skipped,
                offline,
                incognito_mode,
                unknown,
            }
        };
        let is = |how: &Circumstances| {
            let its_texts = [&how.platform, &how.conn_country, &how.reason_start, &how.reason_end];
            its_texts.map(Option::as_deref) == texts.each_ref().map(Option::as_deref)
                && [how.shuffle, how.skipped, how.offline, how.incognito_mode] == flags
                && how.unknown.as_deref() == unknown
        };
        let hash = self.hasher.hash_one((texts, flags, unknown));
        let bytes = || bytes_of(texts) + unknown.map_or(0, str::len);
        self.circumstances.get(hash, is, make, bytes, &mut self.new_bytes)
    }
}

fn bytes_of(texts: &[Text<'_>]) -> usize {
    texts.iter().flatten().map(|text| text.len()).sum()
}

fn owned(text: Text<'_>) -> Option<String> {
    text.map(Cow::into_owned)
}

/// Values by the hash of their names.
struct Things<T> {
    by_hash: HashTable<(u64, Arc<T>)>,
    bytes: usize,
}

impl<T> Default for Things<T> {
    fn default() -> Self {
        Self { by_hash: HashTable::new(), bytes: 0 }
    }
}

impl<T> Things<T> {
    fn get(
        &mut self,
        hash: u64,
        is: impl Fn(&T) -> bool,
        make: impl FnOnce() -> T,
        bytes: impl FnOnce() -> usize,
        new_bytes: &mut usize,
    ) -> Arc<T> {
        if let Some((_, known)) = self.by_hash.find(hash, |(known, thing)| *known == hash && is(thing)) {
            return Arc::clone(known);
        }
        let bytes = bytes();
        if self.by_hash.len() >= REMEMBERED || self.bytes + bytes > REMEMBERED_BYTES {
            self.by_hash.clear();
            self.bytes = 0;
        }
        self.bytes += bytes;
        *new_bytes += bytes;
        let new = Arc::new(make());
        self.by_hash.insert_unique(hash, (hash, Arc::clone(&new)), |(hash, _)| *hash);
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(title: &str) -> [Text<'_>; 11] {
        let mut names = std::array::from_fn(|_| None);
        names[1] = Some(Cow::Borrowed(title));
        names
    }

    #[test]
    fn what_is_named_alike_is_one_thing_until_there_are_too_many() {
        let mut kept = Interner::default();
        let first = kept.item(&names("0"));
        let how = [const { None }; 4];
        let loud = kept.circumstances(&how, [Some(true), None, None, None], None);
        for n in 1..REMEMBERED {
            kept.item(&names(&n.to_string()));
        }
        assert!(Arc::ptr_eq(&first, &kept.item(&names("0"))));
        kept.item(&names("one more"));
        let again = kept.item(&names("0"));
        assert!(!Arc::ptr_eq(&first, &again) && first == again);
        assert!(Arc::ptr_eq(&loud, &kept.circumstances(&how, [Some(true), None, None, None], None)));
        assert_ne!(loud, kept.circumstances(&how, [None, Some(true), None, None], None));
        assert_ne!(loud, kept.circumstances(&how, [Some(true), None, None, None], Some("{}")));
    }

    #[test]
    fn as_many_bytes_are_remembered_as_there_is_room_for() {
        let mut kept = Interner::default();
        let long = "x".repeat(REMEMBERED_BYTES / 4);
        let first = kept.item(&names(&long));
        assert_eq!(kept.new_bytes(), long.len());
        kept.item(&names(&long));
        assert_eq!(kept.new_bytes(), long.len(), "nothing is new about it");
        for n in 1..4 {
            kept.item(&names(&format!("{n}{}", &long[1..])));
        }
        assert!(Arc::ptr_eq(&first, &kept.item(&names(&long))));
        kept.item(&names("one more"));
        assert!(!Arc::ptr_eq(&first, &kept.item(&names(&long))));
        kept.count_anew();
        assert_eq!(kept.new_bytes(), 0);
    }
}

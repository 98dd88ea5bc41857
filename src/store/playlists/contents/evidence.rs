//! Whether a reading of a playlist is accepted.
//!
//! Owns: when two sources agree. Pure. Must not know: how a list is read or stored.
//!
//! No single answer removes a slot. A reading is accepted if it has as many slots as the list was
//! listed with, or if an earlier run read exactly the same; then the difference between the two
//! counts is stored. Spotify's counts are known to lag, to be 0 for a moment, and to count items
//! that are never shown.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::store::db::sqlite::len;
use crate::store::playlists::items::{Identity, PlacedItem};

/// A reading, and what it is compared with.
#[derive(Clone, Copy)]
pub(super) struct Evidence<'a> {
    /// The slots that were read, in their order.
    pub(super) read: &'a [PlacedItem],
    /// The slots that are stored.
    pub(super) stored: &'a [PlacedItem],
    /// Slots according to the list of playlists, if it contained a count.
    pub(super) listed: Option<u32>,
    /// Slots according to the answers.
    pub(super) total: u32,
    /// The known difference: listed count minus slots.
    pub(super) difference: i64,
    /// Rows were missing from a page, or the pages gave two totals.
    pub(super) is_doubtful: bool,
    /// An earlier run read the same.
    pub(super) is_again: bool,
}

/// How far a reading is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContentsVerdict {
    /// Two sources agree: these are the contents.
    Agreed {
        /// Listed count minus slots.
        difference: i64,
    },
    /// It contradicts the listing, and contains everything that is stored.
    Richer,
    /// It contradicts the listing, and lacks something that is stored.
    Poorer,
}

impl Evidence<'_> {
    pub(super) fn verdict(&self) -> ContentsVerdict {
        let in_order = self.read.iter().zip(0..).all(|(slot, place)| slot.ord == place);
        // An empty answer for a list that is listed with slots is a fault, however often it comes.
        let is_emptied = self.read.is_empty() && self.listed.is_some_and(|listed| listed > 0);
        if !in_order || is_emptied {
            return self.contradiction();
        }
        let slots = i64::from(len(self.read));
        let difference = self.listed.map_or(0, |listed| i64::from(listed) - slots);
        let comes_out = match self.listed {
            Some(_) if difference == 0 => !self.is_doubtful,
            Some(_) => difference == self.difference,
            // The list's own total is no second source.
            None => i64::from(self.total) == slots && !self.is_doubtful && !self.is_loss(),
        };
        if comes_out || self.is_again { ContentsVerdict::Agreed { difference } } else { self.contradiction() }
    }

    fn contradiction(&self) -> ContentsVerdict {
        if self.is_loss() { ContentsVerdict::Poorer } else { ContentsVerdict::Richer }
    }

    /// Whether a stored slot was not read again.
    fn is_loss(&self) -> bool {
        let mut counts: HashMap<Identity<'_>, u32> = HashMap::with_capacity(self.read.len());
        for slot in self.read {
            *counts.entry(slot.item.identity()).or_default() += 1;
        }
        self.stored.iter().any(|slot| match counts.get_mut(&slot.item.identity()) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        })
    }
}

/// A short digest of the slots; equal for equal contents, in every run and every version of the
/// program.
pub(super) fn digest(slots: &[PlacedItem]) -> String {
    use std::fmt::Write;
    let mut hasher = Sha256::new();
    for PlacedItem { ord, item } in slots {
        hasher.update(ord.to_le_bytes());
        hasher.update(item.kind.as_bytes());
        for text in [&item.key, &item.uri, &item.added_at, &item.added_by] {
            hasher.update([0, u8::from(text.is_some())]);
            hasher.update(text.as_deref().unwrap_or_default().as_bytes());
        }
        hasher.update([1]);
    }
    hasher.finalize().iter().take(16).fold(String::with_capacity(32), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a String cannot fail
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::playlists::items::Item;

    fn slots(text: &str) -> Vec<PlacedItem> {
        let item = |key: char| Item {
            kind: "track".to_owned(),
            key: Some(key.to_string()),
            uri: Some(format!("spotify:track:{key}")),
            added_at: None,
            added_by: None,
        };
        (0..).zip(text.chars()).map(|(ord, key)| PlacedItem { ord, item: item(key) }).collect()
    }

    fn verdict(
        read: &str,
        stored: &str,
        listed: Option<u32>,
        change: impl Fn(&mut Evidence<'_>),
    ) -> ContentsVerdict {
        let (read, stored) = (slots(read), slots(stored));
        let total = len(&read);
        let mut evidence = Evidence {
            read: &read,
            stored: &stored,
            listed,
            total,
            difference: 0,
            is_doubtful: false,
            is_again: false,
        };
        change(&mut evidence);
        evidence.verdict()
    }

    const ALL: ContentsVerdict = ContentsVerdict::Agreed { difference: 0 };

    #[test]
    fn listing_and_contents_together_may_take_slots_away() {
        assert_eq!(verdict("ab", "abc", Some(2), |_| ()), ALL);
        assert_eq!(verdict("", "abc", Some(0), |_| ()), ALL);
        assert_eq!(verdict("abc", "", Some(3), |_| ()), ALL);
    }

    #[test]
    fn neither_the_listing_nor_the_contents_alone_take_anything() {
        assert_eq!(
            verdict("abc", "abc", Some(0), |_| ()),
            ContentsVerdict::Richer,
            "the listing alone says 0"
        );
        assert_eq!(
            verdict("a", "abc", Some(3), |_| ()),
            ContentsVerdict::Poorer,
            "the contents alone are short"
        );
        assert_eq!(verdict("abd", "abc", Some(4), |_| ()), ContentsVerdict::Poorer);
        assert_eq!(
            verdict("aab", "abb", Some(4), |_| ()),
            ContentsVerdict::Poorer,
            "one of two alike is missing"
        );
        assert_eq!(verdict("abcd", "abc", Some(3), |_| ()), ContentsVerdict::Richer);
        assert_eq!(
            verdict("ab", "abc", None, |_| ()),
            ContentsVerdict::Poorer,
            "the answer's own total is one source"
        );
        assert_eq!(verdict("abcd", "abc", None, |_| ()), ALL);
        assert_eq!(verdict("ab", "ab", Some(2), |e| e.is_doubtful = true), ContentsVerdict::Richer);
    }

    #[test]
    fn what_two_runs_read_is_believed_and_the_difference_learnt() {
        let again = |evidence: &mut Evidence<'_>| evidence.is_again = true;
        assert_eq!(verdict("a", "abc", Some(3), again), ContentsVerdict::Agreed { difference: 2 });
        assert_eq!(verdict("abc", "abc", Some(0), again), ContentsVerdict::Agreed { difference: -3 });
        assert_eq!(verdict("", "abc", Some(3), again), ContentsVerdict::Poorer, "nothing is no contents");
        let learnt = |evidence: &mut Evidence<'_>| (evidence.difference, evidence.is_doubtful) = (1, true);
        assert_eq!(verdict("ab", "abc", Some(3), learnt), ContentsVerdict::Agreed { difference: 1 });
        assert_eq!(verdict("a", "abc", Some(3), learnt), ContentsVerdict::Poorer);
    }

    #[test]
    fn a_digest_tells_order_and_every_field() {
        assert_eq!(digest(&slots("ab")), digest(&slots("ab")));
        let mut dated = slots("ab");
        dated[0].item.added_at = Some("2026".to_owned());
        let all = [digest(&slots("ab")), digest(&slots("ba")), digest(&slots("a")), digest(&dated)];
        assert_eq!(all.iter().collect::<std::collections::HashSet<_>>().len(), 4);
    }
}

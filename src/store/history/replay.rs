//! Replays the journal backwards: the list before a batch follows from the list after it.
//!
//! Owns: what each line says about the state before it. Pure. Must not know: where lines and lists
//! are stored.
//!
//! A batch names places in the list before it and in the list after it. To undo it, the rows at the
//! named places after it are removed, and the rows at the named places before it are inserted
//! again. Rows that no line names fill the remaining places, in their order. Each row that a line
//! names must exist; otherwise the journal does not match the list, which is an error, because a
//! past that is only likely is of no use.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::Value;

use crate::store::journal::write::JournalChange;
use crate::store::playlists::items::Item;

/// A line that does not fit its list, and which line it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct Misfit(pub(in crate::store) String);

type Result<T> = std::result::Result<T, Misfit>;

/// A line of the journal, as far as replay needs it.
#[derive(Debug, Clone)]
pub(in crate::store) struct ReplayLine {
    id: i64,
    change: JournalChange,
    key: Option<String>,
    uri: Option<String>,
    detail: Detail,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Detail {
    position: Option<Told<usize>>,
    added_at: Told<Option<String>>,
    added_by: Told<Option<String>>,
    kind: Option<String>,
    relinked: Option<[String; 2]>,
    changes: HashMap<String, [Value; 2]>,
}

/// One value, or the old and the new value.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Told<T> {
    Both([T; 2]),
    One(T),
}

impl<T> Told<T> {
    fn before(&self) -> &T {
        let (Self::Both([value, _]) | Self::One(value)) = self;
        value
    }
}

impl Default for Told<Option<String>> {
    fn default() -> Self {
        Self::One(None)
    }
}

impl ReplayLine {
    /// Parses a line; `change` and `detail` are given as stored.
    pub(in crate::store) fn read(
        id: i64,
        change: &str,
        key: Option<String>,
        uri: Option<String>,
        detail: &str,
    ) -> Result<Self> {
        let misfit = |why: &str| Misfit(format!("line {id}: {why}"));
        let change = JournalChange::of(change).ok_or_else(|| misfit("an unknown change"))?;
        let detail = serde_json::from_str(detail).map_err(|error| misfit(&error.to_string()))?;
        Ok(Self { id, change, key, uri, detail })
    }

    fn misfit(&self, why: &str) -> Misfit {
        Misfit(format!("line {}: {why}", self.id))
    }

    /// The places that the line names, in the list before and in the list after.
    fn places(&self) -> Result<(Option<usize>, Option<usize>)> {
        match (self.change, &self.detail.position) {
            (JournalChange::Added, Some(Told::One(new))) => Ok((None, Some(*new))),
            (JournalChange::Removed, Some(Told::One(old))) => Ok((Some(*old), None)),
            (JournalChange::Changed | JournalChange::Moved, Some(Told::Both([old, new]))) => {
                Ok((Some(*old), Some(*new)))
            }
            // A playlist's own fields have no place.
            (JournalChange::Changed, None) => Ok((None, None)),
            _ => Err(self.misfit("the change and its places do not agree")),
        }
    }

    /// The id before the line.
    fn key_before(&self) -> Option<&String> {
        match &self.detail.relinked {
            Some([old, _]) => Some(old),
            None => self.key.as_ref(),
        }
    }
}

/// A row of an ordered list.
pub(in crate::store) trait ReplayOrder: Sized {
    /// Whether the line refers to this row as it is after the line.
    fn is_named_by(&self, line: &ReplayLine) -> bool;

    /// The row as it was before the line. `after` is the same row after it, `None` if it was
    /// removed.
    fn before(line: &ReplayLine, after: Option<Self>) -> Option<Self>;
}

/// Undoes a batch in an ordered list.
pub(in crate::store) fn undo<R: ReplayOrder>(after: Vec<R>, batch: &[ReplayLine]) -> Result<Vec<R>> {
    let mut rest: Vec<Option<R>> = after.into_iter().map(Some).collect();
    let mut back = HashMap::new();
    for line in batch {
        let (old, new) = line.places()?;
        let named = new.map(|place| {
            let row = rest.get_mut(place).and_then(Option::take).filter(|row| row.is_named_by(line));
            row.ok_or_else(|| line.misfit("another row stands where it points to"))
        });
        let Some(old) = old else {
            named.transpose()?;
            continue;
        };
        let row = R::before(line, named.transpose()?);
        let row = row.ok_or_else(|| line.misfit("it does not say what was there"))?;
        if back.insert(old, row).is_some() {
            return Err(line.misfit("two rows stood at one place"));
        }
    }
    let rows = rest.iter().flatten().count() + back.len();
    let mut rest = rest.into_iter().flatten();
    (0..rows)
        .map(|place| back.remove(&place).or_else(|| rest.next()))
        .collect::<Option<_>>()
        .ok_or_else(|| Misfit("a batch points behind the end of the list".to_owned()))
}

/// A saved track in its slot.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(in crate::store) struct ReplaySaved {
    pub(in crate::store) key: String,
    pub(in crate::store) added_at: Option<String>,
}

impl ReplayOrder for ReplaySaved {
    fn is_named_by(&self, line: &ReplayLine) -> bool {
        line.key.as_ref() == Some(&self.key)
    }

    fn before(line: &ReplayLine, after: Option<Self>) -> Option<Self> {
        if line.change == JournalChange::Moved {
            return after;
        }
        Some(Self { key: line.key_before()?.clone(), added_at: line.detail.added_at.before().clone() })
    }
}

impl ReplayOrder for Item {
    fn is_named_by(&self, line: &ReplayLine) -> bool {
        (&self.key, &self.uri) == (&line.key, &line.uri) && line.detail.kind.as_ref() == Some(&self.kind)
    }

    /// The content of a playlist slot never changes; only the time and the person who added it may.
    fn before(line: &ReplayLine, _: Option<Self>) -> Option<Self> {
        Some(Self {
            kind: line.detail.kind.clone()?,
            key: line.key.clone(),
            uri: line.uri.clone(),
            added_at: line.detail.added_at.before().clone(),
            added_by: line.detail.added_by.before().clone(),
        })
    }
}

/// A playlist's id in the list of playlists.
impl ReplayOrder for String {
    fn is_named_by(&self, line: &ReplayLine) -> bool {
        line.key.as_ref() == Some(self)
    }

    fn before(line: &ReplayLine, _: Option<Self>) -> Option<Self> {
        line.key.clone()
    }
}

/// Undoes a batch in a list without a meaningful order: for each id, when the item was saved.
pub(in crate::store) fn undo_unordered(
    list: &mut BTreeMap<String, Option<String>>,
    batch: &[ReplayLine],
) -> Result<()> {
    for line in batch {
        let key = line.key.clone().ok_or_else(|| line.misfit("it names nothing"))?;
        let before = line.detail.added_at.before().clone();
        let fits = match line.change {
            JournalChange::Added => list.remove(&key).is_some(),
            JournalChange::Removed => list.insert(key, before).is_none(),
            JournalChange::Changed => list.insert(key, before).is_some(),
            JournalChange::Moved => list.contains_key(&key),
        };
        if !fits {
            return Err(line.misfit("the list does not hold what it names"));
        }
    }
    Ok(())
}

/// A playlist's own fields.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(in crate::store) struct Metadata {
    pub(in crate::store) playlist_id: String,
    pub(in crate::store) uri: String,
    pub(in crate::store) name: String,
    pub(in crate::store) description: Option<String>,
    pub(in crate::store) owner_id: String,
    pub(in crate::store) owner_name: Option<String>,
    pub(in crate::store) collaborative: i64,
    pub(in crate::store) public: Option<i64>,
}

impl Metadata {
    fn set(&mut self, field: &str, value: &Value) -> Option<()> {
        let text = || value.as_str().map(ToOwned::to_owned);
        let flag = || value.as_bool().map(i64::from);
        match field {
            "name" => self.name = text()?,
            "description" => self.description = text(),
            "owner_id" => self.owner_id = text()?,
            "owner_name" => self.owner_name = text(),
            "collaborative" => self.collaborative = flag()?,
            "public" => self.public = flag(),
            _ => return None,
        }
        Some(())
    }
}

/// Undoes the changes of a batch in the fields of playlists, listed or not, by their id.
pub(in crate::store) fn undo_metadata(
    known: &mut BTreeMap<String, Metadata>,
    batch: &[ReplayLine],
) -> Result<()> {
    for line in batch {
        for (field, [before, _]) in &line.detail.changes {
            let playlist = line.key.as_ref().and_then(|key| known.get_mut(key));
            playlist
                .and_then(|playlist| playlist.set(field, before))
                .ok_or_else(|| line.misfit("it changes an unknown playlist or field"))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::journal::write::{Entry, JournalKind, Stood};

    fn line(entry: &Entry<'_>) -> ReplayLine {
        let key = entry.key.map(ToOwned::to_owned);
        let change = serde_json::to_value(format!("{:?}", entry.change).to_lowercase()).unwrap();
        ReplayLine::read(7, change.as_str().unwrap(), key, None, &entry.detail.to_string()).unwrap()
    }

    fn list(text: &str) -> Vec<ReplaySaved> {
        let saved =
            |word: &str| ReplaySaved { key: word[..1].to_owned(), added_at: Some(word[1..].to_owned()) };
        text.split_whitespace().map(saved).collect()
    }

    const fn at(position: u32, added_at: &str) -> Stood<'_> {
        Stood { position, added_at: Some(added_at) }
    }

    #[test]
    fn everything_that_can_meet_in_a_batch_is_taken_back_at_once() {
        let batch = [
            Entry::removed(JournalKind::Track, Some("b"), at(1, "8")),
            Entry::removed(JournalKind::Track, Some("f"), at(5, "4")),
            Entry::added(JournalKind::Track, Some("x"), at(1, "20")),
            Entry::saved_again(JournalKind::Track, Some("c"), at(2, "7"), at(0, "30")),
            Entry::relinked(["e", "y"], at(4, "5"), at(4, "5")),
            Entry::moved(JournalKind::Track, Some("a"), 0, 3),
        ];
        let batch: Vec<ReplayLine> = batch.iter().map(line).collect();
        let before = undo(list("c30 x20 d6 a9 y5"), &batch).unwrap();
        assert_eq!(before, list("a9 b8 c7 d6 e5 f4"));
    }

    #[test]
    fn a_relinked_slot_gets_its_old_id_back_where_it_stood() {
        let relinked = Entry::relinked(["a", "z"], at(0, "9"), at(1, "9"));
        let added = Entry::added(JournalKind::Track, Some("n"), at(0, "10"));
        let batch: Vec<ReplayLine> = [relinked, added].iter().map(line).collect();
        assert_eq!(undo(list("n10 z9 b8"), &batch).unwrap(), list("a9 b8"));
    }

    #[test]
    fn a_journal_of_another_list_is_refused() {
        let refused = |after: &str, entry: Entry<'_>| undo(list(after), &[line(&entry)]).unwrap_err().0;
        let elsewhere = "line 7: another row stands where it points to";
        assert_eq!(refused("a9 b8", Entry::added(JournalKind::Track, Some("b"), at(0, "8"))), elsewhere);
        assert_eq!(refused("a9 b8", Entry::added(JournalKind::Track, Some("b"), at(2, "8"))), elsewhere);
        let behind = "a batch points behind the end of the list";
        assert_eq!(refused("a9 b8", Entry::removed(JournalKind::Track, Some("c"), at(3, "1"))), behind);
        let twice = [Entry::removed(JournalKind::Track, Some("c"), at(0, "1"))];
        let twice = [line(&twice[0]), line(&twice[0])];
        assert_eq!(undo(list("a9"), &twice).unwrap_err().0, "line 7: two rows stood at one place");
    }

    #[test]
    fn a_line_that_cannot_be_understood_is_refused() {
        let read = |change: &str, detail: &str| {
            let line = ReplayLine::read(3, change, Some("a".to_owned()), None, detail)?;
            undo(list("a9"), &[line])
        };
        assert!(read("vanished", "{}").is_err());
        assert!(read("added", "[]").is_err());
        assert!(read("added", r#"{"position":[0,0]}"#).is_err());
        assert!(read("moved", r#"{"position":0}"#).is_err());
        assert_eq!(read("added", r#"{"position":0}"#), Ok(Vec::new()));
    }

    #[test]
    fn a_list_without_order_is_taken_back_by_id() {
        let mut albums = BTreeMap::from([("a".to_owned(), Some("9".to_owned()))]);
        let removed = line(&Entry::removed(JournalKind::Album, Some("b"), at(0, "1")));
        undo_unordered(&mut albums, std::slice::from_ref(&removed)).unwrap();
        assert_eq!(albums["b"], Some("1".to_owned()));
        assert!(undo_unordered(&mut albums, &[removed]).is_err(), "it cannot have been gone and there");
    }
}

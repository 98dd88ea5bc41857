//! An account, a stored copy of it, and a reader that brings the copy up to date.

use std::collections::{HashMap, HashSet};
use std::fmt;

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::domain::TrackId;
use crate::engine::removal_search::{
    Learned, Likeness, ObservedRow, Outlook, RemovalSearch, SearchCheckpoint, SearchOutcome, Step,
    StoredSlot, Unsettled, outlook,
};

/// How a row appears in answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    Readable,
    Null,
    /// Null in every second answer.
    Flickering,
}

#[derive(Debug, Clone)]
pub struct Row {
    /// Identifies one saving of one track, whatever its id is.
    pub uid: u32,
    /// The id in the list.
    id: u32,
    /// The id under which it was saved.
    saved_id: u32,
    added_at: i64,
    isrc: Option<u32>,
    recording: u32,
    pub face: Face,
}

impl Row {
    fn is_called(&self, id: &TrackId) -> bool {
        track(self.id) == *id || track(self.saved_id) == *id
    }

    fn seen(&self) -> ObservedRow {
        let isrc = self.isrc.map(|isrc| format!("XX{isrc}"));
        let name = format!("song {}", self.recording);
        ObservedRow {
            id: track(self.id),
            added_at: DateTime::from_timestamp(self.added_at, 0),
            likeness: Likeness::new(isrc.as_deref(), &name, "somebody", Some(1_000)),
        }
    }
}

fn track(id: u32) -> TrackId {
    TrackId::new(format!("track{id}"))
}

/// A row when the list is first read.
#[derive(Debug, Clone)]
pub struct First {
    /// Seconds to the row below.
    pub seconds: i64,
    pub has_isrc: bool,
    /// The same recording as all rows with this number.
    pub recording: Option<u32>,
    pub is_null: bool,
}

#[derive(Debug, Clone)]
pub enum Edit {
    Add {
        is_null: bool,
    },
    Resave(Index),
    Remove(Index, usize),
    RemoveTop(usize),
    RemoveBottom(usize),
    Relink(Index, bool),
    /// Two rows get the same id.
    RelinkTo(Index, Index),
    Show(Index, Face),
}

#[derive(Debug, Clone, Default)]
pub struct Account {
    pub rows: Vec<Row>,
    ids: u32,
    uids: u32,
    now: i64,
}

impl Account {
    pub fn new(first: &[First]) -> Self {
        let mut account = Self { now: 1_000_000, ..Self::default() };
        for row in first.iter().rev() {
            account.now += row.seconds;
            account.save(None);
            let saved = &mut account.rows[0];
            saved.recording = row.recording.map_or(saved.recording, |recording| 1_000_000 + recording);
            saved.isrc = row.has_isrc.then_some(saved.recording);
            saved.face = if row.is_null { Face::Null } else { Face::Readable };
        }
        account
    }

    fn save(&mut self, old: Option<Row>) {
        self.uids += 1;
        let new = old.unwrap_or_else(|| {
            self.ids += 1;
            let id = self.ids;
            Row { uid: 0, id, saved_id: id, added_at: 0, isrc: Some(id), recording: id, face: Face::Readable }
        });
        self.rows.insert(0, Row { uid: self.uids, added_at: self.now, ..new });
    }

    pub fn edit(&mut self, edit: &Edit) {
        let length = self.rows.len();
        match edit {
            Edit::Add { is_null } => {
                self.now += i64::from(self.uids.is_multiple_of(3));
                self.save(None);
                self.rows[0].face = if *is_null { Face::Null } else { Face::Readable };
            }
            Edit::RemoveTop(rows) => drop(self.rows.drain(..length.min(*rows))),
            Edit::RemoveBottom(rows) => self.rows.truncate(length.saturating_sub(*rows)),
            _ if length == 0 => {}
            Edit::Resave(at) => {
                self.now += 5;
                let old = self.rows.remove(at.index(length));
                self.save(Some(old));
            }
            Edit::Remove(at, rows) => {
                let from = at.index(length);
                self.rows.drain(from..length.min(from + rows));
            }
            Edit::Relink(at, keeps_isrc) => {
                self.ids += 1;
                let row = &mut self.rows[at.index(length)];
                row.id = self.ids;
                row.isrc = row.isrc.filter(|_| *keeps_isrc);
            }
            Edit::RelinkTo(at, to) => {
                let id = self.rows[to.index(length)].id;
                self.rows[at.index(length)].id = id;
            }
            Edit::Show(at, face) => self.rows[at.index(length)].face = *face,
        }
    }

    pub fn holds(&self, id: &TrackId) -> bool {
        self.rows.iter().any(|row| row.is_called(id))
    }

    fn stands(&self, uid: u32) -> bool {
        self.rows.iter().any(|row| row.uid == uid)
    }
}

/// What goes wrong while the list is read.
#[derive(Debug, Clone)]
pub enum Mischief {
    /// The list is edited before this answer, counted from the first.
    Moves(usize, Vec<Edit>),
    /// A probe, counted from 1, leaves one of its rows out. The rows below it move up, and the page
    /// is full or not.
    LeavesOut(u32, Index, bool),
    /// Every n-th answer has half the rows.
    Short(usize),
}

/// Reads an account to bring the stored copy up to date.
pub struct Reader {
    pub account: Account,
    pub mischief: Vec<Mischief>,
    /// The number of rows in a page at the head, and in a probe.
    pub sizes: (u32, u32),
    /// Whether the search is restored from its checkpoint after every answer.
    pub resumes: bool,
    held: Vec<StoredSlot>,
    /// The owner of each slot, by its place.
    owners: HashMap<i64, u32>,
    /// Whether the library knows a track only by the id that was saved, or by any id it has had.
    pub knows_saved_ids_only: bool,
    pub knows_shown_ids_only: bool,
    /// The first rows and the total of the first answer.
    top: (Vec<Option<Key>>, u32),
    answers: usize,
    pub probes: u32,
    pub checkpoint_bytes: usize,
}

type Key = (TrackId, Option<DateTime<Utc>>);

/// One answer, with the owners of its rows, which only the model knows.
struct Answer {
    rows: Vec<Option<ObservedRow>>,
    owners: Vec<u32>,
    total: u32,
}

/// The rows down to the first readable one: a null row identifies nothing.
fn top_of(rows: &[Option<ObservedRow>]) -> Vec<Option<Key>> {
    let readable = rows.iter().position(Option::is_some).unwrap_or(rows.len());
    let key = |row: &ObservedRow| (row.id.clone(), row.added_at);
    rows.iter().take(readable + 1).map(|row| row.as_ref().map(key)).collect()
}

/// A reading that finished.
pub struct Read {
    pub outcome: SearchOutcome,
    new: Vec<(u32, Option<TrackId>)>,
}

impl Reader {
    /// A reader whose stored copy equals the account.
    pub fn of(account: Account) -> Self {
        let ord = |index: usize| i64::try_from(index * 3).unwrap() - 100;
        let is_readable = |row: &&Row| row.face == Face::Readable;
        let rows = account.rows.iter().enumerate();
        let held = rows.clone().map(|(index, row)| StoredSlot {
            ord: ord(index),
            row: Some(row).filter(is_readable).map(Row::seen),
        });
        let held = held.collect();
        let owners = rows.map(|(index, row)| (ord(index), row.uid)).collect();
        Self {
            account,
            mischief: Vec::new(),
            sizes: (20, 50),
            resumes: false,
            held,
            owners,
            knows_saved_ids_only: false,
            knows_shown_ids_only: false,
            top: Default::default(),
            answers: 0,
            probes: 0,
            checkpoint_bytes: 0,
        }
    }

    fn answer(&mut self, offset: u32, limit: u32) -> Answer {
        let number = self.answers;
        self.answers += 1;
        let mut left_out = None;
        let (from, mut to) = (offset as usize, (offset + limit) as usize);
        for mischief in &self.mischief {
            match mischief {
                Mischief::Moves(before, edits) if *before == number => {
                    for edit in edits {
                        self.account.edit(edit);
                    }
                }
                Mischief::LeavesOut(probe, row, is_full) if *probe == self.probes => {
                    left_out = Some(from + row.index(limit as usize));
                    to += usize::from(*is_full);
                }
                Mischief::Short(every) if number.is_multiple_of(*every) => {
                    to = from + (to - from).div_ceil(2);
                }
                _ => {}
            }
        }
        let probes = self.probes;
        self.mischief
            .retain(|mischief| !matches!(mischief, Mischief::LeavesOut(probe, ..) if *probe == probes));
        let rows = self.account.rows.iter().enumerate().take(to).skip(from);
        let rows: Vec<&Row> = rows.filter(|(at, _)| Some(*at) != left_out).map(|(_, row)| row).collect();
        let shows = |row: &Row| match row.face {
            Face::Readable => true,
            Face::Null => false,
            Face::Flickering => number % 2 == 1,
        };
        Answer {
            owners: rows.iter().map(|row| row.uid).collect(),
            rows: rows.into_iter().map(|row| shows(row).then(|| row.seen())).collect(),
            total: u32::try_from(self.account.rows.len()).unwrap(),
        }
    }

    /// The forecast from a page of `rows` rows.
    pub fn outlook(&self, rows: u32) -> Outlook {
        let top = self.account.rows.iter().take(rows as usize);
        let top: Vec<_> = top.map(|row| (row.face == Face::Readable).then(|| row.seen())).collect();
        let total = u32::try_from(self.account.rows.len()).unwrap();
        outlook(self.held.clone(), &top, total, self.sizes)
    }

    fn knows(&self, row: &ObservedRow) -> bool {
        let held = self.held.iter().filter_map(|slot| slot.row.as_ref());
        held.into_iter().any(|held| held.id == row.id && held.added_at == row.added_at)
    }

    /// Reads until everything is resolved, or cannot be, and then checks the head once more.
    pub fn read(&mut self) -> Result<Read, Unsettled> {
        let read = self.read_once()?;
        let answer = self.answer(0, self.sizes.0);
        if (top_of(&answer.rows), answer.total) == self.top {
            Ok(read)
        } else {
            Err(Unsettled::BeginAgain("the head moved"))
        }
    }

    fn read_once(&mut self) -> Result<Read, Unsettled> {
        let (head_page, probe_page) = self.sizes;
        let (mut staged, mut owners) = (Vec::new(), Vec::new());
        let mut total = None;
        let (page, offset) = loop {
            let offset = u32::try_from(staged.len()).unwrap();
            let answer = self.answer(offset, head_page);
            if offset == 0 {
                self.top = (top_of(&answer.rows), answer.total);
            }
            if *total.get_or_insert(answer.total) != answer.total {
                return Err(Unsettled::BeginAgain("the total moved at the head"));
            }
            owners.extend(answer.owners.clone());
            if answer.rows.iter().flatten().any(|row| self.knows(row)) {
                break (answer, staged.len());
            }
            if answer.rows.is_empty() {
                return Err(Unsettled::Walk("nothing is known"));
            }
            staged.extend(answer.rows);
        };
        let head: Vec<_> = staged.iter().chain(&page.rows).cloned().collect();
        let total = page.total;
        let (mut search, learned) =
            RemovalSearch::begin(self.held.clone(), &staged, &page.rows, total, probe_page)?;
        let new = search.new_rows() as usize;
        assert!(new >= offset);
        let new: Vec<_> = owners.into_iter().zip(head).take(new).collect();
        let ids: Vec<TrackId> = new.iter().filter_map(|(_, row)| Some(row.as_ref()?.id.clone())).collect();
        self.learn(&learned, &page);
        loop {
            if self.resumes {
                let text = serde_json::to_string(search.checkpoint()).unwrap();
                self.checkpoint_bytes = self.checkpoint_bytes.max(text.len());
                let found: SearchCheckpoint = serde_json::from_str(&text).unwrap();
                search = RemovalSearch::resume(self.held.clone(), ids.iter().cloned(), found, probe_page)?;
            }
            // The answers are not in the checkpoint: the last step passes them all at once.
            match search.next()? {
                Step::Probe { offset, limit } => {
                    assert!(limit <= probe_page && offset + limit <= total);
                    self.probes += 1;
                    assert!(self.probes <= total.div_ceil(probe_page), "more probes than pages");
                    let page = self.answer(offset, limit);
                    let learned = search.take(offset, &page.rows, page.total)?;
                    self.learn(&learned, &page);
                }
                Step::Confirm(tracks) => {
                    assert!(!tracks.is_empty());
                    search.confirm(tracks.into_iter().map(|id| (id.clone(), self.has(&id))));
                    let Step::Settled(outcome) = search.next()? else { panic!("everything was answered") };
                    return Ok(self.end(outcome, new));
                }
                Step::Settled(outcome) => return Ok(self.end(outcome, new)),
            }
        }
    }

    fn has(&self, id: &TrackId) -> bool {
        let mut rows = self.account.rows.iter();
        rows.any(|row| {
            (!self.knows_shown_ids_only || row.face != Face::Readable) && track(row.saved_id) == *id
                || !self.knows_saved_ids_only && track(row.id) == *id
        })
    }

    fn end(&self, outcome: SearchOutcome, new: Vec<(u32, Option<ObservedRow>)>) -> Read {
        let new = new.into_iter().map(|(owner, row)| (owner, row.map(|row| row.id))).collect();
        assert!(outcome.gone.is_sorted() && outcome.resaved.is_sorted());
        assert!(outcome.gone.iter().chain(&outcome.resaved).all(|ord| self.owners.contains_key(ord)));
        Read { outcome, new }
    }

    /// Commits what a page revealed.
    fn learn(&mut self, learned: &Learned, page: &Answer) {
        for (ord, index) in learned.relinked.iter().chain(&learned.healed) {
            let slot = self.held.iter_mut().find(|slot| slot.ord == *ord).unwrap();
            slot.row.clone_from(&page.rows[*index]);
            // Among slots without a track nothing shows which owner is which.
            let owner = page.owners[*index];
            let before = self.owners.insert(*ord, owner).unwrap();
            let other = self.owners.iter_mut().find(|(other, of)| *other != ord && **of == owner);
            if let Some((_, of)) = other {
                *of = before;
            }
        }
    }

    /// Slots that were called gone although they are in the library. Adjacent slots without a track
    /// are interchangeable, so only their number counts.
    pub fn wrongly_gone(&self, read: &Read) -> Vec<i64> {
        let gone: HashSet<&i64> = read.outcome.gone.iter().chain(&read.outcome.resaved).collect();
        let stands = |slot: &&StoredSlot| self.account.stands(self.owners[&slot.ord]);
        let (keyed, nulls): (Vec<&StoredSlot>, Vec<&StoredSlot>) =
            self.held.iter().partition(|slot| slot.row.is_some());
        let mut wrong = keyed;
        wrong.retain(|slot| gone.contains(&slot.ord) && stands(slot));
        let called = nulls.iter().filter(|slot| gone.contains(&slot.ord));
        let is_new = |slot: &StoredSlot| read.new.iter().any(|(owner, _)| *owner == self.owners[&slot.ord]);
        let truly = nulls.iter().filter(|slot| is_new(slot) || !stands(slot)).count();
        wrong.extend(called.skip(truly));
        wrong.into_iter().map(|slot| slot.ord).collect()
    }

    /// Slots that were called gone although their track's id is in the library.
    pub fn still_listed(&self, read: &Read) -> Vec<i64> {
        let gone = self.held.iter().filter(|slot| read.outcome.gone.contains(&slot.ord));
        let listed = gone.filter(|slot| slot.row.as_ref().is_some_and(|row| self.account.holds(&row.id)));
        listed.map(|slot| slot.ord).collect()
    }

    /// Why the stored list differs from the account's list, if it does. Rows that were not read
    /// keep their old id. Rows that were or may have been null count, but are not told apart.
    pub fn differs(&self, read: &Read) -> Option<String> {
        let out: HashSet<i64> = read.outcome.gone.iter().chain(&read.outcome.resaved).copied().collect();
        let kept = self.held.iter().filter(|slot| !out.contains(&slot.ord));
        let kept = kept.map(|slot| (self.owners[&slot.ord], slot.row.as_ref().map(|row| row.id.clone())));
        let mut ours: Vec<_> = read.new.iter().cloned().chain(kept).collect();
        if ours.len() != self.account.rows.len() {
            return Some(format!("{} rows for {}", ours.len(), self.account.rows.len()));
        }
        let (clear, hidden): (Vec<&Row>, Vec<&Row>) =
            self.account.rows.iter().partition(|row| row.face == Face::Readable);
        ours.retain(|(owner, id)| {
            let is_clear = clear.iter().any(|row| row.uid == *owner);
            let is_hidden = |id: &TrackId| hidden.iter().any(|row| row.is_called(id));
            is_clear || id.as_ref().is_some_and(|id| !is_hidden(id))
        });
        let is_right = |((owner, id), row): &(&(u32, Option<TrackId>), &&Row)| {
            *owner == row.uid || id.as_ref() == Some(&track(row.id))
        };
        let right = ours.iter().zip(&clear).take_while(is_right).count();
        (right < ours.len().max(clear.len()))
            .then(|| format!("{:?} for {:?}", ours.get(right), clear.get(right)))
    }
}

impl fmt::Display for Reader {
    /// The stored slots and the account's rows, by owner, id and recording.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "held")?;
        for slot in &self.held {
            let row = slot.row.as_ref().map_or("-", |row| row.id.as_str());
            write!(f, " {}:{}={row}", slot.ord, self.owners[&slot.ord])?;
        }
        write!(f, "\naccount")?;
        for row in &self.account.rows {
            let face = [(Face::Readable, ""), (Face::Null, "-"), (Face::Flickering, "~")];
            let face = face.iter().find(|(face, _)| *face == row.face).map(|(_, sign)| sign).unwrap();
            write!(f, " {}{face}={}", row.uid, row.id)?;
        }
        Ok(())
    }
}

pub fn first_rows(length: usize, twins: bool, nulls: bool) -> impl Strategy<Value = Vec<First>> {
    let recording = move |pick: u32| (twins && pick.is_multiple_of(4)).then_some(pick % 3);
    let row = (0_u8..3, any::<bool>(), 0_u32..40).prop_map(move |(seconds, has_isrc, pick)| First {
        seconds: i64::from(seconds / 2),
        has_isrc,
        recording: recording(pick),
        is_null: nulls && pick > 36,
    });
    prop::collection::vec(row, 1..length)
}

/// Edits after which every change can be found.
pub fn plain_edit() -> impl Strategy<Value = Edit> {
    let index = || any::<Index>();
    prop_oneof![
        3 => Just(Edit::Add { is_null: false }),
        2 => index().prop_map(Edit::Resave),
        4 => index().prop_map(|at| Edit::Remove(at, 1)),
        1 => (index(), 1_usize..8).prop_map(|(at, rows)| Edit::Remove(at, rows)),
        1 => (1_usize..4).prop_map(Edit::RemoveTop),
        1 => (1_usize..4).prop_map(Edit::RemoveBottom),
    ]
}

/// Every edit that may happen to a list.
pub fn any_edit() -> impl Strategy<Value = Edit> {
    let index = || any::<Index>();
    let face = prop_oneof![2 => Just(Face::Null), 2 => Just(Face::Readable), 1 => Just(Face::Flickering)];
    prop_oneof![
        6 => plain_edit(),
        1 => Just(Edit::Add { is_null: true }),
        3 => (index(), any::<bool>()).prop_map(|(at, keeps_isrc)| Edit::Relink(at, keeps_isrc)),
        3 => (index(), face).prop_map(|(at, face)| Edit::Show(at, face)),
    ]
}

//! Finds which saved tracks are gone, with few requests.
//!
//! Owns: the search. It says which page to read next and which tracks to ask about, and receives
//! the answers. It ends with the slots that are gone, or it gives up. Pure. Must not know: how a
//! page is fetched, what is stored, or whether the list moved after its last answer. The caller
//! reads the head once more.
//!
//! The search relies on two facts: new rows appear at the top, and every other row keeps its order
//! among the others. With L stored slots, r of them saved again, n new rows and a total of T, the
//! number of removed slots is d = L - r + n - T. `gap_map` finds them. Then Spotify is asked about
//! every track that seems gone, because an answer may have left a row out, and a null row may be
//! any slot. Only a track that is no longer in the library is ever called gone. Spotify cannot be
//! asked about a slot without a track, so that slot is read twice.

mod fingerprint;
mod forecast;
mod gap_map;
mod head;
mod match_rows;
mod recheck;
mod resolve;
mod slots;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::domain::TrackId;

use gap_map::Chart;
use head::Head;
use slots::Slots;

pub use fingerprint::Likeness;
pub use forecast::{Forecast, Outlook, outlook};
pub use slots::{ObservedRow, StoredSlot};

/// The number of tracks in one question: `/me/library/contains` takes 40.
const ASKED_AT_ONCE: u32 = 40;

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Read a page and pass it to [`RemovalSearch::take`].
    Probe {
        /// Offset of its first row in the remote list.
        offset: u32,
        /// The number of rows, at most a page.
        limit: u32,
    },
    /// Ask whether the library still has these tracks, in as many requests as necessary, and pass
    /// the answers to [`RemovalSearch::confirm`].
    Confirm(Vec<TrackId>),
    /// No request is left to send.
    Settled(SearchOutcome),
}

/// What happened to the stored slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchOutcome {
    /// Places of the slots that are gone, from the top.
    pub gone: Vec<i64>,
    /// Places of the slots that are replaced by a new row of the same track, from the top.
    pub resaved: Vec<i64>,
}

/// Slots that a page revealed, each with the index of its row in the page. They may be committed at
/// once, whatever the outcome of the search is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Learned {
    /// Slots whose track has another id now.
    pub relinked: Vec<(i64, usize)>,
    /// Slots without a track whose row is readable now.
    pub healed: Vec<(i64, usize)>,
}

/// Why a removal search cannot finish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsettled {
    /// The whole list must be read.
    #[error("{0}: the whole list has to be read")]
    Walk(&'static str),
    /// The list has moved since the search began.
    #[error("{0}: the list has moved")]
    BeginAgain(&'static str),
}

/// What a removal search has found so far, in the form that is stored. Together with the stored
/// list and the new rows it is enough to continue the search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchCheckpoint {
    /// The number of new rows from the top.
    new: u32,
    /// Length of the remote list.
    total: u32,
    /// A fingerprint of the stored list. Another release may calculate it differently and then
    /// starts again.
    held: u64,
    chart: Chart,
    /// Ranks of slots whose only match is a null row.
    doubted: Vec<u32>,
    /// Gaps that were read twice, by the place of their first row.
    read_twice: BTreeSet<u32>,
    /// Pages read since the head.
    probes: u32,
}

/// A removal search that is in progress.
#[derive(Debug)]
pub struct RemovalSearch {
    slots: Slots,
    /// Slots that are replaced by new ones; they are not among the others.
    resaved: Vec<i64>,
    /// Tracks of the new rows.
    new_ids: HashSet<TrackId>,
    /// Rows in a probe.
    page: u32,
    found: SearchCheckpoint,
    /// Whether the library still has a track.
    answers: HashMap<TrackId, bool>,
}

impl RemovalSearch {
    /// A removal search in a list whose top has been read.
    ///
    /// `held` is the stored list from the top. `staged` are the rows of the pages read so far, all
    /// of them new. `page` are the rows of the page below them, which is the first page with a
    /// stored row. `None` is a row that cannot be read. `total` is the length of the list in all
    /// these answers, and `probe` is the size of the next pages.
    pub fn begin(
        held: Vec<StoredSlot>,
        staged: &[Option<ObservedRow>],
        page: &[Option<ObservedRow>],
        total: u32,
        probe: u32,
    ) -> Result<(Self, Learned), Unsettled> {
        let Head { new, slots, resaved, doubted } = Head::new(held, staged, page)?;
        let new_ids = staged.iter().chain(page).take(new).flatten().map(|row| row.id.clone()).collect();
        let new = count(new);
        let (rows, gone) = sizes(&slots, new, total)?;
        let found = SearchCheckpoint {
            new,
            total,
            held: slots.fingerprint(),
            chart: Chart::new(rows, gone),
            doubted,
            read_twice: BTreeSet::new(),
            probes: 0,
        };
        let mut search = Self { slots, resaved, new_ids, page: probe, found, answers: HashMap::new() };
        let learned = search.read(count(staged.len()), page)?;
        search.is_worth_it(gone)?;
        Ok((search, learned))
    }

    /// Continues a removal search. `new` are the tracks of the new rows, and `held` is the list
    /// with everything committed that the search has revealed. A checkpoint that does not fit them
    /// is ignored.
    pub fn resume(
        held: Vec<StoredSlot>,
        new: impl IntoIterator<Item = TrackId>,
        found: SearchCheckpoint,
        probe: u32,
    ) -> Result<Self, Unsettled> {
        let new_ids: HashSet<TrackId> = new.into_iter().collect();
        let taken_out = Slots::new(held).take_out(&new_ids.iter().collect());
        let (slots, resaved) = taken_out.ok_or(Unsettled::BeginAgain(ANOTHER_LIST))?;
        let (rows, gone) = sizes(&slots, found.new, found.total)?;
        if found.held != slots.fingerprint() || !found.chart.fits(rows, gone) {
            return Err(Unsettled::BeginAgain(ANOTHER_LIST));
        }
        Ok(Self { slots, resaved, new_ids, page: probe, found, answers: HashMap::new() })
    }

    /// What [`RemovalSearch::resume`] needs. It is stored together with what the last page
    /// revealed.
    pub const fn checkpoint(&self) -> &SearchCheckpoint {
        &self.found
    }

    /// The number of new rows from the top of the list, including those of the staged pages.
    pub const fn new_rows(&self) -> u32 {
        self.found.new
    }

    /// How many slots are gone. This is known before they are found, and slots that were saved
    /// again do not count.
    pub fn gone(&self) -> u32 {
        self.found.chart.gaps().map(|gap| count(gap.missing())).sum()
    }

    /// What to do next. The result is the same until an answer has come.
    pub fn next(&self) -> Result<Step, Unsettled> {
        if let Some(places) = self.found.chart.probe(self.page).or_else(|| self.second_look()) {
            let limit = count(places.len());
            if self.found.probes >= self.pages() {
                return Err(Unsettled::Walk("as many pages were read as the list has"));
            }
            if limit > self.page {
                return Err(Unsettled::Walk("null rows hide what is gone"));
            }
            return Ok(Step::Probe { offset: self.found.new + places.start, limit });
        }
        let asked: BTreeSet<&TrackId> = self.asked().map(|(_, id)| id).collect();
        let open: Vec<_> = asked.into_iter().filter(|id| !self.answers.contains_key(id)).cloned().collect();
        if open.is_empty() { self.settle().map(Step::Settled) } else { Ok(Step::Confirm(open)) }
    }

    /// Takes the rows from `offset` on.
    pub fn take(
        &mut self,
        offset: u32,
        rows: &[Option<ObservedRow>],
        total: u32,
    ) -> Result<Learned, Unsettled> {
        if total != self.found.total {
            return Err(Unsettled::BeginAgain("the total has changed"));
        }
        if rows.is_empty() {
            return Err(Unsettled::BeginAgain("a page came without rows"));
        }
        let again = self.doubtful_gap().filter(|_| self.found.chart.unread().next().is_none());
        self.found.probes += 1;
        let learned = self.read(offset, rows)?;
        if let Some(gap) = again {
            self.looked_again(&gap, offset, rows)?;
        }
        Ok(learned)
    }

    /// Takes the answers to [`Step::Confirm`], all at once or request by request: whether the
    /// library still has the track.
    pub fn confirm(&mut self, answers: impl IntoIterator<Item = (TrackId, bool)>) {
        self.answers.extend(answers);
    }

    fn pages(&self) -> u32 {
        self.found.total.div_ceil(self.page.max(1))
    }

    fn is_worth_it(&self, gone: u32) -> Result<(), Unsettled> {
        let unread: usize = self.found.chart.unread().map(|piece| piece.len()).sum();
        let probes = gap_map::expected_probes(count(unread).div_ceil(self.page.max(1)), gone);
        let questions = f64::from(gone.div_ceil(ASKED_AT_ONCE));
        if unread > 0 && probes + questions >= f64::from(self.pages()) {
            return Err(Unsettled::Walk("so much is gone that finding it costs as much as reading all"));
        }
        Ok(())
    }
}

const ANOTHER_LIST: &str = "the checkpoint is of another list";

/// The number of rows below the new ones, and the number of removed slots.
fn sizes(slots: &Slots, new: u32, total: u32) -> Result<(u32, u32), Unsettled> {
    let rows = total.checked_sub(new).ok_or(Unsettled::BeginAgain("the list is longer than its total"))?;
    let gone = slots.len().checked_sub(rows);
    Ok((rows, gone.ok_or(Unsettled::Walk("the list is longer than what is known of it"))?))
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

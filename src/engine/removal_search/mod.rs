//! Which saved tracks are gone, found out with few requests.
//!
//! Owns: the plan. It says which page to read next and which tracks to ask for, takes the answers, and
//! ends with the slots that are gone or gives up. Pure. Must not know: how a page is fetched, what is
//! stored, or whether the list moved after its last answer; whoever asks looks at the head once more.
//!
//! What it relies on: new rows come on top, and whatever else happens to a row, it keeps its place among
//! the others. With L slots held of which r were saved again, n new rows and a total of T, the slots gone
//! are d = L - r + n - T. `gap_map` finds them. Then every track that seems gone is asked for: an answer
//! may have left a row out, and a null row may stand for any slot, so that only a track that is no longer
//! in the library is ever called gone. A slot without a track cannot be asked for; it is read twice.

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

/// Tracks that one request asks for: `/me/library/contains` takes 40.
const ASKED_AT_ONCE: u32 = 40;

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Read a page and give it to [`RemovalSearch::take`].
    Probe {
        /// Place of its first row in the remote list.
        offset: u32,
        /// Rows, at most a page.
        limit: u32,
    },
    /// Ask whether the library still has these tracks, in as many requests as it takes, and give the
    /// answers to [`RemovalSearch::confirm`].
    Confirm(Vec<TrackId>),
    /// Nothing is left to ask.
    Settled(SearchOutcome),
}

/// What became of the slots that were held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchOutcome {
    /// Places of the slots that are gone, from the top.
    pub gone: Vec<i64>,
    /// Places of the slots that give way to a new row of the same track, from the top.
    pub resaved: Vec<i64>,
}

/// Slots that a page has brought to light, each with the index of its row in the page. They may be
/// committed at once, whatever comes of the search.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Learned {
    /// Slots whose track has another id now.
    pub relinked: Vec<(i64, usize)>,
    /// Slots without a track whose row can be read now.
    pub healed: Vec<(i64, usize)>,
}

/// Why a search cannot be finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsettled {
    /// The whole list has to be read.
    #[error("{0}: the whole list has to be read")]
    Walk(&'static str),
    /// The list has moved since the search began.
    #[error("{0}: the list has moved")]
    BeginAgain(&'static str),
}

/// What a search has found out so far, as stored. It stands for a search together with the list held and
/// the new rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchCheckpoint {
    /// Rows from the top that are new.
    new: u32,
    /// Length of the remote list.
    total: u32,
    /// By what the list that is held is known; another release may reckon it otherwise and begin again.
    held: u64,
    chart: Chart,
    /// Ranks of slots for which only a null row speaks.
    doubted: Vec<u32>,
    /// Gaps, by the place of their first row, that were read twice.
    read_twice: BTreeSet<u32>,
    /// Pages read since the head.
    probes: u32,
}

/// A search under way.
#[derive(Debug)]
pub struct RemovalSearch {
    slots: Slots,
    /// Slots that give way to new ones; they are not among the others.
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
    /// A search of a list whose top has been read.
    ///
    /// `held` is the list from the top; `staged` are the rows of the pages read so far, all of them new;
    /// `page` are the rows of the page below them, the first with a row that is held; `None` is a row that
    /// cannot be read. `total` is the length of the list in all these answers, `probe` the size of the
    /// pages to come.
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

    /// Takes a search up again: `new` are the tracks of the new rows, `held` is the list with everything
    /// committed that the search has told. A checkpoint that does not fit them is none.
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

    /// What [`RemovalSearch::resume`] needs; to be stored with what the last page has taught.
    pub const fn checkpoint(&self) -> &SearchCheckpoint {
        &self.found
    }

    /// Rows from the top of the list that are new, those of the staged pages among them.
    pub const fn new_rows(&self) -> u32 {
        self.found.new
    }

    /// How many slots are gone, known before they are found; those that were saved again do not count.
    pub fn gone(&self) -> u32 {
        self.found.chart.gaps().map(|gap| count(gap.missing())).sum()
    }

    /// What to do next; the same until an answer has come.
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

    /// Takes the rows that stand at `offset` and below it.
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

    /// Takes the answers to [`Step::Confirm`], all at once or one request after the other: whether the
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

/// Rows below the new ones, and how many slots are gone.
fn sizes(slots: &Slots, new: u32, total: u32) -> Result<(u32, u32), Unsettled> {
    let rows = total.checked_sub(new).ok_or(Unsettled::BeginAgain("the list is longer than its total"))?;
    let gone = slots.len().checked_sub(rows);
    Ok((rows, gone.ok_or(Unsettled::Walk("the list is longer than what is known of it"))?))
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

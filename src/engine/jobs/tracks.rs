//! Saved tracks after the first reading: new rows are at the top, and removed rows are found by
//! arithmetic.
//!
//! Rows are read from the top until one is known. Then a [`RemovalSearch`] says what else must be
//! requested to account for every slot. If nothing has changed, this costs one page in all. If the
//! search fails, the whole list is walked.

#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};

use crate::domain::{Row, Saved, SyncState, Track, TrackId};
use crate::store::{
    Checkpoint, Committed, Delta, FinishIncremental, IncrementalOutcome, ListRows, Recognised, SavedSlot,
    StagedPage, Unlisted, needs_a_word,
};

use super::confirm::{self, Contains};
use super::cursor::{Cursor, IncrementalCursor};
use super::job::Job;
use super::list::{self, FetchedPage, ListPosition};
use super::walk;
use crate::engine::error::JobError;
use crate::engine::removal_search::{
    Learned, Likeness, ObservedRow, RemovalSearch, SearchOutcome, Step, StoredSlot, Unsettled,
};
use crate::engine::timing::full_refresh;

/// How often a scan of a list that moves starts again before the list is walked.
const BEGINNINGS: u8 = 3;
/// Pages with slots that were never readable, which are read again in each run.
pub const NULL_PAGES: usize = 4;

/// The saved tracks. They are walked completely the first time, on request and once in a long
/// while; otherwise a removal search reads them.
pub async fn saved_tracks(job: &Job<'_>) -> Result<Committed<Delta>, JobError> {
    let state = job.store().sync_state().of(job.entity).await?;
    let cursor = Cursor::of(&state);
    let is_walked = job.full() || !state.is_initial_complete || matches!(cursor, Some(Cursor::Walk(_)));
    if is_walked || is_due(job, &state).await? {
        return walk::list(job).await;
    }
    let mut cursor = match cursor {
        Some(Cursor::Head(cursor)) => Some(cursor),
        _ => None,
    };
    let mut vouched = BTreeSet::new();
    for _ in 0..BEGINNINGS {
        match IncrementalScan::take(job, &state, cursor.take(), &mut vouched).await {
            Ok(done) => return Ok(done),
            Err(Stop::Job(error)) => return Err(error),
            Err(Stop::Unsettled(why)) => {
                tracing::info!(%why, "the saved tracks do not add up yet");
                if matches!(why, Unsettled::Walk(_)) {
                    break;
                }
            }
        }
    }
    walk::from_top(job, &state, vouched).await
}

/// Whether the whole list is due to be read again.
async fn is_due(job: &Job<'_>, state: &SyncState) -> Result<bool, JobError> {
    let (settings, used) = (&job.ctx.settings, job.used_today(job.entity.bucket()).await?);
    let budget = settings.gate().daily_budget;
    Ok(full_refresh::are_tracks_due(state, job.ctx.clock.now(), &settings.sync(), budget, used))
}

/// Why a scan of the list ended without a result.
enum Stop {
    Job(JobError),
    Unsettled(Unsettled),
}

impl<E: Into<JobError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Job(error.into())
    }
}

impl From<Unsettled> for Stop {
    fn from(why: Unsettled) -> Self {
        Self::Unsettled(why)
    }
}

const MOVED: Unsettled = Unsettled::BeginAgain("the head has changed");

/// A scan of the list, from its top or from the point where the previous one was interrupted.
struct IncrementalScan<'a> {
    job: &'a Job<'a>,
    /// What is known of the list.
    state: &'a SyncState,
    cursor: IncrementalCursor,
    /// Rows in a probe.
    probe_size: u32,
    /// Answers so far. Several answers form one consistent picture only if the head is still the
    /// same.
    answers: u32,
    /// Tracks that the list does not show, according to the answers of an earlier run or of this
    /// one.
    unlisted: HashMap<String, Unlisted>,
    /// It could not be determined whether tracks that the list does not show are gone.
    is_undecided: bool,
    /// Tracks that seemed gone, but that Spotify says are saved.
    vouched: &'a mut BTreeSet<String>,
}

impl<'a> IncrementalScan<'a> {
    async fn take(
        job: &'a Job<'a>,
        state: &'a SyncState,
        cursor: Option<IncrementalCursor>,
        vouched: &'a mut BTreeSet<String>,
    ) -> Result<Committed<Delta>, Stop> {
        let (mut scan, mut search) = Self::begin(job, state, cursor, vouched).await?;
        scan.brake(&search).await?;
        scan.look_beyond_the_total().await?;
        let outcome = scan.ask(&mut search).await?;
        scan.read_silent_places(&mut search, &outcome).await?;
        scan.finish(outcome).await
    }

    /// Reads from the top down to the first known row.
    async fn begin(
        job: &'a Job<'a>,
        state: &'a SyncState,
        cursor: Option<IncrementalCursor>,
        vouched: &'a mut BTreeSet<String>,
    ) -> Result<(Self, RemovalSearch), Stop> {
        let library = job.store().library();
        let held = stored_slots(&library.saved_slots().await?);
        let is_resumed = cursor.is_some();
        let first = if is_resumed { None } else { Some(Self::top(job, state).await?) };
        let total = first.as_ref().map_or(0, |page| page.total);
        let top = first.as_ref().and_then(|page| page.keys().into_iter().next());
        let mut scan = Self {
            job,
            state,
            cursor: cursor.unwrap_or(IncrementalCursor { offset: 0, total, first: top, search: None }),
            probe_size: job.page_size(job.ctx.settings.sync().initial_batch),
            answers: if is_resumed { 2 } else { 0 },
            unlisted: library.unlisted(job.entity).await?,
            is_undecided: false,
            vouched,
        };
        if let Some(found) = scan.cursor.search.take() {
            let staged = library.staged_saved_slots().await?;
            let new = staged.into_iter().filter_map(|slot| Some(slot.track?.id));
            let search = RemovalSearch::resume(held, new, found, scan.probe_size)?;
            return Ok((scan, search));
        }
        match first {
            Some(page) => match scan.anchor(&held, page).await? {
                Some(anchor) => scan.search_removals(held, anchor).await,
                None => scan.down_to_the_known(held).await,
            },
            None => scan.down_to_the_known(held).await,
        }
    }

    async fn top(job: &Job<'_>, state: &SyncState) -> Result<FetchedPage, JobError> {
        job.begin(state).await?;
        list::fetch_page(
            job,
            &ListPosition::top(state.total_surplus),
            job.ctx.settings.sync().incremental_batch,
        )
        .await
    }

    fn place(&self, offset: u32) -> ListPosition {
        ListPosition { offset, ..ListPosition::top(self.state.total_surplus) }
    }

    /// Rows that the list shows, as far as is known.
    fn listed(&self) -> u32 {
        self.state.listed(self.cursor.total)
    }

    async fn down_to_the_known(mut self, held: Vec<StoredSlot>) -> Result<(Self, RemovalSearch), Stop> {
        loop {
            let batch = self.job.ctx.settings.sync().incremental_batch;
            let page = list::fetch_page(self.job, &self.place(self.cursor.offset), batch).await?;
            if page.total != self.cursor.total {
                return Err(MOVED.into());
            }
            if let Some(anchor) = self.anchor(&held, page).await? {
                return self.search_removals(held, anchor).await;
            }
        }
    }

    /// The page's rows if one of them is known. Otherwise all of them are new, and they are staged.
    async fn anchor(
        &mut self,
        held: &[StoredSlot],
        page: FetchedPage,
    ) -> Result<Option<Vec<Row<Saved<Track>>>>, Stop> {
        self.answers += 1;
        if page.is_short {
            // A missing new row and a removed row can cancel each other out in the count.
            return Err(Unsettled::BeginAgain("rows were left out of the head").into());
        }
        // A list that loops always names a next page.
        let at_end = page.at_end || self.cursor.offset.saturating_add(page.len()) >= self.cursor.total;
        let ListRows::Tracks(rows) = page.rows else {
            return Ok(None);
        };
        let known: HashSet<(&TrackId, Option<DateTime<Utc>>)> =
            held.iter().filter_map(|slot| slot.row.as_ref()).map(|row| (&row.id, row.added_at)).collect();
        let is_known = |saved: &Saved<Track>| known.contains(&(&saved.item.id, saved.added_at));
        if rows.iter().any(|row| row.readable().is_some_and(is_known)) {
            return Ok(Some(rows));
        }
        if at_end {
            return Err(Unsettled::Walk("nothing of the list is known").into());
        }
        self.stage(rows).await?;
        Ok(None)
    }

    async fn search_removals(
        mut self,
        held: Vec<StoredSlot>,
        rows: Vec<Row<Saved<Track>>>,
    ) -> Result<(Self, RemovalSearch), Stop> {
        let staged = match self.cursor.offset {
            0 => Vec::new(),
            _ => self.job.store().library().staged_saved_slots().await?,
        };
        let staged: Vec<Option<ObservedRow>> = staged.iter().map(seen_slot).collect();
        let page: Vec<Option<ObservedRow>> = rows.iter().map(seen_row).collect();
        let (search, learned) = RemovalSearch::begin(held, &staged, &page, self.listed(), self.probe_size)?;
        let new = search.new_rows().saturating_sub(self.cursor.offset);
        let is_new = usize::try_from(new).unwrap_or(usize::MAX);
        if new > 0 {
            self.stage(rows.iter().take(is_new).cloned().collect()).await?;
        }
        self.learn(&search, &learned, &rows).await?;
        Ok((self, search))
    }

    fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            mode: self.job.mode(true),
            cursor: Cursor::Head(self.cursor.clone()).to_json(),
            // The stored rows stay visible, and a later walk compares with them.
            processed: self.state.total_processed,
            remote: Some(self.cursor.total),
        }
    }

    #[tracing::instrument(name = "page", level = "error", skip_all, fields(offset = self.cursor.offset))]
    async fn stage(&mut self, rows: Vec<Row<Saved<Track>>>) -> Result<(), JobError> {
        let offset = self.cursor.offset;
        self.cursor.offset = offset.saturating_add(u32::try_from(rows.len()).unwrap_or(u32::MAX));
        let page = StagedPage {
            rows: ListRows::Tracks(rows),
            first_ord: i64::from(offset),
            visible: false,
            checkpoint: self.checkpoint(),
        };
        let committed = self.job.store().library().stage_page(self.job.run_id(), &page).await?;
        self.job.show_progress(&committed.state).await;
        Ok(())
    }

    /// Stores what a page revealed, with the checkpoint.
    async fn learn(
        &mut self,
        search: &RemovalSearch,
        learned: &Learned,
        rows: &[Row<Saved<Track>>],
    ) -> Result<(), JobError> {
        let Job { ctx, .. } = self.job;
        let told = learned.relinked.iter().chain(&learned.healed);
        let recognised: Vec<Recognised> = told
            .filter_map(|(ord, index)| {
                let saved = rows.get(*index)?.readable()?.clone();
                Some(Recognised { ord: *ord, saved })
            })
            .collect();
        self.cursor.search = Some(search.checkpoint().clone());
        if recognised.is_empty() && search.gone() == 0 {
            // Nothing is left to find, so a restart needs no checkpoint.
            return Ok(());
        }
        let (now, checkpoint) = (ctx.clock.now(), self.checkpoint());
        let library = self.job.store().library();
        let committed = library.commit_recognised(self.job.run_id(), &recognised, now, &checkpoint).await?;
        self.job.show_progress(&committed.state).await;
        Ok(())
    }

    /// So much is gone that a person must approve it first: no more requests are sent.
    async fn brake(&self, search: &RemovalSearch) -> Result<(), Stop> {
        let Job { entity, .. } = self.job;
        let gone = search.gone();
        let known = self.listed().saturating_sub(search.new_rows()).saturating_add(gone);
        let allowed = self.job.allowed_removals().await?.is_some_and(|most| gone <= most);
        if allowed || !needs_a_word(gone, known) {
            return Ok(());
        }
        if i64::from(gone) <= self.state.total_surplus {
            return Err(Unsettled::Walk("the total may count otherwise than it did").into());
        }
        self.job.store().library().brake(*entity, gone, self.cursor.total, self.job.next_due_at).await?;
        Err(JobError::Braked { gone, known }.into())
    }

    /// A list that shows more rows than its total must still show them. Otherwise as many rows may
    /// be gone as the total was short by, and the list would look unchanged.
    async fn look_beyond_the_total(&mut self) -> Result<(), Stop> {
        let beyond = u32::try_from(-self.state.total_surplus).unwrap_or(0).min(self.probe_size);
        if beyond == 0 {
            return Ok(());
        }
        let page = list::fetch_page(self.job, &self.place(self.cursor.total), beyond).await?;
        self.answers += 1;
        if page.len() < beyond {
            return Err(Unsettled::Walk("the total counts otherwise than it did").into());
        }
        Ok(())
    }

    /// Sends requests until every slot is accounted for.
    async fn ask(&mut self, search: &mut RemovalSearch) -> Result<SearchOutcome, Stop> {
        loop {
            match search.next()? {
                Step::Probe { offset, limit } => self.probe(search, offset, limit).await?,
                Step::Confirm(ids) => self.confirm(search, ids).await?,
                Step::Settled(outcome) => return Ok(outcome),
            }
        }
    }

    async fn probe(&mut self, search: &mut RemovalSearch, offset: u32, limit: u32) -> Result<(), Stop> {
        let page = list::fetch_page(self.job, &self.place(offset), limit).await?;
        self.answers += 1;
        let total = self.state.listed(page.total);
        let ListRows::Tracks(rows) = page.rows else {
            return Ok(());
        };
        let seen: Vec<Option<ObservedRow>> = rows.iter().map(seen_row).collect();
        let learned = search.take(offset, &seen, total)?;
        Ok(self.learn(search, &learned, &rows).await?)
    }

    /// Asks whether these tracks are saved. Without an answer they seem gone and are kept. If the
    /// app may not ask, tracks that another run also found to be gone may be removed.
    async fn confirm(&mut self, search: &mut RemovalSearch, ids: Vec<TrackId>) -> Result<(), Stop> {
        let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let there = match confirm::still_there(self.job, &names).await? {
            Contains::Answered(there) => there,
            Contains::Unanswered => {
                self.is_undecided = true;
                HashSet::new()
            }
            Contains::Closed => {
                let run = self.job.run_id();
                let was_gone = |id: &String| self.unlisted.get(id).is_some_and(|row| row.run != run);
                self.is_undecided |= !names.iter().all(was_gone);
                HashSet::new()
            }
        };
        self.vouched.extend(there.iter().cloned());
        search.confirm(ids.into_iter().map(|id| {
            let is_there = there.contains(id.as_str());
            (id, is_there)
        }));
        Ok(())
    }

    /// Tracks that the list does not show, although Spotify said earlier that they are saved. Those
    /// that Spotify no longer confirms are gone.
    async fn denied(&self) -> Result<HashSet<String>, JobError> {
        let vouched = self.unlisted.iter().filter(|(_, row)| row.is_vouched);
        let ids: Vec<String> = vouched.map(|(id, _)| id.clone()).collect();
        if ids.is_empty() {
            return Ok(HashSet::new());
        }
        Ok(match confirm::still_there(self.job, &ids).await? {
            Contains::Answered(there) => ids.into_iter().filter(|id| !there.contains(id)).collect(),
            Contains::Unanswered | Contains::Closed => HashSet::new(),
        })
    }

    /// Reads slots again that were null when their page was read, and places of rows that the list
    /// did not show; a few in each run. If such a row is shown again, it is one row too many for
    /// the removal search.
    async fn read_silent_places(
        &mut self,
        search: &mut RemovalSearch,
        outcome: &SearchOutcome,
    ) -> Result<(), Stop> {
        let library = self.job.store().library();
        let trackless = library.trackless_slots().await?;
        let hidden = library.unlisted_places().await?;
        let out: HashSet<&i64> = outcome.gone.iter().chain(&outcome.resaved).collect();
        let stay = trackless.into_iter().filter(|(_, ord)| !out.contains(ord));
        let mut places: Vec<u32> = stay
            .map(|(above, ord)| {
                let gone_above = out.iter().filter(|gone| ***gone < ord);
                gone_above.fold(above, |above, _| above.saturating_sub(1)).saturating_add(search.new_rows())
            })
            .collect();
        places.extend(hidden.into_iter().map(|place| place.saturating_add(search.new_rows())));
        places.sort_unstable();
        let size = self.probe_size;
        let windows = windows(places, size);
        // Each run takes a few others if there are many.
        let (runs, pages) = (u64::try_from(self.job.run_id().0).unwrap_or(0), windows.len().max(1) as u64);
        let first = usize::try_from(runs * NULL_PAGES as u64 % pages).unwrap_or(0);
        for from in windows.iter().cycle().skip(first).take(NULL_PAGES.min(windows.len())) {
            self.probe(search, *from, size).await?;
        }
        Ok(())
    }

    async fn finish(self, outcome: SearchOutcome) -> Result<Committed<Delta>, Stop> {
        let Job { ctx, .. } = self.job;
        if self.answers > 1 {
            let page =
                list::fetch_page(self.job, &self.place(0), self.job.ctx.settings.sync().incremental_batch)
                    .await?;
            if page.total != self.cursor.total || page.keys().into_iter().next() != self.cursor.first {
                return Err(MOVED.into());
            }
        }
        let (gone, undecided) =
            if self.is_undecided { (Vec::new(), outcome.gone) } else { (outcome.gone, Vec::new()) };
        let finish = FinishIncremental {
            remote: self.cursor.total,
            gone,
            undecided,
            denied: self.denied().await?,
            allow_removals: self.job.allowed_removals().await?,
            at: ctx.clock.now(),
            next_due_at: Some(self.job.next_due_at),
        };
        let done = self.job.store().library().finish_incremental(self.job.run_id(), &finish).await?;
        match done.outcome {
            IncrementalOutcome::Applied(delta) => Ok(Committed { outcome: delta, state: done.state }),
            IncrementalOutcome::Braked { gone, known } => Err(JobError::Braked { gone, known }.into()),
            IncrementalOutcome::Mismatch => Err(Unsettled::Walk("the numbers do not add up").into()),
        }
    }
}

/// Offsets of pages of `size` rows that show these rows, in ascending order, together with their
/// neighbours. At the edge of a page a row may have been left out, so the row there could be taken
/// for the wrong slot.
fn windows(rows: impl IntoIterator<Item = u32>, size: u32) -> Vec<u32> {
    let mut windows: Vec<u32> = Vec::new();
    for row in rows {
        let is_inside = |from: &u32| *from < row && row + 1 < from.saturating_add(size);
        if !windows.last().is_some_and(is_inside) {
            windows.push(row.saturating_sub(size / 2));
        }
    }
    windows
}

/// The stored slots, in the form that a removal search needs.
pub fn stored_slots(slots: &[SavedSlot]) -> Vec<StoredSlot> {
    slots.iter().map(|slot| StoredSlot { ord: slot.ord, row: seen_slot(slot) }).collect()
}

fn seen_slot(slot: &SavedSlot) -> Option<ObservedRow> {
    let track = slot.track.as_ref()?;
    let likeness = Likeness::new(track.isrc.as_deref(), &track.name, &track.artists, track.duration_ms);
    Some(ObservedRow { id: track.id.clone(), added_at: track.added_at, likeness })
}

/// A row of an answer, in the form that a removal search needs.
pub fn seen_row(row: &Row<Saved<Track>>) -> Option<ObservedRow> {
    row.readable().map(ObservedRow::of)
}

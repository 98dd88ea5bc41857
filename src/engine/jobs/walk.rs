//! Reads a whole list, page by page.
//!
//! Every page is staged with its checkpoint in one transaction. The end of the walk replaces the
//! list with the staged rows. While an entity has never been read completely, its pages are visible
//! in the views as soon as they are committed. The list may move during the walk. The walk notices
//! that by the total, by the first rows, and by the number of rows found. A walk that cannot be
//! trusted begins again, but only a few times: see [`RESTARTS`].

mod circle;
mod first_page;
mod gone;
mod settle;
mod shift;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashSet};

use crate::domain::{Entity, SyncState, Trigger};
use crate::store::{Checkpoint, Committed, Delta, ListRows, StagedPage};

use super::cursor::{Cursor, WalkCursor};
use super::job::Job;
use super::list::{self, FetchedPage, ListPosition};
use crate::engine::error::JobError;

/// How often a walk begins again before the list is left for the next run.
const RESTARTS: u8 = 3;
/// The same in a scheduled run after a failed one: two walks may still agree, and more walks are
/// left for another time.
const RESTARTS_AFTER_A_FAILURE: u8 = 1;
/// How often a page that contradicts the head, or that moved, is requested.
const DOUBTS: u8 = 4;
/// Consecutive empty pages after which no more rows are expected.
const EMPTY_PAGES: u8 = 3;
/// Rows at the top that identify the list.
const TOP_ROWS: usize = 5;

/// Reads the job's list: only its first page if that is enough, otherwise all of it, from its
/// checkpoint if there is one.
pub async fn list(job: &Job<'_>) -> Result<Committed<Delta>, JobError> {
    let state = job.store().sync_state().of(job.entity).await?;
    match Cursor::of(&state) {
        // An automatic walk must not be taken for the full walk that a person requested.
        Some(Cursor::Walk(cursor)) if cursor.full >= job.full() => resume(job, &state, cursor).await,
        _ => match first_page::unchanged(job, &state).await? {
            Some(state) => Ok(Committed { outcome: Delta::default(), state }),
            None => from_top(job, &state, BTreeSet::new()).await,
        },
    }
}

/// Walks the job's list from its top. `vouched` are ids that a reading before this one did not
/// find, but that Spotify said are in the library.
pub async fn from_top(
    job: &Job<'_>,
    state: &SyncState,
    vouched: BTreeSet<String>,
) -> Result<Committed<Delta>, JobError> {
    let cursor = WalkCursor { full: job.full(), vouched, ..WalkCursor::default() };
    let mut walk = ListWalk::new(job, state, cursor);
    walk.begin().await?;
    walk.read_on().await
}

async fn resume(job: &Job<'_>, state: &SyncState, cursor: WalkCursor) -> Result<Committed<Delta>, JobError> {
    let mut walk = ListWalk::new(job, state, cursor);
    walk.staged = job.store().library().staged_slots(job.entity).await?;
    if walk.cursor.total.is_some() {
        let top = walk.fetch_top(job.ctx.settings.sync().incremental_batch).await?;
        if walk.differs_from(&top) {
            walk.moved(top).await?;
        }
    }
    walk.read_on().await
}

struct ListWalk<'a> {
    job: &'a Job<'a>,
    cursor: WalkCursor,
    is_initial_complete: bool,
    /// How often it may begin again.
    restarts: u8,
    /// Rows that were stored when the walk began.
    known: u32,
    /// See [`SyncState::total_surplus`].
    surplus: i64,
    /// Slots staged so far.
    staged: u32,
    /// Answers that make up this walk. Several answers form one consistent picture only if the head
    /// is still the same.
    answers: u32,
    /// Consecutive pages that showed nothing new.
    repeats: u8,
    /// Consecutive pages that showed nothing at all.
    empty: u8,
    /// Consecutive answers that fit neither the walk nor a list that moved.
    doubts: u8,
    /// How often in a row the list had moved, without a page in between.
    shifts: u8,
    /// Ids that were not read again and that Spotify says are still in the library.
    still_there: HashSet<String>,
    /// Ids that were not read again and that may be removed.
    consented: HashSet<String>,
}

impl<'a> ListWalk<'a> {
    fn new(job: &'a Job<'a>, state: &SyncState, cursor: WalkCursor) -> Self {
        Self {
            job,
            is_initial_complete: state.is_initial_complete,
            restarts: restarts(job.run.request.trigger, state),
            known: state.total_processed,
            surplus: state.total_surplus,
            answers: u32::from(cursor.total.is_some()),
            staged: 0,
            repeats: 0,
            empty: 0,
            doubts: 0,
            shifts: 0,
            still_there: HashSet::new(),
            consented: HashSet::new(),
            cursor,
        }
    }

    async fn begin(&self) -> Result<(), JobError> {
        let state = self.job.store().library().begin_reading(self.job.entity, &self.checkpoint()).await?;
        self.job.show_progress(&state).await;
        Ok(())
    }

    async fn read_on(&mut self) -> Result<Committed<Delta>, JobError> {
        loop {
            while !self.is_at_end() {
                self.step().await?;
            }
            if let Some(done) = self.settle().await? {
                return Ok(done);
            }
        }
    }

    fn is_at_end(&self) -> bool {
        match (self.cursor.total, self.job.entity) {
            (None, _) => false,
            // The cursor shows where the artists end; a wrong total must not lose any of them.
            (Some(_), Entity::Artists) => self.cursor.after.is_none(),
            (Some(total), _) => self.cursor.offset >= total && !self.cursor.has_more,
        }
    }

    async fn fetch(&self, place: &ListPosition, limit: u32) -> Result<FetchedPage, JobError> {
        list::fetch_page(self.job, place, limit).await
    }

    async fn fetch_top(&self, limit: u32) -> Result<FetchedPage, JobError> {
        self.fetch(&ListPosition::top(self.surplus), limit).await
    }

    /// Rows to request next. If a walk over the artists failed, the next one begins with a single
    /// artist: a server that shows only a selection when no cursor is given shows everything after
    /// a cursor.
    fn page_size(&self) -> u32 {
        let is_second_try = self.job.entity == Entity::Artists && self.cursor.found_before.is_some();
        if is_second_try && self.cursor.after.is_none() {
            return 1;
        }
        self.job.ctx.settings.sync().initial_batch
    }

    /// Reads and commits one page, or notices that the list has moved.
    async fn step(&mut self) -> Result<(), JobError> {
        let place = ListPosition {
            offset: self.cursor.offset,
            after: self.cursor.after.clone(),
            surplus: self.surplus,
        };
        let fetched = match self.fetch(&place, self.page_size()).await {
            Err(error @ JobError::Incomplete { .. }) => return Err(self.give_up(error).await?),
            fetched => fetched?,
        };
        match self.cursor.total {
            None => {
                let fetched = self.believe_or_ask_again(fetched).await?;
                self.cursor.total = Some(fetched.total);
                self.cursor.top = top_of(&fetched);
                self.take_page(fetched).await
            }
            Some(total) if total != fetched.total => {
                let top = self.fetch_top(self.job.ctx.settings.sync().incremental_batch).await?;
                if self.differs_from(&top) { self.moved(top).await } else { self.doubt() }
            }
            Some(_) => self.take_page(fetched).await,
        }
    }

    /// The page and the head contradict each other: the page is requested again, but only a few
    /// times.
    fn doubt(&mut self) -> Result<(), JobError> {
        self.doubts += 1;
        if self.doubts < DOUBTS {
            return Ok(());
        }
        Err(JobError::failed(format!(
            "Spotify reports two different lengths of the list of {}; the next try continues from here",
            self.job.entity
        )))
    }

    /// One empty answer does not prove that a list is empty; two in a row are the best proof
    /// available.
    async fn believe_or_ask_again(&self, fetched: FetchedPage) -> Result<FetchedPage, JobError> {
        if fetched.len() > 0 || self.is_initial_complete && self.known == 0 {
            return Ok(fetched);
        }
        self.fetch_top(self.job.ctx.settings.sync().initial_batch).await
    }

    #[tracing::instrument(name = "page", level = "error", skip_all, fields(offset = self.cursor.offset))]
    async fn take_page(&mut self, fetched: FetchedPage) -> Result<(), JobError> {
        let rows = fetched.len();
        let first_ord = self.cursor.next_ord;
        // If a page in the middle of a list is empty, later pages may still have rows.
        let passed = if rows == 0 { fetched.limit } else { rows };
        self.cursor.offset = self.cursor.offset.saturating_add(passed);
        self.cursor.next_ord = first_ord.saturating_add(i64::from(rows));
        self.cursor.after = fetched.next_after;
        self.cursor.is_doubtful |= fetched.is_short;
        self.cursor.has_more = !fetched.at_end && rows > 0;
        self.empty = if rows == 0 { self.empty + 1 } else { 0 };
        let is_behind_the_rows =
            rows == 0 && i64::from(self.staged) + self.surplus >= i64::from(fetched.total);
        let at_end = fetched.at_end || is_behind_the_rows || self.empty >= EMPTY_PAGES;
        if at_end && self.job.entity != Entity::Artists {
            // A list that ends before its total: the missing rows show in the count of rows.
            self.cursor.offset = self.cursor.offset.max(fetched.total);
        }
        self.answers += 1;
        self.shifts = 0;
        let fresh = self.stage(fetched.rows, first_ord).await?;
        self.note_repeats(rows, fresh).await
    }

    /// Stages rows and returns how many of them were not staged before.
    async fn stage(&mut self, rows: ListRows, first_ord: i64) -> Result<u32, JobError> {
        let page =
            StagedPage { rows, first_ord, visible: !self.is_initial_complete, checkpoint: self.checkpoint() };
        let Committed { outcome, state } =
            self.job.store().library().stage_page(self.job.run_id(), &page).await?;
        self.staged = outcome.staged;
        self.doubts = 0;
        self.job.show_progress(&state).await;
        Ok(outcome.fresh)
    }

    fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            mode: self.job.mode(self.is_initial_complete),
            cursor: Cursor::Walk(self.cursor.clone()).to_json(),
            processed: self.cursor.offset.min(self.cursor.total.unwrap_or(u32::MAX)),
            remote: self.cursor.total,
        }
    }

    fn differs_from(&self, top: &FetchedPage) -> bool {
        // A smaller page shows fewer of the rows that identify the list.
        let same = top_of(top).iter().zip(&self.cursor.top).all(|(now, then)| now == then);
        self.cursor.total != Some(top.total) || !same
    }

    /// The list has moved: continue at the shifted place if the order can be trusted, otherwise
    /// begin again.
    async fn moved(&mut self, top: FetchedPage) -> Result<(), JobError> {
        self.shifts += 1;
        let can_go_on = self.job.entity == Entity::Tracks && self.shifts < DOUBTS;
        if can_go_on && self.shift(top).await? {
            return Ok(());
        }
        self.restart().await
    }

    async fn restart(&mut self) -> Result<(), JobError> {
        if self.cursor.restarts >= self.restarts {
            let why = JobError::failed(format!(
                "the list of {} kept changing while it was read; the next try starts over",
                self.job.entity
            ));
            return Err(self.give_up(why).await?);
        }
        self.cursor = WalkCursor {
            restarts: self.cursor.restarts + 1,
            found_before: self.cursor.found_before,
            full: self.cursor.full,
            vouched: std::mem::take(&mut self.cursor.vouched),
            ..WalkCursor::default()
        };
        (self.staged, self.answers, self.repeats, self.empty, self.shifts) = (0, 0, 0, 0, 0);
        self.begin().await
    }

    /// Leaves the list to the next try, which starts from the beginning. The stored rows stay, and
    /// so do the rows that a first reading has already shown.
    async fn give_up(&self, why: JobError) -> Result<JobError, JobError> {
        let Job { entity, .. } = self.job;
        let processed = if self.is_initial_complete { self.known } else { self.staged };
        let checkpoint = Checkpoint { cursor: None, processed, ..self.checkpoint() };
        self.job.store().library().begin_reading(*entity, &checkpoint).await?;
        Ok(why)
    }
}

fn restarts(trigger: Trigger, state: &SyncState) -> u8 {
    if trigger == Trigger::Schedule && state.failures.count > 0 { RESTARTS_AFTER_A_FAILURE } else { RESTARTS }
}

fn top_of(fetched: &FetchedPage) -> Vec<String> {
    fetched.keys().into_iter().take(TOP_ROWS).collect()
}

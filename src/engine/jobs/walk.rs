//! Reading a whole list, page by page.
//!
//! Every page is staged with its checkpoint in one transaction; the end swaps the stage in. While an
//! entity has never been read whole, its pages are in the views as soon as they are committed. The list
//! may move under the walk, and that is noticed: by its total, by its first rows, by the number of rows
//! found. A walk that cannot be trusted begins again and is given up after [`RESTARTS`].

mod gone;
mod shift;

use std::collections::HashSet;

use crate::domain::{Entity, SyncState};
use crate::store::{Checkpoint, Delta, FinishWalk, Finished, ListRows, WalkPage};

use super::super::error::JobError;
use super::super::job::Job;
use super::super::retry;
use super::cursor::{Cursor, WalkCursor};
use super::list::{self, Fetched, Place};

/// How often a walk begins again before it is left for the next run.
const RESTARTS: u8 = 3;
/// How often a page that contradicts the head is asked for.
const DOUBTS: u8 = 4;
/// Rows at the top by which a list is recognised.
const TOP_ROWS: usize = 5;

/// Walks the job's list, from its checkpoint where there is one.
pub async fn list(job: &Job<'_>) -> Result<Delta, JobError> {
    let state = job.ctx.store.sync_state(job.account.id, job.entity).await?;
    match Cursor::of(&state) {
        // A walk for a quiet look may not be taken for the full one that a person asked for.
        Some(Cursor::Walk(cursor)) if cursor.full >= job.full() => resume(job, &state, cursor).await,
        _ => sweep(job, &state).await,
    }
}

/// Walks the job's list from its top.
pub async fn sweep(job: &Job<'_>, state: &SyncState) -> Result<Delta, JobError> {
    let mut walk = Walk::new(job, state, WalkCursor { full: job.full(), ..WalkCursor::default() });
    walk.begin().await?;
    walk.read_on().await
}

async fn resume(job: &Job<'_>, state: &SyncState, cursor: WalkCursor) -> Result<Delta, JobError> {
    let mut walk = Walk::new(job, state, cursor);
    walk.staged = job.ctx.store.staged_slots(job.account.id, job.entity).await?;
    if walk.cursor.total.is_some() {
        let top = walk.fetch(&Place::default(), job.ctx.settings.sync().incremental_batch).await?;
        if walk.differs_from(&top) {
            walk.moved(top).await?;
        }
    }
    walk.read_on().await
}

struct Walk<'a> {
    job: &'a Job<'a>,
    cursor: WalkCursor,
    is_initial_complete: bool,
    /// Rows held when the walk began.
    known: u32,
    /// Slots staged so far.
    staged: u32,
    /// Answers in a row that fit neither the walk nor a list that moved.
    doubts: u8,
    /// Ids that were not read again and that Spotify says are still there.
    still_there: HashSet<String>,
}

impl<'a> Walk<'a> {
    fn new(job: &'a Job<'a>, state: &SyncState, cursor: WalkCursor) -> Self {
        Self {
            job,
            cursor,
            is_initial_complete: state.is_initial_complete,
            known: state.total_processed,
            staged: 0,
            doubts: 0,
            still_there: HashSet::new(),
        }
    }

    async fn begin(&self) -> Result<(), JobError> {
        self.job.ctx.store.begin_walk(self.job.account.id, self.job.entity, &self.checkpoint()).await?;
        self.job.show_progress().await
    }

    async fn read_on(&mut self) -> Result<Delta, JobError> {
        loop {
            while !self.is_at_end() {
                self.step().await?;
            }
            if let Some(delta) = self.settle().await? {
                return Ok(delta);
            }
        }
    }

    fn is_at_end(&self) -> bool {
        match (self.cursor.total, self.job.entity) {
            (None, _) => false,
            // The cursor says when the artists end; a total that lies must not cost any.
            (Some(_), Entity::Artists) => self.cursor.after.is_none(),
            (Some(total), _) => self.cursor.offset >= total,
        }
    }

    async fn fetch(&self, place: &Place, limit: u32) -> Result<Fetched, JobError> {
        let Job { ctx, ask, entity, .. } = self.job;
        let fetch = |limit| list::fetch(&ctx.client, ask, *entity, place, limit);
        Ok(retry::page(&ctx.clock, ask, limit, fetch).await?)
    }

    /// Reads and commits one page, or notices that the list has moved.
    async fn step(&mut self) -> Result<(), JobError> {
        let place = Place { offset: self.cursor.offset, after: self.cursor.after.clone() };
        let fetched = self.fetch(&place, self.job.ctx.settings.sync().initial_batch).await?;
        match self.cursor.total {
            None => {
                let fetched = self.believe_or_ask_again(fetched).await?;
                self.cursor.total = Some(fetched.total);
                self.cursor.top = top_of(&fetched);
                self.commit(fetched).await
            }
            Some(total) if total != fetched.total => {
                let top =
                    self.fetch(&Place::default(), self.job.ctx.settings.sync().incremental_batch).await?;
                if self.differs_from(&top) { self.moved(top).await } else { self.doubt() }
            }
            Some(_) => self.commit(fetched).await,
        }
    }

    /// The page says one thing and the head another: the page is asked for again, but not for ever.
    fn doubt(&mut self) -> Result<(), JobError> {
        self.doubts += 1;
        if self.doubts < DOUBTS {
            return Ok(());
        }
        Err(JobError::failed(format!(
            "Spotify tells two lengths for the list of {}; the next try goes on from here",
            self.job.entity
        )))
    }

    /// One empty answer is no proof of an empty list; two in a row are all that can be had.
    async fn believe_or_ask_again(&self, fetched: Fetched) -> Result<Fetched, JobError> {
        if fetched.len() > 0 || self.is_initial_complete && self.known == 0 {
            return Ok(fetched);
        }
        self.fetch(&Place::default(), self.job.ctx.settings.sync().initial_batch).await
    }

    async fn commit(&mut self, fetched: Fetched) -> Result<(), JobError> {
        let rows = fetched.len();
        let first_ord = self.cursor.next_ord;
        self.cursor.offset = self.cursor.offset.saturating_add(rows);
        self.cursor.next_ord = first_ord.saturating_add(i64::from(rows));
        self.cursor.after = fetched.next_after;
        self.cursor.is_doubtful |= fetched.is_short;
        if fetched.at_end && self.job.entity != Entity::Artists {
            // A list that ends before its total: what is missing shows in the count of rows.
            self.cursor.offset = self.cursor.offset.max(fetched.total);
        }
        self.stage(fetched.rows, first_ord).await
    }

    async fn stage(&mut self, rows: ListRows, first_ord: i64) -> Result<(), JobError> {
        let page =
            WalkPage { rows, first_ord, visible: !self.is_initial_complete, checkpoint: self.checkpoint() };
        let Job { ctx, account, .. } = self.job;
        let committed = ctx.store.commit_page(account.id, self.job.run(), &page).await?;
        self.staged = committed.staged;
        self.doubts = 0;
        self.job.show_progress().await
    }

    fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            mode: self.job.mode(self.is_initial_complete),
            cursor: Cursor::Walk(self.cursor.clone()).to_json(),
            processed: self.cursor.offset.min(self.cursor.total.unwrap_or(u32::MAX)),
            remote: self.cursor.total,
        }
    }

    fn differs_from(&self, top: &Fetched) -> bool {
        // A smaller page shows fewer of the rows by which the list is known.
        let same = top_of(top).iter().zip(&self.cursor.top).all(|(now, then)| now == then);
        self.cursor.total != Some(top.total) || !same
    }

    /// The list is not what it was: go on at the shifted place where the order can be trusted, else
    /// begin again.
    async fn moved(&mut self, top: Fetched) -> Result<(), JobError> {
        if self.job.entity == Entity::Tracks && self.shift(top).await? {
            return Ok(());
        }
        self.restart().await
    }

    async fn restart(&mut self) -> Result<(), JobError> {
        if self.cursor.restarts >= RESTARTS {
            self.cursor = WalkCursor::default();
            self.begin().await?;
            return Err(JobError::failed(format!(
                "the list of {} kept changing while it was read; the next try begins anew",
                self.job.entity
            )));
        }
        self.cursor = WalkCursor {
            restarts: self.cursor.restarts + 1,
            found_before: self.cursor.found_before,
            full: self.cursor.full,
            ..WalkCursor::default()
        };
        self.staged = 0;
        self.begin().await
    }

    /// The end of the list: swaps the stage in, or begins again and answers `None` where the walk
    /// cannot be trusted.
    async fn settle(&mut self) -> Result<Option<Delta>, JobError> {
        // What came on top while the list was read may be a row of it that was read before: only a reading through
        // which nothing comes tells.
        let has_shifted = self.cursor.top_ord < 0;
        if has_shifted && self.has_read_a_row_twice().await? {
            return self.restart().await.map(|()| None);
        }
        let total = self.cursor.total.unwrap_or_default();
        // A row that was left out may be made up for in number by one that was read twice.
        let complete = self.staged == total && !self.cursor.is_doubtful;
        // A first reading of the saved tracks that missed a row, or read one that is gone since, stands as
        // it is: the next incremental run counts, and settles it.
        let is_first = self.job.entity == Entity::Tracks && !self.is_initial_complete;
        let is_twofold = is_first && self.staged > total && self.has_read_a_row_twice().await?;
        let settles_later = is_first && !self.cursor.is_doubtful && !is_twofold;
        if !complete && !settles_later && self.cursor.found_before != Some(self.staged) {
            self.cursor.found_before = Some(self.staged);
            return self.restart().await.map(|()| None);
        }
        if self.is_initial_complete && !self.is_gone_what_is_missing(total).await? {
            return self.restart().await.map(|()| None);
        }
        self.swap_in(total.max(self.staged), complete || !settles_later).await.map(Some)
    }

    /// A row that was read again under another id would be taken for one that was removed later.
    async fn has_read_a_row_twice(&self) -> Result<bool, JobError> {
        Ok(self.job.ctx.store.has_staged_twins(self.job.account.id).await?)
    }

    async fn swap_in(&self, remote: u32, settled: bool) -> Result<Delta, JobError> {
        let Job { ctx, account, entity, .. } = self.job;
        let now = ctx.clock.now();
        let finish = FinishWalk {
            baseline: !self.is_initial_complete,
            allow_removals: self.job.allowed_removals().await?,
            still_there: self.still_there.clone(),
            remote,
            at: now,
            next_due_at: Some(if settled { self.job.next_due_at } else { now }),
        };
        match ctx.store.finish_walk(account.id, self.job.run(), *entity, &finish).await? {
            Finished::Applied(delta) => Ok(delta),
            Finished::Braked { gone, known } => Err(JobError::Braked { gone, known }),
        }
    }
}

fn top_of(fetched: &Fetched) -> Vec<String> {
    fetched.keys().into_iter().take(TOP_ROWS).collect()
}

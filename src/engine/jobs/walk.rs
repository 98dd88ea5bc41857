//! Reading a whole list, page by page.
//!
//! Every page is staged with its checkpoint in one transaction; the end swaps the stage in. While an
//! entity has never been read whole, its pages are in the views as soon as they are committed. The list
//! may move under the walk, and that is noticed: by its total, by its first rows, by the number of rows
//! found. A walk that cannot be trusted begins again and is given up after [`RESTARTS`].

use std::collections::HashSet;

use crate::domain::{Entity, Row, Saved, SyncState, Track};
use crate::store::{Checkpoint, Delta, FinishWalk, Finished, ListRows, Missing, WalkPage};

use super::super::error::JobError;
use super::super::job::Job;
use super::super::retry;
use super::confirm;
use super::cursor::{Cursor, WalkCursor};
use super::list::{self, Fetched, Place};

/// How often a walk begins again before it is left for the next run.
const RESTARTS: u8 = 3;
/// How often a page that contradicts the head is asked for.
const DOUBTS: u8 = 4;
/// Rows at the top by which a list is recognised.
const TOP_ROWS: usize = 5;
/// Pages read from the top in search of the rows that used to be there.
const SHIFT_PAGES: u32 = 10;

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
        let top = walk.fetch(&Place::default(), job.ctx.settings.sync.incremental_batch).await?;
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
        let fetched = self.fetch(&place, self.job.ctx.settings.sync.initial_batch).await?;
        match self.cursor.total {
            None => {
                let fetched = self.believe_or_ask_again(fetched).await?;
                self.cursor.total = Some(fetched.total);
                self.cursor.top = top_of(&fetched);
                self.commit(fetched).await
            }
            Some(total) if total != fetched.total => {
                let top = self.fetch(&Place::default(), self.job.ctx.settings.sync.incremental_batch).await?;
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
        self.fetch(&Place::default(), self.job.ctx.settings.sync.initial_batch).await
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

    /// Saved tracks are newest-first, so what came meanwhile stands above the rows that used to be on
    /// top: they are staged there, and the walk goes on as many places further as the list has grown.
    /// Rows gone meanwhile make it go back, never ahead, and a row that is read twice is staged once.
    async fn shift(&mut self, top: Fetched) -> Result<bool, JobError> {
        let Some(old_total) = self.cursor.total else {
            return Ok(false);
        };
        let new_top = top_of(&top);
        let (new_total, mut page, mut above) = (top.total, top, Vec::new());
        for _ in 0..SHIFT_PAGES {
            let anchor = page.keys().iter().position(|key| self.cursor.top.contains(key));
            let at_end = page.at_end;
            let ListRows::Tracks(rows) = page.rows else {
                return Ok(false);
            };
            above.extend(rows.into_iter().take(anchor.unwrap_or(usize::MAX)));
            if anchor.is_some() {
                return self.go_on_shifted(above, new_top, old_total, new_total).await.map(|()| true);
            }
            let place = Place { offset: u32::try_from(above.len()).unwrap_or(u32::MAX), after: None };
            if at_end || place.offset >= new_total {
                break;
            }
            page = self.fetch(&place, self.job.ctx.settings.sync.incremental_batch).await?;
            if page.total != new_total {
                break;
            }
        }
        Ok(false)
    }

    async fn go_on_shifted(
        &mut self,
        above: Vec<Row<Saved<Track>>>,
        new_top: Vec<String>,
        old_total: u32,
        new_total: u32,
    ) -> Result<(), JobError> {
        let count = u32::try_from(above.len()).unwrap_or(u32::MAX);
        let grown = i64::from(new_total) - i64::from(old_total);
        let offset = (i64::from(self.cursor.offset) + grown).clamp(i64::from(count), i64::from(new_total));
        self.cursor.offset = u32::try_from(offset).unwrap_or(new_total);
        self.cursor.total = Some(new_total);
        self.cursor.top = new_top;
        self.cursor.top_ord -= i64::from(count);
        self.stage(ListRows::Tracks(above), self.cursor.top_ord).await
    }

    /// The end of the list: swaps the stage in, or begins again and answers `None` where the walk
    /// cannot be trusted.
    async fn settle(&mut self) -> Result<Option<Delta>, JobError> {
        let total = self.cursor.total.unwrap_or_default();
        // A row that was left out may be made up for in number by one that was read twice.
        let complete = self.staged == total && !self.cursor.is_doubtful;
        // A first reading of the saved tracks that missed a row, or read one that is gone since, stands as
        // it is: the next incremental run counts, and settles it.
        let settles_later = self.job.entity == Entity::Tracks
            && !self.is_initial_complete
            && !self.cursor.is_doubtful
            && !(self.staged > total && self.has_read_a_row_twice().await?);
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

    /// Before anything is marked as gone: a last look at the head, since a row that moved from a page
    /// not yet read to one already read was missed, not removed; and Spotify's own word.
    async fn is_gone_what_is_missing(&mut self, total: u32) -> Result<bool, JobError> {
        let Job { ctx, account, entity, .. } = self.job;
        let allowed = self.job.allowed_removals().await?;
        let missing = ctx.store.missing(account.id, *entity, allowed).await?;
        if missing.gone.is_empty() {
            return Ok(true);
        }
        let one_answer = total <= ctx.settings.sync.initial_batch;
        if !one_answer && !self.is_head_still_there().await? {
            return Ok(false);
        }
        match confirm::still_there(self.job, &missing.gone).await? {
            Some(there) if there.is_empty() => Ok(true),
            // A null row hides it, or the pages contradict the account.
            Some(there) => {
                let explained = ctx.store.keep_masked(account.id, *entity, &there).await?;
                self.still_there = there;
                Ok(explained)
            }
            None => self.keep_what_may_be_hidden(missing).await,
        }
    }

    async fn is_head_still_there(&self) -> Result<bool, JobError> {
        let limit = u32::try_from(self.cursor.top.len()).unwrap_or(1).max(1);
        Ok(!self.differs_from(&self.fetch(&Place::default(), limit).await?))
    }

    /// Without Spotify's word: as many new null rows as things that are missing hide them.
    async fn keep_what_may_be_hidden(&self, missing: Missing) -> Result<bool, JobError> {
        let Job { ctx, account, entity, .. } = self.job;
        let gone = u32::try_from(missing.gone.len()).unwrap_or(u32::MAX);
        match missing.new_null_rows {
            0 => Ok(true),
            hidden if gone <= hidden => {
                let ids = missing.gone.into_iter().collect();
                Ok(ctx.store.keep_masked(account.id, *entity, &ids).await?)
            }
            _ => Err(JobError::failed(format!(
                "rows of the {entity} could not be read and some are gone, which cannot be told apart; all are kept"
            ))),
        }
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

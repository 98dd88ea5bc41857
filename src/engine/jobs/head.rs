//! Saved tracks after the first reading: what is new stands on top.
//!
//! Rows are read from the top until one is known. With *L* slots known, *n* new ones of which *r* carry
//! an id already held, and a remote total *T*, the list is understood when `L - r + n = T`: nothing else
//! can have happened. Otherwise something is gone, and the whole list is walked.

use crate::domain::{Row, Saved, SyncState, Track};
use crate::store::{Checkpoint, Delta, FinishHead, HeadOutcome, ListRows, SlotKey, WalkPage};

use super::super::error::JobError;
use super::super::job::Job;
use super::super::retry;
use super::cursor::{Cursor, HeadCursor};
use super::list::{self, Fetched, Place};
use super::walk;

/// The saved tracks: walked whole the first time and on request, from the top otherwise.
pub async fn saved_tracks(job: &Job<'_>) -> Result<Delta, JobError> {
    let state = job.ctx.store.sync_state(job.account.id, job.entity).await?;
    let walk_under_way = matches!(Cursor::of(&state), Some(Cursor::Walk(_)));
    if job.full() || !state.is_initial_complete || walk_under_way {
        return walk::list(job).await;
    }
    match from_the_top(job, &state).await? {
        Some(delta) => Ok(delta),
        None => walk::sweep(job, &state).await,
    }
}

/// Reads and applies what is new; `None` where that does not explain the list.
async fn from_the_top(job: &Job<'_>, state: &SyncState) -> Result<Option<Delta>, JobError> {
    let mut cursor = match Cursor::of(state) {
        Some(Cursor::Head(cursor)) => Some(cursor),
        _ => None,
    };
    if cursor.is_none() {
        begin(job).await?;
    }
    loop {
        let offset = cursor.as_ref().map_or(0, |cursor| cursor.offset);
        let page = fetch(job, offset).await?;
        if cursor.as_ref().is_some_and(|cursor| cursor.total != page.total) {
            return Ok(None);
        }
        let total = page.total;
        let first = match &cursor {
            Some(cursor) => cursor.first.clone(),
            None => page.keys().into_iter().next(),
        };
        let at_end = page.at_end;
        let (new, anchored) = new_rows(job, page).await?;
        let count = u32::try_from(new.len()).unwrap_or(u32::MAX);
        let next = HeadCursor { offset: offset.saturating_add(count), total, first };
        if count > 0 {
            stage(job, new, offset, &next).await?;
        }
        if anchored {
            return finish(job, &next, offset > 0).await;
        }
        if at_end {
            return Ok(None);
        }
        cursor = Some(next);
    }
}

async fn begin(job: &Job<'_>) -> Result<(), JobError> {
    let state = job.ctx.store.sync_state(job.account.id, job.entity).await?;
    let checkpoint = Checkpoint {
        mode: job.mode(true),
        cursor: None,
        processed: state.total_processed,
        remote: state.total_remote,
    };
    job.ctx.store.begin_walk(job.account.id, job.entity, &checkpoint).await?;
    job.show_progress().await
}

async fn fetch(job: &Job<'_>, offset: u32) -> Result<Fetched, JobError> {
    let place = &Place { offset, after: None };
    let fetch = |limit| list::fetch(&job.ctx.client, &job.ask, job.entity, place, limit);
    let limit = job.ctx.settings.sync.incremental_batch;
    Ok(retry::page(&job.ctx.clock, &job.ask, limit, fetch).await?)
}

/// The rows above the first known one, and whether there is a known one on this page.
async fn new_rows(job: &Job<'_>, page: Fetched) -> Result<(Vec<Row<Saved<Track>>>, bool), JobError> {
    let ListRows::Tracks(mut rows) = page.rows else {
        return Ok((Vec::new(), false));
    };
    let keys: Vec<SlotKey> = rows.iter().map(slot_key).collect();
    let known = job.ctx.store.known_saved_tracks(job.account.id, &keys).await?;
    match known.iter().position(|known| *known) {
        Some(anchor) => {
            rows.truncate(anchor);
            Ok((rows, true))
        }
        None => Ok((rows, false)),
    }
}

fn slot_key(row: &Row<Saved<Track>>) -> SlotKey {
    let saved = row.readable();
    SlotKey {
        track_id: saved.map(|saved| saved.item.id.clone()),
        added_at: saved.and_then(|saved| saved.added_at),
    }
}

async fn stage(
    job: &Job<'_>,
    rows: Vec<Row<Saved<Track>>>,
    offset: u32,
    next: &HeadCursor,
) -> Result<(), JobError> {
    let page = WalkPage {
        rows: ListRows::Tracks(rows),
        first_ord: i64::from(offset),
        visible: false,
        checkpoint: Checkpoint {
            mode: job.mode(true),
            cursor: Cursor::Head(next.clone()).to_json(),
            processed: next.offset,
            remote: Some(next.total),
        },
    };
    job.ctx.store.commit_page(job.account.id, job.run(), &page).await?;
    job.show_progress().await
}

async fn finish(job: &Job<'_>, cursor: &HeadCursor, several_pages: bool) -> Result<Option<Delta>, JobError> {
    if several_pages && head_moved(job, cursor).await? {
        return Ok(None);
    }
    let finish =
        FinishHead { remote: cursor.total, at: job.ctx.clock.now(), next_due_at: Some(job.next_due_at) };
    match job.ctx.store.finish_head(job.account.id, job.run(), &finish).await? {
        HeadOutcome::Applied(delta) => Ok(Some(delta)),
        HeadOutcome::Mismatch => Ok(None),
    }
}

/// Several pages are one picture only if the first row and the total are still what they were.
async fn head_moved(job: &Job<'_>, cursor: &HeadCursor) -> Result<bool, JobError> {
    let page = fetch(job, 0).await?;
    Ok(page.total != cursor.total || page.keys().into_iter().next() != cursor.first)
}

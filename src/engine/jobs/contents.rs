//! The contents of the playlists. A list is read if its listed snapshot id or count differs from
//! the stored one. Each run also reads a few other lists, so that in time every list is read again.
//!
//! The stored id is the one listed *before* the first page: if anything moved meanwhile, the next
//! listing differs and the list is read again. A list that contradicts its listing stays as it was
//! until another run finds the same. Lists that got shorter wait until the end of the run, because
//! all losses together may trigger the brake.
//!
//! Once Spotify has refused one list of another person, the others are marked as hidden without a
//! request. One of them is still requested each day; if Spotify shows it, the others are read, too.
//! The account's own lists are never hidden in this way.

mod fetch;
mod list;
mod refusals;
mod shrinking;
mod stale_lists;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::domain::{Capability, ContentsState, Entity, SyncState};
use crate::store::{Attempts, Checkpoint, Committed, ContentsJob, ContentsMark, Delta, FinishContents};

use super::availability::Availability;
use super::cursor::{ContentsCursor, Cursor, ListPlace};
use super::job::Job;
use crate::engine::error::JobError;

use list::ListOutcome;
use refusals::{RefusalVerdict, Refusals, RefusedList};
use shrinking::Shrinking;

/// Reads every list that needs it.
pub async fn all(job: &Job<'_>) -> Result<Committed<Delta>, JobError> {
    let mut reading = ContentsReading::begin(job).await?;
    let now = job.ctx.clock.now();
    let mut todo = job.store().playlists().contents_todo(now, reading.everything).await?;
    todo.extend(reading.probe(&todo).await?);
    for list in &todo {
        reading.list(list).await?;
    }
    for list in reading.uncovered(&todo).await? {
        reading.list(&list).await?;
    }
    reading.read_aged().await?;
    reading.end_of_refusals().await?;
    reading.shrink().await?;
    reading.finish().await
}

struct ContentsReading<'a> {
    job: &'a Job<'a>,
    is_initial_complete: bool,
    everything: bool,
    resume: Option<ListPlace>,
    /// When the contents were last up to date.
    last_synced_at: Option<DateTime<Utc>>,
    delta: Delta,
    unreadable: u32,
    /// Rows at which the server failed when a list was last read, by the playlist's id.
    unreadable_places: HashMap<String, Vec<u32>>,
    refusals: Refusals,
    shrinking: Shrinking,
    /// Whether a list of another person was requested in this run.
    has_asked_others: bool,
    /// The entity's row as last written.
    state: SyncState,
}

impl<'a> ContentsReading<'a> {
    async fn begin(job: &'a Job<'a>) -> Result<Self, JobError> {
        let playlists = job.store().playlists();
        let state = job.store().sync_state().of(job.entity).await?;
        let cursor = match Cursor::of(&state) {
            Some(Cursor::Contents(cursor)) => cursor,
            _ => ContentsCursor { everything: false, list: None },
        };
        playlists.show_own_lists().await?;
        if job.full() && !cursor.everything {
            playlists.start_contents_generation().await?;
        }
        let resume = match cursor.list {
            // The staged rows go when the list is marked as unreadable, and a kill may come before the next checkpoint.
            Some(place) if playlists.has_staged(&place.id).await? => Some(place),
            _ => None,
        };
        let mut reading = Self {
            job,
            is_initial_complete: state.is_initial_complete,
            everything: job.full() || cursor.everything,
            resume,
            last_synced_at: state.last_synced_at,
            delta: Delta::default(),
            unreadable: 0,
            unreadable_places: job.store().library().unreadable_places(job.entity).await?,
            refusals: Refusals::default(),
            shrinking: Shrinking::of(playlists.stored_contents().await?),
            has_asked_others: false,
            state,
        };
        if reading.resume.is_none() {
            let checkpoint = reading.checkpoint(None).await?;
            reading.state = job.store().library().begin_reading(job.entity, &checkpoint).await?;
        }
        job.show_progress(&reading.state).await;
        Ok(reading)
    }

    async fn checkpoint(&self, list: Option<ListPlace>) -> Result<Checkpoint, JobError> {
        let (done, total) = self.job.store().playlists().contents_progress().await?;
        let under_way = list.as_ref().map_or(0, |list| list.offset);
        let cursor = Cursor::Contents(ContentsCursor { everything: self.everything, list });
        Ok(Checkpoint {
            mode: self.job.mode(self.is_initial_complete),
            cursor: cursor.to_json(),
            processed: done.saturating_add(under_way).min(total),
            remote: Some(total),
        })
    }

    /// A hidden list to request, if it is time to check whether Spotify still hides them. `None` if
    /// one of the lists in `todo` will show that.
    async fn probe(&self, todo: &[ContentsJob]) -> Result<Option<ContentsJob>, JobError> {
        let Job { ctx, .. } = self.job;
        let is_time = self.job.availability(Capability::ForeignContents).await? == Availability::Probe;
        if !is_time || todo.iter().any(|list| !self.is_own(list)) {
            return Ok(None);
        }
        Ok(self.job.store().playlists().a_hidden_list(ctx.clock.now()).await?)
    }

    /// The lists that became readable because one of the `asked` lists was shown.
    async fn uncovered(&self, asked: &[ContentsJob]) -> Result<Vec<ContentsJob>, JobError> {
        let Job { ctx, .. } = self.job;
        let mut todo = self.job.store().playlists().contents_todo(ctx.clock.now(), false).await?;
        todo.retain(|list| {
            let is_new = asked.iter().all(|asked| asked.id != list.id);
            list.state == ContentsState::Pending && !self.is_own(list) && is_new
        });
        Ok(todo)
    }

    /// Whether it is requested whatever other lists show. A list without a known owner counts as
    /// own.
    fn is_own(&self, list: &ContentsJob) -> bool {
        list.collaborative || list.owner_id.is_empty() || list.owner_id == self.job.account.user.id
    }

    #[tracing::instrument(name = "playlist", level = "error", skip_all, fields(id = %list.id))]
    async fn list(&mut self, list: &ContentsJob) -> Result<(), JobError> {
        let outcome = if self.is_known_hidden(list).await? {
            ListOutcome::Hidden
        } else {
            self.read_whole(list).await?
        };
        if self.is_own(list) && outcome.is_shown() {
            for refused in self.refusals.shown() {
                self.mark_refused(&refused).await?;
            }
        }
        match outcome {
            ListOutcome::Stored(delta) => self.delta += delta,
            ListOutcome::Shorter(shorter) => self.shrinking.add(*shorter),
            ListOutcome::Hidden => self.mark(list, ContentsState::Hidden, None, None).await?,
            ListOutcome::NotFound => self.mark_not_found(list).await?,
            ListOutcome::Forbidden { said } => {
                let refused = self.refusals.refused(list, said);
                self.judge(refused).await?;
            }
            ListOutcome::Unreadable(why) => {
                self.unreadable += 1;
                let is_to_wait = list.attempts.count >= Attempts::AT_ONCE;
                let retry_at = is_to_wait.then(|| self.job.ctx.clock.now() + Attempts::LATER);
                self.mark(list, ContentsState::Failed, Some(&why), retry_at).await?;
            }
        }
        self.job.show_progress(&self.state).await;
        Ok(())
    }

    async fn judge(&self, refused: RefusalVerdict) -> Result<(), JobError> {
        match refused {
            RefusalVerdict::Unclear => Ok(()),
            RefusalVerdict::App { said } => Err(JobError::AppRefused { said }),
            RefusalVerdict::Lists(lists) => {
                for refused in &lists {
                    self.mark_refused(refused).await?;
                }
                Ok(())
            }
        }
    }

    async fn end_of_refusals(&mut self) -> Result<(), JobError> {
        let refused = self.refusals.end();
        self.judge(refused).await
    }

    async fn mark_refused(&self, RefusedList { list, said }: &RefusedList) -> Result<(), JobError> {
        let why = format!(
            "Spotify refuses its contents ({said}); it is requested again tomorrow or when the list changes"
        );
        let retry_at = self.job.ctx.clock.now() + Attempts::LATER;
        self.mark(list, ContentsState::Failed, Some(&why), Some(retry_at)).await
    }

    /// It is listed but not found, which says nothing about other lists.
    async fn mark_not_found(&self, list: &ContentsJob) -> Result<(), JobError> {
        let state = if self.is_own(list) { ContentsState::Failed } else { ContentsState::Hidden };
        let why =
            "Spotify lists it but does not find it; it is requested again tomorrow or when the list changes";
        let retry_at = self.job.ctx.clock.now() + Attempts::LATER;
        self.mark(list, state, Some(why), Some(retry_at)).await
    }

    /// Stores the state of a list if it has changed.
    async fn mark(
        &self,
        list: &ContentsJob,
        state: ContentsState,
        why: Option<&str>,
        retry_at: Option<DateTime<Utc>>,
    ) -> Result<(), JobError> {
        if let Some(why) = why {
            tracing::warn!(playlist = %list.id, %why, "the contents of a playlist could not be read");
        }
        let mark = ContentsMark { state, why: why.map(ToOwned::to_owned), retry_at };
        Ok(self.job.store().playlists().mark_contents(&list.id, &mark).await?)
    }

    /// After the first refusal of another person's list, all such lists are marked as hidden
    /// without a request. A full resync requests one of them even if they are known to be hidden.
    async fn is_known_hidden(&mut self, list: &ContentsJob) -> Result<bool, JobError> {
        if self.is_own(list) {
            return Ok(false);
        }
        let is_asked_anew = self.everything && !self.has_asked_others;
        self.has_asked_others = true;
        Ok(!is_asked_anew
            && self.job.availability(Capability::ForeignContents).await? == Availability::Closed)
    }

    async fn finish(self) -> Result<Committed<Delta>, JobError> {
        let Job { ctx, .. } = self.job;
        let lists = self.job.store().sync_state().of(Entity::Playlists).await?;
        if !lists.is_initial_complete {
            // The contents are complete only if the list of playlists is complete.
            return Err(JobError::failed("the list of playlists is incomplete; sync playlists first"));
        }
        let finish = FinishContents {
            at: ctx.clock.now(),
            next_due_at: Some(self.job.next_due_at),
            is_success: self.unreadable == 0,
        };
        let state = self.job.store().playlists().finish_contents(self.job.run_id(), &finish).await?;
        if self.unreadable > 0 {
            return Err(JobError::failed(format!(
                "{} playlists could not be read; their stored contents are kept",
                self.unreadable
            )));
        }
        Ok(Committed { outcome: self.delta, state })
    }
}

//! The contents of the playlists: those whose listed snapshot id differs from the one whose contents are
//! stored, and now and then a few others, so that in time every list is read again.
//!
//! That id is the one listed *before* the first page: if anything moved meanwhile, the next listing
//! differs and the list is read again.
//!
//! Other people's lists are hidden without asking once Spotify has refused one of them; one a day is asked
//! for all the same, and when it is shown the others follow.

mod aged;
mod asking;

use chrono::{DateTime, Utc};

use crate::domain::{Capability, ContentsState, Entity, Page, PlaylistItem, SnapshotId};
use crate::store::{
    Checkpoint, ContentsCommitted, ContentsJob, ContentsPage, Delta, Fingerprint, FinishContents,
    LastContentsPage,
};

use super::super::capability::Course;
use super::super::error::JobError;
use super::super::job::Job;
use super::super::retry;
use super::cursor::{ContentsCursor, Cursor, ListPlace};

use asking::Refusal;

/// Reads every list that needs it.
pub async fn all(job: &Job<'_>) -> Result<Delta, JobError> {
    let mut reading = Reading::begin(job).await?;
    let mut todo = job.ctx.store.contents_todo(job.account.id, reading.everything).await?;
    todo.extend(reading.probe(&todo).await?);
    for list in &todo {
        reading.list(list).await?;
    }
    for list in reading.uncovered(&todo).await? {
        reading.list(&list).await?;
    }
    reading.read_aged().await?;
    reading.finish().await
}

struct Reading<'a> {
    job: &'a Job<'a>,
    is_initial_complete: bool,
    everything: bool,
    resume: Option<ListPlace>,
    /// When the contents were last brought up to date.
    last_synced_at: Option<DateTime<Utc>>,
    delta: Delta,
    unreadable: u32,
    /// What the reading before this one found, of a list that does not come out.
    before: Option<Fingerprint>,
}

/// What became of one list.
enum Outcome {
    Stored(Delta),
    Hidden,
    /// It changed while it was read.
    Moved {
        /// Its version since, where that was asked.
        snapshot_id: Option<SnapshotId>,
    },
    Failed(String),
}

/// What is said of a list that never stood still.
const MOVED: &str = "the list changed while it was read; the next sync reads it again";
/// How often a list that moves while it is read is read again at once.
const READINGS: u32 = 3;

impl<'a> Reading<'a> {
    async fn begin(job: &'a Job<'a>) -> Result<Self, JobError> {
        let store = &job.ctx.store;
        let state = store.sync_state(job.account.id, job.entity).await?;
        let cursor = match Cursor::of(&state) {
            Some(Cursor::Contents(cursor)) => cursor,
            _ => ContentsCursor { everything: false, list: None },
        };
        if job.full() && !cursor.everything {
            store.start_contents_generation(job.account.id).await?;
        }
        let reading = Self {
            job,
            is_initial_complete: state.is_initial_complete,
            everything: job.full() || cursor.everything,
            resume: cursor.list,
            last_synced_at: state.last_synced_at,
            delta: Delta::default(),
            unreadable: 0,
            before: None,
        };
        if reading.resume.is_none() {
            store.begin_walk(job.account.id, job.entity, &reading.checkpoint(None).await?).await?;
        }
        job.show_progress().await?;
        Ok(reading)
    }

    async fn checkpoint(&self, list: Option<ListPlace>) -> Result<Checkpoint, JobError> {
        let (done, total) = self.job.ctx.store.contents_progress(self.job.account.id).await?;
        let under_way = list.as_ref().map_or(0, |list| list.offset);
        let cursor = Cursor::Contents(ContentsCursor { everything: self.everything, list });
        Ok(Checkpoint {
            mode: self.job.mode(self.is_initial_complete),
            cursor: cursor.to_json(),
            processed: done.saturating_add(under_way).min(total),
            remote: Some(total),
        })
    }

    /// A hidden list to ask for, where it is time to see whether Spotify still hides them and none of the
    /// lists `todo` will tell.
    async fn probe(&self, todo: &[ContentsJob]) -> Result<Option<ContentsJob>, JobError> {
        let Job { ctx, account, .. } = self.job;
        let is_time = self.job.course(Capability::ForeignContents).await? == Course::Probe;
        if !is_time || todo.iter().any(|list| !self.is_own(list)) {
            return Ok(None);
        }
        Ok(ctx.store.a_hidden_list(account.id, ctx.clock.now()).await?)
    }

    /// The lists that became readable when one of those `asked` for was shown after all.
    async fn uncovered(&self, asked: &[ContentsJob]) -> Result<Vec<ContentsJob>, JobError> {
        let mut todo = self.job.ctx.store.contents_todo(self.job.account.id, false).await?;
        todo.retain(|list| {
            list.state == ContentsState::Pending && asked.iter().all(|asked| asked.id != list.id)
        });
        Ok(todo)
    }

    fn is_own(&self, list: &ContentsJob) -> bool {
        list.collaborative || list.owner_id == self.job.account.user.id
    }

    async fn list(&mut self, list: &ContentsJob) -> Result<(), JobError> {
        let outcome = if self.is_known_hidden(list).await? {
            Outcome::Hidden
        } else {
            self.read_until_it_stands_still(list).await?
        };
        let Job { ctx, account, .. } = self.job;
        match outcome {
            Outcome::Stored(delta) => self.delta += delta,
            Outcome::Hidden => {
                ctx.store.mark_contents(account.id, &list.id, ContentsState::Hidden, None).await?;
            }
            Outcome::Moved { .. } => self.failed(list, MOVED).await?,
            Outcome::Failed(why) => self.failed(list, &why).await?,
        }
        self.job.show_progress().await
    }

    async fn failed(&mut self, list: &ContentsJob, why: &str) -> Result<(), JobError> {
        let Job { ctx, account, .. } = self.job;
        self.unreadable += 1;
        tracing::warn!(playlist = %list.id, %why, "the contents of a playlist could not be read");
        Ok(ctx.store.mark_contents(account.id, &list.id, ContentsState::Failed, Some(why)).await?)
    }

    async fn read_until_it_stands_still(&mut self, list: &ContentsJob) -> Result<Outcome, JobError> {
        let mut list = list.clone();
        self.before = None;
        for _ in 1..READINGS {
            match self.read(&list).await? {
                // The next reading is of what is listed now.
                Outcome::Moved { snapshot_id: Some(newer) } => list.snapshot_id = Some(newer),
                Outcome::Moved { snapshot_id: None } => {}
                outcome => return Ok(outcome),
            }
        }
        self.read(&list).await
    }

    /// After the first refusal of somebody else's list all of them are hidden without asking.
    async fn is_known_hidden(&self, list: &ContentsJob) -> Result<bool, JobError> {
        if self.is_own(list) {
            return Ok(false);
        }
        Ok(self.job.course(Capability::ForeignContents).await? == Course::Closed)
    }

    async fn read(&mut self, list: &ContentsJob) -> Result<Outcome, JobError> {
        if list.item_count == Some(0) && self.is_own(list) {
            // An empty list needs no request: its listing says so.
            return self.commit(list, 0, empty_page(), false).await;
        }
        // Other lists may have come first: what is staged of this one waits for its turn.
        let resumed = self.resume.take_if(|place| place.id == list.id);
        let resumed = resumed.filter(|place| place.snapshot_id == list.snapshot_id);
        let mut total = resumed.as_ref().map(|place| place.total);
        let (mut offset, mut is_doubtful) =
            resumed.map_or((0, false), |place| (place.offset, place.is_doubtful));
        loop {
            let (page, is_short) = match self.fetch(list, offset).await {
                Ok(page) => page,
                Err(error) => return self.refused(list, error).await,
            };
            // Another length than a page ago: the pages are of two lists.
            is_doubtful |= is_short || total.replace(page.total).is_some_and(|before| before != page.total);
            if is_last(&page) {
                return match self.newer_version(list, offset, &page).await? {
                    None => self.commit(list, offset, page, is_doubtful).await,
                    newer => Ok(Outcome::Moved { snapshot_id: newer }),
                };
            }
            let end = end_of(&page);
            self.stage(list, offset, page, is_doubtful).await?;
            offset = end;
        }
    }

    async fn refused(&self, list: &ContentsJob, refusal: Refusal) -> Result<Outcome, JobError> {
        match refusal {
            Refusal::Job(error) => Err(error),
            Refusal::Unreadable(why) => Ok(Outcome::Failed(why)),
            Refusal::Forbidden if self.is_own(list) => Ok(Outcome::Hidden),
            Refusal::Forbidden => {
                self.job.learn(Capability::ForeignContents, false).await?;
                Ok(Outcome::Hidden)
            }
            Refusal::NotFound if self.is_own(list) => Ok(Outcome::Failed(
                "Spotify lists it but does not find it; the next sync asks again".to_owned(),
            )),
            Refusal::NotFound => {
                // It says nothing of other lists, but a probe it was, and tomorrow's asks for another.
                if self.job.course(Capability::ForeignContents).await? == Course::Probe {
                    self.job.learn(Capability::ForeignContents, false).await?;
                }
                Ok(Outcome::Hidden)
            }
        }
    }

    /// Several pages are one picture only if nothing moved between them, and a length that stayed the same
    /// is no proof. Where they seem to show a loss, or a slot twice, the version is looked at again.
    async fn newer_version(
        &self,
        list: &ContentsJob,
        offset: u32,
        closing: &Page<PlaylistItem>,
    ) -> Result<Option<SnapshotId>, JobError> {
        let Job { ctx, account, ask, .. } = self.job;
        if offset == 0 || !ctx.store.contents_look_torn(account.id, &list.id, offset, &closing.rows).await? {
            return Ok(None);
        }
        let ask_for = |_| ctx.client.playlist_version(ask, &list.id);
        let version = retry::page(&ctx.clock, ask, 1, ask_for).await?;
        Ok(version.filter(|version| list.snapshot_id.as_ref() != Some(version)))
    }

    async fn stage(
        &self,
        list: &ContentsJob,
        offset: u32,
        page: Page<PlaylistItem>,
        is_doubtful: bool,
    ) -> Result<(), JobError> {
        let place = ListPlace {
            is_doubtful,
            id: list.id.clone(),
            snapshot_id: list.snapshot_id.clone(),
            offset: end_of(&page),
            total: page.total,
        };
        self.write(list, offset, page, None, Some(place)).await?;
        self.job.show_progress().await
    }

    async fn commit(
        &mut self,
        list: &ContentsJob,
        offset: u32,
        page: Page<PlaylistItem>,
        is_doubtful: bool,
    ) -> Result<Outcome, JobError> {
        let closing = LastContentsPage {
            is_doubtful,
            before: self.before,
            snapshot_id: list.snapshot_id.clone(),
            total: page.total,
            at: self.job.ctx.clock.now(),
        };
        match self.write(list, offset, page, Some(closing), None).await? {
            ContentsCommitted::Stored(delta) => Ok(Outcome::Stored(delta)),
            ContentsCommitted::Mismatch(found) => {
                self.before = Some(found);
                Ok(Outcome::Moved { snapshot_id: None })
            }
            ContentsCommitted::Staged => Ok(Outcome::Moved { snapshot_id: None }),
        }
    }

    async fn write(
        &self,
        list: &ContentsJob,
        offset: u32,
        page: Page<PlaylistItem>,
        closing: Option<LastContentsPage>,
        place: Option<ListPlace>,
    ) -> Result<ContentsCommitted, JobError> {
        let checkpoint = self.checkpoint(place).await?;
        let contents = ContentsPage {
            playlist: list.id.clone(),
            first_position: offset,
            rows: page.rows,
            last: closing,
            checkpoint,
        };
        Ok(self.job.ctx.store.commit_contents(self.job.account.id, self.job.run(), &contents).await?)
    }

    async fn finish(self) -> Result<Delta, JobError> {
        let Job { ctx, account, .. } = self.job;
        if self.unreadable > 0 {
            return Err(JobError::failed(format!(
                "{} of the playlists could not be read; they are kept as they were",
                self.unreadable
            )));
        }
        let lists = ctx.store.sync_state(account.id, Entity::Playlists).await?;
        if !lists.is_initial_complete {
            // Whole is only what belongs to a whole list.
            return Err(JobError::failed(
                "the list of playlists has not been read to its end; sync playlists, the rest follows",
            ));
        }
        let finish = FinishContents { at: ctx.clock.now(), next_due_at: Some(self.job.next_due_at) };
        ctx.store.finish_contents(account.id, self.job.run(), &finish).await?;
        Ok(self.delta)
    }
}

const fn empty_page() -> Page<PlaylistItem> {
    Page { rows: Vec::new(), offset: 0, total: 0, has_next: false }
}

fn end_of(page: &Page<PlaylistItem>) -> u32 {
    page.offset.saturating_add(u32::try_from(page.rows.len()).unwrap_or(u32::MAX))
}

fn is_last(page: &Page<PlaylistItem>) -> bool {
    end_of(page) >= page.total || !page.has_next
}

//! One page of a playlist, from the path that works for this app; and what a refusal means.

use crate::domain::{Capability, Page, PlaylistItem};
use crate::spotify::{ItemsPath, SpotifyError};
use crate::store::ContentsJob;

use super::super::super::capability::Course;
use super::super::super::error::JobError;
use super::super::super::job::Job;
use super::super::super::retry;
use super::Reading;

/// Why a page did not come.
pub(super) enum Refusal {
    /// Spotify does not show it to this app.
    Forbidden,
    /// Spotify does not know it, or says so.
    NotFound,
    /// This list cannot be read; others may.
    Unreadable(String),
    /// Nothing of this entity can be read now.
    Job(JobError),
}

impl From<SpotifyError> for Refusal {
    fn from(error: SpotifyError) -> Self {
        match error {
            SpotifyError::Forbidden { .. } => Self::Forbidden,
            SpotifyError::NotFound => Self::NotFound,
            SpotifyError::BadRequest { .. } | SpotifyError::Unreadable { .. } => {
                Self::Unreadable(error.to_string())
            }
            other => Self::Job(other.into()),
        }
    }
}

impl From<JobError> for Refusal {
    fn from(error: JobError) -> Self {
        Self::Job(error)
    }
}

impl Reading<'_> {
    /// One page, from the path that works for this app.
    pub(super) async fn fetch(&self, list: &ContentsJob, offset: u32) -> Result<Page<PlaylistItem>, Refusal> {
        if !self.is_own(list) {
            let page = self.ask(list, ItemsPath::Items, offset).await?;
            self.job.learn(Capability::ForeignContents, true).await?;
            return Ok(page);
        }
        match self.job.course(Capability::ItemsPath).await? {
            Course::Open => self.ask(list, ItemsPath::Items, offset).await,
            Course::Closed => self.ask(list, ItemsPath::Tracks, offset).await,
            course @ (Course::Untried | Course::Probe) => self.find_the_path(list, offset, course).await,
        }
    }

    /// A list of one's own that `/items` refuses: an app of before 2026 may know `/tracks` alone. Which
    /// one works is learnt once; that `/items` is closed, once a day again.
    async fn find_the_path(
        &self,
        list: &ContentsJob,
        offset: u32,
        course: Course,
    ) -> Result<Page<PlaylistItem>, Refusal> {
        match self.ask(list, ItemsPath::Items, offset).await {
            Err(Refusal::Forbidden | Refusal::NotFound) => {}
            answer => {
                let page = answer?;
                self.job.learn(Capability::ItemsPath, true).await?;
                return Ok(page);
            }
        }
        let is_known = course == Course::Probe;
        if is_known {
            // It is as closed as it was, whatever `/tracks` has to say of this list.
            self.job.learn(Capability::ItemsPath, false).await?;
        }
        let page = self.ask(list, ItemsPath::Tracks, offset).await?;
        if !is_known {
            self.job.learn(Capability::ItemsPath, false).await?;
        }
        Ok(page)
    }

    async fn ask(
        &self,
        list: &ContentsJob,
        path: ItemsPath,
        offset: u32,
    ) -> Result<Page<PlaylistItem>, Refusal> {
        let Job { ctx, ask, .. } = self.job;
        let fetch = |limit| async move {
            let page = ctx.client.playlist_items(ask, &list.id, path, offset, limit).await?;
            if page.rows.is_empty() && offset < page.total {
                return Err(SpotifyError::Unreadable { what: "an empty page of a playlist".to_owned() });
            }
            Ok(page)
        };
        Ok(retry::page(&ctx.clock, ask, ctx.settings.sync.initial_batch, fetch).await?)
    }
}

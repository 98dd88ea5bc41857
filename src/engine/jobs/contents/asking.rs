//! One page of a playlist, from the path that works for this app; and what a refusal means.

use crate::domain::{Page, PlaylistContent, PlaylistItem, Row};
use crate::spotify::{ItemsPath, SpotifyError};
use crate::store::{Capability, CapabilityState, ContentsJob};

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
        let Job { ctx, account, .. } = self.job;
        if !self.is_own(list) {
            return self.ask(list, ItemsPath::Items, offset).await;
        }
        let learnt = ctx.store.capability(account.id, Capability::ItemsPath).await.map_err(JobError::from)?;
        match learnt.map(|learnt| learnt.open) {
            Some(true) => self.ask(list, ItemsPath::Items, offset).await,
            Some(false) => self.ask(list, ItemsPath::Tracks, offset).await,
            None => self.find_the_path(list, offset).await,
        }
    }

    /// A list of one's own that `/items` refuses: an app of before 2026 may know `/tracks` alone. Which
    /// one works is learnt once.
    async fn find_the_path(&self, list: &ContentsJob, offset: u32) -> Result<Page<PlaylistItem>, Refusal> {
        let (page, is_open) = match self.ask(list, ItemsPath::Items, offset).await {
            Err(Refusal::Forbidden | Refusal::NotFound) => {
                (self.ask(list, ItemsPath::Tracks, offset).await?, false)
            }
            answer => (answer?, true),
        };
        self.learn(Capability::ItemsPath, is_open).await?;
        Ok(page)
    }

    pub(super) async fn learn(&self, capability: Capability, open: bool) -> Result<(), JobError> {
        let Job { ctx, account, .. } = self.job;
        let state = CapabilityState { open, checked_at: ctx.clock.now() };
        Ok(ctx.store.set_capability(account.id, capability, state).await?)
    }

    /// A page, and once more where it has null rows that were not null before: those that can be read now
    /// were only missing from one answer.
    async fn ask(
        &self,
        list: &ContentsJob,
        path: ItemsPath,
        offset: u32,
    ) -> Result<Page<PlaylistItem>, Refusal> {
        let mut page = self.ask_once(list, path, offset).await?;
        let Job { ctx, account, .. } = self.job;
        let null_rows: Vec<u32> = (page.offset..)
            .zip(&page.rows)
            .filter(|(_, row)| row.readable().is_none_or(|item| item.content == PlaylistContent::Unavailable))
            .map(|(position, _)| position)
            .collect();
        let known = ctx.store.are_unavailable(account.id, &list.id, &null_rows).await;
        if !known.map_err(JobError::from)? {
            let again = self.ask_once(list, path, offset).await?;
            if again.total == page.total && again.rows.len() == page.rows.len() {
                page.rows = page
                    .rows
                    .into_iter()
                    .zip(again.rows)
                    .map(|(first, second)| fuller(first, second))
                    .collect();
            }
        }
        Ok(page)
    }

    async fn ask_once(
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

/// Of two answers for one row the one that says something.
fn fuller(first: Row<PlaylistItem>, second: Row<PlaylistItem>) -> Row<PlaylistItem> {
    let says = |row: &Row<PlaylistItem>| {
        row.readable().is_some_and(|item| item.content != PlaylistContent::Unavailable)
    };
    if says(&first) || !says(&second) { first } else { second }
}

//! One page of a playlist, from the path that works for this app; and how a refusal is interpreted.

use crate::domain::{Capability, Page, PlaylistContent, PlaylistItem, Row};
use crate::spotify::{ItemsPath, SpotifyError};
use crate::store::ContentsJob;

use super::ContentsReading;
use crate::engine::error::JobError;
use crate::engine::jobs::availability::Availability;
use crate::engine::jobs::job::Job;
use crate::engine::jobs::merge_responses;
use crate::engine::jobs::retry::{PageOrGap, RowSpan, UnreadablePlaces};

/// Why a page did not come.
pub(super) enum ContentsRefusal {
    /// Spotify does not show it to this app.
    Forbidden {
        /// Spotify's own words.
        said: String,
    },
    /// Spotify does not know it, or claims not to.
    NotFound,
    /// This list cannot be read; other lists may be readable.
    Unreadable(String),
    /// Nothing of this entity can be read now.
    Job(JobError),
}

impl From<SpotifyError> for ContentsRefusal {
    fn from(error: SpotifyError) -> Self {
        match error {
            SpotifyError::Forbidden { message } => Self::Forbidden { said: message },
            SpotifyError::NotFound => Self::NotFound,
            SpotifyError::BadRequest { .. } | SpotifyError::Unreadable { .. } => {
                Self::Unreadable(error.to_string())
            }
            other => Self::Job(other.into()),
        }
    }
}

impl From<JobError> for ContentsRefusal {
    fn from(error: JobError) -> Self {
        Self::Job(error)
    }
}

/// Which page is wanted.
pub(super) struct WantedPage<'a> {
    pub(super) list: &'a ContentsJob,
    /// Offset of its first row.
    pub(super) offset: u32,
    /// Length of the list according to the page before; `None` for the first page.
    pub(super) total: Option<u32>,
    /// Rows at which the server failed when the list was last read.
    pub(super) places: &'a UnreadablePlaces,
}

impl ContentsReading<'_> {
    /// One page, from the path that works for this app, and whether rows were left out of it.
    #[tracing::instrument(name = "page", level = "error", skip_all, fields(offset = wanted.offset))]
    pub(super) async fn fetch(&self, wanted: &WantedPage<'_>) -> Result<AnsweredPage, ContentsRefusal> {
        if !self.is_own(wanted.list) {
            let page = self.ask(wanted, ItemsPath::Items).await?;
            self.job.learn(Capability::ForeignContents, true).await?;
            return Ok(page);
        }
        match self.job.availability(Capability::ItemsPath).await? {
            Availability::Open => self.ask(wanted, ItemsPath::Items).await,
            Availability::Closed => self.ask(wanted, ItemsPath::Tracks).await,
            availability @ (Availability::Untried | Availability::Probe) => {
                self.find_the_path(wanted, availability).await
            }
        }
    }

    /// Handles an own list that `/items` refuses: an app from before 2026 may only be allowed to
    /// use `/tracks`. The working path is learned once; a closed `/items` is tried again once a
    /// day.
    async fn find_the_path(
        &self,
        wanted: &WantedPage<'_>,
        availability: Availability,
    ) -> Result<AnsweredPage, ContentsRefusal> {
        match self.ask(wanted, ItemsPath::Items).await {
            Err(ContentsRefusal::Forbidden { .. } | ContentsRefusal::NotFound) => {}
            answer => {
                let page = answer?;
                self.job.learn(Capability::ItemsPath, true).await?;
                return Ok(page);
            }
        }
        let is_known = availability == Availability::Probe;
        if is_known {
            // `/items` stays closed, whatever `/tracks` answers about this list.
            self.job.learn(Capability::ItemsPath, false).await?;
        }
        let page = self.ask(wanted, ItemsPath::Tracks).await?;
        if !is_known {
            self.job.learn(Capability::ItemsPath, false).await?;
        }
        Ok(page)
    }

    /// Requests a page. It is requested a second time if rows are missing from it, or are null that
    /// were not null before. Rows that are readable now were only missing from one answer.
    async fn ask(&self, wanted: &WantedPage<'_>, path: ItemsPath) -> Result<AnsweredPage, ContentsRefusal> {
        let first = self.ask_once(wanted, path).await?;
        let null_rows: Vec<u32> = (wanted.offset..)
            .zip(&first.0.rows)
            .filter(|(_, row)| !says_something(row))
            .map(|(position, _)| position)
            .collect();
        let known = self.job.store().playlists().are_unavailable(&wanted.list.id, &null_rows).await;
        if (known.map_err(JobError::from)? || is_unread(&first.0)) && !first.1 {
            return Ok(first);
        }
        Ok(fuller(first, self.ask_once(wanted, path).await?))
    }

    async fn ask_once(
        &self,
        wanted: &WantedPage<'_>,
        path: ItemsPath,
    ) -> Result<AnsweredPage, ContentsRefusal> {
        let Job { ctx, ask, .. } = self.job;
        let fetch = |offset: u32, limit: u32| async move {
            let page = ctx.client.playlist_items(ask, &wanted.list.id, path, offset, limit).await?;
            // There were more rows after these, according to the answer that showed them.
            if page.rows.is_empty() && (offset > 0 || page.total > 0) {
                return Err(SpotifyError::Unreadable { what: "an empty page of a playlist".to_owned() });
            }
            let is_short = rows(&page) < limit.min(page.total.saturating_sub(offset));
            Ok((page, is_short))
        };
        let limit = ctx.settings.sync().initial_batch;
        let total = wanted.total.or(wanted.list.item_count.filter(|count| *count > 0));
        let span = RowSpan { offset: wanted.offset, limit, total };
        match self.job.page_or_gap(span, wanted.places, fetch).await? {
            PageOrGap::Page(answered) => Ok(answered),
            PageOrGap::Unreadable { .. } => Ok((unread_row(wanted.offset, total), false)),
        }
    }
}

/// A page with the one row at which the server fails.
fn unread_row(offset: u32, total: Option<u32>) -> Page<PlaylistItem> {
    let item = PlaylistItem { added_at: None, added_by: None, content: PlaylistContent::Unread };
    // The row beside it was served.
    let total = total.unwrap_or(offset + 2).max(offset + 1);
    Page { rows: vec![Row::Readable(item)], offset, total, has_next: offset + 1 < total }
}

fn is_unread(page: &Page<PlaylistItem>) -> bool {
    page.rows.iter().any(|row| row.readable().is_some_and(|item| item.content == PlaylistContent::Unread))
}

/// A page, and whether rows were missing from it.
pub(super) type AnsweredPage = (Page<PlaylistItem>, bool);

fn rows(page: &Page<PlaylistItem>) -> u32 {
    u32::try_from(page.rows.len()).unwrap_or(u32::MAX)
}

fn says_something(row: &Row<PlaylistItem>) -> bool {
    let says_nothing = [PlaylistContent::Unavailable, PlaylistContent::Unread];
    row.readable().is_some_and(|item| !says_nothing.contains(&item.content))
}

/// Merges two answers to one request. If their rows cannot be matched, the answer with more rows is
/// used, or the newer one if they have equally many.
fn fuller(first: AnsweredPage, second: AnsweredPage) -> AnsweredPage {
    let (first_page, second_page) = (&first.0, &second.0);
    if first_page.total != second_page.total || first.1 || second.1 {
        return if rows(first_page) > rows(second_page) { first } else { second };
    }
    let rows = merge_responses::completed(first.0.rows, second.0.rows, says_something);
    (Page { rows, ..second.0 }, false)
}

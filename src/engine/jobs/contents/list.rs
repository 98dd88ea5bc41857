//! Reads one playlist to its end.

use crate::domain::{Capability, Page, PlaylistItem};
use crate::store::{Committed, ContentsCommitted, ContentsJob, ContentsPage, Delta, LastContentsPage};

use super::ContentsReading;
use super::fetch::{ContentsRefusal, WantedPage};
use super::shrinking::Shorter;
use crate::engine::error::JobError;
use crate::engine::jobs::availability::Availability;
use crate::engine::jobs::cursor::ListPlace;
use crate::engine::jobs::job::Job;
use crate::engine::jobs::retry::{self, UnreadablePlaces};

/// The result of one list.
pub(super) enum ListOutcome {
    /// Read, with its changes. It may still be marked as a contradiction.
    Stored(Delta),
    /// Read, and shorter than the stored list.
    Shorter(Box<Shorter>),
    /// A list of another person that this app may not read.
    Hidden,
    /// Listed, but not found.
    NotFound,
    /// An own list that was refused.
    Forbidden {
        /// Spotify's words.
        said: String,
    },
    /// The answers cannot be parsed.
    Unreadable(String),
}

impl ListOutcome {
    /// Whether Spotify showed it.
    pub(super) const fn is_shown(&self) -> bool {
        matches!(self, Self::Stored(_) | Self::Shorter(_))
    }
}

/// Why one reading has no outcome yet.
enum Read {
    Over(ListOutcome),
    /// The list seems to have moved; a digest of what was read.
    Torn(String),
    /// It contradicts its listing, and another reading may show more.
    Doubted(Delta),
}

/// How many times in a row a list is read if it moves while it is read.
const READINGS: u32 = 3;
/// Pages beyond the expected number, after which the list is taken to be endless.
const SPARE_PAGES: u32 = 50;

impl ContentsReading<'_> {
    /// Reads a list until it does not move, or until two readings are equal.
    pub(super) async fn read_whole(&mut self, list: &ContentsJob) -> Result<ListOutcome, JobError> {
        let places =
            UnreadablePlaces::new(self.unreadable_places.remove(list.id.as_str()).unwrap_or_default());
        let (mut before, mut delta) = (None, Delta::default());
        for reading in 1..=READINGS {
            match self.read(list, &places, before.as_deref()).await? {
                Read::Over(ListOutcome::Stored(now)) => {
                    delta += now;
                    return Ok(ListOutcome::Stored(delta));
                }
                Read::Over(outcome) => return Ok(outcome),
                Read::Torn(digest) => before = Some(digest),
                Read::Doubted(now) => {
                    delta += now;
                    // A contradiction from an earlier run is checked once per run.
                    if reading > 1 || list.attempts.is_doubted {
                        return Ok(ListOutcome::Stored(delta));
                    }
                }
            }
        }
        Ok(ListOutcome::Unreadable(
            "the list changed while it was read; the next sync reads it again".to_owned(),
        ))
    }

    async fn read(
        &mut self,
        list: &ContentsJob,
        places: &UnreadablePlaces,
        before: Option<&str>,
    ) -> Result<Read, JobError> {
        // Other lists may come first: the staged rows of this one are kept until its turn.
        let resumed = self.resume.take_if(|place| place.id == list.id);
        let resumed = resumed.filter(|place| place.snapshot_id == list.snapshot_id);
        let mut total = resumed.as_ref().map(|place| place.total);
        let (mut offset, mut is_doubtful) =
            resumed.map_or((0, false), |place| (place.offset, place.is_doubtful));
        let mut pages = 0;
        loop {
            let (page, is_short) = match self.fetch(&WantedPage { list, offset, total, places }).await {
                Ok(page) => page,
                Err(error) => return self.refused(list, error).await.map(Read::Over),
            };
            pages += 1;
            // The length differs from the page before: the pages belong to two versions of the
            // list.
            is_doubtful |= is_short || total.is_some_and(|before| before != page.total);
            let most = self.most_pages(list, *total.get_or_insert(page.total));
            total = Some(page.total);
            if is_last(&page) {
                return match self.torn(list, &page, before).await? {
                    None => self.commit(list, page, is_doubtful).await,
                    Some(digest) => Ok(Read::Torn(digest)),
                };
            }
            if pages >= most {
                let why = format!("the list did not end after {pages} pages; a later sync tries again");
                return Ok(Read::Over(ListOutcome::Unreadable(why)));
            }
            offset = end_of(&page);
            self.stage(list, page, is_doubtful).await?;
        }
    }

    /// The number of pages after which a list of `total` slots is taken to be endless. It includes
    /// the smaller pages after failures.
    fn most_pages(&self, list: &ContentsJob, total: u32) -> u32 {
        let slots =
            total.min(list.item_count.max(list.stored_count).unwrap_or(total).saturating_mul(2).max(1000));
        let batch = self.job.page_size(self.job.ctx.settings.sync().initial_batch).max(1);
        slots.div_ceil(batch).saturating_mul(3).saturating_add(SPARE_PAGES)
    }

    async fn refused(&self, list: &ContentsJob, refusal: ContentsRefusal) -> Result<ListOutcome, JobError> {
        match refusal {
            ContentsRefusal::Job(error) => Err(error),
            ContentsRefusal::Unreadable(why) => Ok(ListOutcome::Unreadable(why)),
            ContentsRefusal::Forbidden { said } if self.is_own(list) => Ok(ListOutcome::Forbidden { said }),
            ContentsRefusal::Forbidden { .. } => {
                self.job.learn(Capability::ForeignContents, false).await?;
                Ok(ListOutcome::Hidden)
            }
            ContentsRefusal::NotFound => {
                // It says nothing about other lists, but it was a probe, and tomorrow's probe
                // requests another list.
                let is_own = self.is_own(list);
                if !is_own && self.job.availability(Capability::ForeignContents).await? == Availability::Probe
                {
                    self.job.learn(Capability::ForeignContents, false).await?;
                    return Ok(ListOutcome::Hidden);
                }
                Ok(ListOutcome::NotFound)
            }
        }
    }

    /// Several pages form one consistent picture only if nothing moved between them, and an equal
    /// length is no proof of that. If they seem to show a loss, or a slot twice, the version is
    /// requested again. If the version differs in every answer, two equal readings are accepted.
    /// Returns the digest of what was read if the reading is not accepted.
    async fn torn(
        &self,
        list: &ContentsJob,
        closing: &Page<PlaylistItem>,
        before: Option<&str>,
    ) -> Result<Option<String>, JobError> {
        let Job { ctx, ask, .. } = self.job;
        if closing.offset == 0 {
            return Ok(None);
        }
        let torn =
            self.job.store().playlists().torn_contents(&list.id, closing.offset, &closing.rows).await?;
        let Some(digest) = torn.filter(|digest| before != Some(digest.as_str())) else {
            return Ok(None);
        };
        let version =
            retry::with_smaller_pages(&ctx.clock, ask, 1, |_| ctx.client.playlist_version(ask, &list.id))
                .await;
        match version {
            Ok(version) if version.is_none() || version == list.snapshot_id => Ok(None),
            // Refusals and odd answers here do not concern the contents, which were shown.
            Ok(_) => Ok(Some(digest)),
            Err(error) => match ContentsRefusal::from(error) {
                ContentsRefusal::Job(error) => Err(error),
                _ => Ok(Some(digest)),
            },
        }
    }

    async fn stage(
        &mut self,
        list: &ContentsJob,
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
        self.write(list, page, None, Some(place)).await?;
        self.job.show_progress(&self.state).await;
        Ok(())
    }

    async fn commit(
        &mut self,
        list: &ContentsJob,
        page: Page<PlaylistItem>,
        is_doubtful: bool,
    ) -> Result<Read, JobError> {
        let closing = LastContentsPage {
            is_doubtful,
            snapshot_id: list.snapshot_id.clone(),
            listed: list.item_count,
            total: page.total,
            may_shrink: false,
            at: self.job.ctx.clock.now(),
        };
        Ok(match self.write(list, page, Some(closing.clone()), None).await? {
            ContentsCommitted::Stored(delta) | ContentsCommitted::Doubted { delta, is_known: true } => {
                Read::Over(ListOutcome::Stored(delta))
            }
            ContentsCommitted::Shorter { by, slots } => {
                let shorter = Shorter { list: list.clone(), by, slots, closing };
                Read::Over(ListOutcome::Shorter(Box::new(shorter)))
            }
            ContentsCommitted::Doubted { delta, is_known: false } => Read::Doubted(delta),
            ContentsCommitted::Staged => Read::Over(ListOutcome::Stored(Delta::default())),
        })
    }

    /// Writes a page, and remembers the row that was written with it.
    #[tracing::instrument(name = "page", level = "error", skip_all, fields(offset = page.offset))]
    pub(super) async fn write(
        &mut self,
        list: &ContentsJob,
        page: Page<PlaylistItem>,
        closing: Option<LastContentsPage>,
        place: Option<ListPlace>,
    ) -> Result<ContentsCommitted, JobError> {
        let contents = ContentsPage {
            playlist: list.id.clone(),
            first_position: page.offset,
            rows: page.rows,
            last: closing,
            checkpoint: self.checkpoint(place).await?,
        };
        let playlists = self.job.store().playlists();
        let Committed { outcome, state } = playlists.commit_contents(self.job.run_id(), &contents).await?;
        self.state = state;
        Ok(outcome)
    }
}

fn end_of(page: &Page<PlaylistItem>) -> u32 {
    page.offset.saturating_add(u32::try_from(page.rows.len()).unwrap_or(u32::MAX))
}

fn is_last(page: &Page<PlaylistItem>) -> bool {
    end_of(page) >= page.total || !page.has_next
}

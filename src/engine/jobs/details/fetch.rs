//! One answer about artists: many at once where this app may, one by one where it may not; and what a
//! refusal teaches.

use crate::domain::{Artist, ArtistId, Capability, Row};
use crate::spotify::SpotifyError;

use super::DetailsTurn;
use crate::engine::error::JobError;
use crate::engine::jobs::availability::Availability;
use crate::engine::jobs::job::Job;
use crate::engine::jobs::retry;

/// Artists in one request; Spotify's bound.
const BATCH: usize = 50;

/// How the next artists are to be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DetailsPath {
    /// Up to fifty in one request.
    Batch(Availability),
    /// One.
    Single,
    /// Not at all, and why.
    None(&'static str),
}

/// What asking brought.
pub(super) enum AskedArtists {
    /// An answer: a row for each of the first of those that are left, in order.
    Rows(Vec<Row<Artist>>),
    /// A refusal from which something was learnt: there is another way now, or none.
    Learned,
    /// Nothing was asked, and this is why.
    Closed(&'static str),
}

/// What is said where an app may not ask at all.
const NO_ARTISTS: &str = "Spotify does not let this app request artists; phonolog checks once a day";
/// What is said where asking brings nothing.
const NO_FIELDS: &str =
    "Spotify sends this app neither genres nor pictures of artists; phonolog checks once a day";

impl DetailsTurn<'_> {
    /// Asks for the first of those that are left.
    pub(super) async fn ask_on(&self) -> Result<AskedArtists, JobError> {
        match self.way().await? {
            DetailsPath::Batch(availability) => self.several(availability).await,
            DetailsPath::Single => self.one().await,
            DetailsPath::None(why) => Ok(AskedArtists::Closed(why)),
        }
    }

    async fn way(&self) -> Result<DetailsPath, JobError> {
        let job = self.job;
        let no_genres = job.availability(Capability::ArtistGenres).await? == Availability::Closed;
        if no_genres && job.availability(Capability::ArtistPictures).await? == Availability::Closed {
            return Ok(DetailsPath::None(NO_FIELDS));
        }
        match job.availability(Capability::ArtistsBatch).await? {
            Availability::Closed => {}
            availability => return Ok(DetailsPath::Batch(availability)),
        }
        match job.availability(Capability::ArtistById).await? {
            Availability::Closed => Ok(DetailsPath::None(NO_ARTISTS)),
            _ => Ok(DetailsPath::Single),
        }
    }

    async fn several(&self, availability: Availability) -> Result<AskedArtists, JobError> {
        let ids: Vec<ArtistId> = self.todo.iter().take(BATCH).cloned().collect();
        let before = self.requests.read();
        let Job { ctx, .. } = self.job;
        let fetch = |limit: u32| {
            let ids = ids.get(..limit as usize).unwrap_or(&ids);
            ctx.client.artists(&self.ask, ids)
        };
        let answer =
            retry::with_smaller_pages(&ctx.clock, &self.ask, u32::try_from(ids.len()).unwrap_or(1), fetch)
                .await;
        // A removed endpoint may answer 429 from the very first call, for ever.
        let is_masked = availability != Availability::Open && self.requests.read() > before;
        match answer {
            Ok(rows) => {
                self.job.learn(Capability::ArtistsBatch, true).await?;
                Ok(AskedArtists::Rows(rows))
            }
            Err(
                SpotifyError::Forbidden { .. }
                | SpotifyError::NotFound
                | SpotifyError::BadRequest { .. }
                | SpotifyError::Unreadable { .. },
            ) => {
                self.job.learn(Capability::ArtistsBatch, false).await?;
                Ok(AskedArtists::Learned)
            }
            Err(held @ SpotifyError::Held { .. }) => {
                if is_masked {
                    self.job.learn(Capability::ArtistsBatch, false).await?;
                }
                Err(held.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn one(&self) -> Result<AskedArtists, JobError> {
        let Some(id) = self.todo.front() else { return Ok(AskedArtists::Learned) };
        let Job { ctx, .. } = self.job;
        let fetch = |_| ctx.client.artist(&self.ask, id);
        match retry::with_smaller_pages(&ctx.clock, &self.ask, 1, fetch).await {
            Ok(row) => {
                self.job.learn(Capability::ArtistById, true).await?;
                Ok(AskedArtists::Rows(vec![row]))
            }
            // A matter of this artist, who must not stand in the way of the others.
            Err(SpotifyError::NotFound | SpotifyError::BadRequest { .. }) => {
                Ok(AskedArtists::Rows(vec![Row::Null]))
            }
            Err(SpotifyError::Forbidden { .. }) => {
                self.job.learn(Capability::ArtistById, false).await?;
                Ok(AskedArtists::Learned)
            }
            Err(error) => Err(error.into()),
        }
    }
}

//! One answer about artists: a batch if this app may request one, otherwise a single artist; and
//! how a refusal is interpreted.

use crate::domain::{Artist, ArtistId, Capability, Row};
use crate::spotify::SpotifyError;

use super::DetailsTurn;
use crate::engine::error::JobError;
use crate::engine::jobs::availability::Availability;
use crate::engine::jobs::job::Job;
use crate::engine::jobs::retry;

/// Artists in one request; this is Spotify's limit.
const BATCH: usize = 50;

/// How the next artists are requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DetailsPath {
    /// Up to fifty in one request.
    Batch(Availability),
    /// One.
    Single,
    /// No request is possible, and why.
    None(&'static str),
}

/// The result of a request.
pub(super) enum AskedArtists {
    /// An answer: a row for each of the first remaining artists, in order.
    Rows(Vec<Row<Artist>>),
    /// A refusal that revealed something: another path is open now, or none.
    Learned,
    /// No request was sent, and this is why.
    Closed(&'static str),
}

/// The message if an app may not request artists at all.
const NO_ARTISTS: &str = "Spotify does not let this app request artists; phonolog checks once a day";
/// The message if the answers lack the fields.
const NO_FIELDS: &str =
    "Spotify sends this app neither genres nor pictures of artists; phonolog checks once a day";

impl DetailsTurn<'_> {
    /// Requests the first of the remaining artists.
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
        // A removed endpoint may answer 429 for ever, from the very first call.
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
            // This concerns one artist, who must not block the others.
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

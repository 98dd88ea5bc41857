//! Before a row is called gone, Spotify is asked whether the item is still in the library.

#[cfg(test)]
mod tests;

use std::collections::HashSet;

use crate::domain::{Bucket, Capability, Entity};
use crate::spotify::{ContainsPath, LibraryKind, SpotifyError};

use super::availability::Availability;
use super::job::Job;
use super::retry;
use crate::engine::error::JobError;

/// What Spotify says about items that a list does not show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contains {
    /// These items are still in the library, and the others are not.
    Answered(HashSet<String>),
    /// There was no answer: a rate limit or a failure. No removal is allowed by that; the next run
    /// asks again.
    Unanswered,
    /// This app may not ask at all.
    Closed,
}

/// Which of these ids still are in the library.
pub async fn still_there(job: &Job<'_>, ids: &[String]) -> Result<Contains, JobError> {
    for path in [ContainsPath::Library, ContainsPath::Legacy] {
        match ask_at(job, path, ids).await? {
            Contains::Closed => {}
            answer => return Ok(answer),
        }
    }
    Ok(Contains::Closed)
}

const fn kind(entity: Entity) -> LibraryKind {
    match entity {
        Entity::Albums => LibraryKind::Album,
        Entity::Artists => LibraryKind::Artist,
        Entity::Playlists | Entity::PlaylistItems => LibraryKind::Playlist,
        Entity::Tracks | Entity::Details | Entity::Plays => LibraryKind::Track,
    }
}

const fn capability(path: ContainsPath) -> Capability {
    match path {
        ContainsPath::Library => Capability::LibraryContains,
        ContainsPath::Legacy => Capability::LegacyContains,
    }
}

async fn ask_at(job: &Job<'_>, path: ContainsPath, ids: &[String]) -> Result<Contains, JobError> {
    let Some(most) = path.most(kind(job.entity)) else {
        return Ok(Contains::Closed);
    };
    if job.availability(capability(path)).await? == Availability::Closed {
        return Ok(Contains::Closed);
    }
    let mut there = HashSet::new();
    for ids in ids.chunks(most) {
        match answers(job, path, ids).await {
            Ok(answers) => {
                let yes = ids.iter().zip(answers).filter(|(_, is_there)| *is_there);
                there.extend(yes.map(|(id, _)| id.clone()));
            }
            Err(error) if is_closed(&error) => {
                job.learn(capability(path), false).await?;
                return Ok(Contains::Closed);
            }
            Err(
                SpotifyError::Held { bucket: Bucket::Contains, .. }
                | SpotifyError::Unavailable { .. }
                | SpotifyError::Unreadable { .. },
            ) => return Ok(Contains::Unanswered),
            Err(error) => return Err(error.into()),
        }
    }
    job.learn(capability(path), true).await?;
    Ok(Contains::Answered(there))
}

async fn answers(job: &Job<'_>, path: ContainsPath, ids: &[String]) -> Result<Vec<bool>, SpotifyError> {
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let (client, kind, ids) = (&job.ctx.client, kind(job.entity), ids.as_slice());
    retry::with_smaller_pages(&job.ctx.clock, &job.ask, 1, |_| client.contains(&job.ask, path, kind, ids))
        .await
}

/// The endpoint as a whole was refused, and not these ids.
const fn is_closed(error: &SpotifyError) -> bool {
    matches!(error, SpotifyError::Forbidden { .. } | SpotifyError::NotFound | SpotifyError::BadRequest { .. })
}

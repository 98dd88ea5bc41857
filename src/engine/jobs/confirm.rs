//! Before anything is called gone, Spotify is asked whether it still is in the library.

use std::collections::HashSet;

use crate::domain::{Bucket, Capability, Entity};
use crate::spotify::{ContainsPath, LibraryKind, SpotifyError};

use super::super::capability::Course;
use super::super::error::JobError;
use super::super::job::Job;
use super::super::retry;

/// Of these ids those that still are in the library; `None` where this app may not ask.
pub async fn still_there(job: &Job<'_>, ids: &[String]) -> Result<Option<HashSet<String>>, JobError> {
    for path in [ContainsPath::Library, ContainsPath::Legacy] {
        if let Some(there) = ask_at(job, path, ids).await? {
            return Ok(Some(there));
        }
    }
    Ok(None)
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

async fn ask_at(
    job: &Job<'_>,
    path: ContainsPath,
    ids: &[String],
) -> Result<Option<HashSet<String>>, JobError> {
    let Some(most) = path.most(kind(job.entity)) else {
        return Ok(None);
    };
    if job.course(capability(path)).await? == Course::Closed {
        return Ok(None);
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
                return Ok(None);
            }
            // Nobody waits a day for a second opinion: there are other ways.
            Err(SpotifyError::Held { bucket: Bucket::Contains, .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    }
    job.learn(capability(path), true).await?;
    Ok(Some(there))
}

async fn answers(job: &Job<'_>, path: ContainsPath, ids: &[String]) -> Result<Vec<bool>, SpotifyError> {
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let (client, kind, ids) = (&job.ctx.client, kind(job.entity), ids.as_slice());
    retry::page(&job.ctx.clock, &job.ask, 1, |_| client.contains(&job.ask, path, kind, ids)).await
}

/// Refused as such, and not for these ids.
const fn is_closed(error: &SpotifyError) -> bool {
    matches!(error, SpotifyError::Forbidden { .. } | SpotifyError::NotFound | SpotifyError::BadRequest { .. })
}

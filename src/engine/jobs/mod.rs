//! One job per entity: what is asked of Spotify, in which order, and when it is done.

mod confirm;
mod contents;
pub mod cursor;
mod details;
mod list;
pub mod tracks;
mod twice;
mod walk;

use crate::domain::Entity;
use crate::store::Delta;

use super::error::JobError;
use super::job::Job;

/// Reads the job's entity to its end, or to an error that leaves a checkpoint behind.
pub async fn perform(job: &Job<'_>) -> Result<Delta, JobError> {
    match job.entity {
        Entity::Tracks => tracks::saved_tracks(job).await,
        Entity::Albums | Entity::Artists | Entity::Playlists => walk::list(job).await,
        Entity::PlaylistItems => contents::all(job).await,
        Entity::Plays => super::playback::poll(job.ctx, &job.ask)
            .await
            .map(|new_plays| Delta { added: new_plays, ..Delta::default() }),
        Entity::Details => details::turn(job).await,
    }
}

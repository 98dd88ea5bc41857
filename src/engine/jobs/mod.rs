//! One job per entity: what is asked of Spotify, in which order, and when it is done.

pub(super) mod availability;
mod confirm;
mod contents;
pub mod cursor;
mod details;
pub(super) mod job;
pub(super) mod largest_page;
mod list;
mod merge_responses;
pub(super) mod retry;
pub mod tracks;
mod walk;

use crate::domain::Entity;
use crate::store::Delta;

use super::error::JobError;
use job::Job;

/// Reads the job's entity to its end, or to an error that leaves a checkpoint behind.
pub async fn perform(job: &Job<'_>) -> Result<Delta, JobError> {
    match job.entity {
        Entity::Tracks => tracks::saved_tracks(job).await,
        Entity::Albums | Entity::Artists | Entity::Playlists => walk::list(job).await,
        Entity::PlaylistItems => contents::all(job).await,
        Entity::Plays => super::listening::playback::poll(job.ctx, &job.ask)
            .await
            .map(|new_plays| Delta { added: new_plays, ..Delta::default() }),
        Entity::Details => details::turn(job).await,
    }
}

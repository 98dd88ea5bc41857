//! One job per entity: what is requested from Spotify, in which order, and when the job is done.

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

use crate::domain::{Entity, SyncState};
use crate::store::{Committed, Delta};

use super::error::JobError;
use job::Job;

/// What a job changed, and the last row of its entity that it wrote. Plays have no gauge, so they
/// have no row.
pub struct JobDone {
    pub delta: Delta,
    pub state: Option<SyncState>,
}

impl From<Committed<Delta>> for JobDone {
    fn from(last: Committed<Delta>) -> Self {
        Self { delta: last.outcome, state: Some(last.state) }
    }
}

/// Reads the job's entity to its end, or to an error that leaves a checkpoint behind.
pub async fn perform(job: &Job<'_>) -> Result<JobDone, JobError> {
    Ok(match job.entity {
        Entity::Tracks => tracks::saved_tracks(job).await?.into(),
        Entity::Albums | Entity::Artists | Entity::Playlists => walk::list(job).await?.into(),
        Entity::PlaylistItems => contents::all(job).await?.into(),
        Entity::Plays => {
            let added = super::listening::playback::poll(job.ctx, &job.ask).await?;
            JobDone { delta: Delta { added, ..Delta::default() }, state: None }
        }
        Entity::Details => details::turn(job).await?.into(),
    })
}

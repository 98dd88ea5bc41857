//! Makes events happen in the demo's simulated account: a short hold, plays, edits.

use std::time::Duration;

use crate::domain::{RunId, RunStatus, Snapshot};
use crate::handle::Handle;
use crate::simulator::{Fault, FaultKind, Mutation, Pick, PlaylistEdit, RetryAfter, RowPick, Simulator};

/// The time between two events.
const BEAT: Duration = Duration::from_secs(4);
/// Length of the refusal, in seconds.
const HOLD: u64 = 6;

/// What a person who opens the demo finds: plays up to now, and a short hold in the first sync.
pub fn set_the_scene(simulator: &Simulator) {
    stage_plays(simulator);
    stage_short_hold(simulator);
}

/// One refusal of a few seconds in the middle of the first sync.
fn stage_short_hold(simulator: &Simulator) {
    simulator.set_faults(vec![Fault {
        status: Some(429),
        retry_after: Some(RetryAfter::Seconds(HOLD)),
        after: 1,
        count: Some(1),
        ..Fault::new("/v1/me/albums", FaultKind::Status)
    }]);
}

/// Plays up to now.
fn stage_plays(simulator: &Simulator) {
    if let Err(error) = simulator.mutate(&[Mutation::Play(Pick::Count(12).into())]) {
        tracing::error!(%error, "the demo's plays could not be prepared");
    }
}

/// Makes plays and edits happen as long as the demo runs.
pub async fn direct(simulator: Simulator, handle: Handle) {
    let mut snapshots = handle.snapshots();
    let past =
        handle.snapshot().run.as_ref().filter(|run| run.status != RunStatus::Running).map(|run| run.id);
    if snapshots.wait_for(|snapshot| is_first_sync_over(snapshot, past)).await.is_err() {
        return;
    }
    for scene in 0_u64.. {
        tokio::time::sleep(BEAT).await;
        if let Err(error) = simulator.mutate(&scene_of(scene)) {
            tracing::error!(%error, "a step of the demo failed");
        }
    }
}

/// Whether a run ended that is not one of the demo's past.
fn is_first_sync_over(snapshot: &Snapshot, past: Option<RunId>) -> bool {
    snapshot.run.as_ref().is_some_and(|run| Some(run.id) != past && run.status != RunStatus::Running)
}

/// Plays in between, edits in turn.
fn scene_of(scene: u64) -> Vec<Mutation> {
    match scene % 16 {
        0 => vec![Mutation::SaveTracks(Pick::Count(3))],
        4 => vec![Mutation::EditPlaylist(PlaylistEdit {
            add: Some(RowPick::Count(2)),
            ..PlaylistEdit::default()
        })],
        8 => vec![Mutation::FollowArtists(Pick::Count(1)), Mutation::RemoveTracks(Pick::Count(1))],
        12 => vec![Mutation::SaveAlbums(Pick::Count(1)), Mutation::CreatePlaylists(Pick::Count(1))],
        _ => vec![Mutation::Play(Pick::Count(1).into())],
    }
}

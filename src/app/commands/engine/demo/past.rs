//! Records the demo's last months: the engine syncs the simulated account again and again, under a
//! clock that shows these days, and the account is edited before each sync.
//!
//! Owns: what happened on which day. Must not know: how anything is stored.

use std::sync::Arc;

use chrono::TimeDelta;
use color_eyre::Result;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::app::Failure;
use crate::app::runtime::engine_host;
use crate::app::runtime::token_file::TokenFile;
use crate::clock::SharedClock;
use crate::config::{Config, GateConfig, SyncConfig};
use crate::domain::{Entity, Host, RunStatus, Snapshot, Trigger};
use crate::engine::{Engine, EngineParts, Schedule};
use crate::handle::{EngineCommand, Handle, SyncRequest};
use crate::simulator::{Fault, FaultKind, Mutation, Pick, PlaylistEdit, RetryAfter, RowPick, Simulator};
use crate::store::Store;

use super::clock::DemoClock;

/// The days of the syncs, counted back from today; the first one reads the whole library.
const DAYS_AGO: [i64; 12] = [210, 174, 143, 116, 92, 71, 53, 38, 25, 14, 6, 1];
/// The sync in which Spotify refused everything about playlists for a day.
const REFUSED_IN: u32 = 5;
const REFUSAL_SECONDS: u64 = 23 * 3600;
/// Lists that a person works on again and again.
const LIVELY_LISTS: usize = 3;

/// Where the past happens.
pub struct DemoPast<'a> {
    pub simulator: &'a Simulator,
    pub clock: &'a DemoClock,
    pub config: &'a Config,
    pub store: &'a Store,
}

impl DemoPast<'_> {
    /// Records every sync up to yesterday, and returns to the present.
    pub async fn record(&self) -> Result<()> {
        let config = unhurried(self.config);
        let lists = self.own_lists();
        for (visit, days) in (0..).zip(DAYS_AGO) {
            // Each at another hour.
            self.clock.go_back(TimeDelta::days(days) + TimeDelta::minutes(days * 97 % (16 * 60)));
            if visit > 0 {
                self.simulator.mutate(&edits(visit, &lists))?;
            }
            self.simulator.set_faults(refusals(visit));
            self.sync(&config, visit).await?;
        }
        self.simulator.set_faults(Vec::new());
        self.clock.go_back(TimeDelta::zero());
        Ok(())
    }

    /// One run of an engine of its own, since no engine survives a jump of months.
    async fn sync(&self, config: &Config, visit: u32) -> Result<()> {
        let clock: SharedClock = Arc::new(self.clock.clone());
        let tokens = Arc::new(TokenFile::new(config.paths.token_file()));
        let (client, gate, memory) = engine_host::open_client(config, self.store, tokens, &clock).await?;
        let parts = EngineParts {
            store: self.store.clone(),
            client,
            holds: gate.holds(),
            memory,
            clock,
            settings: engine_host::settings(config, Schedule::OnDemand, Host::Daemon),
        };
        let engine = Engine::start(parts, CancellationToken::new()).await?;
        let ended = run(&engine.handle, entities(visit)).await;
        engine.stop().await;
        ended
    }

    /// The lists of which the account shows the contents, the smaller ones first.
    pub fn own_lists(&self) -> Vec<String> {
        let truth = self.simulator.truth();
        let all = truth.get("playlists").and_then(Value::as_array).into_iter().flatten();
        let own = all.filter(|list| list.get("readable") == Some(&Value::Bool(true)));
        let sized = own.filter_map(|list| {
            Some((list.get("items")?.as_array()?.len(), list.get("id")?.as_str()?.to_owned()))
        });
        let mut lists: Vec<(usize, String)> = sized.filter(|(rows, _)| *rows > 4).collect();
        lists.sort();
        lists.into_iter().map(|(_, id)| id).collect()
    }
}

/// Without pauses between requests, and without full readings: the first one of the screen shows one.
fn unhurried(config: &Config) -> Config {
    let far = std::time::Duration::from_hours(400 * 24);
    let gate = GateConfig { requests_per_second: 0.0, ..config.gate };
    Config { sync: SyncConfig { full_interval: far, ..config.sync }, gate, ..config.clone() }
}

/// A refusal that is longer than a run waits.
fn refusals(visit: u32) -> Vec<Fault> {
    let refusal = || Fault {
        status: Some(429),
        retry_after: Some(RetryAfter::Seconds(REFUSAL_SECONDS)),
        count: Some(1),
        ..Fault::new("/v1/me/playlists", FaultKind::Status)
    };
    (visit == REFUSED_IN).then(refusal).into_iter().collect()
}

/// What is read; albums and artists only if something happened to them, since a person waits.
fn entities(visit: u32) -> Vec<Entity> {
    let is_edited = |edits: &[RareEdit]| edits.iter().any(|edit| visit == 0 || edit.is_in(visit));
    let mut entities = vec![Entity::Tracks];
    entities.extend(is_edited(&ALBUM_EDITS).then_some(Entity::Albums));
    entities.extend(is_edited(&ARTIST_EDITS).then_some(Entity::Artists));
    entities.extend([Entity::Playlists, Entity::PlaylistItems]);
    entities
}

/// An edit that happens before every so many syncs.
struct RareEdit {
    every: u32,
    from: u32,
    edit: fn(Pick) -> Mutation,
}

impl RareEdit {
    const fn is_in(&self, visit: u32) -> bool {
        visit % self.every == self.from
    }
}

const TRACK_EDITS: [RareEdit; 1] = [RareEdit { every: 2, from: 1, edit: Mutation::RemoveTracks }];
const ALBUM_EDITS: [RareEdit; 2] = [
    RareEdit { every: 4, from: 1, edit: Mutation::SaveAlbums },
    RareEdit { every: 8, from: 5, edit: Mutation::RemoveAlbums },
];
const ARTIST_EDITS: [RareEdit; 2] = [
    RareEdit { every: 5, from: 2, edit: Mutation::FollowArtists },
    RareEdit { every: 10, from: 7, edit: Mutation::UnfollowArtists },
];

/// What a person did before a sync.
fn edits(visit: u32, lists: &[String]) -> Vec<Mutation> {
    let mut edits = vec![Mutation::SaveTracks(Pick::Count(1 + visit * 7 % 5))];
    let rare = TRACK_EDITS.iter().chain(&ALBUM_EDITS).chain(&ARTIST_EDITS);
    edits.extend(rare.filter(|rare| rare.is_in(visit)).map(|rare| (rare.edit)(Pick::Count(1))));
    edits.extend(lists.iter().take(LIVELY_LISTS).zip(1..).filter_map(|(list, every)| {
        let is_now = visit.is_multiple_of(every);
        let name = (every == 1 && visit == 9).then(|| "Sundays, slowly".to_owned());
        is_now.then(|| Mutation::EditPlaylist(PlaylistEdit { name, ..list_edit(list, visit) }))
    }));
    match (visit, lists.last()) {
        (6 | 14, _) => edits.push(Mutation::CreatePlaylists(Pick::Count(1))),
        (11, Some(last)) if lists.len() > LIVELY_LISTS => {
            edits.push(Mutation::DeletePlaylists(Pick::Uris(vec![format!("spotify:playlist:{last}")])));
        }
        _ => {}
    }
    edits
}

/// Rows that come, go and move.
fn list_edit(list: &str, visit: u32) -> PlaylistEdit {
    PlaylistEdit {
        id: Some(list.to_owned()),
        add: Some(RowPick::Count(1 + visit % 3)),
        remove: Some(RowPick::Count(visit % 2)),
        moves: Some(visit % 4 / 2),
        ..PlaylistEdit::default()
    }
}

/// Runs a sync to its end. Its result does not matter: one of them is held.
async fn run(handle: &Handle, entities: Vec<Entity>) -> Result<()> {
    let before = handle.snapshot().run.as_ref().map(|run| run.id);
    let request = SyncRequest { entities, full: false, allow_removals: false, trigger: Trigger::Schedule };
    handle.send(EngineCommand::Sync(request)).await.map_err(|error| unrecorded(&error))?;
    let mut snapshots = handle.snapshots();
    let is_over = |snapshot: &Arc<Snapshot>| {
        snapshot.run.as_ref().is_some_and(|run| Some(run.id) != before && run.status != RunStatus::Running)
    };
    snapshots.wait_for(is_over).await.map_err(|error| unrecorded(&error))?;
    Ok(())
}

fn unrecorded(error: &dyn std::fmt::Display) -> Failure {
    Failure::failed(format!("the demo's past could not be recorded ({error}); start the demo again"))
}

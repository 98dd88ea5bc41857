//! Reads one page of each list and compares it with the stored list.
//!
//! Owns: what is requested, in which order, and what it cost; one file for each kind of entity.
//! Must not know: how an estimate is calculated.
//!
//! Checking the account costs a request only before the first sync, because nothing of the answers
//! is stored. A refusal is not waited out, since another try would be a second request.

mod contents;
mod details;
mod lists;
mod tracks;

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::lists::Confirm;
use super::range::{Range, RequestPace};
use super::{EntityPlan, Estimate, PlannedChanges, SyncPlan};
use crate::clock::SharedClock;
use crate::config;
use crate::domain::{AccountId, Bucket, Capability, Entity, Mode, Playlist, RunStatus, SyncState, User};
use crate::engine::error::JobError;
use crate::engine::jobs::availability::Availability;
use crate::engine::jobs::cursor::Cursor;
use crate::engine::status::rate_limit_store::{GateMemory, Meter, Metered};
use crate::handle::SyncRequest;
use crate::spotify::{Priority, RequestOptions, SpotifyClient};
use crate::store::Store;

/// The most rows that Spotify returns in one page.
const LARGEST_PAGE: u32 = 50;

/// What a dry run needs. A running engine passes its own parts, so that the dry run uses the same
/// gate: one request at a time, holds respected, each request counted.
pub struct PlanContext {
    pub(in crate::engine) store: Store,
    pub(in crate::engine) client: SpotifyClient,
    pub(in crate::engine) memory: GateMemory,
    pub(in crate::engine) clock: SharedClock,
    pub(in crate::engine) sync: config::SyncConfig,
    pub(in crate::engine) gate: config::GateConfig,
}

/// What `request` would cost and change. Nothing is written except what the gate must remember.
pub async fn plan(parts: &PlanContext, request: &SyncRequest, cancel: &CancellationToken) -> SyncPlan {
    let mut entities = request.entities.clone();
    if entities.is_empty() {
        entities = Entity::MIRRORED.into_iter().chain([Entity::Plays]).collect();
    }
    entities.sort_unstable();
    entities.dedup();
    let mut planner = Planner::new(parts, request, cancel, entities.contains(&Entity::Playlists));
    let mut plans = Vec::with_capacity(entities.len());
    let mut status = RunStatus::Done;
    for entity in entities {
        plans.push(planner.entity(entity).await.unwrap_or_else(|error| {
            status = status.worse(error.run_status());
            EntityPlan::unasked(entity, &error)
        }));
        if matches!(status, RunStatus::Cancelled | RunStatus::NeedsLogin) {
            break;
        }
    }
    planner.sum_up(plans, status)
}

impl EntityPlan {
    fn unasked(entity: Entity, error: &JobError) -> Self {
        Self {
            entity_type: entity,
            mode: Mode::Incremental,
            requests: None,
            seconds: None,
            changes: None,
            brake: None,
            note: Some(error.to_string()),
        }
    }
}

struct Planner<'a> {
    parts: &'a PlanContext,
    request: &'a SyncRequest,
    ask: RequestOptions,
    requests: Meter,
    /// The total wait of all answers so far.
    waited: Duration,
    /// The page of playlists that was read; the estimate of their contents uses it.
    playlists: Option<(Vec<Playlist>, u32)>,
    names_playlists: bool,
}

impl<'a> Planner<'a> {
    fn new(
        parts: &'a PlanContext,
        request: &'a SyncRequest,
        cancel: &CancellationToken,
        names_playlists: bool,
    ) -> Self {
        Self {
            parts,
            request,
            ask: RequestOptions { priority: Priority::Now, max_wait: Duration::ZERO, cancel: cancel.clone() },
            requests: parts.memory.meter(Metered::Library),
            waited: Duration::ZERO,
            playlists: None,
            names_playlists,
        }
    }

    fn sum_up(&self, mut entities: Vec<EntityPlan>, status: RunStatus) -> SyncPlan {
        let spent = self.requests.read();
        let latency = self.waited.checked_div(spent).unwrap_or_default();
        let pace = RequestPace { gate: self.parts.gate, latency };
        // The request for the account.
        let mut sum = Range::exactly(1);
        for plan in &mut entities {
            if let Some(requests) = plan.requests {
                plan.seconds = Some(pace.seconds(sum, requests));
                sum = sum + requests;
            }
        }
        let seconds = pace.seconds(Range::exactly(0), sum);
        SyncPlan { entities, requests: sum, seconds, spent, status }
    }

    async fn entity(&mut self, entity: Entity) -> Result<EntityPlan, JobError> {
        let state = self.parts.store.account(self.account().await?).sync_state().of(entity).await?;
        let estimate = match entity {
            Entity::Tracks => self.tracks(&state).await?,
            Entity::Albums | Entity::Artists | Entity::Playlists => self.short_list(&state).await?,
            Entity::PlaylistItems => self.contents(&state).await?,
            Entity::Details => self.details().await?,
            Entity::Plays => Estimate {
                requests: Range::exactly(1),
                changes: PlannedChanges::UNKNOWN,
                brake: None,
                note: None,
            },
        };
        Ok(EntityPlan {
            entity_type: entity,
            mode: match (state.is_initial_complete, self.request.full) {
                (false, _) => Mode::Initial,
                (true, true) => Mode::Full,
                (true, false) => Mode::Incremental,
            },
            requests: Some(estimate.requests),
            seconds: None,
            changes: Some(estimate.changes),
            brake: estimate.brake,
            note: estimate.note,
        })
    }

    /// The account's key. Before the first sync this is a key that no row has.
    async fn account(&self) -> Result<AccountId, JobError> {
        Ok(self.parts.store.accounts().current().await?.map_or(AccountId(0), |account| account.id))
    }

    /// Sends a request and measures how long it took.
    async fn timed<T>(
        &mut self,
        answer: impl Future<Output = Result<T, crate::spotify::SpotifyError>>,
    ) -> Result<T, JobError> {
        let begun = self.parts.clock.elapsed();
        let answer = answer.await;
        self.waited += self.parts.clock.elapsed().saturating_sub(begun);
        Ok(answer?)
    }

    /// Rows whose pages are already read, by a walk that continues.
    fn done(&self, state: &SyncState, cursor: Option<&Cursor>) -> Option<u32> {
        match cursor {
            Some(Cursor::Walk(walk)) if walk.full >= self.request.full && walk.total.is_some() => {
                Some(state.total_processed)
            }
            _ => None,
        }
    }

    /// The account. Before the first sync the estimate of the contents is worth this request.
    async fn me(&mut self) -> Result<User, JobError> {
        match self.parts.store.accounts().current().await? {
            Some(account) if !account.user.is_local() => Ok(account.user),
            _ => {
                let (client, ask) = (self.parts.client.clone(), self.ask.clone());
                self.timed(client.me(&ask)).await
            }
        }
    }

    /// Whether the library may be asked, as far as that is known.
    async fn confirm(&self) -> Result<Confirm, JobError> {
        Ok(match self.availability(Capability::LibraryContains).await? {
            Availability::Open => Confirm::Library,
            Availability::Closed
                if self.availability(Capability::LegacyContains).await? == Availability::Closed =>
            {
                Confirm::Closed
            }
            Availability::Untried | Availability::Probe | Availability::Closed => Confirm::Untried,
        })
    }

    async fn availability(&self, capability: Capability) -> Result<Availability, JobError> {
        let learned = self.parts.store.account(self.account().await?).capabilities().of(capability).await?;
        let availability = Availability::of(learned, self.parts.clock.now());
        let is_spent = self.used(capability.bucket()).await? >= self.parts.gate.daily_budget;
        Ok(if availability == Availability::Probe && is_spent { Availability::Closed } else { availability })
    }

    async fn used(&self, bucket: Bucket) -> Result<u32, JobError> {
        let usage = self.parts.store.rate_limits().usage(self.parts.clock.now()).await?;
        Ok(usage.iter().find(|usage| usage.bucket == bucket).map_or(0, |usage| usage.day))
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

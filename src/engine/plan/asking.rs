//! One page of each list, held against what is stored.
//!
//! Whose library it is costs no request here but before the first sync: of what is answered nothing is kept.
//! A refusal is not waited out, since asking again would be a second request.

use std::collections::HashSet;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::super::capability::Course;
use super::super::error::JobError;
use super::super::jobs::cursor::Cursor;
use super::super::jobs::tracks::{held, seen_row};
use super::super::memory::{Meter, Metered};
use super::super::survey::{self, Outlook};
use super::super::{Parts, ages, budget};
use super::contents::{self, Lists};
use super::lists::{self, Confirm, Walk};
use super::range::{Pace, Range};
use super::tracks::{self, Top, Way};
use super::{Changes, EntityPlan, Estimate, SyncPlan};
use crate::domain::{
    AccountId, Bucket, Capability, ContentsState, Entity, Mode, Playlist, Row, RunStatus, SyncState, User,
};
use crate::handle::SyncRequest;
use crate::spotify::{Ask, Lane};

/// The most rows that Spotify gives at once.
const LARGEST_PAGE: u32 = 50;

/// What `request` would cost and change. Nothing is written but what the gate must remember.
pub async fn plan(parts: &Parts, request: &SyncRequest, cancel: &CancellationToken) -> SyncPlan {
    let mut entities = request.entities.clone();
    if entities.is_empty() {
        entities = Entity::MIRRORED.into_iter().chain([Entity::Plays]).collect();
    }
    entities.sort_unstable();
    entities.dedup();
    let ask = Ask { lane: Lane::Now, patience: Duration::ZERO, cancel: cancel.clone() };
    let mut planner = Planner {
        parts,
        request,
        ask,
        requests: parts.memory.meter(Metered::Library),
        waited: Duration::ZERO,
        playlists: None,
        names_playlists: entities.contains(&Entity::Playlists),
    };
    let mut plans = Vec::with_capacity(entities.len());
    let mut status = RunStatus::Done;
    for entity in entities {
        let plan = match planner.entity(entity).await {
            Ok(plan) => plan,
            Err(error) => {
                status = status.worse(error.run_status());
                EntityPlan::unasked(entity, &error)
            }
        };
        let ends = matches!(status, RunStatus::Cancelled | RunStatus::NeedsLogin);
        plans.push(plan);
        if ends {
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
    parts: &'a Parts,
    request: &'a SyncRequest,
    ask: Ask,
    requests: Meter,
    /// For all answers so far.
    waited: Duration,
    /// The page that was read of the playlists, for their contents.
    playlists: Option<(Vec<Playlist>, u32)>,
    names_playlists: bool,
}

/// The first page of a list.
struct FirstPage {
    keys: Vec<String>,
    total: u32,
}

impl Planner<'_> {
    fn sum_up(&self, mut entities: Vec<EntityPlan>, status: RunStatus) -> SyncPlan {
        let spent = self.requests.read();
        let latency = self.waited.checked_div(spent).unwrap_or_default();
        let pace = Pace { gate: self.parts.settings.gate, latency };
        // Whose library it is.
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
        let state = self.parts.store.sync_state(self.account().await?, entity).await?;
        let estimate = match entity {
            Entity::Tracks => self.tracks(&state).await?,
            Entity::Albums | Entity::Artists | Entity::Playlists => self.short_list(&state).await?,
            Entity::PlaylistItems => self.contents(&state).await?,
            Entity::Details => self.details().await?,
            Entity::Plays => {
                Estimate { requests: Range::exactly(1), changes: Changes::UNKNOWN, brake: None, note: None }
            }
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

    /// The account's key; before the first sync one that no row has.
    async fn account(&self) -> Result<AccountId, JobError> {
        Ok(self.parts.store.account().await?.map_or(AccountId(0), |account| account.id))
    }

    /// Asks, and keeps how long it took.
    async fn timed<T>(
        &mut self,
        answer: impl Future<Output = Result<T, crate::spotify::SpotifyError>>,
    ) -> Result<T, JobError> {
        let begun = self.parts.clock.elapsed();
        let answer = answer.await;
        self.waited += self.parts.clock.elapsed().saturating_sub(begun);
        Ok(answer?)
    }

    async fn tracks(&mut self, state: &SyncState) -> Result<Estimate, JobError> {
        let (parts, sync) = (self.parts, self.parts.settings.sync);
        let account = self.account().await?;
        let used = self.used(Bucket::Tracks).await?;
        let budget = parts.settings.gate.daily_budget;
        let is_due = ages::are_tracks_due(state, parts.clock.now(), &sync, budget, used);
        let cursor = Cursor::of(state);
        let head = sync.incremental_batch.max(1);
        // A whole number of the pages that the sync reads.
        let limit = (LARGEST_PAGE / head).max(1) * head;
        let page = self.timed(parts.client.saved_tracks(&self.ask.clone(), 0, limit)).await?;
        let stored = held(&parts.store.saved_slots(account).await?);
        let nulls = stored.iter().filter(|slot| slot.row.is_none()).count();
        let known = stored.len() - nulls;
        let rows: Vec<_> = page.rows.iter().map(seen_row).collect();
        let walk = Walk {
            total: page.total,
            done: self.done(state, cursor.as_ref()),
            batch: sync.initial_batch,
            has_short_pages: false,
            is_first: !state.is_initial_complete,
            known: number(known),
            gone: Range::exactly(0),
            null_slots: number(nulls),
            confirm: self.confirm().await?,
        };
        let top = Top { walk, head, shown: number(rows.len()) };
        let is_walked =
            self.request.full || !state.is_initial_complete || matches!(cursor, Some(Cursor::Walk(_)));
        let way = match cursor {
            _ if is_walked || is_due => Way::Walk,
            cursor => Way::Survey { resumed: cursor.is_some() },
        };
        let outlook = if state.is_initial_complete {
            survey::outlook(stored, &rows, page.total, (head, sync.initial_batch))
        } else {
            Outlook::Deep
        };
        let mut estimate = tracks::estimate(&top, outlook, way);
        if is_due && !is_walked {
            estimate.note = Some("read again from end to end for its age".to_owned());
        }
        Ok(estimate)
    }

    /// Rows of which the pages are read already, by a walk that goes on.
    fn done(&self, state: &SyncState, cursor: Option<&Cursor>) -> Option<u32> {
        match cursor {
            Some(Cursor::Walk(walk)) if walk.full >= self.request.full && walk.total.is_some() => {
                Some(state.total_processed)
            }
            _ => None,
        }
    }

    async fn short_list(&mut self, state: &SyncState) -> Result<Estimate, JobError> {
        let (account, batch) = (self.account().await?, self.parts.settings.sync.initial_batch);
        let entity = state.entity;
        let page = self.first_page(entity, batch).await?;
        let held = self.parts.store.held_keys(account, entity).await?;
        let held: HashSet<String> = held.into_iter().flatten().collect();
        let walk = Walk {
            total: page.total,
            done: self.done(state, Cursor::of(state).as_ref()),
            batch,
            has_short_pages: entity == Entity::Artists,
            is_first: !state.is_initial_complete,
            known: number(held.len()),
            gone: Range::exactly(0),
            null_slots: 0,
            confirm: self.confirm().await?,
        };
        Ok(lists::estimate(&walk, lists::changes(&held, &page.keys, page.total)))
    }

    async fn first_page(&mut self, entity: Entity, limit: u32) -> Result<FirstPage, JobError> {
        let (client, ask) = (self.parts.client.clone(), self.ask.clone());
        Ok(match entity {
            Entity::Albums => {
                let page = self.timed(client.saved_albums(&ask, 0, limit)).await?;
                FirstPage { keys: keys(&page.rows, |saved| saved.item.id.to_string()), total: page.total }
            }
            Entity::Artists => {
                let page = self.timed(client.followed_artists(&ask, None, limit)).await?;
                let keys = keys(&page.rows, |artist| artist.id.to_string());
                FirstPage { total: page.total.unwrap_or(number(keys.len())), keys }
            }
            _ => {
                let page = self.timed(client.playlists(&ask, 0, limit)).await?;
                let keys = keys(&page.rows, |list| list.id.to_string());
                let rows = page.rows.into_iter().filter_map(|row| row.readable().cloned()).collect();
                self.playlists = Some((rows, page.total));
                FirstPage { keys, total: page.total }
            }
        })
    }

    async fn contents(&mut self, state: &SyncState) -> Result<Estimate, JobError> {
        let (parts, settings) = (self.parts, &self.parts.settings);
        if self.names_playlists && self.playlists.is_none() {
            return Err(JobError::failed("which lists have changed shows only with the playlists"));
        }
        let me = self.me().await?;
        let account = self.account().await?;
        let stored = parts.store.listed_contents(account).await?;
        let complete: Vec<_> =
            stored.iter().filter(|list| list.state == ContentsState::Complete).cloned().collect();
        let everything = self.request.full
            || matches!(Cursor::of(state), Some(Cursor::Contents(cursor)) if cursor.everything);
        let mut aged = ages::lists_due(complete, state.last_synced_at, parts.clock.now(), &settings.sync);
        let mut left = budget::left(settings.gate.daily_budget, self.used(Bucket::PlaylistItems).await?);
        aged.retain(|list| {
            let has_room = left > 0 && !everything;
            left = left
                .saturating_sub(list.item_count.unwrap_or(0).div_ceil(settings.sync.initial_batch.max(1)));
            has_room
        });
        let page = self.playlists.as_ref().map(|(rows, total)| (rows.as_slice(), *total));
        Ok(contents::estimate(&Lists {
            me: &me.id,
            stored: &stored,
            page,
            aged: &aged,
            everything,
            items_path: self.course(Capability::ItemsPath).await?,
            foreign: self.course(Capability::ForeignContents).await?,
            batch: settings.sync.initial_batch,
        }))
    }

    /// Whose library it is; before the first sync that is worth the request of the contents.
    async fn me(&mut self) -> Result<User, JobError> {
        match self.parts.store.account().await? {
            Some(account) if !account.user.is_local() => Ok(account.user),
            _ => {
                let (client, ask) = (self.parts.client.clone(), self.ask.clone());
                self.timed(client.me(&ask)).await
            }
        }
    }

    async fn details(&self) -> Result<Estimate, JobError> {
        let (store, gate) = (&self.parts.store, self.parts.settings.gate);
        let now = self.parts.clock.now();
        let since = self.request.full.then_some(now);
        let todo = number(store.details_todo(self.account().await?, now, since).await?.artists.len());
        let left = budget::left(gate.daily_budget, self.used(Bucket::Catalogue).await?);
        let at_once = todo.div_ceil(LARGEST_PAGE);
        let is_closed = |course| course == Course::Closed;
        let no_fields = is_closed(self.course(Capability::ArtistGenres).await?)
            && is_closed(self.course(Capability::ArtistPictures).await?);
        let requests = match self.course(Capability::ArtistsBatch).await? {
            _ if no_fields || todo == 0 => Range::exactly(0),
            Course::Open => Range::exactly(at_once.min(left)),
            Course::Closed if is_closed(self.course(Capability::ArtistById).await?) => Range::exactly(0),
            Course::Closed => Range::exactly(todo.min(left)),
            Course::Untried | Course::Probe => Range::between(at_once.min(left), (todo + 1).min(left)),
        };
        let note = (requests.most.is_some_and(|most| most >= left) && todo > 0)
            .then(|| format!("{left} requests are left of the day's {}", gate.daily_budget));
        Ok(Estimate { requests, changes: Changes::UNKNOWN, brake: None, note })
    }

    /// Whether the library may be asked, as far as that is learnt.
    async fn confirm(&self) -> Result<Confirm, JobError> {
        Ok(match self.course(Capability::LibraryContains).await? {
            Course::Open => Confirm::Library,
            Course::Closed if self.course(Capability::LegacyContains).await? == Course::Closed => {
                Confirm::Closed
            }
            Course::Untried | Course::Probe | Course::Closed => Confirm::Untried,
        })
    }

    async fn course(&self, capability: Capability) -> Result<Course, JobError> {
        let learnt = self.parts.store.capability(self.account().await?, capability).await?;
        let course = Course::of(learnt, self.parts.clock.now());
        let is_spent = self.used(capability.bucket()).await? >= self.parts.settings.gate.daily_budget;
        Ok(if course == Course::Probe && is_spent { Course::Closed } else { course })
    }

    async fn used(&self, bucket: Bucket) -> Result<u32, JobError> {
        let usage = self.parts.store.usage(self.parts.clock.now()).await?;
        Ok(usage.iter().find(|usage| usage.bucket == bucket).map_or(0, |usage| usage.day))
    }
}

fn keys<T>(rows: &[Row<T>], key: impl Fn(&T) -> String) -> Vec<String> {
    rows.iter().filter_map(Row::readable).map(key).collect()
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

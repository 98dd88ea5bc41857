//! Joins Spotify and the store: the actor, the schedule, one job per entity, the play tracker.
//!
//! Owns: what is read when, and what becomes of it. Must not know: the screen, SQL, HTTP.
//!
//! ```text
//!  Handle ──commands──▶ actor ──begins──▶ run ──one after the other──▶ jobs ──▶ spotify, store
//!         ◀─snapshots──   ▲                │                            │
//!                         └────reports─────┴────────────────────────────┤
//!                                              playback (own lane) ─────┘
//! ```

mod actor;
mod ages;
mod alerts;
mod budget;
mod capability;
mod context;
mod error;
mod job;
mod jobs;
mod memory;
mod now_playing;
mod page_limit;
mod plan;
mod playback;
mod report;
mod retry;
mod run;
mod schedule;
mod settings;
mod snapshot;
mod statistics;
mod survey;

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::clock::SharedClock;
use crate::domain::{EngineState, Hold};
use crate::handle::Handle;
use crate::spotify::Client;
use crate::store::{Store, StoreError};

pub use memory::GateMemory;
pub use plan::{Brake, Changes, EntityPlan, Range, Seconds, SyncPlan, plan};
pub use settings::{Schedule, Settings, Tunable};
pub use snapshot::stored as stored_snapshot;

use actor::{Actor, Publishing};
use alerts::Alerts;
use context::Context;

/// What an engine is made of.
pub struct Parts {
    /// The database, open for writing, its lock held by the caller.
    pub store: Store,
    /// Spotify.
    pub client: Client,
    /// The holds in force, as the gate publishes them.
    pub holds: watch::Receiver<Vec<Hold>>,
    /// The memory that the gate was opened with.
    pub memory: GateMemory,
    /// What time it is.
    pub clock: SharedClock,
    /// Intervals, budget, schedule.
    pub settings: Settings,
}

/// An engine at work.
pub struct Engine {
    /// How to talk to it.
    pub handle: Handle,
    /// Told whenever alerts were stored that nobody outside knows of yet.
    pub alerts: watch::Receiver<()>,
    ctx: Arc<Context>,
    actor: JoinHandle<()>,
    listeners: Vec<JoinHandle<()>>,
    statistics: JoinHandle<()>,
    stop: CancellationToken,
}

/// Changes the settings of an engine at work.
#[derive(Clone)]
pub struct Tuner {
    ctx: Arc<Context>,
}

impl Tuner {
    /// Goes on with other settings.
    pub fn tune(&self, tunable: Tunable) {
        self.ctx.settings.tune(tunable);
    }
}

impl Engine {
    /// Starts an engine. Runs that a crash cut off are closed first.
    pub async fn start(parts: Parts, stop: CancellationToken) -> Result<Self, StoreError> {
        let Parts { store, client, holds, memory, clock, settings } = parts;
        let stop = stop.child_token();
        store.close_interrupted_runs(clock.now()).await?;
        let account = store.ensure_account(clock.now()).await?.id;
        let stats = settings.stats;
        store.keep_statistics_by(account, stats.time_zone, stats.counts_from).await?;
        let (database, budget) = (settings.database.clone(), settings.gate.daily_budget);
        store.remember_budget(budget).await?;
        let mut first = snapshot::stored(&store, &database, budget, clock.now()).await?;
        first.engine = EngineState::Running;
        first.host = Some(settings.host);
        let (standing, began) = (first.alerts.clone(), clock.now());
        let (news, alerts) = watch::channel(());
        let (handle, end) = Handle::pair(first.clone());
        let (reporter, reports) = mpsc::channel(report::REPORTS);
        let ctx = Arc::new(Context::new(store, client, clock, &settings, memory, reporter));
        let mut listeners = Vec::new();
        if ctx.settings.schedule == Schedule::Recurring {
            listeners.push(tokio::spawn(playback::track(Arc::clone(&ctx), stop.clone())));
            let screens = end.screens.clone();
            listeners.push(tokio::spawn(now_playing::watch(Arc::clone(&ctx), screens, stop.clone())));
        }
        let statistics = tokio::spawn(statistics::settle(Arc::clone(&ctx), account, stop.clone()));
        let actor = Actor {
            tuned: ctx.settings.changes(),
            ctx: Arc::clone(&ctx),
            account,
            snapshot: first,
            end,
            reports,
            holds,
            stop: stop.clone(),
            running: None,
            publishing: Publishing::default(),
            alerts: Alerts::new(standing, began, news),
        };
        Ok(Self { handle, alerts, ctx, actor: tokio::spawn(actor.work()), listeners, statistics, stop })
    }

    /// The way to other settings while it runs.
    #[must_use]
    pub fn tuner(&self) -> Tuner {
        Tuner { ctx: Arc::clone(&self.ctx) }
    }

    /// Stops between two pages and waits until everything is written.
    pub async fn stop(self) {
        self.stop.cancel();
        for task in [self.actor, self.statistics].into_iter().chain(self.listeners) {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task of the engine broke");
            }
        }
    }
}

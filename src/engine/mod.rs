//! Joins Spotify and the store: the actor, the schedule, one job per entity, the play tracker.
//!
//! Owns: what is read when, and what happens to it. Must not know: the screen, SQL, HTTP.
//!
//! ```text
//!  Handle ──commands──▶ actor ──begins──▶ run ──one after the other──▶ jobs ──▶ spotify, store
//!         ◀─snapshots──   ▲                │                            │
//!                         └────reports─────┴────────────────────────────┤
//!                                              playback (own task) ─────┘
//! ```

mod actor;
mod context;
mod dry_run;
mod error;
mod jobs;
mod listening;
mod removal_search;
mod report;
mod run;
mod status;
mod supervisor;
#[cfg(test)]
mod tests;
mod timing;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::clock::SharedClock;
use crate::domain::{AccountId, BackgroundTask, EngineState, Hold, Snapshot};
use crate::handle::Handle;
use crate::spotify::SpotifyClient;
use crate::store::{Store, StoreError};
use listening::{now_playing, playback, statistics};
use status::snapshot;
use timing::{clock_watch, schedule};

pub use dry_run::{EntityPlan, PlanContext, PlannedBrake, PlannedChanges, Range, Seconds, SyncPlan, plan};
pub use status::owner::hold_against as verify_owner;
pub use status::rate_limit_store::GateMemory;
pub use status::settings::{Schedule, Settings, Tunable};
pub use status::snapshot::shown as stored_snapshot;
pub use supervisor::Supervisor;

use actor::{Actor, Publishing};
use context::EngineContext;
use status::alerts::AlertTracker;

/// The parts of an engine.
pub struct EngineParts {
    /// The database, open for writing; the caller holds its lock.
    pub store: Store,
    /// The Spotify client.
    pub client: SpotifyClient,
    /// The holds in force, as the gate publishes them.
    pub holds: watch::Receiver<Vec<Hold>>,
    /// The stored state that the gate was opened with.
    pub memory: GateMemory,
    /// The clock.
    pub clock: SharedClock,
    /// Intervals, budget, schedule.
    pub settings: Settings,
}

impl EngineParts {
    /// What a dry run needs if no engine runs.
    #[must_use]
    pub fn plan_context(&self) -> PlanContext {
        PlanContext {
            store: self.store.clone(),
            client: self.client.clone(),
            memory: self.memory.clone(),
            clock: Arc::clone(&self.clock),
            sync: self.settings.sync,
            gate: self.settings.gate,
        }
    }
}

/// A running engine.
pub struct Engine {
    /// The handle to talk to it.
    pub handle: Handle,
    /// Notified when alerts were stored that have not been delivered yet.
    pub alerts: watch::Receiver<()>,
    /// Keeps background tasks running, both the engine's own and those of its host.
    pub supervisor: Supervisor,
    ctx: Arc<EngineContext>,
    actor: JoinHandle<()>,
    background: Vec<JoinHandle<()>>,
    stop: CancellationToken,
}

/// Changes the settings of a running engine, and provides what a dry run needs.
#[derive(Clone)]
pub struct Tuner {
    ctx: Arc<EngineContext>,
}

impl Tuner {
    /// Applies other settings.
    pub fn tune(&self, tunable: Tunable) {
        self.ctx.settings.tune(tunable);
    }

    /// What a dry run beside this engine needs.
    #[must_use]
    pub fn plan_context(&self) -> PlanContext {
        PlanContext {
            store: self.ctx.store.clone(),
            client: self.ctx.client.clone(),
            memory: self.ctx.memory.clone(),
            clock: Arc::clone(&self.ctx.clock),
            sync: self.ctx.settings.sync(),
            gate: self.ctx.settings.gate(),
        }
    }
}

/// The snapshot when an engine starts.
async fn first_snapshot(
    store: &Store,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Result<Snapshot, StoreError> {
    let mut first = snapshot::stored(store, &settings.database, settings.gate.daily_budget, now).await?;
    first.engine = EngineState::Running;
    first.host = Some(settings.host);
    schedule::cap_waits(&mut first, settings.sync.library_interval, now);
    Ok(first)
}

impl Engine {
    /// Starts an engine. First it closes runs that were interrupted by a crash.
    pub async fn start(parts: EngineParts, stop: CancellationToken) -> Result<Self, StoreError> {
        let EngineParts { store, client, holds, memory, clock, settings } = parts;
        let stop = stop.child_token();
        store.close_interrupted_runs(clock.now()).await?;
        let account = store.accounts().ensure(clock.now()).await?.id;
        let stats = settings.stats;
        store.account(account).statistics().keep_by(stats.time_zone, stats.counts_from).await?;
        store.rate_limits().remember_budget(settings.gate.daily_budget).await?;
        let first = first_snapshot(&store, &settings, clock.now()).await?;
        let (standing, began) = (first.alerts.clone(), clock.elapsed());
        let (news, alerts) = watch::channel(());
        let (handle, end) = Handle::pair(snapshot::with_budget_waits(first.clone()));
        let (reporter, reports) = mpsc::channel(report::REPORTS);
        let supervisor = Supervisor::new(Arc::clone(&clock), stop.clone());
        let ctx = Arc::new(EngineContext::new(store, client, clock, &settings, memory, reporter));
        let background = start_background(&ctx, &supervisor, (account, &end.screens), &stop);
        let actor = Actor {
            tuned: ctx.settings.changes(),
            clock_changes: ctx.clock_changes.subscribe(),
            failed_tasks: supervisor.failed(),
            ctx: Arc::clone(&ctx),
            account,
            snapshot: first,
            end,
            reports,
            holds,
            stop: stop.clone(),
            running: None,
            publishing: Publishing::default(),
            alerts: AlertTracker::new(standing, began, news),
        };
        Ok(Self { handle, alerts, supervisor, ctx, actor: tokio::spawn(actor.work()), background, stop })
    }

    /// Returns a tuner, which changes the settings while the engine runs.
    #[must_use]
    pub fn tuner(&self) -> Tuner {
        Tuner { ctx: Arc::clone(&self.ctx) }
    }

    /// Stops between two pages and waits until everything is written.
    pub async fn stop(self) {
        self.stop.cancel();
        for task in std::iter::once(self.actor).chain(self.background) {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task of the engine panicked");
            }
        }
    }
}

/// Starts the background tasks that run beside the engine's runs.
fn start_background(
    ctx: &Arc<EngineContext>,
    supervisor: &Supervisor,
    (account, screens): (AccountId, &watch::Receiver<u32>),
    stop: &CancellationToken,
) -> Vec<JoinHandle<()>> {
    let keep = |task, start: Box<dyn FnMut() -> BoxFuture<'static, ()> + Send>| {
        tokio::spawn(supervisor.clone().keep(task, start))
    };
    let of_engine = || (Arc::clone(ctx), stop.clone());
    let (c, s) = of_engine();
    let mut tasks = vec![keep(
        BackgroundTask::Statistics,
        Box::new(move || statistics::settle(Arc::clone(&c), account, s.clone()).boxed()),
    )];
    let (c, s) = of_engine();
    tasks.push(keep(
        BackgroundTask::ClockWatch,
        Box::new(move || clock_watch::watch(Arc::clone(&c), s.clone()).boxed()),
    ));
    if ctx.settings.schedule == Schedule::Recurring {
        let (c, s) = of_engine();
        tasks.push(keep(
            BackgroundTask::PlayTracker,
            Box::new(move || playback::track(Arc::clone(&c), s.clone()).boxed()),
        ));
        let (c, s) = of_engine();
        let screens = screens.clone();
        tasks.push(keep(
            BackgroundTask::NowPlaying,
            Box::new(move || now_playing::watch(Arc::clone(&c), screens.clone(), s.clone()).boxed()),
        ));
    }
    tasks
}

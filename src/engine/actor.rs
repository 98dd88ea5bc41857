//! The engine's actor: one task that owns the one [`Snapshot`], receives commands, starts runs and
//! publishes snapshots.
//!
//! It never waits for Spotify. Runs and the play tracker are separate tasks that send it reports.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::domain::{
    AccountId, BackgroundTask, Entity, EntityState, EntityStatus, Hold, LoginState, PlaysStatus, Snapshot,
    Trigger,
};
use crate::handle::{Accepted, CommandRefused, CommandRequest, EngineCommand, EngineEnd, SyncRequest};
use crate::store::Flag;

use super::context::EngineContext;
use super::report::EngineReport;
use super::run::{self, RunContext};
use super::status::alerts::AlertTracker;
use super::status::rate_limit_store::Metered;
use super::status::settings::{Schedule, Tunable};
use super::status::snapshot;
use super::timing::clock_watch::ClockChange;
use super::timing::schedule;

/// The shortest time between two snapshots.
const PUBLISH_EVERY: Duration = Duration::from_millis(100);
/// How long the figures of the 30 s window still change after the last request.
const WINDOW: Duration = Duration::from_secs(31);

/// The engine's own task.
pub struct Actor {
    pub ctx: Arc<EngineContext>,
    pub account: AccountId,
    pub snapshot: Snapshot,
    pub end: EngineEnd,
    pub reports: mpsc::Receiver<EngineReport>,
    pub holds: watch::Receiver<Vec<Hold>>,
    pub tuned: watch::Receiver<Tunable>,
    pub clock_changes: watch::Receiver<Option<ClockChange>>,
    pub failed_tasks: watch::Receiver<Vec<BackgroundTask>>,
    pub stop: CancellationToken,
    pub running: Option<Running>,
    pub publishing: Publishing,
    pub alerts: AlertTracker,
}

/// The run that is in progress.
pub struct Running {
    task: JoinHandle<()>,
    cancel: CancellationToken,
    /// A person cancelled it, so the schedule does not start it again at once.
    put_off: bool,
    /// The command to run as soon as this run has stopped to make room for it.
    next: Option<CommandRequest>,
}

/// When the next snapshot is published, on the monotonic clock.
#[derive(Default)]
pub struct Publishing {
    due: Option<Duration>,
    last: Duration,
    window_ends: Option<Duration>,
}

impl Publishing {
    /// Something changed: publish soon, but no sooner than the minimum interval allows.
    fn request(&mut self, now: Duration) {
        self.due.get_or_insert((self.last + PUBLISH_EVERY).max(now));
    }

    fn next(&self) -> Option<Duration> {
        match (self.due, self.window_ends) {
            (Some(due), Some(window)) => Some(due.min(window)),
            (due, window) => due.or(window),
        }
    }
}

impl Actor {
    /// Works until it is stopped. Then it stops the run between two pages.
    pub async fn work(mut self) {
        self.publish().await;
        while !self.stop.is_cancelled() {
            let publish_in = self.publishing.next().map(|at| at.saturating_sub(self.ctx.clock.elapsed()));
            let run_in = self.next_run_in();
            let alert_in = self.alerts.turn_in(&self.ctx, &self.snapshot);
            tokio::select! {
                biased;
                () = self.stop.cancelled() => {}
                Some(ask) = self.end.commands.recv() => self.command(ask).await,
                Some(report) = self.reports.recv() => self.fold(report),
                () = finished(self.running.as_mut()) => self.run_ended().await,
                Ok(()) = self.tuned.changed() => self.retuned().await,
                Ok(()) = self.clock_changes.changed() => self.clock_changed().await,
                Ok(()) = self.failed_tasks.changed() => self.note_failed_tasks(),
                Ok(()) = self.holds.changed() => self.publishing.request(self.ctx.clock.elapsed()),
                () = sleep(&self.ctx, publish_in) => self.publish().await,
                () = sleep(&self.ctx, run_in) => self.begin_due_run().await,
                () = sleep(&self.ctx, alert_in) => self.publishing.request(self.ctx.clock.elapsed()),
            }
        }
        self.wind_down().await;
    }

    /// Reports are still received while the run ends, so the run never blocks on a full channel.
    async fn wind_down(&mut self) {
        if let Some(running) = &self.running {
            running.cancel.cancel();
        }
        while self.running.is_some() {
            tokio::select! {
                Some(report) = self.reports.recv() => self.fold(report),
                () = finished(self.running.as_mut()) => self.running = None,
            }
        }
        while let Ok(report) = self.reports.try_recv() {
            self.fold(report);
        }
        self.publish().await;
    }

    fn fold(&mut self, report: EngineReport) {
        let now = self.ctx.clock.elapsed();
        match report {
            EngineReport::Account(user) => self.snapshot.account = Some(user),
            EngineReport::Login(login) => self.snapshot.login = login,
            EngineReport::Storage(storage) => self.snapshot.storage = storage,
            EngineReport::Entity(status) => {
                let place =
                    self.snapshot.entities.iter_mut().find(|old| old.entity_type == status.entity_type);
                if let Some(place) = place {
                    *place = EntityStatus { budget_until: place.budget_until, ..*status };
                }
            }
            EngineReport::Run(run) => self.snapshot.run = Some(*run),
            EngineReport::Plays(status) => {
                let next_poll_at = status.next_poll_at.or(self.snapshot.plays.next_poll_at);
                self.snapshot.plays = PlaysStatus { next_poll_at, ..*status };
            }
            EngineReport::NowPlaying(playing) => self.snapshot.now_playing = playing.map(|playing| *playing),
            EngineReport::Capabilities(learned) => self.snapshot.capabilities = learned,
            EngineReport::Journal { lines, set_aside } => {
                self.snapshot.journal = lines;
                self.snapshot.set_aside = set_aside;
            }
        }
        self.publishing.request(now);
        self.publishing.window_ends = Some(now + WINDOW);
    }

    async fn publish(&mut self) {
        let (now, elapsed) = (self.ctx.clock.now(), self.ctx.clock.elapsed());
        self.refresh_gate(now).await;
        self.snapshot.at = now;
        self.alerts.settle(&self.ctx, self.account, &mut self.snapshot).await;
        self.publishing.due = None;
        self.publishing.last = elapsed;
        self.publishing.window_ends = self.publishing.window_ends.filter(|end| *end > elapsed);
        let shown = snapshot::with_budget_waits(self.snapshot.clone());
        self.end.snapshots.send_replace(Arc::new(shown));
    }

    async fn refresh_gate(&mut self, now: DateTime<Utc>) {
        if let Err(error) = snapshot::refresh_gate(&self.ctx.store, &mut self.snapshot, now).await {
            tracing::warn!(%error, "the figures of the gate could not be read");
        }
        snapshot::end_holds_with_the_gate(&mut self.snapshot, &self.holds.borrow(), now);
    }

    async fn command(&mut self, ask: CommandRequest) {
        if let (EngineCommand::Sync(_), Some(running)) = (&ask.command, self.run_that_gives_way()) {
            running.cancel.cancel();
            running.next = Some(ask);
            return;
        }
        if ask.command == EngineCommand::Ping {
            // Nothing has changed, so nothing is published.
            let _ = ask.answer.send(Ok(Accepted::Done));
            return;
        }
        let answer = match ask.command {
            EngineCommand::Ping => Ok(Accepted::Done),
            EngineCommand::Sync(request) => self.begin(request).await,
            EngineCommand::Pause => self.pause(true).await,
            EngineCommand::Resume => self.pause(false).await,
            EngineCommand::Cancel => match &mut self.running {
                Some(running) => {
                    running.cancel.cancel();
                    running.put_off = true;
                    Ok(Accepted::Done)
                }
                None => Err(CommandRefused::Idle),
            },
        };
        // The caller may have gone away in the meantime; the command still takes effect.
        let _ = ask.answer.send(answer);
        self.publishing.request(self.ctx.clock.elapsed());
    }

    /// The settings changed: no entity waits longer for its turn than the new interval.
    async fn retuned(&mut self) {
        let Tunable { gate, .. } = *self.tuned.borrow_and_update();
        self.cap_waits();
        self.snapshot.daily_budget = gate.daily_budget;
        if let Err(error) = self.ctx.store.rate_limits().remember_budget(gate.daily_budget).await {
            tracing::warn!(%error, "the daily budget could not be stored");
        }
        self.publishing.request(self.ctx.clock.elapsed());
    }

    /// The interval or the clock changed: no entity waits longer for its turn than the interval.
    fn cap_waits(&mut self) {
        let now = self.ctx.clock.now();
        schedule::cap_waits(&mut self.snapshot, self.ctx.settings.sync().library_interval, now);
        self.publishing.request(self.ctx.clock.elapsed());
    }

    /// An entity with a hold waits until the hold ends, by the clock as it is now.
    async fn clock_changed(&mut self) {
        self.refresh_gate(self.ctx.clock.now()).await;
        self.cap_waits();
    }

    fn note_failed_tasks(&mut self) {
        self.snapshot.failed_tasks.clone_from(&self.failed_tasks.borrow_and_update());
        self.publishing.request(self.ctx.clock.elapsed());
    }

    /// The current run, if it can be postponed and is not already making room for another one.
    fn run_that_gives_way(&mut self) -> Option<&mut Running> {
        let gives_way = self.snapshot.run_gives_way();
        self.running.as_mut().filter(|running| gives_way && running.next.is_none())
    }

    async fn pause(&mut self, paused: bool) -> Result<Accepted, CommandRefused> {
        self.ctx
            .store
            .settings()
            .set_flag(Flag::Paused, paused)
            .await
            .map_err(|error| CommandRefused::Failed(error.to_string()))?;
        self.snapshot.paused = paused;
        if let (true, Some(running)) = (paused, &self.running) {
            running.cancel.cancel();
        }
        Ok(Accepted::Done)
    }

    /// Starts a run, or returns the reason why it cannot.
    async fn begin(&mut self, mut request: SyncRequest) -> Result<Accepted, CommandRefused> {
        if self.running.is_some() {
            return Err(CommandRefused::Busy);
        }
        if self.snapshot.paused && request.trigger != Trigger::Cli {
            return Err(CommandRefused::Paused);
        }
        if request.entities.is_empty() {
            request.entities = Entity::MIRRORED.into_iter().chain([Entity::Plays]).collect();
        }
        request.entities.sort_unstable();
        request.entities.dedup();
        let plan =
            self.write_begin(request).await.map_err(|error| CommandRefused::Failed(error.to_string()))?;
        let cancel = self.stop.child_token();
        let id = plan.id;
        let task = tokio::spawn(run::execute(Arc::clone(&self.ctx), plan, cancel.clone()));
        self.running = Some(Running { task, cancel, put_off: false, next: None });
        Ok(Accepted::Run(id))
    }

    async fn write_begin(&mut self, request: SyncRequest) -> Result<RunContext, super::error::JobError> {
        let store = self.ctx.store.account(self.account);
        let now = self.ctx.clock.now();
        let mode = run::mode(&store.sync_state().all().await?, &request);
        let begun = store.runs().begin(mode, request.trigger, now).await?;
        let plan = RunContext {
            id: begun.id,
            account: self.account,
            request,
            library: self.ctx.memory.meter(Metered::Library),
            polls: 0,
            started_at: now,
        };
        run::queue(&self.ctx, &plan).await?;
        self.snapshot.run = Some(begun);
        for status in &mut self.snapshot.entities {
            if plan.request.entities.contains(&status.entity_type) {
                status.state = EntityState::Queued;
            }
        }
        Ok(plan)
    }

    /// How long until the schedule starts a run; `None` while no run may start by itself.
    fn next_run_in(&self) -> Option<Duration> {
        let idle = self.running.is_none() && !self.snapshot.paused;
        let let_in = !matches!(self.snapshot.login, LoginState::Needed { .. });
        if !idle || !let_in || self.ctx.settings.schedule == Schedule::OnDemand {
            return None;
        }
        let due: DateTime<Utc> = schedule::next_due(&self.snapshot.entities)?;
        Some(clock::until(due, self.ctx.clock.now()))
    }

    async fn begin_due_run(&mut self) {
        let now = self.ctx.clock.now();
        // The run that has just ended may have used up the budget.
        let (store, budget) = (&self.ctx.store, self.snapshot.daily_budget);
        if let Err(error) = snapshot::refresh_budget(store, &mut self.snapshot.entities, budget, now).await {
            tracing::error!(%error, "the rest of the daily budget could not be read");
            self.put_off();
            return;
        }
        let entities = schedule::due(&self.snapshot.entities, now);
        if entities.is_empty() {
            self.publishing.request(self.ctx.clock.elapsed());
            return;
        }
        let request =
            SyncRequest { entities, full: false, allow_removals: false, trigger: Trigger::Schedule };
        if let Err(error) = self.begin(request).await {
            tracing::error!(%error, "a scheduled run could not start");
            self.put_off();
        }
        self.publishing.request(self.ctx.clock.elapsed());
    }

    async fn run_ended(&mut self) {
        let Some(Running { put_off, next, .. }) = self.running.take() else { return };
        if put_off {
            self.put_off();
        }
        if let Err(error) = self.ctx.store.rest().await {
            tracing::debug!(%error, "the caches could not be released");
        }
        if let Some(ask) = next {
            self.command(ask).await;
        }
    }

    /// An entity that was cancelled, or whose run could not start, is not tried again at once.
    fn put_off(&mut self) {
        let later = self.ctx.clock.now() + self.ctx.settings.retry_interval();
        for status in &mut self.snapshot.entities {
            status.next_due_at = status.next_due_at.max(Some(later));
        }
        self.publishing.request(self.ctx.clock.elapsed());
    }
}

async fn finished(running: Option<&mut Running>) {
    match running {
        Some(running) => {
            if let Err(error) = (&mut running.task).await {
                tracing::error!(%error, "a sync run panicked");
            }
        }
        None => std::future::pending().await,
    }
}

async fn sleep(ctx: &EngineContext, wait: Option<Duration>) {
    match wait {
        Some(wait) => ctx.clock.sleep(wait).await,
        None => std::future::pending().await,
    }
}

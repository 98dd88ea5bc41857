//! One run: reads the entities in order, each to its end or to an error of its own.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::domain::{
    AccountId, Capability, Entity, EntityState, Failures, Mode, RunId, RunOutcome, RunStatus, RunView,
    Snapshot, SyncState, Trigger,
};
use crate::handle::SyncRequest;
use crate::spotify::Priority;
use crate::store::{Delta, EntityMark};

use super::context::EngineContext;
use super::error::JobError;
use super::jobs;
use super::jobs::availability;
use super::jobs::job::Job;
use super::jobs::largest_page::LargestPage;
use super::listening::playback::LOGIN_WAIT;
use super::report::EngineReport;
use super::status::rate_limit_store::{Meter, Metered};

/// How long to wait for a full disk before the next try.
const DISK_WAIT: Duration = Duration::from_mins(5);

/// What a run knows about itself.
#[derive(Debug, Clone)]
pub struct RunContext {
    /// The id of its row.
    pub id: RunId,
    /// The account.
    pub account: AccountId,
    /// The request; `entities` names all entities that are read.
    pub request: SyncRequest,
    /// Requests for the library since it began.
    pub library: Meter,
    /// Requests for its own poll of the plays.
    pub polls: u32,
    /// When it began. The next turn of every entity is counted from here, so that the entities stay
    /// together.
    pub started_at: DateTime<Utc>,
}

impl RunContext {
    fn requests(&self) -> u32 {
        self.library.read() + self.polls
    }
}

/// The result of the whole run so far.
struct RunTally {
    status: RunStatus,
    error: Option<String>,
}

impl RunTally {
    fn take(&mut self, entity: Entity, error: &JobError) {
        let worse = self.status.worse(error.run_status());
        if worse != self.status {
            self.error = Some(match error {
                JobError::NeedsLogin { .. } | JobError::Cancelled | JobError::Held { .. } => {
                    error.to_string()
                }
                _ => format!("{entity}: {error}"),
            });
        }
        self.status = worse;
    }
}

/// Performs the run and closes its row. Everything that is logged meanwhile names the run, whatever
/// the level is.
#[tracing::instrument(name = "run", level = "error", skip_all, fields(id = run.id.0))]
pub async fn execute(ctx: Arc<EngineContext>, mut run: RunContext, cancel: CancellationToken) {
    let mut tally = RunTally { status: RunStatus::Done, error: None };
    let entities = in_working_order(&run.request.entities);
    for (i, entity) in entities.iter().enumerate() {
        let done = take_turn(&ctx, &mut run, *entity, &mut tally, &cancel).await;
        if let Some(error) = done.err().filter(JobError::ends_the_run) {
            let rest = entities.get(i + 1..).unwrap_or_default();
            leave(&ctx, &run, rest, (*entity == Entity::Plays).then_some(&error)).await;
            break;
        }
        show_run(&ctx, &run, |_| ()).await;
    }
    if let Err(error) = learn_app_access(&ctx, run.account).await {
        tracing::warn!(%error, "whether Spotify refuses the app could not be written");
    }
    close(&ctx, &run, tally).await;
}

/// Reads one entity, and stores beside its gauge what stopped it.
#[tracing::instrument(name = "entity", level = "error", skip_all, fields(name = %entity))]
async fn take_turn(
    ctx: &Arc<EngineContext>,
    run: &mut RunContext,
    entity: Entity,
    tally: &mut RunTally,
    cancel: &CancellationToken,
) -> Result<(), JobError> {
    let player = ctx.memory.meter(Metered::Player);
    let done = perform_in_task(ctx, run, entity, cancel).await;
    if entity == Entity::Plays {
        run.polls = player.read();
    }
    ctx.report_storage(done.as_ref().err()).await;
    if let Err(JobError::NeedsLogin { why }) = &done {
        ctx.lose_login(why.clone()).await;
    }
    if let Err(error) = &done {
        tracing::warn!(%error, "not read to its end");
        if counts(entity, run.request.trigger, error) {
            tally.take(entity, error);
        }
        settle_entity(ctx, run, entity, error).await;
    }
    done
}

/// Stores whether Spotify refuses the app itself: it does while one entity was stopped by that. The
/// last error of each entity shows which ones were stopped, so a success of another entity does not
/// clear it.
async fn learn_app_access(ctx: &EngineContext, account: AccountId) -> Result<(), JobError> {
    let states = ctx.store.account(account).sync_state().all().await?;
    let is_refused = states
        .iter()
        .any(|state| state.last_error.as_deref().is_some_and(|why| why.starts_with(JobError::APP_REFUSED)));
    let known = ctx.store.account(account).capabilities().of(Capability::App).await?;
    if is_refused || known.is_some_and(|known| !known.open) {
        availability::learn(ctx, account, Capability::App, !is_refused).await?;
    }
    Ok(())
}

/// Plays come first: Spotify lists only the last 50, and a list can wait.
fn in_working_order(entities: &[Entity]) -> Vec<Entity> {
    let mut ordered = entities.to_vec();
    ordered.sort_by_key(|entity| (*entity != Entity::Plays, *entity));
    ordered
}

/// Whether the error of an entity counts as an error of its run. An error of the details does not
/// count, unless it would stop anything or a person requested the details and stopped them. In a
/// scheduled run they come after everything else, and are postponed for any command of a person.
const fn counts(entity: Entity, trigger: Trigger, error: &JobError) -> bool {
    match (entity, error) {
        (Entity::Details, JobError::Cancelled) => !matches!(trigger, Trigger::Schedule),
        (Entity::Details, error) => error.ends_the_run(),
        _ => true,
    }
}

/// Runs one entity in a task of its own, so that a panic fails only that entity.
async fn perform_in_task(
    ctx: &Arc<EngineContext>,
    run: &RunContext,
    entity: Entity,
    cancel: &CancellationToken,
) -> Result<(), JobError> {
    let (task_ctx, task_run, cancel) = (Arc::clone(ctx), run.clone(), cancel.clone());
    let work = async move { perform_entity(&task_ctx, &task_run, entity, &cancel).await };
    let task = tokio::spawn(work.in_current_span());
    match task.await {
        Ok(done) => done,
        Err(panic) => {
            tracing::error!(%panic, "a job panicked");
            Err(JobError::failed(
                "a bug in phonolog stopped it; please report the log; it is retried automatically",
            ))
        }
    }
}

async fn perform_entity(
    ctx: &EngineContext,
    run: &RunContext,
    entity: Entity,
    cancel: &CancellationToken,
) -> Result<(), JobError> {
    if cancel.is_cancelled() {
        return Err(JobError::Cancelled);
    }
    let ask = ctx.ask(priority(entity, run.request.trigger), cancel);
    let account = &ctx.account(&ask).await?;
    let job = Job {
        ctx,
        account,
        run,
        entity,
        next_due_at: next_turn(ctx, run),
        ask,
        shown: AtomicU64::new(0),
        largest_page: LargestPage::load(ctx, entity.bucket()).await?,
    };
    let done = jobs::perform(&job).await;
    job.keep_largest_page().await?;
    let done = done?;
    if let Some(state) = &done.state {
        job.show(state).await;
    }
    if done.delta != Delta::default() {
        show_journal(ctx, run.account).await?;
    }
    Ok(())
}

const fn priority(entity: Entity, trigger: Trigger) -> Priority {
    match (entity, trigger) {
        (Entity::Plays, _) => Priority::Playback,
        (Entity::PlaylistItems, _) => Priority::Contents,
        (Entity::Details, _) => Priority::Details,
        (_, Trigger::Schedule) => Priority::Listing,
        (_, Trigger::Key | Trigger::Cli | Trigger::Api) => Priority::Now,
    }
}

/// When an entity of this run has its next turn. The clock may have been set back since the run began.
fn next_turn(ctx: &EngineContext, run: &RunContext) -> DateTime<Utc> {
    run.started_at.min(ctx.clock.now()) + ctx.settings.sync().library_interval
}

/// Stores beside the gauge what stopped the entity and when it is tried again.
async fn settle_entity(ctx: &EngineContext, run: &RunContext, entity: Entity, error: &JobError) {
    let now = ctx.clock.now();
    let failures = if error.is_failure() { count_failures(ctx, run, entity).await } else { None };
    let pause = ctx.settings.retry_pause(failures.map_or(1, |failures| failures.count));
    let next_due_at = match error {
        JobError::Held { until, .. } => *until,
        JobError::DiskFull => now + DISK_WAIT,
        JobError::Database { .. } | JobError::Failed { .. } => now + pause,
        JobError::Incomplete { .. } => next_turn(ctx, run).max(now + pause),
        JobError::Cancelled => now,
        // No run starts without a login, and once there is one, this entity is due.
        JobError::NeedsLogin { .. } if run.requests() == 0 => now,
        // If Spotify accepts the login only in part, runs would follow each other without a pause.
        JobError::NeedsLogin { .. } => now + LOGIN_WAIT,
        JobError::Braked { .. } | JobError::AppRefused { .. } => next_turn(ctx, run),
    };
    let sentence = (!matches!(error, JobError::Cancelled)).then(|| error.to_string());
    let mark =
        EntityMark { state: error.entity_state(), error: sentence, next_due_at: Some(next_due_at), failures };
    write_mark(ctx, run, entity, &mark).await;
}

/// The number of failures of the entity in a row, including this one. If the stored state cannot be
/// read, this is the first.
async fn count_failures(ctx: &EngineContext, run: &RunContext, entity: Entity) -> Option<Failures> {
    let state = ctx.store.account(run.account).sync_state().of(entity).await.ok()?;
    Some(state.failed_again(run.request.trigger))
}

/// The entities that are not read in this run after all. Plays have no gauge, so an error that
/// stopped the run at the plays is shown beside the first of these.
async fn leave(ctx: &EngineContext, run: &RunContext, entities: &[Entity], error: Option<&JobError>) {
    let mut error = error;
    for entity in entities {
        if let Some(error) = error.take() {
            settle_entity(ctx, run, *entity, error).await;
        } else {
            let next_due_at = Some(ctx.clock.now());
            let mark = EntityMark { state: EntityState::Pending, error: None, next_due_at, failures: None };
            write_mark(ctx, run, *entity, &mark).await;
        }
    }
}

async fn write_mark(ctx: &EngineContext, run: &RunContext, entity: Entity, mark: &EntityMark) {
    let sync_state = ctx.store.account(run.account).sync_state();
    let shown = match sync_state.mark(entity, mark).await {
        Ok(state) => Some(state),
        Err(error) => {
            // The failure may be caused by the very disk that this would be written to, so it is
            // logged.
            tracing::warn!(%entity, %error, "the state of an entity could not be written");
            sync_state.of(entity).await.ok()
        }
    };
    if let Some(state) = shown.filter(|_| entity != Entity::Plays) {
        ctx.report(EngineReport::Entity(Box::new((&state).into()))).await;
    }
}

/// Marks every entity of the run as waiting.
pub async fn queue(ctx: &EngineContext, run: &RunContext) -> Result<(), JobError> {
    let sync_state = ctx.store.account(run.account).sync_state();
    for entity in &run.request.entities {
        let mut state = sync_state.of(*entity).await?;
        let mark = EntityMark {
            state: EntityState::Queued,
            error: state.last_error.take(),
            next_due_at: state.next_due_at,
            failures: None,
        };
        sync_state.mark(*entity, &mark).await?;
    }
    Ok(())
}

/// The mode of the whole run: initial if one of its entities was never read completely.
pub fn mode(states: &[SyncState], request: &SyncRequest) -> Mode {
    let initial = states
        .iter()
        .filter(|state| Entity::MIRRORED.contains(&state.entity) && request.entities.contains(&state.entity))
        .any(|state| !state.is_initial_complete);
    match (initial, request.full) {
        (true, _) => Mode::Initial,
        (false, true) => Mode::Full,
        (false, false) => Mode::Incremental,
    }
}

async fn show_journal(ctx: &EngineContext, account: AccountId) -> Result<(), JobError> {
    let lines = ctx.store.account(account).history().journal_tail(Snapshot::JOURNAL_LINES).await?;
    let set_aside = ctx.store.account(account).sync_state().set_aside_count().await?;
    ctx.report(EngineReport::Journal { lines, set_aside }).await;
    Ok(())
}

/// Shows the run's row, with changes that are not written yet.
pub async fn show_run(ctx: &EngineContext, run: &RunContext, unwritten: impl FnOnce(&mut RunView)) {
    match ctx.store.account(run.account).runs().last().await {
        Ok(Some(mut view)) if view.id == run.id => {
            unwritten(&mut view);
            report_run(ctx, run, view).await;
        }
        Ok(_) => tracing::error!("the row of the run is gone"),
        Err(error) => tracing::error!(%error, "the run could not be shown"),
    }
}

async fn report_run(ctx: &EngineContext, run: &RunContext, mut view: RunView) {
    view.requests = run.requests();
    ctx.report(EngineReport::Run(Box::new(view))).await;
}

async fn close(ctx: &EngineContext, run: &RunContext, tally: RunTally) {
    let outcome = RunOutcome {
        status: tally.status,
        finished_at: ctx.clock.now(),
        requests: run.requests(),
        error: tally.error,
    };
    let closed = ctx.store.account(run.account).runs().finish(run.id, &outcome).await;
    if let Err(error) = &closed {
        tracing::error!(%error, "the end of the run could not be written");
    }
    if let Err(error) = show_journal(ctx, run.account).await {
        tracing::error!(%error, "the journal could not be shown");
    }
    if let Ok(Some(view)) = closed {
        return report_run(ctx, run, view).await;
    }
    // If the disk is full, the row still says `running`. Whoever waits for the end of the run must
    // still be notified.
    show_run(ctx, run, |view| {
        view.status = outcome.status;
        view.finished_at = Some(outcome.finished_at);
        view.error.clone_from(&outcome.error);
    })
    .await;
}

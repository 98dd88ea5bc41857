//! One entity's part of a run.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::domain::{Account, Entity, EntityStatus, Mode, RunId, SyncState};
use crate::spotify::RequestOptions;

use super::largest_page::LargestPage;
use crate::engine::context::EngineContext;
use crate::engine::error::JobError;
use crate::engine::report::EngineReport;
use crate::engine::run::{self, RunContext};
use crate::store::{AccountStore, Checkpoint};

/// One entity's part of a run.
pub struct Job<'a> {
    pub ctx: &'a EngineContext,
    pub account: &'a Account,
    pub run: &'a RunContext,
    pub entity: Entity,
    /// When the entity is due again if this job succeeds.
    pub next_due_at: DateTime<Utc>,
    pub ask: RequestOptions,
    /// When the gauge was last brought up to date, on the monotonic clock in milliseconds.
    pub shown: AtomicU64,
    pub largest_page: LargestPage,
}

/// Snapshots follow each other no faster, so showing the row more often would be wasted work.
const SHOW_EVERY: Duration = Duration::from_millis(100);

impl Job<'_> {
    /// The store of this account.
    pub const fn store(&self) -> AccountStore<'_> {
        self.ctx.store.account(self.account.id)
    }

    /// The id of the run.
    pub const fn run_id(&self) -> RunId {
        self.run.id
    }

    /// Whether a person requested a full reading.
    pub const fn full(&self) -> bool {
        self.run.request.full
    }

    /// The mode of this reading: initial until the entity has been read completely once.
    pub const fn mode(&self, is_initial_complete: bool) -> Mode {
        match (is_initial_complete, self.full()) {
            (false, _) => Mode::Initial,
            (true, true) => Mode::Full,
            (true, false) => Mode::Incremental,
        }
    }

    /// Starts to look for changes. The stored rows stay visible, and there is no checkpoint yet.
    pub async fn begin(&self, state: &SyncState) -> Result<(), JobError> {
        let checkpoint = Checkpoint {
            mode: self.mode(true),
            cursor: None,
            processed: state.total_processed,
            remote: state.total_remote,
        };
        let state = self.store().library().begin_reading(self.entity, &checkpoint).await?;
        self.show_progress(&state).await;
        Ok(())
    }

    /// How many rows may be removed although the brake would stop them: at most the number that was
    /// shown to the person who approved it.
    pub async fn allowed_removals(&self) -> Result<Option<u32>, JobError> {
        if !self.run.request.allow_removals {
            return Ok(None);
        }
        Ok(self.store().sync_state().of(self.entity).await?.braked_removals)
    }

    /// [`Job::show`], unless it ran a moment ago: for progress page by page.
    pub async fn show_progress(&self, state: &SyncState) {
        let now = self.ctx.clock.elapsed();
        let shown = Duration::from_millis(self.shown.load(Ordering::Relaxed));
        if now >= shown + SHOW_EVERY || shown.is_zero() {
            self.show(state).await;
        }
    }

    /// Shows what was committed. The gauge shows the row that the transaction wrote, so the two
    /// cannot differ.
    pub async fn show(&self, state: &SyncState) {
        let now = u64::try_from(self.ctx.clock.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.shown.store(now, Ordering::Relaxed);
        self.ctx.report(EngineReport::Entity(Box::new(EntityStatus::from(state)))).await;
        run::show_run(self.ctx, self.run, |_| ()).await;
    }
}

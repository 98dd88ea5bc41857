//! What every job holds: the two sides it joins, the clock, and the way to the actor.

use std::sync::Arc;

use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::clock::SharedClock;
use crate::domain::{Account, LoginState, Storage};
use crate::spotify::{Priority, RequestOptions, SpotifyClient};
use crate::store::Store;

use super::error::JobError;
use super::report::EngineReport;
use super::status::owner::RecordOwner;
use super::status::rate_limit_store::GateMemory;
use super::status::settings::{LiveSettings, Settings};
use super::timing::clock_watch::ClockChange;

/// Shared by every job and the play tracker.
pub struct EngineContext {
    pub store: Store,
    pub client: SpotifyClient,
    pub clock: SharedClock,
    pub settings: LiveSettings,
    pub memory: GateMemory,
    reports: mpsc::Sender<EngineReport>,
    /// A run found that Spotify does not let us in.
    pub login_lost: Notify,
    /// Told when the machine slept or its clock was set.
    pub clock_changes: watch::Sender<Option<ClockChange>>,
}

impl EngineContext {
    pub fn new(
        store: Store,
        client: SpotifyClient,
        clock: SharedClock,
        settings: &Settings,
        memory: GateMemory,
        reports: mpsc::Sender<EngineReport>,
    ) -> Self {
        let settings = LiveSettings::new(settings);
        let owner = RecordOwner { store: store.clone(), clock: Arc::clone(&clock), reports: reports.clone() };
        let client = client.verified_by(Arc::new(owner));
        Self {
            store,
            client,
            clock,
            settings,
            memory,
            reports,
            login_lost: Notify::new(),
            clock_changes: watch::Sender::default(),
        }
    }

    /// How a request of this lane waits: refusals of up to `gate.wait` are sat out.
    pub fn ask(&self, priority: Priority, cancel: &CancellationToken) -> RequestOptions {
        RequestOptions { priority, max_wait: self.settings.gate().wait, cancel: cancel.clone() }
    }

    /// The account of the record, once the login in use is known to be its owner's. The client holds each later
    /// login against it by itself.
    pub async fn account(&self, ask: &RequestOptions) -> Result<Account, JobError> {
        if self.client.verify_login(ask).await? {
            self.report_login(None).await;
        }
        let account = self.store.accounts().current().await?;
        account.ok_or_else(|| JobError::failed("the database has no account yet; log in again"))
    }

    /// Tells the actor; a closed channel means that the engine ends, and nobody is left to tell.
    pub async fn report(&self, report: EngineReport) {
        let _ = self.reports.send(report).await;
    }

    /// Tells whether what was read could be written: `None` when it was.
    pub async fn report_storage(&self, error: Option<&JobError>) {
        if let Some(storage) = error.map_or(Some(Storage::Well), JobError::storage) {
            self.report(EngineReport::Storage(storage)).await;
        }
    }

    /// Tells that Spotify does not let us in, and has the poll of the plays look whether it does again: no run is
    /// begun before it says so.
    pub async fn lose_login(&self, why: String) {
        self.report_login(Some(why)).await;
        self.login_lost.notify_one();
    }

    /// Tells whether Spotify lets us in: `None` when it does.
    pub async fn report_login(&self, why_not: Option<String>) {
        let state = match why_not {
            Some(why) => LoginState::Needed { why },
            None => LoginState::Ok { consent_ends_at: self.client.consent_ends_at().await },
        };
        self.report(EngineReport::Login(state)).await;
    }
}

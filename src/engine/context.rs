//! What every job has: the Spotify client, the store, the clock, and the channel to the actor.

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
    /// A run found that Spotify rejects our login.
    pub login_lost: Notify,
    /// Notified when the machine slept or its clock was set.
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

    /// How a request of this priority waits: it waits out refusals of up to `gate.wait`.
    pub fn ask(&self, priority: Priority, cancel: &CancellationToken) -> RequestOptions {
        RequestOptions { priority, max_wait: self.settings.gate().wait, cancel: cancel.clone() }
    }

    /// The account of this database, after a check that the current login belongs to it. The client
    /// checks each later login by itself.
    pub async fn account(&self, ask: &RequestOptions) -> Result<Account, JobError> {
        if self.client.verify_login(ask).await? {
            self.report_login(None).await;
        }
        let account = self.store.accounts().current().await?;
        account.ok_or_else(|| JobError::failed("the database has no account yet; log in again"))
    }

    /// Sends a report to the actor. A closed channel means that the engine is stopping, so the
    /// report is dropped.
    pub async fn report(&self, report: EngineReport) {
        let _ = self.reports.send(report).await;
    }

    /// Reports whether rows could be written: `None` if they could.
    pub async fn report_storage(&self, error: Option<&JobError>) {
        if let Some(storage) = error.map_or(Some(Storage::Well), JobError::storage) {
            self.report(EngineReport::Storage(storage)).await;
        }
    }

    /// Reports that Spotify rejects our login. The poll of the plays then checks whether Spotify
    /// accepts it again, and no run starts before it does.
    pub async fn lose_login(&self, why: String) {
        self.report_login(Some(why)).await;
        self.login_lost.notify_one();
    }

    /// Reports whether Spotify accepts our login: `None` if it does.
    pub async fn report_login(&self, why_not: Option<String>) {
        let state = match why_not {
            Some(why) => LoginState::Needed { why },
            None => LoginState::Ok { consent_ends_at: self.client.consent_ends_at().await },
        };
        self.report(EngineReport::Login(state)).await;
    }
}

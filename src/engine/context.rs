//! What every job holds: the two sides it joins, the clock, and the way to the actor.

use tokio::sync::{Notify, OnceCell, mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::clock::SharedClock;
use crate::domain::{Account, LoginState, Storage};
use crate::spotify::{Ask, Client, Lane, SpotifyError};
use crate::store::Store;

use super::clock_watch::ClockChange;
use super::error::JobError;
use super::memory::GateMemory;
use super::report::Report;
use super::settings::{LiveSettings, Settings};

/// Shared by every job and the play tracker.
pub struct Context {
    pub store: Store,
    pub client: Client,
    pub clock: SharedClock,
    pub settings: LiveSettings,
    pub memory: GateMemory,
    reports: mpsc::Sender<Report>,
    checked: OnceCell<Account>,
    /// A run found that Spotify does not let us in.
    pub login_lost: Notify,
    /// Told when the machine slept or its clock was set.
    pub clock_changes: watch::Sender<Option<ClockChange>>,
}

impl Context {
    pub fn new(
        store: Store,
        client: Client,
        clock: SharedClock,
        settings: &Settings,
        memory: GateMemory,
        reports: mpsc::Sender<Report>,
    ) -> Self {
        let settings = LiveSettings::new(settings);
        Self {
            store,
            client,
            clock,
            settings,
            memory,
            reports,
            checked: OnceCell::new(),
            login_lost: Notify::new(),
            clock_changes: watch::Sender::default(),
        }
    }

    /// How a request of this lane waits: refusals of up to `gate.wait` are sat out.
    pub fn ask(&self, lane: Lane, cancel: &CancellationToken) -> Ask {
        Ask { lane, patience: self.settings.gate().wait, cancel: cancel.clone() }
    }

    /// The account, held once per process against what `/me` says of the login, so that one person's
    /// library can never be written into another's record.
    pub async fn account(&self, ask: &Ask) -> Result<&Account, JobError> {
        self.checked.get_or_try_init(|| self.check_account(ask)).await
    }

    async fn check_account(&self, ask: &Ask) -> Result<Account, JobError> {
        match self.client.me(ask).await {
            Ok(user) => {
                let account = self.store.adopt_account(&user, self.clock.now()).await?;
                self.report(Report::Account(user)).await;
                self.report_login(None).await;
                Ok(account)
            }
            Err(SpotifyError::Held { bucket, until, reason }) => match self.store.account().await? {
                Some(account) if self.settings.login_is_checked && !account.user.is_local() => Ok(account),
                _ => Err(JobError::Held { bucket, until, reason }),
            },
            Err(error) => Err(error.into()),
        }
    }

    /// Tells the actor; a closed channel means that the engine ends, and nobody is left to tell.
    pub async fn report(&self, report: Report) {
        let _ = self.reports.send(report).await;
    }

    /// Tells whether what was read could be written: `None` when it was.
    pub async fn report_storage(&self, error: Option<&JobError>) {
        if let Some(storage) = error.map_or(Some(Storage::Well), JobError::storage) {
            self.report(Report::Storage(storage)).await;
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
        self.report(Report::Login(state)).await;
    }
}

//! The alerts of an engine. It applies the rules of [`domain`](crate::domain) to the stored alerts
//! with every snapshot, and when time alone raises or clears one.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;

use crate::clock;
use crate::domain::{
    AccountId, Alert, AlertChange, AlertWatch, Snapshot, alert_change, next_alert_look, read_alerts,
};
use crate::store::Store;

use super::settings::Schedule;
use crate::engine::context::EngineContext;

/// The raised alerts, as stored.
pub struct AlertTracker {
    standing: Vec<Alert>,
    /// When the engine began, on the monotonic clock, because the wall clock may have been set
    /// since.
    began: Duration,
    /// Notified of each stored change, so that it can be delivered.
    news: watch::Sender<()>,
    /// The last change could not be stored. It is tried with every snapshot and logged once.
    is_unwritten: bool,
}

impl AlertTracker {
    /// Starts with the alerts that were raised when the last engine ended.
    pub const fn new(standing: Vec<Alert>, began: Duration, news: watch::Sender<()>) -> Self {
        Self { standing, began, news, is_unwritten: false }
    }

    fn watch(&self, ctx: &EngineContext) -> AlertWatch {
        let interval = ctx.settings.sync().library_interval;
        AlertWatch {
            library_interval: (ctx.settings.schedule == Schedule::Recurring).then_some(interval),
            running_since: ctx.clock.now() - ctx.clock.elapsed().saturating_sub(self.began),
            is_exposed: ctx.settings.is_exposed,
        }
    }

    /// How long until time alone may raise or clear an alert.
    pub fn turn_in(&self, ctx: &EngineContext, snapshot: &Snapshot) -> Option<Duration> {
        let now = ctx.clock.now();
        next_alert_look(snapshot, self.watch(ctx), now).map(|at| clock::until(at, now))
    }

    /// Stores the alerts that changed, and shows the raised ones in the snapshot. An alert that
    /// cannot be stored is still shown, and is stored with a later snapshot: the disk itself may be
    /// the reason for the alert.
    pub async fn settle(&mut self, ctx: &EngineContext, account: AccountId, snapshot: &mut Snapshot) {
        let now = ctx.clock.now();
        let change = alert_change(&self.standing, &read_alerts(snapshot, self.watch(ctx), now));
        snapshot.alerts.clone_from(&change.standing);
        if change.is_none() {
            return;
        }
        match self.write(&ctx.store, account, change, now).await {
            Ok(()) => {
                self.is_unwritten = false;
                self.news.send(()).ok();
            }
            Err(_) if self.is_unwritten => {}
            Err(error) => {
                self.is_unwritten = true;
                tracing::warn!(%error, "an alert could not be stored");
            }
        }
    }

    async fn write(
        &mut self,
        store: &Store,
        account: AccountId,
        change: AlertChange,
        now: DateTime<Utc>,
    ) -> Result<(), crate::store::StoreError> {
        store.account(account).alerts().change(&change, now).await?;
        for alert in &change.raised {
            tracing::warn!(kind = %alert.kind, text = %alert.text, "alert");
        }
        for alert in &change.cleared {
            tracing::info!(kind = %alert.kind, "{}", alert.farewell());
        }
        self.standing = change.standing;
        Ok(())
    }
}

//! The alerts of an engine: the rules of [`domain`](crate::domain) held against what stands in the database,
//! with every snapshot that goes out, and when time alone turns one.

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

/// What stands, as the database has it.
pub struct AlertTracker {
    standing: Vec<Alert>,
    /// When the engine began, on the monotonic clock: the wall clock may have been set since.
    began: Duration,
    /// Told with each change that is stored, for whoever delivers it.
    news: watch::Sender<()>,
}

impl AlertTracker {
    /// With what stood when the last engine ended.
    pub const fn new(standing: Vec<Alert>, began: Duration, news: watch::Sender<()>) -> Self {
        Self { standing, began, news }
    }

    fn watch(&self, ctx: &EngineContext) -> AlertWatch {
        let interval = ctx.settings.sync().library_interval;
        AlertWatch {
            library_interval: (ctx.settings.schedule == Schedule::Recurring).then_some(interval),
            running_since: ctx.clock.now() - ctx.clock.elapsed().saturating_sub(self.began),
            is_exposed: ctx.settings.is_exposed,
        }
    }

    /// How long until time alone may turn one.
    pub fn turn_in(&self, ctx: &EngineContext, snapshot: &Snapshot) -> Option<Duration> {
        let now = ctx.clock.now();
        next_alert_look(snapshot, self.watch(ctx), now).map(|at| clock::until(at, now))
    }

    /// Stores what has turned, and shows in the snapshot what stands. What cannot be stored is shown all the
    /// same, and stored with a later snapshot: the very disk may be the reason.
    pub async fn settle(&mut self, ctx: &EngineContext, account: AccountId, snapshot: &mut Snapshot) {
        let now = ctx.clock.now();
        let change = alert_change(&self.standing, &read_alerts(snapshot, self.watch(ctx), now));
        snapshot.alerts.clone_from(&change.standing);
        if change.is_none() {
            return;
        }
        match self.write(&ctx.store, account, change, now).await {
            Ok(()) => drop(self.news.send(())),
            Err(error) => tracing::warn!(%error, "an alert could not be stored"),
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

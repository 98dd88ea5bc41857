//! Brings the statistics up to date after a change of time zone or threshold, or after an
//! interrupted import. It does a few months per transaction, so that other writes can run in
//! between.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::domain::AccountId;

use crate::engine::context::EngineContext;
use crate::engine::status::settings::Schedule;

/// How long to wait for a full disk or a busy database.
const WAIT: Duration = Duration::from_mins(5);

/// Works until the statistics are up to date, or until it is stopped.
pub async fn settle(ctx: Arc<EngineContext>, account: AccountId, stop: CancellationToken) {
    let statistics = ctx.store.account(account).statistics();
    // A disk may be full for weeks, so the same cause is logged once.
    let mut is_logged = false;
    while !stop.is_cancelled() {
        match statistics.settle_step().await {
            Ok(true) => is_logged = false,
            Ok(false) if ctx.settings.schedule == Schedule::OnDemand => return,
            // Another process may have left an import unfinished.
            Ok(false) => tokio::select! {
                () = stop.cancelled() => return,
                () = ctx.clock.sleep(ctx.settings.sync().playback_interval) => {}
            },
            Err(error) if error.is_transient() => {
                if !std::mem::replace(&mut is_logged, true) {
                    tracing::warn!(%error, "the statistics could not be summed up");
                }
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = ctx.clock.sleep(WAIT) => {}
                }
            }
            Err(error) => {
                tracing::error!(%error, "the statistics cannot be summed up");
                return;
            }
        }
    }
}

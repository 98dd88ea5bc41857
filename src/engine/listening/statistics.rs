//! Brings the statistics up to the plays after a change of zone or threshold, or an import that was cut
//! off: some months in a transaction, and between two of them whatever else is to be written.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::domain::AccountId;

use crate::engine::context::EngineContext;
use crate::engine::status::settings::Schedule;

/// How long a full disk or a busy database is given.
const WAIT: Duration = Duration::from_mins(5);

/// Works until nothing is left to be summed up, or until stopped.
pub async fn settle(ctx: Arc<EngineContext>, account: AccountId, stop: CancellationToken) {
    let mut settling = ctx.store.account(account).statistics().settle();
    while !stop.is_cancelled() {
        match settling.step().await {
            Ok(true) => {}
            Ok(false) if ctx.settings.schedule == Schedule::OnDemand => return,
            // Another process may leave an import half done.
            Ok(false) => tokio::select! {
                () = stop.cancelled() => return,
                () = ctx.clock.sleep(ctx.settings.sync().playback_interval) => {}
            },
            Err(error) if error.is_transient() => {
                tracing::warn!(%error, "the statistics could not be summed up");
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

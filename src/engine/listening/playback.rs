//! The play tracker: requests the last 50 plays at its interval, with a priority of its own. It
//! continues whatever stops the library's sync. Only a refusal of its own stops it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::domain::PlaysStatus;
use crate::spotify::{Priority, RequestOptions};
use crate::store::Poll;

use crate::engine::context::EngineContext;
use crate::engine::error::JobError;
use crate::engine::report::EngineReport;
use crate::engine::status::settings::Tunable;
use crate::engine::timing::clock_watch::ClockChange;

/// A poll with more new plays than this is followed by another after half the interval. The list
/// holds 50 plays, and a busy listener must not overflow it.
const MANY_NEW_PLAYS: u32 = 25;
/// How often a missing login is looked for. This costs a check of a file, and no request.
pub const LOGIN_WAIT: Duration = Duration::from_mins(1);
/// How long to wait while the disk is full.
const DISK_WAIT: Duration = Duration::from_mins(5);

/// Polls until it is stopped.
pub async fn track(ctx: Arc<EngineContext>, stop: CancellationToken) {
    let mut tuned = ctx.settings.changes();
    let mut clock_changes = ctx.clock_changes.subscribe();
    settle(&ctx).await;
    let mut logged = None;
    loop {
        let ask = ctx.ask(Priority::Playback, &stop);
        let polled = poll(&ctx, &ask).await;
        if matches!(polled, Err(JobError::Cancelled)) {
            return;
        }
        let wait = wait_after(&ctx, &polled);
        ctx.report_storage(polled.as_ref().err()).await;
        log_once(&mut logged, polled.as_ref().err());
        match &polled {
            Ok(_) => ctx.report_login(None).await,
            Err(JobError::NeedsLogin { why }) => ctx.report_login(Some(why.clone())).await,
            Err(_) => {}
        }
        show(&ctx, polled.err(), wait).await;
        tokio::select! {
            () = stop.cancelled() => return,
            () = ctx.clock.sleep(wait) => {}
            () = slept(&mut clock_changes) => {}
            () = ctx.login_lost.notified() => {}
            () = shortened(&ctx, &mut tuned, wait) => {}
        }
    }
}

/// Logs an error only when it changes, because a missing login is looked for each minute.
fn log_once(logged: &mut Option<String>, error: Option<&JobError>) {
    let text = error.map(ToString::to_string);
    if *logged != text
        && let Some(error) = &text
    {
        tracing::warn!(%error, "the play history could not be read");
    }
    *logged = text;
}

/// Ends when the interval is set to less than the current wait.
async fn shortened(ctx: &EngineContext, tuned: &mut watch::Receiver<Tunable>, wait: Duration) {
    while tuned.changed().await.is_ok() {
        tuned.borrow_and_update();
        if ctx.settings.sync().playback_interval < wait {
            return;
        }
    }
    std::future::pending::<()>().await;
}

/// Matches rows that an interrupted import left unmatched.
async fn settle(ctx: &EngineContext) {
    let settled = match ctx.store.accounts().current().await {
        Ok(Some(account)) => ctx.store.account(account.id).plays().settle_exports().await.map(drop),
        Ok(None) => Ok(()),
        Err(error) => Err(error),
    };
    if let Err(error) = settled {
        tracing::warn!(%error, "imported plays could not be matched; the next import does it");
    }
}

/// Ends when the machine has slept or its clock was set forward. The monotonic clock stops during
/// sleep, and 50 plays are soon over.
async fn slept(changes: &mut watch::Receiver<Option<ClockChange>>) {
    while changes.changed().await.is_ok() {
        if *changes.borrow_and_update() == Some(ClockChange::Ahead) {
            return;
        }
    }
    std::future::pending::<()>().await;
}

/// Sends one request and stores what is new; returns the number of new plays.
pub async fn poll(ctx: &EngineContext, ask: &RequestOptions) -> Result<u32, JobError> {
    let account = ctx.account(ask).await?;
    let rows = ctx.client.recently_played(ask).await?;
    let now = ctx.clock.now();
    let poll =
        Poll { polled_at: now, rows: &rows, next_due_at: Some(now + ctx.settings.sync().playback_interval) };
    let outcome = ctx.store.account(account.id).plays().commit_poll(&poll).await?;
    tracing::info!(new_plays = outcome.new_plays, "the play history was read");
    let status = ctx.store.account(account.id).plays().status().await?;
    ctx.report(EngineReport::Plays(Box::new(status))).await;
    Ok(outcome.new_plays)
}

fn wait_after(ctx: &EngineContext, polled: &Result<u32, JobError>) -> Duration {
    let interval = ctx.settings.sync().playback_interval;
    match polled {
        Ok(new_plays) if *new_plays > MANY_NEW_PLAYS => interval / 2,
        Ok(_) => interval,
        Err(JobError::Held { until, .. }) => clock::until(*until, ctx.clock.now()),
        Err(JobError::NeedsLogin { .. }) => LOGIN_WAIT.min(interval),
        Err(JobError::DiskFull) => DISK_WAIT.min(interval),
        Err(_) => ctx.settings.retry_interval().min(interval),
    }
}

/// Shows when the next poll comes, and the error of this one.
async fn show(ctx: &EngineContext, error: Option<JobError>, wait: Duration) {
    let stored = match ctx.store.accounts().current().await {
        Ok(Some(account)) => ctx.store.account(account.id).plays().status().await,
        Ok(None) => Ok(PlaysStatus::default()),
        Err(error) => Err(error),
    };
    match stored {
        Ok(status) => {
            let next_poll_at = Some(ctx.clock.now() + wait);
            let error = error.map(|error| error.to_string());
            ctx.report(EngineReport::Plays(Box::new(PlaysStatus { next_poll_at, error, ..status }))).await;
        }
        Err(error) => tracing::warn!(%error, "the play history could not be shown"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Bucket, HoldReason};
    use crate::engine::tests::kit::{Kit, refused};

    #[tokio::test]
    async fn the_next_poll_comes_when_something_may_be_new_and_not_before_it_may_be_asked() {
        let kit = Kit::new(|_| refused(404)).await;
        let interval = kit.ctx.settings.sync().playback_interval;
        let hour = Duration::from_hours(1);
        let held = |wait| JobError::Held {
            bucket: Bucket::Player,
            until: kit.ctx.clock.now() + wait,
            reason: HoldReason::QuotaExceeded,
        };
        for (polled, wait) in [
            (Ok(MANY_NEW_PLAYS), interval),
            (Ok(MANY_NEW_PLAYS + 1), interval / 2),
            (Err(held(20 * hour)), 20 * hour),
            (Err(held(Duration::from_secs(7))), Duration::from_secs(7)),
            (Err(JobError::NeedsLogin { why: String::new() }), Duration::from_mins(1)),
            (Err(JobError::DiskFull), Duration::from_mins(5)),
            (Err(JobError::failed("x")), Duration::from_mins(15)),
        ] {
            assert_eq!(wait_after(&kit.ctx, &polled), wait, "{polled:?}");
        }
    }
}

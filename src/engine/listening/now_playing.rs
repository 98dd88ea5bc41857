//! What is playing now. It is requested only while a screen is open, seldom, and from the part of
//! the day's budget that the play history does not need.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::domain::{Bucket, Capability, NowPlaying};
use crate::spotify::{Priority, SpotifyError};

use crate::engine::context::EngineContext;
use crate::engine::error::JobError;
use crate::engine::jobs::availability;
use crate::engine::report::EngineReport;
use crate::engine::timing::budget;

/// The time between two requests while something plays; its progress bar moves without a request.
const PLAYING: Duration = Duration::from_secs(30);
/// The time between two requests while nothing plays.
const IDLE: Duration = Duration::from_secs(90);
/// The shortest time between two requests, even if a track ends sooner.
const LEAST: Duration = Duration::from_secs(15);
/// The time before the next request after a failure, or if the budget is short.
const LATER: Duration = Duration::from_mins(10);
/// How long after the end of a track the next one is expected to have started.
const NEXT_TRACK: Duration = Duration::from_secs(2);

/// Requests what is playing until it is stopped, while a screen is open.
pub async fn watch(ctx: Arc<EngineContext>, mut screens: watch::Receiver<u32>, stop: CancellationToken) {
    let mut shown = None;
    loop {
        if *screens.borrow_and_update() == 0 {
            if shown.take().is_some() {
                ctx.report(EngineReport::NowPlaying(None)).await;
            }
            tokio::select! {
                () = stop.cancelled() => return,
                changed = screens.changed() => match changed {
                    Ok(()) => continue,
                    Err(_) => return,
                },
            }
        }
        let looked = look(&ctx, &stop).await;
        if let Err(error) = &looked {
            tracing::debug!(%error, "the current playback could not be read");
        }
        let wait = looked.as_ref().map_or(LATER, |playing| pace(playing.as_ref()));
        let playing = looked.ok().flatten();
        if playing != shown {
            ctx.report(EngineReport::NowPlaying(playing.clone().map(Box::new))).await;
            shown = playing;
        }
        if !rest(&ctx, wait, &mut screens, &stop).await {
            return;
        }
    }
}

/// Waits, even if screens are opened or closed meanwhile, because that must cost no requests. When
/// no screen is open, the shown track is removed.
async fn rest(
    ctx: &EngineContext,
    wait: Duration,
    screens: &mut watch::Receiver<u32>,
    stop: &CancellationToken,
) -> bool {
    let mut wait = ctx.clock.sleep(wait);
    tokio::select! {
        () = stop.cancelled() => return false,
        () = &mut wait => return true,
        Ok(_) = screens.wait_for(|open| *open == 0) => {}
    }
    ctx.report(EngineReport::NowPlaying(None)).await;
    tokio::select! {
        () = stop.cancelled() => false,
        () = wait => true,
    }
}

/// Sends one request, if it may: `None` if nothing plays or no request is allowed.
async fn look(ctx: &EngineContext, stop: &CancellationToken) -> Result<Option<NowPlaying>, JobError> {
    let ask = ctx.ask(Priority::Details, stop);
    let account = ctx.account(&ask).await?.id;
    let may_ask = availability::may_ask(ctx, account, Capability::NowPlaying).await?;
    if !may_ask || !has_budget(ctx).await? {
        return Err(JobError::failed("it may not be requested now"));
    }
    match ctx.client.currently_playing(&ask).await {
        Ok(playing) => {
            availability::learn(ctx, account, Capability::NowPlaying, true).await?;
            Ok(playing)
        }
        Err(error @ SpotifyError::Forbidden { .. }) => {
            availability::learn(ctx, account, Capability::NowPlaying, false).await?;
            Err(error.into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether the day's budget has room besides what the play history needs.
async fn has_budget(ctx: &EngineContext) -> Result<bool, JobError> {
    let usage = ctx.store.rate_limits().usage(ctx.clock.now()).await?;
    let used = usage.iter().find(|usage| usage.bucket == Bucket::Player).map_or(0, |usage| usage.day);
    let interval = ctx.settings.sync().playback_interval.as_secs().max(1);
    let polls = u32::try_from(86_400 / interval).unwrap_or(u32::MAX);
    Ok(budget::left(ctx.settings.gate().daily_budget, used.saturating_add(polls)) > 0)
}

/// When to send the next request: soon after the end of the track, if that is near.
fn pace(playing: Option<&NowPlaying>) -> Duration {
    let Some(playing) = playing.filter(|playing| playing.is_playing) else {
        return IDLE;
    };
    let left = playing.duration_ms.map(|lasts| lasts.saturating_sub(playing.progress_ms));
    let end = left.map_or(PLAYING, |left| Duration::from_millis(left) + NEXT_TRACK);
    end.clamp(LEAST, PLAYING)
}

#[cfg(test)]
mod looks;

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn playing(progress_ms: u64, is_playing: bool) -> NowPlaying {
        NowPlaying {
            name: String::new(),
            artists: String::new(),
            progress_ms,
            duration_ms: Some(200_000),
            is_playing,
            at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_next_look_comes_with_the_next_track_but_never_too_soon() {
        assert_eq!(pace(None), IDLE);
        assert_eq!(pace(Some(&playing(0, false))), IDLE);
        assert_eq!(pace(Some(&playing(0, true))), PLAYING);
        assert_eq!(pace(Some(&playing(180_000, true))), Duration::from_secs(22));
        assert_eq!(pace(Some(&playing(199_000, true))), LEAST);
        assert_eq!(pace(Some(&playing(999_000, true))), LEAST);
    }
}

//! Compares the wall clock with the monotonic clock, so that nothing waits for a time that is no
//! longer valid.
//!
//! Owns: noticing that the machine slept or that its clock was set. Must not know: what follows
//! from that; each task that waits for a time checks it again.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;

use crate::engine::context::EngineContext;

/// How often the clocks are compared, unless an interval is shorter.
const GLANCE: Duration = Duration::from_mins(1);
/// The shortest interval between two comparisons.
const SHORTEST_GLANCE: Duration = Duration::from_secs(1);
/// The wall clock is ahead of the monotonic clock by at least this if the machine slept or the
/// clock was set.
const SLEPT: TimeDelta = TimeDelta::seconds(30);
/// Corrections of a clock that runs a little fast are smaller.
const SET_BACK: TimeDelta = TimeDelta::seconds(-1);

/// What happened to the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockChange {
    /// It went on while the monotonic clock did not, or it was set forward.
    Ahead,
    /// It was set back.
    Back,
}

/// Two readings of both clocks, one after the other.
struct ClockComparison {
    wall: DateTime<Utc>,
    elapsed: Duration,
}

impl ClockComparison {
    fn begin(clock: &dyn Clock) -> Self {
        Self { wall: clock.now(), elapsed: clock.elapsed() }
    }

    fn end(&self, clock: &dyn Clock) -> Option<ClockChange> {
        change(clock.now() - self.wall, clock.elapsed().saturating_sub(self.elapsed))
    }
}

/// What it means if so much time passed on each clock.
fn change(wall: TimeDelta, elapsed: Duration) -> Option<ClockChange> {
    let ahead = wall - TimeDelta::from_std(elapsed).ok()?;
    if ahead > SLEPT {
        Some(ClockChange::Ahead)
    } else if ahead < SET_BACK {
        Some(ClockChange::Back)
    } else {
        None
    }
}

/// Compares until it is stopped, and notifies the gate and all waiting tasks.
pub async fn watch(ctx: Arc<EngineContext>, stop: CancellationToken) {
    let mut comparison = ClockComparison::begin(&*ctx.clock);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = ctx.clock.sleep(glance(&ctx)) => {}
        }
        if let Some(change) = comparison.end(&*ctx.clock) {
            tracing::info!(
                ?change,
                "the machine was suspended or its clock was set; waiting tasks check again"
            );
            ctx.client.clock_changed().await;
            ctx.clock_changes.send_replace(Some(change));
        }
        comparison = ClockComparison::begin(&*ctx.clock);
    }
}

fn glance(ctx: &EngineContext) -> Duration {
    let sync = ctx.settings.sync();
    GLANCE.min(sync.library_interval).min(sync.playback_interval).max(SHORTEST_GLANCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleep_and_a_step_are_noticed_and_a_small_correction_is_not() {
        let minute = Duration::from_mins(1);
        assert_eq!(change(TimeDelta::seconds(60), minute), None);
        assert_eq!(change(TimeDelta::seconds(75), minute), None);
        assert_eq!(change(TimeDelta::milliseconds(59_200), minute), None);
        assert_eq!(change(TimeDelta::hours(8), minute), Some(ClockChange::Ahead));
        assert_eq!(change(TimeDelta::seconds(50), minute), Some(ClockChange::Back));
        assert_eq!(change(TimeDelta::hours(-8), minute), Some(ClockChange::Back));
    }
}

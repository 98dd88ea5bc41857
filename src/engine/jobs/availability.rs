//! What this app may request. This is the one place that learns it and decides when to try again.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{AccountId, Bucket, Capability};
use crate::store::CapabilityState;

use super::job::Job;
use crate::engine::context::EngineContext;
use crate::engine::error::JobError;
use crate::engine::report::EngineReport;
use crate::engine::status::snapshot;

/// How long a closed endpoint is not requested.
const PROBE_EVERY: TimeDelta = TimeDelta::days(1);

/// How to use an endpoint that is not open to every app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// Not known yet: send the request, and learn from the answer.
    Untried,
    /// Send the request.
    Open,
    /// Closed, and not requested for a day: send one request, and learn from the answer.
    Probe,
    /// Closed: do not send the request.
    Closed,
}

impl Availability {
    /// The availability by what was last learned.
    pub fn of(learned: Option<CapabilityState>, now: DateTime<Utc>) -> Self {
        match learned {
            None => Self::Untried,
            Some(learned) if learned.open => Self::Open,
            // A time in the future is from before the clock was set back, so there is no reason to
            // wait for it.
            Some(learned) if learned.checked_at > now || now - learned.checked_at >= PROBE_EVERY => {
                Self::Probe
            }
            Some(_) => Self::Closed,
        }
    }
}

impl Job<'_> {
    /// How to use `capability` now. A probe can wait, so it waits until the budget has room.
    pub async fn availability(&self, capability: Capability) -> Result<Availability, JobError> {
        let learned = self.store().capabilities().of(capability).await?;
        let availability = Availability::of(learned, self.ctx.clock.now());
        let budget = self.ctx.settings.gate().daily_budget;
        if availability == Availability::Probe && self.used_today(capability.bucket()).await? >= budget {
            return Ok(Availability::Closed);
        }
        Ok(availability)
    }

    /// Requests to `bucket` in the last 24 hours.
    pub async fn used_today(&self, bucket: Bucket) -> Result<u32, JobError> {
        let usage = self.ctx.store.rate_limits().usage(self.ctx.clock.now()).await?;
        Ok(usage.iter().find(|usage| usage.bucket == bucket).map_or(0, |usage| usage.day))
    }

    /// Stores and shows what an answer revealed.
    pub async fn learn(&self, capability: Capability, open: bool) -> Result<(), JobError> {
        learn(self.ctx, self.account.id, capability, open).await
    }
}

/// Whether `capability` may be used now. It may not if it was closed at the last try, less than a
/// day ago.
pub async fn may_ask(
    ctx: &EngineContext,
    account: AccountId,
    capability: Capability,
) -> Result<bool, JobError> {
    let learned = ctx.store.account(account).capabilities().of(capability).await?;
    Ok(Availability::of(learned, ctx.clock.now()) != Availability::Closed)
}

/// Stores and shows what an answer revealed.
pub async fn learn(
    ctx: &EngineContext,
    account: AccountId,
    capability: Capability,
    open: bool,
) -> Result<(), JobError> {
    let learned = ctx.store.account(account).capabilities().of(capability).await?;
    if open && learned.is_some_and(|learned| learned.open) {
        return Ok(());
    }
    if learned.is_none_or(|learned| learned.open != open) {
        tracing::info!(%capability, open, "learned what Spotify lets this app do");
    }
    let checked_at = ctx.clock.now();
    ctx.store.account(account).capabilities().learn(capability, CapabilityState { open, checked_at }).await?;
    let capabilities = snapshot::capabilities(&ctx.store, account).await?;
    ctx.report(EngineReport::Capabilities(capabilities)).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + hour * 3600, 0).unwrap()
    }

    #[test]
    fn a_closed_endpoint_is_asked_once_a_day_and_an_open_one_always() {
        let learned = |open| Some(CapabilityState { open, checked_at: at(0) });
        assert_eq!(Availability::of(None, at(0)), Availability::Untried);
        assert_eq!(Availability::of(learned(true), at(1000)), Availability::Open);
        assert_eq!(Availability::of(learned(false), at(23)), Availability::Closed);
        assert_eq!(Availability::of(learned(false), at(24)), Availability::Probe);
        // The clock was set back: by two days, and by an hour.
        assert_eq!(Availability::of(learned(false), at(-48)), Availability::Probe);
        assert_eq!(Availability::of(learned(false), at(-1)), Availability::Probe);
    }
}

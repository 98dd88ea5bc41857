//! The token bucket: a steady number of requests a second in the long run, a few at once after a
//! pause.
//!
//! It is stored as one point in time (the generic cell rate algorithm of ITU-T I.371), so blocking
//! until a time only sets that point.

use std::time::Duration;

use super::GateSettings;

/// When the next request may go, on the monotonic clock.
#[derive(Debug)]
pub(super) struct GatePace {
    /// Seconds per request; `None` disables pacing.
    interval: Option<Duration>,
    /// How far requests may be ahead of the steady pace.
    slack: Duration,
    /// When the bucket will be full again, plus `slack`.
    due: Duration,
}

impl GatePace {
    pub(super) fn new(settings: GateSettings) -> Self {
        // 0 requests a second is 1 / 0 = infinity, which is no Duration: no pacing.
        let interval = Duration::try_from_secs_f64(1.0 / settings.requests_per_second).ok();
        let ahead = settings.burst.max(1) - 1;
        Self {
            interval,
            slack: interval.map_or(Duration::ZERO, |interval| interval.saturating_mul(ahead)),
            due: Duration::ZERO,
        }
    }

    /// How long until a request may go; zero is now.
    pub(super) fn wait(&self, elapsed: Duration) -> Duration {
        self.due.saturating_sub(self.slack).saturating_sub(elapsed)
    }

    /// A request is sent.
    pub(super) fn take(&mut self, elapsed: Duration) {
        if let Some(interval) = self.interval {
            self.due = self.due.max(elapsed) + interval;
        }
    }

    /// No request is sent before `until`, and then only at the steady pace: a refusal leaves no
    /// burst.
    pub(super) fn block(&mut self, until: Duration) {
        if self.interval.is_some() {
            self.due = self.due.max(until + self.slack);
        }
    }

    /// A refusal ends at `until`, sooner than the block.
    pub(super) fn unblock(&mut self, until: Duration, elapsed: Duration) {
        if let Some(interval) = self.interval {
            self.due = self.due.min(until.max(elapsed + interval) + self.slack);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pace(requests_per_second: f64, burst: u32) -> GatePace {
        GatePace::new(GateSettings { requests_per_second, burst })
    }

    /// Sends as fast as allowed from `elapsed` on and returns when each request was sent.
    fn send(pace: &mut GatePace, mut elapsed: Duration, requests: usize) -> Vec<u128> {
        (0..requests)
            .map(|_| {
                elapsed += pace.wait(elapsed);
                pace.take(elapsed);
                elapsed.as_millis()
            })
            .collect()
    }

    #[test]
    fn a_burst_goes_at_once_and_the_rest_at_the_steady_pace() {
        assert_eq!(send(&mut pace(2.0, 3), Duration::ZERO, 6), [0, 0, 0, 500, 1_000, 1_500]);
        assert_eq!(send(&mut pace(2.0, 1), Duration::ZERO, 3), [0, 500, 1_000]);
        assert_eq!(send(&mut pace(0.0, 1), Duration::ZERO, 3), [0, 0, 0]);
    }

    #[test]
    fn after_a_refusal_there_is_no_burst() {
        let mut pace = pace(2.0, 5);
        pace.take(Duration::ZERO);
        pace.block(Duration::from_secs(10));
        assert_eq!(send(&mut pace, Duration::from_secs(1), 3), [10_000, 10_500, 11_000]);
    }

    proptest! {
        /// Whatever the pauses are, no span of time has more requests than its share plus the
        /// burst.
        #[test]
        fn no_span_sees_more_than_its_share(
            pauses in prop::collection::vec(0_u64..3_000, 1..60),
            burst in 1_u32..6,
        ) {
            let mut pace = pace(2.0, burst);
            let mut elapsed = Duration::ZERO;
            let mut sent = Vec::new();
            for pause in pauses {
                elapsed += Duration::from_millis(pause);
                elapsed += pace.wait(elapsed);
                pace.take(elapsed);
                sent.push(elapsed.as_millis());
            }
            for (i, from) in sent.iter().enumerate() {
                for (j, to) in sent.iter().enumerate().skip(i) {
                    let requests = (j - i + 1) as u128;
                    prop_assert!(requests <= (to - from) / 500 + u128::from(burst));
                }
            }
        }
    }
}

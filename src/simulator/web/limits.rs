//! Spotify's two limits: one for all requests in any 30 seconds, and one for each group of
//! endpoints in any 24 hours.
//!
//! Owns: which requests were accepted, which Retry-After was promised, and whether a request came
//! too early.

use std::collections::{HashMap, VecDeque};

use super::answer::{ErrorReply, usual_message};
use crate::simulator::time::Millis;

const WINDOW: Millis = 30_000;
const DAY: Millis = 86_400_000;

/// A rolling count of requests that refuses beyond a limit, and continues to refuse until the time
/// that it gave.
#[derive(Debug, Clone, Default)]
struct Rolling {
    let_through: VecDeque<Millis>,
    /// Until when every request is refused.
    refused: Millis,
    /// The end of the refusal according to an answer that was sent.
    promised: Millis,
}

impl Rolling {
    fn is_refusing(&self, now: Millis) -> bool {
        now < self.refused
    }

    /// Seconds to wait, if there is no room at `now`.
    fn refusal(&mut self, span: Millis, limit: u32, now: Millis) -> Option<Millis> {
        if self.is_refusing(now) {
            return Some(seconds_up(self.refused - now));
        }
        while self.let_through.front().is_some_and(|at| at + span <= now) {
            self.let_through.pop_front();
        }
        if limit == 0 || self.let_through.len() < limit as usize {
            return None;
        }
        // The request that must leave the window before there is room again.
        let leaver = self.let_through.len() - limit as usize;
        let frees_at = self.let_through.get(leaver).map_or(now, |at| at + span);
        let seconds = seconds_up(frees_at - now).max(1);
        self.refused = now + seconds * 1000;
        Some(seconds)
    }

    fn record(&mut self, now: Millis) {
        self.let_through.push_back(now);
    }
}

/// The fewest whole seconds that last at least this long.
fn seconds_up(millis: Millis) -> Millis {
    (millis + 999).div_euclid(1000)
}

/// Both limits of one account.
#[derive(Debug, Clone)]
pub(in crate::simulator) struct SimLimits {
    window_limit: u32,
    day_limit: u32,
    window: Rolling,
    days: HashMap<&'static str, Rolling>,
}

impl SimLimits {
    pub(in crate::simulator) fn new(window_limit: u32, day_limit: u32) -> Self {
        Self { window_limit, day_limit, window: Rolling::default(), days: HashMap::new() }
    }

    /// Whether a request to this group comes before the end of a Retry-After that covers it.
    pub(in crate::simulator) fn is_early(&self, group: &str, now: Millis) -> bool {
        now < self.window.promised || self.days.get(group).is_some_and(|day| now < day.promised)
    }

    /// An answer that refuses a request to this group is sent.
    pub(in crate::simulator) fn promise(&mut self, group: &str) {
        for limit in std::iter::once(&mut self.window).chain(self.days.get_mut(group)) {
            limit.promised = limit.refused;
        }
    }

    /// Accepts and counts a request to this group, or says why not.
    pub(in crate::simulator) fn admit(&mut self, group: &'static str, now: Millis) -> Result<(), ErrorReply> {
        if let Some(seconds) = self.window.refusal(WINDOW, self.window_limit, now) {
            return Err(too_many(None, seconds));
        }
        let day = self.days.entry(group).or_default();
        if let Some(seconds) = day.refusal(DAY, self.day_limit, now) {
            return Err(too_many(Some("QUOTA_EXCEEDED"), seconds));
        }
        if self.day_limit > 0 {
            day.record(now);
        }
        if self.window_limit > 0 {
            self.window.record(now);
        }
        Ok(())
    }
}

fn too_many(reason: Option<&str>, seconds: Millis) -> ErrorReply {
    ErrorReply {
        status: 429,
        message: usual_message(429, reason).to_owned(),
        reason: reason.map(str::to_owned),
        retry_after: Some(seconds.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retry_after(answer: Result<(), ErrorReply>) -> Option<u32> {
        answer.err().and_then(|refusal| refusal.retry_after?.parse().ok())
    }

    #[test]
    fn the_window_refuses_everything_until_the_second_it_named() {
        let mut limits = SimLimits::new(2, 0);
        assert_eq!(limits.admit("tracks", 0), Ok(()));
        assert_eq!(limits.admit("albums", 500), Ok(()));
        let refused = limits.admit("me", 1200).unwrap_err();
        assert_eq!((refused.status, refused.message.as_str()), (429, "API rate limit exceeded"));
        assert_eq!((refused.reason, refused.retry_after.as_deref()), (None, Some("29")));

        assert!(!limits.is_early("player", 1_300), "nobody has heard of it");
        limits.promise("me");
        assert!(limits.is_early("player", 30_199));
        assert!(!limits.is_early("player", 30_200));
        // The first request left the window at 30 000, but the promise was 30 200.
        assert_eq!(retry_after(limits.admit("player", 30_100)), Some(1));
        assert_eq!(limits.admit("player", 30_200), Ok(()));
    }

    #[test]
    fn the_day_refuses_one_group_until_its_oldest_request_is_a_day_old() {
        let mut limits = SimLimits::new(0, 2);
        assert_eq!(limits.admit("tracks", 0), Ok(()));
        assert_eq!(limits.admit("tracks", 5_000), Ok(()));
        let refused = limits.admit("tracks", 10_000).unwrap_err();
        assert_eq!(refused.reason.as_deref(), Some("QUOTA_EXCEEDED"));
        assert_eq!(refused.message, "Too many requests");
        assert_eq!(refused.retry_after.as_deref(), Some("86390"));
        limits.promise("albums");
        assert!(!limits.is_early("tracks", 20_000), "nobody has heard of it");
        limits.promise("tracks");
        assert!(limits.is_early("tracks", 20_000));
        assert!(!limits.is_early("albums", 20_000));
        assert_eq!(limits.admit("albums", 20_000), Ok(()));
        assert_eq!(limits.admit("tracks", DAY), Ok(()));
        assert_eq!(retry_after(limits.admit("tracks", DAY + 1)), Some(5));
    }

    #[test]
    fn no_limit_never_refuses() {
        let mut limits = SimLimits::new(0, 0);
        assert!((0..10_000).all(|at| limits.admit("tracks", at).is_ok()));
    }
}

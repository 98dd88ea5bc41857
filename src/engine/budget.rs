//! Our own bound on requests a day, and how much of it what can wait may spend; pure.

use std::time::Duration;

/// Requests of a day that are left for the retries of an answer and for probes, so that what can wait never
/// goes beyond the budget; one in twenty, but never fewer than an answer may take.
fn reserve(budget: u32) -> u32 {
    const RETRIES: u32 = 4;
    // However small the budget, one request of it is for what it is meant for.
    (budget / 20).max(RETRIES).min(budget.saturating_sub(1))
}

/// What of a day's `budget` may still be spent after `used` requests.
pub fn left(budget: u32, used: u32) -> u32 {
    budget.saturating_sub(used).saturating_sub(reserve(budget))
}

/// The part of a day's `budget` that falls to one of the turns that come every `interval`: at least one
/// request, so that short intervals get somewhere.
pub fn share(budget: u32, interval: Duration) -> u32 {
    const DAY: u64 = 24 * 60 * 60;
    let share = u64::from(budget).saturating_mul(interval.as_secs()) / DAY;
    u32::try_from(share).unwrap_or(u32::MAX).clamp(1, budget.max(1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_hour_gets_a_twenty_fourth_and_a_short_interval_one_request() {
        assert_eq!(share(300, Duration::from_hours(1)), 12);
        assert_eq!(share(300, Duration::from_mins(90)), 18);
        assert_eq!(share(300, Duration::from_secs(16)), 1);
        assert_eq!(share(300, Duration::from_hours(100)), 300);
        assert_eq!(share(1, Duration::from_hours(1)), 1);
    }

    #[test]
    fn something_is_kept_back_unless_there_is_next_to_nothing() {
        assert_eq!(left(300, 0), 285);
        assert_eq!(left(300, 280), 5);
        assert_eq!(left(300, 285), 0);
        assert_eq!(left(20, 0), 16);
        assert_eq!(left(2, 0), 1);
        assert_eq!(left(1, 0), 1);
        assert_eq!(left(1, 1), 0);
    }

    proptest! {
        #[test]
        fn nothing_is_ever_spent_twice(budget in 1_u32..100_000, used in 0_u32..200_000) {
            prop_assert!(used.saturating_add(left(budget, used)) <= budget.max(used));
            prop_assert!(left(budget, 0) >= 1);
        }
    }
}

//! Our own limit on requests per day, and how much of it the work that can wait may use; pure.

use std::time::Duration;

use crate::domain::{Entity, EntityStatus, Mode};

/// The most rows that Spotify returns in one page.
const LARGEST_PAGE: u32 = 50;

/// Requests of a day that are kept for retries of an answer and for probes, so that the work that
/// can wait never exceeds the budget. It is one request in twenty, but never fewer than one answer
/// may need.
fn reserve(budget: u32) -> u32 {
    const RETRIES: u32 = 4;
    // However small the budget is, one request of it is left for its purpose.
    (budget / 20).max(RETRIES).min(budget.saturating_sub(1))
}

/// How much of a day's `budget` may still be spent after `used` requests.
pub fn left(budget: u32, used: u32) -> u32 {
    budget.saturating_sub(used).saturating_sub(reserve(budget))
}

/// The part of a day's `budget` for one turn if a turn comes every `interval`. It is at least one
/// request, so that short intervals make progress.
pub fn share(budget: u32, interval: Duration) -> u32 {
    const DAY: u64 = 24 * 60 * 60;
    let share = u64::from(budget).saturating_mul(interval.as_secs()) / DAY;
    u32::try_from(share).unwrap_or(u32::MAX).clamp(1, budget.max(1))
}

/// The least number of requests that a scheduled turn of this entity needs, by what is known of it;
/// `None` if the day's budget does not make it wait. A first reading is of no use before it is
/// complete, and the details have a limit of their own.
pub fn needed(row: &EntityStatus) -> Option<u32> {
    if row.mode == Mode::Initial {
        return None;
    }
    match row.entity_type {
        Entity::Albums | Entity::Artists | Entity::Playlists => {
            Some(row.total.unwrap_or(row.done).div_ceil(LARGEST_PAGE).max(1))
        }
        Entity::Tracks | Entity::PlaylistItems => Some(1),
        Entity::Details | Entity::Plays => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::SyncState;

    #[test]
    fn a_list_that_is_walked_needs_its_pages_and_a_first_reading_asks_for_no_budget() {
        let row = |entity, total| EntityStatus {
            mode: Mode::Incremental,
            total: Some(total),
            ..EntityStatus::from(&SyncState::unread(entity))
        };
        assert_eq!(needed(&row(Entity::Albums, 200)), Some(4));
        assert_eq!(needed(&row(Entity::Artists, 201)), Some(5));
        assert_eq!(needed(&row(Entity::Playlists, 0)), Some(1));
        assert_eq!(needed(&row(Entity::Tracks, 9_000)), Some(1));
        assert_eq!(needed(&row(Entity::PlaylistItems, 9_000)), Some(1));
        assert_eq!(needed(&row(Entity::Details, 9_000)), None);
        assert_eq!(needed(&EntityStatus { mode: Mode::Initial, ..row(Entity::Albums, 200) }), None);
    }

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

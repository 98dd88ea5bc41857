//! Whose turn is next; pure.

use chrono::{DateTime, Duration, Utc};

use crate::domain::{Entity, EntityState, EntityStatus};

/// Entities due within this time of each other go in one run.
const TOGETHER: Duration = Duration::seconds(5);

/// When the schedule next wants a run: at once for an entity that was never read. Details never set one
/// off: they come along with the next one after their time, so that a person finds one run an hour.
pub fn next_due(entities: &[EntityStatus]) -> Option<DateTime<Utc>> {
    let sets_off =
        |status: &&EntityStatus| comes_by_itself(status) && Entity::MIRRORED.contains(&status.entity_type);
    entities.iter().filter(sets_off).map(due_at).min()
}

/// The entities whose turn has come, in working order.
pub fn due(entities: &[EntityStatus], now: DateTime<Utc>) -> Vec<Entity> {
    let is_due = |status: &&EntityStatus| comes_by_itself(status) && due_at(status) <= now + TOGETHER;
    if next_due(entities).is_none_or(|first| first > now) {
        return Vec::new();
    }
    entities.iter().filter(is_due).map(|status| status.entity_type).collect()
}

/// A braked entity waits for a person, not for the clock.
fn comes_by_itself(status: &EntityStatus) -> bool {
    status.state != EntityState::Braked
}

fn due_at(status: &EntityStatus) -> DateTime<Utc> {
    status.next_due_at.unwrap_or(DateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SyncState;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn status(entity: Entity, due: Option<i64>, state: EntityState) -> EntityStatus {
        EntityStatus { next_due_at: due.map(at), state, ..EntityStatus::from(&SyncState::unread(entity)) }
    }

    #[test]
    fn what_was_never_read_is_due_at_once() {
        let entities = [
            status(Entity::Tracks, Some(1000), EntityState::Idle),
            status(Entity::Albums, None, EntityState::Pending),
        ];
        assert_eq!(due(&entities, at(10)), [Entity::Albums]);
    }

    #[test]
    fn entities_due_together_go_in_one_run_and_later_ones_wait() {
        let entities = [
            status(Entity::Tracks, Some(100), EntityState::Idle),
            status(Entity::Albums, Some(104), EntityState::Idle),
            status(Entity::Artists, Some(500), EntityState::Held),
        ];
        assert_eq!(next_due(&entities), Some(at(100)));
        assert_eq!(due(&entities, at(99)), []);
        assert_eq!(due(&entities, at(100)), [Entity::Tracks, Entity::Albums]);
    }

    #[test]
    fn details_come_along_and_never_set_a_run_off() {
        let tracks = |due| status(Entity::Tracks, Some(due), EntityState::Idle);
        let details = |due| status(Entity::Details, Some(due), EntityState::Idle);
        assert_eq!(next_due(&[tracks(100), details(50)]), Some(at(100)));
        assert_eq!(due(&[tracks(100), details(50)], at(60)), []);
        assert_eq!(due(&[tracks(100), details(50)], at(100)), [Entity::Tracks, Entity::Details]);
        assert_eq!(due(&[tracks(100), details(900)], at(100)), [Entity::Tracks], "held until then");
        assert_eq!(next_due(&[details(50)]), None);
    }

    #[test]
    fn a_braked_entity_never_comes_by_itself() {
        let entities = [status(Entity::Tracks, Some(0), EntityState::Braked)];
        assert_eq!(next_due(&entities), None);
        assert_eq!(due(&entities, at(10)), []);
    }
}

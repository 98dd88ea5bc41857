//! What is due next; pure.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::domain::{Entity, EntityState, EntityStatus, Snapshot};
use crate::engine::timing::failure_pause;

/// Entities that are due within this time of each other share one run.
const TOGETHER: Duration = Duration::from_secs(5);

/// When the schedule needs the next run: at once for an entity that was never read. Details never
/// start a run. They are read in the next run after they are due, so that a person sees one run an
/// hour.
pub fn next_due(entities: &[EntityStatus]) -> Option<DateTime<Utc>> {
    let sets_off =
        |status: &&EntityStatus| comes_by_itself(status) && Entity::MIRRORED.contains(&status.entity_type);
    entities.iter().filter(sets_off).map(due_at).min()
}

/// The entities that are due, in working order.
pub fn due(entities: &[EntityStatus], now: DateTime<Utc>) -> Vec<Entity> {
    let is_due = |status: &&EntityStatus| comes_by_itself(status) && due_at(status) <= now + TOGETHER;
    if next_due(entities).is_none_or(|first| first > now) {
        return Vec::new();
    }
    entities.iter().filter(is_due).map(|status| status.entity_type).collect()
}

/// A braked entity waits for a person, so the schedule does not read it.
fn comes_by_itself(status: &EntityStatus) -> bool {
    status.state != EntityState::Braked
}

fn due_at(status: &EntityStatus) -> DateTime<Utc> {
    status.due_at().unwrap_or(DateTime::UNIX_EPOCH)
}

/// Ensures that no entity waits for its turn longer than `interval` from `now`, whatever was
/// stored, for example by a longer interval or by a clock that was ahead. An entity with a hold
/// waits until the hold ends. A failed entity waits no longer than the longest pause.
pub fn cap_waits(snapshot: &mut Snapshot, interval: Duration, now: DateTime<Utc>) {
    let hold_ends: Vec<_> = snapshot
        .entities
        .iter()
        .map(|row| snapshot.hold_on(row.entity_type.bucket(), now).and_then(|hold| hold.reset_at))
        .collect();
    for (row, hold_end) in snapshot.entities.iter_mut().zip(hold_ends) {
        let latest = match row.state {
            EntityState::Held => (now + interval).max(hold_end.unwrap_or(now)),
            // A pause that is too long is no more trusted than any other turn.
            EntityState::Failed if row.next_due_at <= Some(now + failure_pause::longest(interval)) => {
                continue;
            }
            _ => now + interval,
        };
        row.next_due_at = row.next_due_at.map(|due| due.min(latest));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Bucket, HoldReason, RateLimit, SyncState};

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

    fn snapshot(entities: Vec<EntityStatus>, now: i64) -> Snapshot {
        Snapshot { entities, ..Snapshot::nothing_recorded("sqlite:x", 300, at(now)) }
    }

    #[test]
    fn nothing_waits_longer_than_the_interval_whatever_was_stored() {
        let year = 365 * 86_400;
        let mut snapshot = snapshot(
            vec![
                status(Entity::Tracks, Some(year), EntityState::Idle),
                status(Entity::Albums, Some(150), EntityState::Idle),
                status(Entity::Artists, Some(year), EntityState::Failed),
                status(Entity::Playlists, None, EntityState::Pending),
                status(Entity::PlaylistItems, Some(year), EntityState::Pending),
                status(Entity::Details, Some(year), EntityState::Idle),
            ],
            100,
        );
        cap_waits(&mut snapshot, Duration::from_mins(1), at(100));
        let due: Vec<_> = snapshot.entities.iter().map(|row| row.next_due_at).collect();
        let latest = Some(at(160));
        assert_eq!(due, [latest, Some(at(150)), latest, None, latest, latest]);
    }

    #[test]
    fn what_failed_again_and_again_keeps_its_pause() {
        let hour = Duration::from_hours(1);
        for (due, capped) in [(6 * 3600, 6 * 3600), (6 * 3600 + 1, 3600)] {
            let failed = status(Entity::Tracks, Some(due), EntityState::Failed);
            let mut snapshot = snapshot(vec![failed], 0);
            cap_waits(&mut snapshot, hour, at(0));
            assert_eq!(snapshot.entities[0].next_due_at, Some(at(capped)), "{due}");
        }
    }

    #[test]
    fn what_is_held_waits_for_its_hold_and_not_for_one_that_is_over() {
        let held = |entity| status(entity, Some(90_000), EntityState::Held);
        let mut snapshot = snapshot(vec![held(Entity::Tracks), held(Entity::Albums)], 100);
        snapshot.rate_limits = vec![RateLimit {
            bucket: Bucket::Tracks,
            reset_at: Some(at(80_000)),
            retry_after_seconds: Some(79_900),
            requests_remaining: 300,
            reason: Some(HoldReason::QuotaExceeded),
        }];
        cap_waits(&mut snapshot, Duration::from_mins(1), at(100));
        assert_eq!(snapshot.entities[0].next_due_at, Some(at(80_000)));
        assert_eq!(snapshot.entities[1].next_due_at, Some(at(160)));
    }

    #[test]
    fn what_waits_for_the_budget_lets_the_others_go_and_comes_when_there_is_room() {
        let waits = |due| EntityStatus {
            budget_until: Some(at(500)),
            ..status(Entity::Albums, due, EntityState::Idle)
        };
        let tracks = status(Entity::Tracks, Some(100), EntityState::Idle);
        for due_at in [None, Some(100)] {
            assert_eq!(due(&[tracks.clone(), waits(due_at)], at(100)), [Entity::Tracks]);
            assert_eq!(next_due(&[waits(due_at)]), Some(at(500)));
        }
        assert_eq!(next_due(&[waits(Some(900))]), Some(at(900)));
        assert_eq!(due(&[waits(Some(100))], at(500)), [Entity::Albums]);
    }

    #[test]
    fn a_braked_entity_never_comes_by_itself() {
        let entities = [status(Entity::Tracks, Some(0), EntityState::Braked)];
        assert_eq!(next_due(&entities), None);
        assert_eq!(due(&entities, at(10)), []);
    }
}

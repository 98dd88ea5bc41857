//! The cost of a full resync, estimated without a request.

use crate::domain::{Bucket, Entity, Snapshot};

/// Rows of a page in a walk of a whole list.
const PAGE: u32 = 50;

/// Requests for one entity: the least and the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// The entity.
    pub entity: Entity,
    /// Its requests, once Spotify has reported its size.
    pub requests: Option<(u32, u32)>,
}

/// The cost of reading everything again, by entity; details are not included.
pub fn of_full_resync(snapshot: &Snapshot) -> Vec<Cost> {
    let playlists = total(snapshot, Entity::Playlists);
    let cost = |entity: Entity| {
        let pages = total(snapshot, entity).map(|rows| rows.div_ceil(PAGE));
        let requests = match entity {
            // The first page of each list is a request of its own; hidden lists may cost none.
            Entity::PlaylistItems => pages.zip(playlists).map(|(pages, lists)| (pages, pages + lists)),
            // An empty list also needs one answer.
            _ => pages.map(|pages| (pages.max(1), pages.max(1))),
        };
        Cost { entity, requests }
    };
    Entity::MIRRORED.map(cost).to_vec()
}

/// The sum of the known costs: the least and the most.
pub fn sum(costs: &[Cost]) -> (u32, u32) {
    let known = costs.iter().filter_map(|cost| cost.requests);
    known.fold((0, 0), |sum, next| (sum.0.saturating_add(next.0), sum.1.saturating_add(next.1)))
}

/// The bucket that would exceed our budget of a day, and the number of its requests.
pub fn over_budget(snapshot: &Snapshot, costs: &[Cost]) -> Option<(Bucket, u32)> {
    costs.iter().find_map(|cost| {
        let bucket = cost.entity.bucket();
        let used = snapshot.usage.iter().find(|usage| usage.bucket == bucket).map_or(0, |usage| usage.day);
        let after = used.saturating_add(cost.requests?.1);
        (after > snapshot.daily_budget).then_some((bucket, after))
    })
}

fn total(snapshot: &Snapshot, entity: Entity) -> Option<u32> {
    snapshot.entities.iter().find(|row| row.entity_type == entity)?.total
}

#[cfg(test)]
mod tests {
    use super::{of_full_resync, over_budget, sum};
    use crate::domain::{Bucket, Entity};
    use crate::tui::fixtures;

    #[test]
    fn pages_are_counted_from_totals() {
        let costs = of_full_resync(&fixtures::idle());
        let requests: Vec<_> = costs.iter().map(|cost| cost.requests.unwrap()).collect();
        assert_eq!(requests, [(209, 209), (11, 11), (9, 9), (3, 3), (125, 229)]);
        assert_eq!(sum(&costs), (357, 461));
    }

    #[test]
    fn what_was_never_counted_costs_nobody_knows_what() {
        let costs = of_full_resync(&fixtures::initial());
        assert_eq!(costs[0].requests, Some((209, 209)));
        assert!(costs[1..].iter().all(|cost| cost.requests.is_none()));
        assert_eq!(sum(&costs), (209, 209));
    }

    #[test]
    fn a_day_that_would_not_do_is_named() {
        let mut snapshot = fixtures::idle();
        let costs = of_full_resync(&snapshot);
        assert_eq!(over_budget(&snapshot, &costs), Some((Bucket::Tracks, 231 + 209)));
        snapshot.daily_budget = 1_000;
        assert_eq!(over_budget(&snapshot, &costs), None);
    }

    #[test]
    fn an_empty_list_is_one_answer() {
        let mut snapshot = fixtures::idle();
        fixtures::entity(&mut snapshot, Entity::Albums).total = Some(0);
        assert_eq!(of_full_resync(&snapshot)[1].requests, Some((1, 1)));
    }
}

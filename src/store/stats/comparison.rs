//! What a period brought and lost, compared with the time before it: movement in a ranking, what was
//! heard for the first time, favourites that were not played.
//!
//! Items are compared by their numbers; only those that are shown get names.

use std::collections::HashSet;

use hashbrown::HashMap;

use super::Listening;
use super::rankings::{BY_PLAYS, Ranked, RankedItem, ranked};
use super::totals::Heard;
use crate::domain::queries::Movement;
use crate::store::{Result, StatisticsStore};

/// A place in a ranking, and how it differs from that in the time before.
#[derive(Debug, Clone, PartialEq)]
pub struct MovedRank {
    /// The item.
    pub row: Ranked,
    /// Its movement.
    pub moved: Movement,
}

/// What was never played before a period.
#[derive(Debug, Clone, PartialEq)]
pub struct FirstHeard {
    /// How many items.
    pub count: usize,
    /// The most played of them.
    pub rows: Vec<Ranked>,
}

impl StatisticsStore<'_> {
    /// The most played items, with their movement since the time before.
    pub async fn moved(
        self,
        listening: &Listening,
        before: &Listening,
        item: RankedItem,
        limit: usize,
    ) -> Result<Vec<MovedRank>> {
        let earlier = ranked(self.heard(before, item).await?, BY_PLAYS);
        let earlier: HashMap<i64, u32> = earlier.into_iter().map(|(id, _)| id).zip(0..).collect();
        let mut rows = ranked(self.heard(listening, item).await?, BY_PLAYS);
        rows.truncate(limit);
        let places: Vec<Option<u32>> = rows.iter().map(|(id, _)| earlier.get(id).copied()).collect();
        let rows = self.named(item, rows).await?;
        let moved = |((place, row), earlier): ((u32, Ranked), Option<u32>)| MovedRank {
            row,
            moved: Movement::between(earlier, place),
        };
        Ok((0..).zip(rows).zip(places).map(moved).collect())
    }

    /// What was never played before the period.
    pub async fn first_heard(
        self,
        listening: &Listening,
        before: &Listening,
        item: RankedItem,
        limit: usize,
    ) -> Result<FirstHeard> {
        let known = played(self.heard(before, item).await?);
        let mut rows = ranked(self.heard(listening, item).await?, BY_PLAYS);
        rows.retain(|(id, _)| !known.contains(id));
        let count = rows.len();
        rows.truncate(limit);
        Ok(FirstHeard { count, rows: self.named(item, rows).await? })
    }

    /// Tracks with at least this many plays before the period and none in it, the most played first.
    pub async fn forgotten(
        self,
        listening: &Listening,
        before: &Listening,
        least: u64,
        limit: usize,
    ) -> Result<Vec<Ranked>> {
        let item = RankedItem::Track;
        let known = played(self.heard(listening, item).await?);
        let mut rows = ranked(self.heard(before, item).await?, BY_PLAYS);
        rows.retain(|(id, heard)| heard.tally.plays >= least && !known.contains(id));
        rows.truncate(limit);
        self.named(item, rows).await
    }
}

/// The items with a play that counts.
fn played(heard: Vec<(i64, Heard)>) -> HashSet<i64> {
    heard.into_iter().filter(|(_, heard)| heard.tally.plays > 0).map(|(id, _)| id).collect()
}

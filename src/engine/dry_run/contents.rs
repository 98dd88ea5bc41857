//! What a sync needs to bring the contents of the playlists up to date; pure.
//!
//! Owns: which lists will be read, and how many requests each needs. Lists that are not on the one
//! page of playlists may have changed, too. The estimate assumes that their length is within one
//! page of the length at their last listing.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::range::Range;
use super::{Estimate, PlannedChanges};
use crate::domain::{ContentsState, Playlist};
use crate::engine::jobs::availability::Availability;
use crate::store::{Attempts, ContentsJob};

/// What is known of the lists before any of them is read.
pub struct Lists<'a> {
    /// The user id of the account, which tells its own lists from those of others.
    pub me: &'a str,
    /// Every stored list, in its order.
    pub stored: &'a [ContentsJob],
    /// Stored lists that are no longer listed; one of them may have come back.
    pub unlisted: &'a [ContentsJob],
    /// One page of the playlists and how many there are. `None`: the stored list is used.
    pub page: Option<(&'a [Playlist], u32)>,
    /// Lists that are read again because of their age.
    pub aged: &'a [ContentsJob],
    /// Every list is read, regardless of its version.
    pub everything: bool,
    /// When the run would start.
    pub now: DateTime<Utc>,
    /// How the account's own lists are requested.
    pub items_path: Availability,
    /// How the lists of others are requested.
    pub foreign: Availability,
    /// Slots in a page.
    pub batch: u32,
}

/// A list that is, or may be, read.
#[derive(Debug, Clone, Copy)]
struct ContentsPlanner {
    slots: Option<u32>,
    is_own: bool,
    /// Contents of it are stored, and the rows that are read are compared with them.
    is_known: bool,
}

/// Lists, grouped by how certain it is that they are read.
#[derive(Default)]
struct Sorted {
    sure: Vec<ContentsPlanner>,
    /// Not on the page: only reading the whole list of playlists would show whether they changed.
    perhaps: Vec<ContentsPlanner>,
    has_hidden: bool,
    /// There are lists that are not stored yet.
    has_unknown: bool,
}

/// The number of requests, and how many lists changed.
pub fn estimate(lists: &Lists<'_>) -> Estimate {
    let sorted = lists.sort();
    let aged = lists.aged.iter().map(|list| lists.reading(list).requests(lists.batch));
    let sure = sorted.sure.iter().partition::<Vec<ContentsPlanner>, _>(|reading| reading.is_own);
    let own: Range = sure.0.iter().map(|reading| reading.requests(lists.batch)).sum();
    let reads_own = sorted.sure.iter().chain(&sorted.perhaps).any(|reading| reading.is_own);
    let asks_twice = matches!(lists.items_path, Availability::Untried | Availability::Probe) && reads_own;
    let perhaps = sorted.perhaps.iter().map(|reading| reading.grown(lists.batch).or_none());
    let unknown = if sorted.has_unknown { Range::from(0) } else { Range::exactly(0) };
    let requests = own
        + Range::between(0, u32::from(asks_twice))
        + lists.foreign(&sure.1, sorted.has_hidden)
        + perhaps.sum()
        + unknown
        + aged.sum();
    let count = |readings: &[ContentsPlanner]| u32::try_from(readings.len()).unwrap_or(u32::MAX);
    let lists_read =
        Range::exactly(count(&sorted.sure)) + Range::between(0, count(&sorted.perhaps)) + unknown;
    let changes = PlannedChanges { added: Range::from(0), removed: Range::from(0), changed: lists_read };
    Estimate { requests, changes, brake: None, note: note(lists.aged.len()) }
}

fn note(aged: usize) -> Option<String> {
    match aged {
        0 => None,
        1 => Some("1 list is due for a full refresh".to_owned()),
        lists => Some(format!("{lists} lists are due for a full refresh")),
    }
}

impl Lists<'_> {
    fn reading(&self, list: &ContentsJob) -> ContentsPlanner {
        ContentsPlanner {
            slots: list.item_count,
            is_own: list.collaborative || list.owner_id.is_empty() || list.owner_id == self.me,
            is_known: list.synced_at.is_some(),
        }
    }

    fn sort(&self) -> Sorted {
        let mut sorted = Sorted::default();
        let kept = self.stored.iter().chain(self.unlisted);
        let by_id: HashMap<&str, &ContentsJob> = kept.map(|list| (list.id.as_str(), list)).collect();
        let (page, total) = self.page.unwrap_or_default();
        for list in page {
            let stored = by_id.get(list.id.as_str()).copied();
            let then = as_listed(stored, list);
            match stored {
                Some(stored) if !self.is_read(stored, &then) => sorted.has_hidden |= is_hidden(stored),
                _ => sorted.sure.push(self.reading(&then)),
            }
        }
        let shown: HashSet<&str> = page.iter().map(|list| list.id.as_str()).collect();
        let below = u32::try_from(page.len()).map_or(0, |shown| total.saturating_sub(shown));
        if self.page.is_some() && below == 0 {
            return sorted;
        }
        let rest = self.stored.iter().filter(|list| !shown.contains(list.id.as_str()));
        let mut stored_below = 0;
        for list in rest {
            stored_below += 1;
            sorted.has_hidden |= is_hidden(list);
            match list.state {
                ContentsState::Hidden => {}
                // It may have changed, or may have left the account, since it was listed.
                _ if self.page.is_some() => sorted.perhaps.push(self.reading(list)),
                _ if self.is_read(list, list) => sorted.sure.push(self.reading(list)),
                _ => {}
            }
        }
        sorted.has_unknown = below > stored_below;
        sorted
    }

    /// Whether a list that is stored as `stored` is read if it is listed as `then`.
    fn is_read(&self, stored: &ContentsJob, then: &ContentsJob) -> bool {
        match stored.state {
            ContentsState::Hidden => {
                let is_anothers =
                    (&stored.owner_id, stored.collaborative) != (&then.owner_id, then.collaborative);
                is_anothers || then.is_due(self.now, false)
            }
            _ if self.everything => true,
            ContentsState::Complete => {
                let is_stored =
                    (&stored.snapshot_id, stored.item_count) == (&then.snapshot_id, then.item_count);
                !is_stored || then.snapshot_id.is_none() || then.is_due(self.now, false)
            }
            ContentsState::Pending | ContentsState::Failed => then.is_due(self.now, false),
        }
    }

    /// Lists of others: after the first refusal none of them is requested any more.
    fn foreign(&self, lists: &[ContentsPlanner], has_hidden: bool) -> Range {
        let all: Range = lists.iter().map(|reading| reading.requests(self.batch)).sum();
        match self.foreign {
            Availability::Open => all,
            Availability::Closed => Range::exactly(0),
            // One hidden list is requested each day; if Spotify shows it, all of them are read.
            Availability::Probe if lists.is_empty() && has_hidden => Range::from(1),
            Availability::Probe if has_hidden => Range::from(1),
            Availability::Untried | Availability::Probe => {
                Range { least: u32::from(!lists.is_empty()), ..all }
            }
        }
    }
}

/// The stored state of a list, updated with its current listing.
fn as_listed(stored: Option<&ContentsJob>, list: &Playlist) -> ContentsJob {
    let new = ContentsJob {
        id: list.id.clone(),
        name: list.name.clone(),
        snapshot_id: list.snapshot_id.clone(),
        item_count: list.item_count,
        stored_count: None,
        owner_id: list.owner_id.clone(),
        collaborative: list.collaborative.unwrap_or(false),
        state: ContentsState::Pending,
        synced_at: None,
        attempts: Attempts::default(),
        is_of_old_generation: false,
    };
    let Some(stored) = stored else { return new };
    let owner_id = if new.owner_id.is_empty() { &stored.owner_id } else { &new.owner_id };
    ContentsJob {
        snapshot_id: new.snapshot_id,
        item_count: new.item_count.or(stored.item_count),
        owner_id: owner_id.clone(),
        collaborative: list.collaborative.unwrap_or(stored.collaborative),
        ..stored.clone()
    }
}

fn is_hidden(list: &ContentsJob) -> bool {
    list.state == ContentsState::Hidden
}

impl ContentsPlanner {
    /// The number of requests, if the list is as long as its listing says.
    fn requests(&self, batch: u32) -> Range {
        match self.slots {
            None => Range::from(1),
            Some(slots) => {
                let pages = slots.div_ceil(batch.max(1)).max(1);
                // A page is requested twice if it has a slot that used to be readable. Pages that
                // do not agree are checked against the list's version.
                let most = if self.is_known { pages.saturating_mul(2) } else { pages };
                Range::between(pages, most + u32::from(pages > 1))
            }
        }
    }

    /// The same if the list may have grown a little.
    fn grown(&self, batch: u32) -> Range {
        Self { slots: self.slots.map(|slots| slots.saturating_add(batch)), ..*self }.requests(batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{PlaylistId, SnapshotId};

    fn stored(id: &str, version: &str, slots: u32, state: ContentsState) -> ContentsJob {
        ContentsJob {
            id: PlaylistId::new(id),
            name: String::new(),
            snapshot_id: Some(SnapshotId::new(version)),
            item_count: Some(slots),
            owner_id: if id.starts_with('f') { "somebody" } else { "me" }.to_owned(),
            collaborative: false,
            state,
            synced_at: (state == ContentsState::Complete).then_some(DateTime::UNIX_EPOCH),
            stored_count: Some(slots),
            attempts: Attempts::default(),
            is_of_old_generation: false,
        }
    }

    fn listed(id: &str, version: &str, slots: u32) -> Playlist {
        Playlist {
            id: PlaylistId::new(id),
            uri: String::new(),
            name: String::new(),
            description: None,
            owner_id: if id.starts_with('f') { "somebody" } else { "me" }.to_owned(),
            owner_name: None,
            collaborative: Some(false),
            public: None,
            snapshot_id: Some(SnapshotId::new(version)),
            item_count: Some(slots),
        }
    }

    fn lists<'a>(stored: &'a [ContentsJob], page: &'a [Playlist], total: u32) -> Lists<'a> {
        Lists {
            me: "me",
            stored,
            unlisted: &[],
            page: Some((page, total)),
            aged: &[],
            everything: false,
            now: DateTime::UNIX_EPOCH,
            items_path: Availability::Open,
            foreign: Availability::Closed,
            batch: 50,
        }
    }

    use ContentsState::{Complete, Hidden, Pending};

    #[test]
    fn only_what_changed_is_read() {
        let held = [stored("a", "1", 120, Complete), stored("b", "1", 10, Complete)];
        let page = [listed("a", "1", 120), listed("b", "1", 10)];
        assert_eq!(estimate(&lists(&held, &page, 2)).requests, Range::exactly(0));
        let page = [listed("a", "2", 121), listed("b", "1", 10), listed("new", "1", 51)];
        let told = estimate(&lists(&held, &page, 3));
        assert_eq!(told.requests, Range::between(3 + 2, 7 + 3));
        assert_eq!(told.changes.changed, Range::exactly(2));
    }

    #[test]
    fn what_the_page_does_not_show_may_have_changed() {
        let held =
            [stored("a", "1", 10, Complete), stored("b", "1", 10, Complete), stored("c", "1", 60, Pending)];
        let page = [listed("a", "1", 10)];
        assert_eq!(estimate(&lists(&held, &page, 3)).requests, Range::between(0, 4 + 5), "any may be gone");
        assert_eq!(
            estimate(&lists(&held, &page, 4)).requests,
            Range::from(0),
            "a list of which nothing is known"
        );
        let gone = [listed("a", "1", 10)];
        assert_eq!(estimate(&lists(&held, &gone, 1)).requests, Range::exactly(0), "the other two are gone");
    }

    #[test]
    fn a_list_that_came_back_as_it_was_is_not_read_again() {
        let kept = [stored("back", "1", 120, Complete), stored("edited", "1", 120, Complete)];
        let page = [listed("back", "1", 120), listed("edited", "2", 120)];
        let told = estimate(&Lists { unlisted: &kept, ..lists(&[], &page, 2) });
        assert_eq!(told.changes.changed, Range::exactly(1));
        assert_eq!(told.requests, Range::between(3, 7));
    }

    #[test]
    fn the_stored_list_is_gone_by_where_the_playlists_are_not_asked_for() {
        let held = [stored("a", "1", 10, Complete), stored("c", "1", 60, Pending)];
        let alone = Lists { page: None, ..lists(&held, &[], 0) };
        assert_eq!(estimate(&alone).requests, Range::between(2, 3));
        let full = Lists { everything: true, ..alone };
        assert_eq!(estimate(&full).requests, Range::between(3, 5));
    }

    #[test]
    fn lists_of_others_cost_what_this_app_may_see() {
        let held = [stored("f1", "1", 10, Hidden)];
        let page = [listed("f1", "2", 10), listed("f2", "1", 500)];
        let with = |foreign| estimate(&Lists { foreign, ..lists(&held, &page, 2) }).requests;
        assert_eq!(with(Availability::Closed), Range::exactly(0));
        assert_eq!(with(Availability::Open), Range::between(10, 11));
        assert_eq!(with(Availability::Untried), Range::between(1, 11));
        assert_eq!(with(Availability::Probe), Range::from(1));
    }

    #[test]
    fn aged_lists_and_a_path_to_be_found_come_on_top() {
        let held = [stored("a", "1", 10, Complete), stored("e", "1", 0, Complete)];
        let page = [listed("a", "1", 10), listed("e", "1", 0), listed("n", "1", 5)];
        let told = Lists { aged: &held, items_path: Availability::Untried, ..lists(&held, &page, 3) };
        let told = estimate(&told);
        assert_eq!(told.requests, Range::between(1 + 1 + 1, 1 + 1 + 2 + 2));
        assert_eq!(told.note.as_deref(), Some("2 lists are due for a full refresh"));
    }
}

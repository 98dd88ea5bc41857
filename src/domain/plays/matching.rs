//! Finds which rows of exports describe a play that the API or another export described, too.
//!
//! A recorded play stays one play: each row is matched with at most one play of the API, each play
//! of the API with at most one row, and an unmatched one is a play of its own.

use std::collections::BTreeSet;

use super::pairing::{Candidate, pair};
use super::{
    DerivedPlay, ExportFormat, ExportedPlay, Group, PollAnswer, REACH_MS, SLACK_MS, Stamp, ToldBy, group,
};

/// The plays of a span of time, from all evidence about it.
///
/// Every row of an extended history is a play of its own. A row of account data is a play if no
/// extended row describes the same one, and a play of the API if no row does.
#[must_use]
pub fn derive(stamps: &[Stamp], answers: &[PollAnswer], rows: &[ExportedPlay]) -> Vec<DerivedPlay> {
    let groups = in_time_order(group(stamps, answers), stamps);
    let told_better = told_by_extended(rows);
    let mut telling: Vec<usize> = (0..rows.len()).filter(|row| !told_better.contains(row)).collect();
    telling.sort_by_key(|row| rows.get(*row).map(|row| (row.ended, row.rank())));
    let mut matching = Matching {
        stamps,
        groups: &groups,
        rows,
        of_row: vec![None; rows.len()],
        free: groups.iter().map(|_| true).collect(),
    };
    // Rows with the exact second and the song are matched first; a nameless row gets what is left.
    let kinds: [fn(&ExportedPlay) -> bool; 3] = [
        |row| row.format == ExportFormat::Extended && !row.song.is_nameless(),
        |row| row.format == ExportFormat::AccountData && !row.song.is_nameless(),
        |row| row.song.is_nameless(),
    ];
    for is_of_kind in kinds {
        let of_kind: Vec<usize> =
            telling.iter().copied().filter(|row| rows.get(*row).is_some_and(is_of_kind)).collect();
        matching.pair(&of_kind);
    }
    let Matching { of_row, free, .. } = matching;
    let of_rows = telling.iter().filter_map(|row| {
        let group = of_row.get(*row).copied().flatten().and_then(|group| groups.get(group));
        Some(told(rows.get(*row)?, group, stamps))
    });
    let left_over = groups.iter().zip(free).filter(|(_, is_free)| *is_free);
    let of_stamps = left_over.filter_map(|(group, _)| {
        let stamp = stamps.get(group.end)?;
        Some(DerivedPlay { played_at: stamp.at, stamp: Some(stamp.key), row: None, told_by: ToldBy::Stamp })
    });
    of_rows.chain(of_stamps).collect()
}

fn in_time_order(mut groups: Vec<Group>, stamps: &[Stamp]) -> Vec<Group> {
    groups.sort_by_key(|group| stamps.get(group.end).map(|end| (end.at, end.song.uri.clone(), end.key)));
    groups
}

/// The group of stamps of each row.
struct Matching<'a> {
    stamps: &'a [Stamp],
    groups: &'a [Group],
    rows: &'a [ExportedPlay],
    of_row: Vec<Option<usize>>,
    free: Vec<bool>,
}

impl Matching<'_> {
    /// Pairs these rows, which are ordered by time, with unmatched groups.
    fn pair(&mut self, rows: &[usize]) {
        let mut candidates = Vec::new();
        for (left, group) in self.groups.iter().enumerate().filter(|(left, _)| self.is_free(*left)) {
            let of_group = rows.iter().enumerate().filter_map(|(right, row)| {
                Some(Candidate { left, right, cost: self.cost(group, self.rows.get(*row)?)? })
            });
            candidates.extend(of_group);
        }
        for (left, right) in pair(&candidates) {
            if let Some(place) = rows.get(right).and_then(|row| self.of_row.get_mut(*row)) {
                *place = Some(left);
            }
            if let Some(free) = self.free.get_mut(left) {
                *free = false;
            }
        }
    }

    fn is_free(&self, group: usize) -> bool {
        self.free.get(group).copied().unwrap_or(false)
    }

    /// The cost of matching the group with the row; `None` if they cannot match. A row that Spotify
    /// would probably not have listed gets a stamp only if no other row does.
    fn cost(&self, group: &Group, row: &ExportedPlay) -> Option<i64> {
        let members = group.stamps.iter().filter_map(|index| self.stamps.get(*index));
        let distance = members.filter_map(|stamp| row.distance_of(stamp)).min()?;
        Some(distance + if row.is_short() { 2 * REACH_MS } else { 0 })
    }
}

impl ExportedPlay {
    /// How far a stamp is from the row's end; `None` if it cannot belong to the row. A nameless row
    /// matches the stamp of the second in which it ended.
    fn distance_of(&self, stamp: &Stamp) -> Option<i64> {
        let distance = self.distance(stamp.at);
        let is_its = if self.song.is_nameless() {
            distance <= SLACK_MS
        } else {
            self.song.is_same(&stamp.song) && self.may_be_stamped(stamp.at)
        };
        is_its.then_some(distance)
    }
}

/// The play of a row, with what the API knows about it. Account data have neither uri nor second;
/// if the API's stamp is in their minute, it is more exact. The API also knows what a nameless row
/// played.
fn told(row: &ExportedPlay, group: Option<&Group>, stamps: &[Stamp]) -> DerivedPlay {
    let alone = DerivedPlay { played_at: row.ended, stamp: None, row: Some(row.key), told_by: ToldBy::Row };
    let Some(end) = group.and_then(|group| stamps.get(group.end)) else {
        return alone;
    };
    let with_stamp = DerivedPlay { stamp: Some(end.key), ..alone };
    if row.format == ExportFormat::Extended {
        let told_by = if row.song.is_nameless() { ToldBy::Stamp } else { ToldBy::Row };
        return DerivedPlay { told_by, ..with_stamp };
    }
    let members = group.iter().flat_map(|group| &group.stamps).filter_map(|index| stamps.get(*index));
    let exact = members.map(|stamp| stamp.at).filter(|at| row.distance(*at) == 0).max();
    DerivedPlay { played_at: exact.unwrap_or(row.ended), told_by: ToldBy::Stamp, ..with_stamp }
}

/// Rows of account data whose play an extended row describes: the same names and length, in their
/// minute.
fn told_by_extended(rows: &[ExportedPlay]) -> BTreeSet<usize> {
    let of = |format| rows.iter().enumerate().filter(move |(_, row)| row.format == format);
    let mut pairs = Vec::new();
    for (coarse, account) in of(ExportFormat::AccountData) {
        for (exact, extended) in of(ExportFormat::Extended) {
            let longer = match (account.ms_played, extended.ms_played) {
                (Some(a), Some(b)) => (a - b).abs(),
                _ => 0,
            };
            let apart = account.distance(extended.ended).min(account.distance(extended.reported));
            let is_same = account.song.names.is_some() && account.song.names == extended.song.names;
            if is_same && longer <= SLACK_MS && apart <= SLACK_MS {
                pairs.push(((longer, apart, account.rank(), extended.rank()), (coarse, exact)));
            }
        }
    }
    pairs.sort_by_key(|(rank, _)| *rank);
    let (mut told, mut taken) = (BTreeSet::new(), BTreeSet::new());
    for (_, (coarse, exact)) in pairs {
        if !told.contains(&coarse) && taken.insert(exact) {
            told.insert(coarse);
        }
    }
    told
}

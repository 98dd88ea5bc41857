//! Which rows of exports tell a play that the API or another export told, too.

use std::collections::BTreeSet;

use super::{
    Answer, DerivedPlay, ExportFormat, ExportedPlay, Group, SLACK_MS, Stamp, ToldBy, WIDE_SLACK_MS, group,
};

/// The plays of a stretch of time, from everything that was said about it.
///
/// Every row of an extended history is a play of its own. A row of account data is one where no extended
/// row tells the same; a play of the API where no row does. One speaks for one at most, the nearest first.
#[must_use]
pub fn derive(stamps: &[Stamp], answers: &[Answer], rows: &[ExportedPlay]) -> Vec<DerivedPlay> {
    let groups = group(stamps, answers);
    let told_better = told_by_extended(rows);
    let telling: Vec<usize> = (0..rows.len()).filter(|row| !told_better.contains(row)).collect();
    let mut stamped: Vec<Option<usize>> = vec![None; rows.len()];
    let mut free: BTreeSet<usize> = (0..groups.len()).collect();
    for slack in [SLACK_MS, WIDE_SLACK_MS] {
        for (group, row) in nearest_first(&groups, &free, stamps, rows, &telling, slack) {
            if let Some(place) = stamped.get_mut(row).filter(|place| place.is_none())
                && free.remove(&group)
            {
                *place = Some(group);
            }
        }
    }
    let stamped_by = |row: &usize| stamped.get(*row).copied().flatten();
    let of_rows = telling.iter().filter_map(|row| {
        let group = stamped_by(row).and_then(|group| groups.get(group));
        Some(told(rows.get(*row)?, group, stamps))
    });
    let of_stamps = free.iter().filter_map(|group| {
        let stamp = stamps.get(groups.get(*group)?.end)?;
        Some(DerivedPlay { played_at: stamp.at, stamp: Some(stamp.key), row: None, told_by: ToldBy::Stamp })
    });
    of_rows.chain(of_stamps).collect()
}

/// The play that a row tells, with what the API knows of it. Account data know neither uri nor second;
/// where the API's stamp lies in their minute it knows better.
fn told(row: &ExportedPlay, group: Option<&Group>, stamps: &[Stamp]) -> DerivedPlay {
    let alone = DerivedPlay { played_at: row.ended, stamp: None, row: Some(row.key), told_by: ToldBy::Row };
    let Some(end) = group.and_then(|group| stamps.get(group.end)) else {
        return alone;
    };
    let with_stamp = DerivedPlay { stamp: Some(end.key), ..alone };
    if row.format == ExportFormat::Extended {
        return with_stamp;
    }
    let members = group.iter().flat_map(|group| &group.stamps).filter_map(|index| stamps.get(*index));
    let exact = members.map(|stamp| stamp.at).filter(|at| row.distance(*at) == 0).max();
    DerivedPlay { played_at: exact.unwrap_or(row.ended), told_by: ToldBy::Stamp, ..with_stamp }
}

/// Pairs of a free group and a row that may tell it, the nearest first.
fn nearest_first(
    groups: &[Group],
    free: &BTreeSet<usize>,
    stamps: &[Stamp],
    rows: &[ExportedPlay],
    telling: &[usize],
    slack: i64,
) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for (number, group) in free.iter().filter_map(|number| Some((*number, groups.get(*number)?))) {
        for row in telling {
            let Some(told) = rows.get(*row) else { continue };
            let members = group.stamps.iter().filter_map(|index| stamps.get(*index));
            let near = members
                .filter(|stamp| told.may_be_stamped(stamp.at, slack) && told.song.is_same(&stamp.song))
                .map(|stamp| told.distance(stamp.at))
                .min();
            if let (Some(distance), Some(end)) = (near, stamps.get(group.end)) {
                pairs.push(((distance, told.rank(), end.at, &end.song.uri), (number, *row)));
            }
        }
    }
    pairs.sort_by_key(|(rank, _)| *rank);
    pairs.into_iter().map(|(_, pair)| pair).collect()
}

/// Rows of account data whose play an extended row tells: the same names and length, in their minute.
fn told_by_extended(rows: &[ExportedPlay]) -> BTreeSet<usize> {
    let of = |format| rows.iter().enumerate().filter(move |(_, row)| row.format == format);
    let mut pairs = Vec::new();
    for (coarse, account) in of(ExportFormat::AccountData) {
        for (exact, extended) in of(ExportFormat::Extended) {
            let longer = match (account.ms_played, extended.ms_played) {
                (Some(a), Some(b)) => (a - b).abs(),
                _ => 0,
            };
            let apart = account.distance(extended.ended);
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

//! Which stamps of the API are one play.
//!
//! The same play is stamped at its end by most answers, at its start by some, and a few milliseconds
//! apart by others. Two stamps of one track are one play only if no answer lists both, and some answer
//! would have listed both, had they been two.

use std::collections::{BTreeMap, BTreeSet};

use super::{PollAnswer, Stamp, WIDE_SLACK_MS};

/// One play by its stamps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its stamps, by their place in what was given, oldest first.
    pub stamps: Vec<usize>,
    /// The one among them that tells when it was over.
    pub end: usize,
}

/// A group while it is made: of each stamp, the answers in which it stands for this play.
struct Open {
    parts: Vec<(usize, BTreeSet<usize>)>,
    end: usize,
}

/// Sorts stamps into plays, each stamp with the oldest play that it fits.
///
/// One stamp can stand for two plays: the end of the first and the start of the next, where two answers
/// stamp differently and both plays are of one track. Its answers are then parted between the two.
#[must_use]
pub fn group(stamps: &[Stamp], answers: &[PollAnswer]) -> Vec<Group> {
    let listing = listing(answers);
    let mut order: Vec<_> = stamps.iter().enumerate().collect();
    order.sort_by(|(_, a), (_, b)| (a.at, &a.song.uri).cmp(&(b.at, &b.song.uri)));
    let mut open: Vec<Open> = Vec::new();
    for (index, stamp) in order {
        let listed_by = listing.get(&stamp.key).cloned().unwrap_or_default();
        place(&mut open, (index, stamp), listed_by, stamps, answers);
    }
    let closed = |group: Open| Group {
        stamps: group.parts.into_iter().map(|(index, _)| index).collect(),
        end: group.end,
    };
    open.into_iter().map(closed).collect()
}

/// Of each stamp the answers that list it.
fn listing(answers: &[PollAnswer]) -> BTreeMap<i64, BTreeSet<usize>> {
    let mut listing: BTreeMap<i64, BTreeSet<usize>> = BTreeMap::new();
    for (number, answer) in answers.iter().enumerate() {
        for key in &answer.listed {
            listing.entry(*key).or_default().insert(number);
        }
    }
    listing
}

fn place(
    open: &mut Vec<Open>,
    (index, stamp): (usize, &Stamp),
    mut listed_by: BTreeSet<usize>,
    stamps: &[Stamp],
    answers: &[PollAnswer],
) {
    for group in open.iter_mut().filter(|group| group.is_near(stamp, stamps)) {
        let (against, free): (BTreeSet<_>, BTreeSet<_>) =
            listed_by.iter().copied().partition(|answer| group.is_listed_by(*answer));
        if !group.is_spoken_for(stamp, &free, stamps, answers) {
            continue;
        }
        group.parts.push((index, free));
        if against.is_empty() {
            group.end = index;
            return;
        }
        listed_by = against;
    }
    open.push(Open { parts: vec![(index, listed_by)], end: index });
}

impl Open {
    /// Whether the stamp could be this play's by what was played, and when.
    fn is_near(&self, stamp: &Stamp, stamps: &[Stamp]) -> bool {
        let mut members = self.parts.iter().filter_map(|(index, _)| stamps.get(*index));
        members.all(|member| {
            let lasts = member.duration_ms.max(stamp.duration_ms).unwrap_or(0).clamp(0, super::LONGEST_MS);
            member.song.is_same(&stamp.song) && stamp.at - member.at <= lasts + WIDE_SLACK_MS
        })
    }

    fn is_listed_by(&self, answer: usize) -> bool {
        self.parts.iter().any(|(_, listed_by)| listed_by.contains(&answer))
    }

    /// Whether an answer would have listed the stamp and this play, had they been two: one of `free`,
    /// which list the stamp, or one that lists this play and not the stamp.
    fn is_spoken_for(
        &self,
        stamp: &Stamp,
        free: &BTreeSet<usize>,
        stamps: &[Stamp],
        answers: &[PollAnswer],
    ) -> bool {
        self.parts.iter().any(|(index, listed_by)| {
            let Some(member) = stamps.get(*index) else { return false };
            let covers_both = |answer: &PollAnswer| answer.covers(member.at) && answer.covers(stamp.at);
            let by_stamp = free.iter().filter_map(|answer| answers.get(*answer)).any(covers_both);
            let by_member = listed_by.iter().filter_map(|answer| answers.get(*answer));
            by_stamp
                || (!free.is_empty()
                    && by_member.filter(|answer| !answer.listed.contains(&stamp.key)).any(covers_both))
        })
    }
}

//! Finds which stamps of the API are one play.
//!
//! Most answers stamp a play at its end, some at its start, and the times differ by a few
//! milliseconds. Two stamps of one track are one play only if no answer lists both, and some answer
//! would have listed both if they were two plays.

use std::collections::{BTreeMap, BTreeSet};

use super::{PollAnswer, Stamp, WIDE_SLACK_MS};

/// One play with its stamps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its stamps, by their index in the input, oldest first.
    pub stamps: Vec<usize>,
    /// The stamp that is the end of the play.
    pub end: usize,
}

/// An unfinished group: for each stamp, the answers in which it is this play.
struct Open {
    parts: Vec<(usize, BTreeSet<usize>)>,
    end: usize,
}

/// Groups stamps into plays; each stamp joins the oldest play that it fits.
///
/// One stamp can belong to two plays: the end of the first and the start of the next, if two
/// answers use different stamps and both plays are of one track. Its answers are then divided
/// between the two.
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

/// For each stamp the answers that list it.
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
    /// Whether the stamp may belong to this play, by the song and the time.
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

    /// Whether an answer would have listed both the stamp and this play if they were two: one of
    /// `free`, which list the stamp, or one that lists this play and not the stamp.
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

//! Coverage by day: how completely each of the last days is known, for a chart.

use serde::{Deserialize, Serialize};

use super::coverage::{CoverageState, Interval};

const DAY_MS: i64 = 86_400_000;

/// How completely a day is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayCoverage {
    /// Nothing of it is known.
    Unknown,
    /// A part of it is known.
    Partly,
    /// All of it is known, most of it from an export.
    Imported,
    /// All of it is known.
    Complete,
    /// Plays were lost in it.
    Gap,
}

/// The last `count` days (in UTC) up to `end`, the oldest first; of the last day only the part
/// before `end` counts.
#[must_use]
pub fn days(intervals: &[Interval], end: i64, count: u32) -> Vec<DayCoverage> {
    let last = end.div_euclid(DAY_MS);
    let day = |number: i64| of_day(intervals, number * DAY_MS, ((number + 1) * DAY_MS).min(end));
    (last - i64::from(count) + 1..=last).map(day).collect()
}

fn of_day(intervals: &[Interval], from: i64, to: i64) -> DayCoverage {
    // An interval that only touches the day says nothing about it; a single point within it does.
    let is_within = |known: &&Interval| known.from < to && (known.to > from || known.from >= from);
    let within: Vec<_> = intervals.iter().filter(is_within).collect();
    let known = |state: CoverageState| -> i64 {
        let of_state = within.iter().filter(|known| known.state == state);
        of_state.map(|known| known.to.min(to) - known.from.max(from)).sum()
    };
    if known(CoverageState::Gap) > 0 {
        return DayCoverage::Gap;
    }
    let (complete, imported) = (known(CoverageState::Complete), known(CoverageState::Imported));
    match complete + imported {
        _ if within.is_empty() => DayCoverage::Unknown,
        all if all < to - from => DayCoverage::Partly,
        _ if imported > complete => DayCoverage::Imported,
        _ => DayCoverage::Complete,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn interval(from: i64, to: i64, state: CoverageState) -> Interval {
        Interval { from: from * HOUR, to: to * HOUR, state }
    }

    #[test]
    fn each_day_is_told_by_the_worst_that_is_known_of_it() {
        use CoverageState::{Complete, Gap, Imported};
        use DayCoverage as Day;
        let known = [
            interval(24, 60, Imported),
            interval(60, 80, Complete),
            interval(100, 101, Gap),
            interval(120, 150, Complete),
        ];
        let told = days(&known, 150 * HOUR, 7);
        assert_eq!(
            told,
            [Day::Unknown, Day::Imported, Day::Complete, Day::Partly, Day::Gap, Day::Complete, Day::Complete]
        );
        assert_eq!(days(&known, 151 * HOUR, 1), [Day::Partly], "after the newest play nobody knows");
        assert_eq!(days(&[], 151 * HOUR, 2), [Day::Unknown, Day::Unknown]);
    }
}

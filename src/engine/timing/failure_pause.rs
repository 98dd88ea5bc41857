//! How long a failed entity waits for its next try; pure.
//!
//! Owns: the pause after the first failure, how it grows and how long it may get. Must not know:
//! what failed.

use std::time::Duration;

/// The pause after a first failure, if the turns of the schedule are further apart.
const FIRST: Duration = Duration::from_mins(15);
/// The longest pause, in first pauses: six hours, if the first pause is a quarter of an hour.
const LONGEST: u32 = 24;

/// The pause after a first failure. The next try comes before the next scheduled turn, but a broken
/// server must not cost many requests.
pub fn first(library_interval: Duration) -> Duration {
    library_interval.min(FIRST)
}

/// The pause after a number of failures in a row: it doubles each time.
pub fn pause(library_interval: Duration, failures: u32) -> Duration {
    let times = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(LONGEST);
    first(library_interval).saturating_mul(times.min(LONGEST))
}

/// The longest possible pause.
pub fn longest(library_interval: Duration) -> Duration {
    first(library_interval).saturating_mul(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn the_pause_doubles_with_each_failure_up_to_six_hours() {
        let minutes: Vec<_> = (0..9).map(|failures| pause(HOUR, failures).as_secs() / 60).collect();
        assert_eq!(minutes, [15, 15, 30, 60, 120, 240, 360, 360, 360]);
        for failures in [32, 33, u32::MAX] {
            assert_eq!(pause(HOUR, failures), longest(HOUR), "{failures}");
        }
    }

    #[test]
    fn where_turns_come_often_the_pauses_are_short() {
        let second = Duration::from_secs(1);
        assert_eq!((pause(second, 1), pause(second, 3)), (second, 4 * second));
        assert_eq!((pause(second, 99), longest(second)), (24 * second, 24 * second));
        assert_eq!(longest(99 * HOUR), 6 * HOUR);
    }
}

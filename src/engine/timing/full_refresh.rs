//! Lists that are normally read only by their changes are read in full once per
//! `sync.full_interval`; pure.
//!
//! Owns: which of them are due in a run. Must not know: how anything is read. The list of playlists
//! is walked from end to end in every run, since an edit shows only in the snapshot id of its row.
//! Saved albums and followed artists are walked once a day.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::budget;
use crate::config;
use crate::domain::SyncState;
use crate::store::ContentsJob;

/// Runs that are further apart than this share out the lists as if they were exactly this far
/// apart, so that after a long rest the lists are not all due at once.
const LONGEST_GAP: Duration = Duration::from_hours(24);

/// The time since something happened. A time in the future is from before the clock was set back.
/// Its real age is unknown, so it counts as the greatest possible age, like a time that never was.
/// Nothing may wait for it.
fn age(at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Duration {
    at.and_then(|at| (now - at).to_std().ok()).unwrap_or(Duration::MAX)
}

/// Whether the saved tracks are due for a walk instead of a removal search, after `used` requests
/// to them in the last 24 hours.
///
/// In the last tenth of the interval they are due as soon as the day's budget has room for them. In
/// the last run before the end of the interval they are due in any case, since a schedule may use
/// up the budget by itself.
pub fn are_tracks_due(
    state: &SyncState,
    now: DateTime<Utc>,
    sync: &config::SyncConfig,
    daily_budget: u32,
    used: u32,
) -> bool {
    let last_chance = sync.full_interval.saturating_sub(sync.library_interval);
    let age = age(state.read_whole_at, now);
    if age < last_chance.saturating_sub(last_chance / 10) {
        return false;
    }
    let pages = state.total_processed.div_ceil(sync.initial_batch.max(1));
    age >= last_chance || budget::left(daily_budget, used) >= pages.min(budget::left(daily_budget, 0))
}

/// The greatest age of the last complete reading of the saved albums or followed artists.
const LISTS_WHOLE_EVERY: Duration = Duration::from_hours(24);

/// Whether the saved albums or the followed artists are due for a walk: in the last run before a
/// day has passed.
pub fn is_list_due(state: &SyncState, now: DateTime<Utc>, sync: &config::SyncConfig) -> bool {
    age(state.read_whole_at, now) >= LISTS_WHOLE_EVERY.saturating_sub(sync.library_interval)
}

/// The `complete` lists whose contents this run reads again, whatever their snapshot id is, the
/// oldest first. `last_run` is when the contents were last brought up to date.
pub fn lists_due(
    mut complete: Vec<ContentsJob>,
    last_run: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    sync: &config::SyncConfig,
) -> Vec<ContentsJob> {
    let lists = u32::try_from(complete.len()).unwrap_or(u32::MAX);
    // A time in the future says nothing about the length of the last rest.
    let since = last_run.and_then(|at| (now - at).to_std().ok()).unwrap_or(Duration::ZERO);
    let round = RefreshRound::of(lists, since, sync);
    complete.retain(|list| age(list.synced_at, now) >= round.due_after(list));
    complete.sort_by_key(|list| list.synced_at);
    complete.truncate(usize::try_from(round.most).unwrap_or(usize::MAX));
    complete
}

/// How the lists are shared out among the runs of an interval.
struct RefreshRound {
    /// The number of lists that one run reads.
    most: u32,
    /// The age from which they are read, so that the last of them has its turn in time.
    due_after: Duration,
}

impl RefreshRound {
    /// One round takes at most three quarters of the interval. Nothing is due in the first quarter,
    /// and a few missed runs do no harm.
    fn of(lists: u32, since_last_run: Duration, sync: &config::SyncConfig) -> Self {
        let (full, run) = (sync.full_interval, sync.library_interval);
        let gap = since_last_run.clamp(run, run.max(LONGEST_GAP));
        let share = f64::from(lists) * gap.as_secs_f64() / (full.as_secs_f64() * 0.75).max(1.0);
        // The cast saturates.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let most = (share.ceil() as u32).clamp(1, lists.max(1));
        Self { most, due_after: full.saturating_sub(gap.saturating_mul(lists.div_ceil(most))) }
    }

    /// Each list is due at an age of its own, up to a quarter earlier. So lists that were first
    /// read together drift apart over the days.
    fn due_after(&self, list: &ContentsJob) -> Duration {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(list.id.as_str());
        let thousandths = u32::try_from(hash % 250).unwrap_or(0);
        self.due_after.saturating_sub(self.due_after / 1000 * thousandths)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::{ContentsState, Entity, PlaylistId};
    use crate::store::Attempts;

    const HOUR: i64 = 3600;
    const DAY: i64 = 24 * HOUR;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    fn sync(run: i64, full: i64) -> config::SyncConfig {
        let seconds = |seconds: i64| Duration::from_secs(seconds.unsigned_abs());
        config::SyncConfig {
            library_interval: seconds(run),
            playback_interval: seconds(1800),
            initial_batch: 50,
            incremental_batch: 20,
            full_interval: seconds(full),
        }
    }

    fn tracks(rows: u32, read_whole_at: Option<i64>) -> SyncState {
        let read_whole_at = read_whole_at.map(at);
        SyncState { total_processed: rows, read_whole_at, ..SyncState::unread(Entity::Tracks) }
    }

    fn list(number: usize, synced_at: i64) -> ContentsJob {
        ContentsJob {
            id: PlaylistId::new(format!("list{number}")),
            name: String::new(),
            snapshot_id: None,
            item_count: Some(1),
            owner_id: "me".to_owned(),
            collaborative: false,
            state: ContentsState::Complete,
            synced_at: Some(at(synced_at)),
            stored_count: Some(1),
            attempts: Attempts::default(),
            is_of_old_generation: false,
        }
    }

    #[test]
    fn tracks_wait_for_the_budget_but_not_for_ever() {
        let due =
            |state: &SyncState, now, used| are_tracks_due(state, at(now), &sync(HOUR, 30 * DAY), 300, used);
        let state = tracks(5_000, Some(0));
        assert!(!due(&state, 0, 0), "just read");
        assert!(!due(&state, 26 * DAY, 0));
        assert!(due(&state, 28 * DAY, 100));
        assert!(!due(&state, 28 * DAY, 250), "100 pages, and 35 requests are left of the day");
        assert!(due(&state, 30 * DAY - HOUR, 5_000), "the last run before the end of the interval");
        assert!(due(&tracks(100_000, Some(0)), 28 * DAY, 0), "more than a day's budget");
        assert!(due(&tracks(0, None), 0, 0), "nobody knows when");
        assert!(due(&tracks(10, Some(3 * DAY)), 0, 0), "the clock was set back a little");
        assert!(due(&tracks(10, Some(300 * DAY)), 0, 0), "and by most of a year");
    }

    #[test]
    fn albums_and_artists_are_walked_before_a_day_is_over() {
        let due = |read, now, run| is_list_due(&tracks(500, read), at(now), &sync(run, 30 * DAY));
        assert!(!due(Some(0), 22 * HOUR, HOUR));
        assert!(due(Some(0), 23 * HOUR, HOUR), "the next run comes after a day");
        assert!(due(Some(0), 1, DAY), "runs come once a day");
        assert!(due(None, 0, HOUR), "nobody knows when");
        assert!(due(Some(3 * DAY), 0, HOUR), "the clock was set back");
    }

    #[test]
    fn after_a_long_rest_lists_do_not_all_come_at_once() {
        let lists: Vec<_> = (0..300).map(|number| list(number, 0)).collect();
        let now = 200 * DAY;
        let sync = sync(HOUR, 30 * DAY);
        assert_eq!(lists_due(lists.clone(), Some(at(0)), at(now), &sync).len(), 14);
        assert_eq!(lists_due(lists.clone(), Some(at(now - HOUR)), at(now), &sync).len(), 1);
        assert_eq!(lists_due(lists, None, at(now), &sync).len(), 1);
    }

    #[test]
    fn the_longest_ago_comes_first() {
        let lists = vec![list(1, 9), list(2, 3), list(3, 5)];
        let due = lists_due(lists, None, at(60 * DAY), &sync(HOUR, 30 * DAY));
        assert_eq!(due.iter().map(|list| list.id.as_str()).collect::<Vec<_>>(), ["list2"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        /// For any number of lists and any time between runs: no list gets older than the interval
        /// plus the time between two runs, none is due soon after it was read, and no run reads
        /// more than its share.
        #[test]
        fn every_list_is_read_again_within_the_interval(
            lists in 1_usize..800, run in 1_i64..48, days in 8_i64..40,
        ) {
            let sync = sync(HOUR, days * DAY);
            let step = run * HOUR;
            let mut read: HashMap<usize, i64> = (0..lists).map(|number| (number, 0)).collect();
            let hours = usize::try_from(days * 24 * 3).unwrap();
            let share = (lists * usize::try_from(run.min(24)).unwrap() * 4).div_ceil(hours);
            let mut now = 0;
            while now < 3 * days * DAY {
                now += step;
                let jobs = read.iter().map(|(number, at)| list(*number, *at)).collect();
                let due = lists_due(jobs, Some(at(now - step)), at(now), &sync);
                prop_assert!(due.len() <= share.max(1), "{} of {lists}", due.len());
                for job in due {
                    let number: usize = job.id.as_str().trim_start_matches("list").parse().unwrap();
                    let before = read.insert(number, now).unwrap();
                    prop_assert!(now - before > days * DAY / 8, "after {} h", (now - before) / HOUR);
                }
                if run <= 24 {
                    let oldest = now - read.values().min().unwrap();
                    prop_assert!(oldest <= days * DAY + step, "{} h of {} d", oldest / HOUR, days);
                }
            }
        }
    }
}

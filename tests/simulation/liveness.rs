//! When faults stop, the schedule alone makes the record equal to the account, soon and with few requests.
//! A person asks for nothing but what only a person can do.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use phonolog::clock::Clock;
use phonolog::domain::Trigger;
use phonolog::handle::SyncRequest;
use serde_json::Value;

use crate::check::{self, query};
use crate::edits::Edit;
use crate::life::World;
use crate::oracle;
use crate::story::{Life, Whose};
use crate::trace::Who::{Person, Story};

/// Longer than any hold, and than the day of which requests are counted.
pub const EVERY_HOLD_IS_OVER: Duration = Duration::from_hours(26);
/// A budget of at least this many requests a day does not delay a library of this size.
const AMPLE_BUDGET: u32 = 300;
/// The minutes between two runs, and what a run may take.
const TURN: u64 = 65;

/// What failed is tried again after so long at the latest.
const LONGEST_PAUSE: Duration = Duration::from_hours(6);

/// The same for the contents of a playlist that is listed and was not found.
const LONGEST_PAUSE_OF_CONTENTS: Duration = Duration::from_hours(24);

/// Scheduled runs after which the record equals the account.
const RUNS: u64 = 2;
/// The same where a small budget is spread over the day.
const RUNS_OF_A_DAY: u64 = 24;

/// Faults stop, and later the account changes once more: the schedule notices both.
pub fn the_schedule_alone_catches_up(world: &Arc<World>, edits: &[Edit]) {
    assert!(world.log_in(Whose::Owner), "nothing disturbs this login");
    world.clock.pass(EVERY_HOLD_IS_OVER);
    world.trace(Story, || "left to the schedule after the last fault".to_owned());
    if needs_a_full_resync(world) {
        // A list that was half read is whole first: what it read before it does not read again.
        world.live(&Life::Minutes(TURN * runs(world)));
        allow_what_is_braked(world);
        world.clock.pass(world.settings.full_interval);
        read_old_contents(world);
    }
    catch_up(world, runs(world));
    let before = world.simulator.truth();
    world.edit(edits);
    let is_hidden = hides_followed_artists(world, &before, &world.simulator.truth());
    world.trace(Story, || "left to the schedule after the last edit".to_owned());
    catch_up(world, if is_hidden { RUNS_OF_A_DAY } else { runs(world) });
}

/// Whether as many artists came as went, all of them behind the first page: the list is sorted by no time, so only a
/// reading of the whole list shows this, and that is done once a day.
fn hides_followed_artists(world: &World, before: &Value, now: &Value) -> bool {
    let page = world.settings.incremental_batch.min(world.settings.initial_batch) as usize;
    let [before, now] = [before, now].map(|truth| truth["artists"].as_array().expect("a list"));
    before.len() == now.len() && before != now && before.iter().take(page).eq(now.iter().take(page))
}

/// Another id in the place of an old one, or what an answer did not show as it was, is seen only by whoever looks at
/// that place, and that is done at the latest when the list is as old as `full_interval`.
fn needs_a_full_resync(world: &World) -> bool {
    let oracle = world.oracle.lock().unwrap();
    world.script.lock().unwrap().relinks || oracle.has_untrue_tracks() || oracle.has_untrue_contents()
}

/// After a long rest not all playlists are read again at once, but one in each run at least.
fn read_old_contents(world: &Arc<World>) {
    if world.oracle.lock().unwrap().has_untrue_contents() {
        let lists = world.simulator.truth()["playlists"].as_array().unwrap().len() as u64;
        world.live(&Life::Minutes(TURN * runs(world).max(lists)));
        world.clock.pass(EVERY_HOLD_IS_OVER);
    }
}

fn runs(world: &World) -> u64 {
    let runs = if world.gate.daily_budget < AMPLE_BUDGET { RUNS_OF_A_DAY } else { RUNS };
    runs + turns_until_what_failed_is_due(world)
}

/// What failed before the clock was set back may still wait, but for the longest pause at most. Of the oldest
/// databases nothing like that is known.
fn turns_until_what_failed_is_due(world: &World) -> u64 {
    let knows = "select 1 as one from pragma_table_info('playlists') where name = 'contents_retry_at'";
    if query(world, knows).is_empty() {
        return 0;
    }
    let waits = |sql, most: Duration| {
        let rows = query(world, sql);
        let dues = rows.iter().filter_map(|row| row["due"].as_str()).map(|due| due.parse().unwrap());
        dues.map(|due: DateTime<Utc>| (due - world.clock.now()).to_std().unwrap_or_default().min(most)).max()
    };
    let entities = waits("select next_due_at as due from sync_state where state = 'failed'", LONGEST_PAUSE);
    let contents = "select contents_retry_at as due from playlists where contents_state = 'failed'";
    let longest = entities.max(waits(contents, LONGEST_PAUSE_OF_CONTENTS));
    longest.unwrap_or_default().as_secs().div_ceil(60 * TURN)
}

fn catch_up(world: &Arc<World>, runs: u64) {
    let before = Spent::so_far(world);
    let minutes = TURN * runs;
    world.live(&Life::Minutes(minutes));
    let spent = Spent::so_far(world);
    let (requests, polls) = (spent.requests - before.requests, spent.polls - before.polls);
    check_polls(polls, minutes);
    let artists = check_artists(world, before.artists);
    let least = oracle::least_of(world, runs) + artists;
    let most = 2 * least + polls;
    assert!(
        requests <= most,
        "{requests} requests in {runs} runs, {polls} of them polls; {least} are the least ({artists} of them artists), \
         and twice as many the most"
    );
    allow_what_is_braked(world);
    check::equality(world);
}

/// What was sent since the beginning of the story, and how many artists were described.
struct Spent {
    requests: u64,
    polls: u64,
    artists: usize,
}

impl Spent {
    fn so_far(world: &World) -> Self {
        let oracle = world.oracle.lock().unwrap();
        Self {
            requests: world.simulator.requests().total,
            polls: oracle.polls(),
            artists: oracle.described_artists().len(),
        }
    }
}

/// Who is described is not asked for again for two months. Tells how many were described since then.
fn check_artists(world: &World, before: usize) -> u64 {
    let oracle = world.oracle.lock().unwrap();
    let mut seen = HashSet::new();
    for artist in &oracle.described_artists()[before..] {
        assert!(seen.insert(artist), "artist {artist} was asked for twice");
    }
    seen.len() as u64
}

/// A list that is braked waits for a person. More may be missing by now than what the person is shown: then the person
/// is asked once more, and no more, since the account stands still.
fn allow_what_is_braked(world: &Arc<World>) {
    for _ in 0..2 {
        if query(world, "select 1 as one from sync_state where state = 'braked'").is_empty() {
            return;
        }
        world.trace(Person, || "allows the removals that are braked".to_owned());
        let request =
            SyncRequest { entities: Vec::new(), full: false, allow_removals: true, trigger: Trigger::Cli };
        world.live(&Life::Once(request));
    }
}

/// A poll each half hour, twice as often after many plays, and some at the start.
fn check_polls(polls: u64, minutes: u64) {
    let halves = minutes / 30;
    assert!(polls >= halves, "{polls} polls in {minutes} minutes: too few");
    assert!(polls <= 2 * halves + 4, "{polls} polls in {minutes} minutes: too many");
}

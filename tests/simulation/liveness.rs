//! When faults stop, the schedule alone makes the record equal to the account, soon and with few requests.
//! A person asks for nothing but what only a person can do.

use std::sync::Arc;
use std::time::Duration;

use crate::check::{self, query};
use crate::edits::Edit;
use crate::life::World;
use crate::oracle;
use crate::story::Life;
use crate::trace::Who::Story;

/// Longer than any hold, and than the day of which requests are counted.
pub const EVERY_HOLD_IS_OVER: Duration = Duration::from_hours(26);
/// A budget of at least this many requests a day does not delay a library of this size.
const AMPLE_BUDGET: u32 = 300;
/// The minutes between two runs, and what a run may take.
const TURN: u64 = 65;

/// Scheduled runs after which the record equals the account.
const RUNS: u32 = 2;

/// The account changes once more, and the engine is left to its schedule.
pub fn the_schedule_alone_catches_up(world: &Arc<World>, edits: &[Edit]) {
    let needs_a_full_resync = {
        let script = world.script.lock().unwrap();
        script.relinks || script.has_null_slots
    };
    if needs_a_full_resync || world.gate.daily_budget < AMPLE_BUDGET {
        return;
    }
    world.trace(Story, || "left to the schedule".to_owned());
    world.keyring.log_in(&world.simulator, &world.clock);
    world.clock.pass(EVERY_HOLD_IS_OVER);
    world.edit(edits);
    let before = (world.simulator.requests().total, world.oracle.lock().unwrap().polls());
    let minutes = TURN * u64::from(RUNS);
    world.live(&Life::Minutes(minutes));
    let requests = world.simulator.requests().total - before.0;
    let polls = world.oracle.lock().unwrap().polls() - before.1;
    check_polls(polls, minutes);
    let most = 2 * u64::from(RUNS + 1) * oracle::pages_of_everything(world) + polls + 20;
    assert!(requests <= most, "{requests} requests in {RUNS} runs; {most} are the most");
    if query(world, "select 1 as one from sync_state where state = 'braked'").is_empty() {
        check::equality(world);
    } else {
        check::run_until_done(world, false);
    }
}

/// A poll each half hour, twice as often after many plays, and some at the start.
fn check_polls(polls: u64, minutes: u64) {
    let halves = minutes / 30;
    assert!(polls >= halves, "{polls} polls in {minutes} minutes: too few");
    assert!(polls <= 2 * halves + 4, "{polls} polls in {minutes} minutes: too many");
}

//! What must hold when all is calm.

use std::sync::Arc;
use std::time::Duration;

use phonolog::domain::{RunStatus, RunView, Trigger};
use phonolog::handle::SyncRequest;
use serde_json::Value;
use tokio::runtime::Builder;

use crate::life::{Ended, World};
use crate::oracle;
use crate::story::Life;
use crate::truth;

/// One run over everything.
fn run(world: &Arc<World>, allow_removals: bool, full: bool) -> RunView {
    let request = SyncRequest { entities: Vec::new(), full, allow_removals, trigger: Trigger::Cli };
    match world.live(&Life::Once(request)) {
        Ended::Run(run) => *run,
        other => panic!("a calm run ended {other:?}"),
    }
}

/// Runs until the account is mirrored, at most, once it stands still.
const CALM_RUNS: u32 = 40;

/// Runs come until one is done; holds are waited out, and a person does what only a person can.
pub fn run_until_done(world: &Arc<World>, full: bool) {
    let mut last = None;
    for _ in 0..CALM_RUNS {
        let run = run(world, last == Some(RunStatus::Braked), full);
        match run.status {
            RunStatus::Done => return,
            RunStatus::NeedsLogin => world.keyring.log_in(&world.simulator, &world.clock),
            RunStatus::Held => world.clock.pass(Duration::from_hours(6)),
            _ => world.clock.pass(Duration::from_mins(15)),
        }
        last = Some(run.status);
    }
    panic!("no run was done within {CALM_RUNS}, the last one ended {last:?}");
}

/// Everything that must hold, and whether a full resync shows it, too.
pub fn everything(world: &Arc<World>, looks_at_all: bool) {
    let is_for_a_closer_look = {
        let script = world.script.lock().unwrap();
        script.relinks || script.has_null_slots
    };
    if is_for_a_closer_look {
        // Another id in the place of an old one shows only to whoever looks at that place.
        run_until_done(world, true);
    }
    equality(world);
    only_what_went_is_called_removed(world);
    nothing_is_left_over(world);
    let journal = query(world, JOURNAL);
    for full in [false, true].into_iter().take(if looks_at_all { 2 } else { 1 }) {
        let before = world.simulator.requests().total;
        let again = run(world, false, full);
        if !full {
            oracle::assert_quiet_run_is_cheap(world, world.simulator.requests().total - before);
        }
        assert_eq!(
            query(world, JOURNAL),
            journal,
            "a quiet sync (full: {full}) wrote into the journal: {again:?}"
        );
        equality(world);
    }
    assert_eq!(world.simulator.requests().early, 0, "requests came before their Retry-After was over");
}

const JOURNAL: &str = "select id, entity_type, change, name, detail from v_library_changes order by id";

pub fn query(world: &World, sql: &'static str) -> Vec<Value> {
    world.read(async |database| database.query(sql).await)
}

pub fn equality(world: &World) {
    let truth = world.simulator.truth();
    world.read(async |database| truth::assert_library_equal(database, &truth).await);
}

/// Outside any engine's life.
pub fn outside<T>(future: impl Future<Output = T>) -> T {
    Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn only_what_went_is_called_removed(world: &World) {
    let script = world.script.lock().unwrap();
    for line in query(world, "select * from v_library_changes where change = 'removed'") {
        let (entity, uri) = (line["entity_type"].as_str().unwrap(), line["uri"].as_str().unwrap_or_default());
        let detail: Value = serde_json::from_str(line["detail"].as_str().unwrap()).unwrap();
        let went = match detail["playlist_id"].as_str() {
            // Who may not ask believes two readings that agree, and both may show the same old copy.
            None if script.is_bent && script.is_closed => continue,
            // A slot that two answers in a row could not show is no longer readable, and comes back.
            Some(_) if script.has_null_slots => continue,
            Some(list) => script.witness.saw_fewer(list, uri),
            None => script.witness.saw_go(entity, uri),
        };
        assert!(went, "it never left the account: {line}\n{:#?}", query(world, JOURNAL));
    }
}

/// Whether no list is half read.
pub fn nothing_is_under_way(world: &World) -> bool {
    query(world, "select 1 as one from sync_state where cursor is not null").is_empty()
}

/// A crash leaves a checkpoint that has passed as many rows as are staged, in a list that stood still: later
/// runs would heal a page that was lost, and nobody would know.
pub fn checkpoints_fit_their_rows(world: &World) {
    let under_way = query(
        world,
        "select entity_type, cursor -> 'walk' as walk,
                (select count(*) from staged s where s.entity_type = t.entity_type) as rows
         from sync_state t where cursor -> 'walk' is not null",
    );
    for state in under_way {
        let walk: Value = serde_json::from_str(state["walk"].as_str().unwrap()).unwrap();
        let is_bent = world.script.lock().unwrap().is_bent;
        let stood_still =
            !is_bent && walk["top_ord"] == 0 && walk["restarts"] == 0 && walk["is_doubtful"] == false;
        if stood_still {
            assert_eq!(state["rows"], walk["next_ord"], "rows staged of {}: {walk}", state["entity_type"]);
        }
    }
}

fn nothing_is_left_over(world: &World) {
    let left = query(
        world,
        "select (select count(*) from staged) as staged, (select count(*) from staged_items) as items,
                (select count(*) from sync_runs where status = 'running') as running,
                (select count(*) from sync_state where cursor is not null and entity_type <> 'details') as cursors,
                (select count(*) from sync_runs where error like '%a fault in phonolog%') as faults",
    );
    for (what, count) in left[0].as_object().unwrap() {
        assert_eq!(count, 0, "{what}");
    }
}

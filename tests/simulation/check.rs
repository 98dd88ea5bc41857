//! What must hold when all is calm.

use std::sync::Arc;

use phonolog::domain::{RunStatus, RunView, Trigger};
use phonolog::handle::SyncRequest;
use serde_json::Value;
use tokio::runtime::Builder;

use crate::life::{Ended, World};
use crate::liveness::EVERY_HOLD_IS_OVER;
use crate::oracle;
use crate::story::Life;
use crate::truth;

/// Runs that a quota which is smaller than the library may hold up, one after the other.
const HOLDS: u32 = 10;

/// One run over everything, and others for what Spotify refused it for a day.
fn run(world: &Arc<World>, allow_removals: bool, full: bool) -> RunView {
    let request = SyncRequest { entities: Vec::new(), full, allow_removals, trigger: Trigger::Cli };
    let mut holds = 0;
    loop {
        let run = match world.live(&Life::Once(request.clone())) {
            Ended::Run(run) => *run,
            other => panic!("a calm run ended {other:?}"),
        };
        if run.status != RunStatus::Held || !world.refused_within(EVERY_HOLD_IS_OVER) {
            return run;
        }
        holds += 1;
        assert!(holds <= HOLDS, "the quota held {holds} runs in a row: {run:?}");
        world.clock.pass(EVERY_HOLD_IS_OVER);
    }
}

/// Everything that must hold, and whether a full resync shows it, too.
pub fn everything(world: &Arc<World>, looks_at_all: bool) {
    equality(world);
    only_what_went_is_called_removed(world, &query(world, REMOVALS), &query(world, JOURNAL));
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
    nothing_is_left_over(world);
    assert_eq!(world.early_requests(), 0, "requests came before their Retry-After was over");
}

pub const JOURNAL: &str = "select id, entity_type, change, name, detail from v_library_changes order by id";

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

/// Lines of the journal that call something removed.
pub const REMOVALS: &str = "select * from v_library_changes where change = 'removed'";

/// Whether everything that the journal calls removed was gone at some time.
pub fn only_what_went_is_called_removed(world: &World, removals: &[Value], journal: &[Value]) {
    let (script, oracle) = (world.script.lock().unwrap(), world.oracle.lock().unwrap());
    for line in removals {
        let (entity, uri) = (line["entity_type"].as_str().unwrap(), line["uri"].as_str().unwrap_or_default());
        let detail: Value = serde_json::from_str(line["detail"].as_str().unwrap()).unwrap();
        let went = match detail["playlist_id"].as_str() {
            list if oracle.may_be_called_removed(entity, uri, list) => continue,
            Some(list) => script.witness.saw_fewer(list, uri),
            None => script.witness.saw_go(entity, uri),
        };
        assert!(went, "it never left the account: {line}\n{journal:#?}");
    }
}

/// Whether no list is half read. The oldest databases know of no lists.
pub fn nothing_is_under_way(world: &World) -> bool {
    !has_tables(world) || query(world, "select 1 as one from sync_state where cursor is not null").is_empty()
}

/// Whether the database has tables: an engine may have died while it made them.
pub fn has_tables(world: &World) -> bool {
    !query(world, "select 1 as one from sqlite_master where name = 'sync_state'").is_empty()
}

/// The lists that are being read.
pub const CHECKPOINTS: &str = "select entity_type, cursor -> 'walk' as walk,
        (select count(*) from staged s where s.entity_type = t.entity_type) as rows
 from sync_state t where cursor -> 'walk' is not null";

/// A checkpoint has passed as many rows as are staged, in a list that stood still: later runs would heal a page
/// that was lost, and nobody would know.
pub fn checkpoints_fit_their_rows(world: &World, under_way: Vec<Value>) {
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
                (select count(*) from sync_runs where error like '%a fault in phonolog%') as faults,
                (select count(*) from sync_runs where error like '%report this bug%') as bugs",
    );
    for (what, count) in left[0].as_object().unwrap() {
        assert_eq!(count, 0, "{what}");
    }
}

//! What happens at a request of a life: to the account, to the machine, and what other processes and screens do.

use std::sync::Arc;

use phonolog::domain::Trigger;
use phonolog::handle::{EngineCommand, SyncRequest};
use phonolog::store::{DatabaseLock, LockError, LockPurpose};

use crate::album;
use crate::database::Reader;
use crate::export;
use crate::life::World;
use crate::liveness::EVERY_HOLD_IS_OVER;
use crate::play;
use crate::story::{Death, Incident, Whose, Wish};
use crate::trace::Who::{Machine, Other, Person};

/// Does it; whether the engine dies of it, and when.
pub async fn happens(world: &Arc<World>, incident: Incident) -> Option<Death> {
    match incident {
        Incident::Die(death) => return Some(death),
        Incident::Edit(edits) => world.edit(&edits),
        Incident::SetClock(seconds) => set_clock(world, seconds),
        Incident::Suspend(seconds) => {
            world.trace(Machine, || format!("it is suspended for {seconds} s"));
            world.clock.suspend(seconds);
        }
        Incident::Tokens(tokens) => play::change_tokens(world, tokens),
        Incident::Wish(wish) => send(world, wish),
        Incident::Screens(count) => world.show_screens(count),
        Incident::OtherProcesses => others_are_refused(world),
        Incident::Login(whose) => log_in(world, whose).await,
        // On a full disk an import ends with an error, and this one must succeed.
        Incident::Import(_) if world.disk.may_fail() => {}
        Incident::Import(rows) => {
            let _busy = world.busy();
            export::import(world, rows).await;
        }
        Incident::Disk(trouble) => {
            world.trace(Machine, || format!("its disk begins to fail: {trouble:?}"));
            world.disk.begins_to_fail(trouble);
            world.oracle.lock().unwrap().last_answer_may_be_lost();
        }
    }
    None
}

/// Set forward, a clock looks like a machine that slept, and a hold ends with the sleep: Spotify may then be asked
/// early. So it is set forward only where no hold can be.
fn set_clock(world: &World, seconds: i64) {
    let may_be_held = world.refused_within(EVERY_HOLD_IS_OVER);
    if seconds > 0 && may_be_held {
        return;
    }
    world.trace(Machine, || format!("its clock is set by {seconds} s"));
    album::step_clock(world, seconds);
}

/// Somebody wants something of the engine, and does not wait for it.
fn send(world: &World, wish: Wish) {
    let Some(handle) = world.handle() else { return };
    world.trace(Person, || format!("asks the engine: {wish:?}"));
    let command = match wish {
        Wish::Sync(entities) => EngineCommand::Sync(SyncRequest {
            entities,
            full: false,
            allow_removals: false,
            trigger: Trigger::Key,
        }),
        Wish::Cancel => EngineCommand::Cancel,
        Wish::Pause => EngineCommand::Pause,
        Wish::Resume => EngineCommand::Resume,
    };
    tokio::spawn(async move { handle.send(command).await });
}

/// A second engine and a restore must not begin beside an engine, and an import and a login may.
fn others_are_refused(world: &World) {
    world.trace(Other, || "a second engine, a restore, an import and a login want the database".to_owned());
    let database = world.database();
    for purpose in [LockPurpose::Engine, LockPurpose::Restore] {
        let lock = DatabaseLock::acquire(&database, purpose);
        assert!(matches!(lock, Err(LockError::Held(_))), "{purpose:?} began beside an engine");
    }
    for purpose in [LockPurpose::Import, LockPurpose::Login] {
        let lock = DatabaseLock::acquire(&database, purpose);
        assert!(lock.is_ok(), "{purpose:?} was kept out by an engine: {lock:?}");
    }
}

/// A record that nobody owns yet is given to whoever logs in first, so nobody else does before it is owned.
async fn log_in(world: &Arc<World>, whose: Whose) {
    if whose == Whose::Stranger && !is_owned(world).await {
        return;
    }
    let is_stored = world.log_in(whose);
    world.trace(Other, || format!("`phonolog login` of {whose:?}, which is stored: {is_stored}"));
}

async fn is_owned(world: &World) -> bool {
    let _busy = world.busy();
    let mut reader = Reader::open(&world.database()).await;
    let owners = reader.query("select 1 as one from accounts where user_id <> 'local'").await;
    reader.close().await;
    !owners.is_empty()
}

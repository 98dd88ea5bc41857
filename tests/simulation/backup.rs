//! Backups between lives, and what is known no more when one takes the database's place.

use std::path::PathBuf;

use phonolog::store::{self, DatabaseLock, LockPurpose, StoreError, swap_in};

use crate::check::outside;
use crate::life::World;
use crate::liveness::EVERY_HOLD_IS_OVER;
use crate::oracle::KnownThen;
use crate::story::Whose;
use crate::trace::Who::Person;

/// What was known when the backup was written.
pub struct Backup {
    known: KnownThen,
    pictures: usize,
}

fn file(world: &World) -> PathBuf {
    world.dir.path().join("backup.db")
}

pub fn write(world: &World) {
    world.trace(Person, || "backs the database up".to_owned());
    match outside(store::copy(&world.database(), &file(world))) {
        // Nothing was ever stored.
        Err(StoreError::EmptyDatabase { .. }) => return,
        copied => copied.unwrap(),
    }
    let known = world.oracle.lock().unwrap().known_now();
    let pictures = world.album.lock().unwrap().taken();
    *world.backup.lock().unwrap() = Some(Backup { known, pictures });
}

/// Holds that came after the backup are known to nobody, so they are over before.
pub fn restore(world: &World) {
    let Some(backup) = world.backup.lock().unwrap().take() else { return };
    world.trace(Person, || "restores the backup".to_owned());
    world.stop_reading();
    outside(async {
        let lock = DatabaseLock::acquire(&world.database(), LockPurpose::Restore).unwrap();
        swap_in(&file(world), &world.database(), "earlier").await.unwrap();
        drop(lock);
    });
    world.oracle.lock().unwrap().go_back_to(backup.known);
    world.album.lock().unwrap().go_back_to(backup.pictures);
    world.clock.pass(EVERY_HOLD_IS_OVER);
    if world.keyring.holds_a_strangers() {
        // It may be a record that nobody owned yet: whoever is logged in would own it.
        world.simulator.set_faults(Vec::new());
        assert!(world.log_in(Whose::Owner), "nothing disturbs this login");
    }
}

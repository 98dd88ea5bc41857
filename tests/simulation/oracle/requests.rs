//! An account that did not change costs few requests. Too many are a failure, too.

use serde_json::Value;

use crate::life::World;

use super::holds;

/// Requests that any sync may send: whose account it is, the plays, one that asks whether other people's
/// lists are shown, and one after a hold.
const FIXED: u64 = 4;

/// Holds a run over an unchanged account against the least that it can cost.
pub fn assert_quiet_run_is_cheap(world: &World, requests: u64) {
    let truth = world.simulator.truth();
    let pages = |list| pages(world, &truth, list);
    let least = FIXED + 1 + pages("albums") + pages("artists") + pages("playlists");
    // Lists that are due for their age are read again: all of them in the worst case.
    let aged = pages("tracks") + contents_pages(world, &truth);
    let most = 2 * least + aged;
    holds(requests <= most, || {
        format!("a quiet run sent {requests} requests; {least} are the least, {most} the most")
    });
}

/// The least that so many runs cost where everything has to be read once: the first reads it, and the others find
/// nothing new.
pub fn least_of(world: &World, runs: u64) -> u64 {
    let truth = world.simulator.truth();
    let quiet = 1
        + pages(world, &truth, "albums")
        + pages(world, &truth, "artists")
        + pages(world, &truth, "playlists");
    pages_of_everything(world) + (runs - 1) * quiet + runs * FIXED
}

/// Pages of all lists and contents, each read once.
pub fn pages_of_everything(world: &World) -> u64 {
    let truth = world.simulator.truth();
    let lists = ["tracks", "albums", "artists", "playlists"].map(|list| pages(world, &truth, list));
    lists.iter().sum::<u64>() + contents_pages(world, &truth)
}

fn pages(world: &World, truth: &Value, list: &str) -> u64 {
    let rows = truth[list].as_array().map_or(0, Vec::len) as u64;
    rows.div_ceil(u64::from(world.settings.initial_batch)).max(1)
}

fn contents_pages(world: &World, truth: &Value) -> u64 {
    let lists = truth["playlists"].as_array().unwrap().iter();
    let pages = lists.map(|list| {
        let rows = list["items"].as_array().map_or(0, Vec::len) as u64;
        rows.div_ceil(u64::from(world.settings.initial_batch)).max(1)
    });
    pages.sum()
}

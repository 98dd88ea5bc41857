//! The program as people and scripts meet it: the real binary, the simulator over real HTTP, a real
//! database that is read only through `SQLite`'s own code.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this is test, helpers included; clippy sees only the functions marked so"
)]

mod alerts;
mod attaching;
mod bad_input;
mod browser;
mod browsing;
mod budget;
mod clocks;
mod commands;
mod contents;
mod daemon;
#[path = "../shared/database.rs"]
mod database;
mod details;
mod endings;
mod export;
mod failing;
mod files;
mod first_run;
mod following;
mod formats;
mod full_interval;
mod history;
mod holds;
mod imports;
mod keys;
mod kills;
mod listening;
mod lists;
mod logins;
mod oddities;
mod outputs;
mod pictures;
mod plan;
mod plays;
mod screen;
mod secrets;
#[path = "../shared/truth.rs"]
mod shared_truth;
mod stats;
mod storms;
mod support;
mod terminal;
mod told_twice;
mod truth;
mod upkeep;
mod watchdog;

//! The simulator over real HTTP: its answers against Spotify's own schema, and every control that tests in
//! other languages drive.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this is test, helpers included; clippy sees only the functions marked so"
)]

#[path = "simulator/bends.rs"]
mod bends;
#[path = "simulator/conformance.rs"]
mod conformance;
#[path = "simulator/controls.rs"]
mod controls;
#[path = "simulator/docs.rs"]
mod docs;
#[path = "simulator/edits.rs"]
mod edits;
#[path = "simulator/failures.rs"]
mod failures;
#[path = "simulator/library.rs"]
mod library;
#[path = "simulator/login.rs"]
mod login;
#[path = "simulator/paging.rs"]
mod paging;
#[path = "simulator/schema.rs"]
mod schema;
#[path = "simulator/shown.rs"]
mod shown;
#[path = "simulator/support.rs"]
mod support;

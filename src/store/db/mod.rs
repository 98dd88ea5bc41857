//! The `SQLite` file: connections, schema upgrades, locks, copies, errors.
//!
//! Owns: what another database would do differently. Must not know: any table of the record.

pub(super) mod backup;
pub(super) mod error;
pub(super) mod lock;
pub(super) mod migrate;
pub(super) mod open;
pub(super) mod sqlite;

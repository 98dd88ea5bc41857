//! The `SQLite` file: connections, schema upgrades, locks, copies, errors.
//!
//! Owns: the parts that would differ for another database. Must not know: any table.

pub(super) mod backup;
pub(super) mod error;
pub(super) mod lock;
pub(super) mod migrate;
pub(super) mod open;
pub(super) mod sqlite;

//! Commands that read or change the database.

pub(in crate::app) mod backup;
pub(in crate::app) mod changes;
pub(in crate::app) mod export;
pub(in crate::app) mod forget;
pub(in crate::app) mod import;
pub(in crate::app) mod imports;
pub(in crate::app) mod report;
pub(in crate::app) mod search;
pub(in crate::app) mod stats;

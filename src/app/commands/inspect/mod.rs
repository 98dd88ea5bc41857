//! Commands that only read.

pub(in crate::app) mod config;
pub(in crate::app) mod doctor;
pub(in crate::app) mod logs;
pub(in crate::app) mod manuals;
pub(in crate::app) mod runs;
pub(in crate::app) mod status;

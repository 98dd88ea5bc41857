//! Commands that start an engine or talk to one.

pub(in crate::app) mod control;
pub(in crate::app) mod daemon;
pub(in crate::app) mod dashboard;
pub(in crate::app) mod demo;
pub(in crate::app) mod plan;
mod progress;
pub(in crate::app) mod simulate;
pub(in crate::app) mod sync;

//! The parts of a phonolog process: engine host, connection to a running engine, token file,
//! logging, signals.
//!
//! Owns: how the parts are connected and closed. Must not know: what a command prints.

pub(super) mod alert_delivery;
pub(super) mod api_backend;
pub(super) mod connect;
pub(super) mod engine_host;
pub(super) mod engine_proxy;
pub(super) mod file_guard;
pub(super) mod logging;
pub(super) mod migration;
pub(super) mod own_files;
pub(super) mod query_service;
pub(super) mod signals;
pub(super) mod token_file;
pub(super) mod web_browser;

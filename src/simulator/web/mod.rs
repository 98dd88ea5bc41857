//! The HTTP server: the Web API, the accounts service, the controls.

pub(super) mod accounts_service;
pub(super) mod answer;
pub(super) mod bend;
pub(super) mod control_api;
pub(super) mod etag;
pub(super) mod fault_response;
pub(super) mod gzip;
pub(super) mod limits;
pub(super) mod query;
pub(super) mod render;
pub(super) mod request_log;
pub(super) mod routes;
pub(super) mod server;
pub(super) mod tokens;
pub(super) mod truth;

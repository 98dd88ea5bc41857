//! The request counters behind `GET /sim/requests`.

use std::collections::BTreeMap;

use serde::Serialize;

/// Requests under `/v1` and to `/api/token`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Requests {
    /// All requests.
    pub total: u64,
    /// Requests that were answered with 429.
    pub rejected: u64,
    /// Requests that came before the end of a Retry-After.
    pub early: u64,
    /// By path, with ids written as `{id}`.
    pub by_endpoint: BTreeMap<String, u64>,
}

impl Requests {
    pub(in crate::simulator) fn count(&mut self, endpoint: &str, is_early: bool) {
        self.total += 1;
        self.early += u64::from(is_early);
        *self.by_endpoint.entry(endpoint.to_owned()).or_default() += 1;
    }
}

//! `ETag`s that do not reflect what changed.

use axum::http::header::{ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

use crate::simulator::failures::fault_kind::FaultKind;
use crate::simulator::failures::strikes::Bend;

const STUCK: &str = "\"stuck\"";

/// Whether a client that sends back the constant tag gets the answer that nothing has changed.
pub(in crate::simulator) fn is_called_unchanged(bends: &[Bend], headers: &HeaderMap) -> bool {
    let sends_it = headers.get(IF_NONE_MATCH).is_some_and(|tag| tag.as_bytes() == STUCK.as_bytes());
    sends_it && bends.iter().any(|bend| bend.fault.kind == FaultKind::StuckEtag)
}

/// The tag of an answer, if it has one.
pub(in crate::simulator) fn of(bends: &[Bend], request: u64) -> Option<String> {
    bends.iter().find_map(|bend| match bend.fault.kind {
        FaultKind::StuckEtag => Some(STUCK.to_owned()),
        FaultKind::RestlessEtag => Some(format!("\"{request:016x}\"")),
        _ => None,
    })
}

pub(in crate::simulator) fn tagged(mut response: Response, tag: Option<String>) -> Response {
    if let Some(tag) = tag.and_then(|tag| HeaderValue::from_str(&tag).ok()) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

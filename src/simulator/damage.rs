//! What a fault does to an answer.
//!
//! Owns: broken bodies, refusals on demand, emptied pages and missing fields. Must not know: which request is hit.

use std::collections::HashMap;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use futures_util::{StreamExt, stream};
use rand::RngExt;
use serde_json::{Value, json};

use super::answer::{
    Refusal, Reply, add_retry_after, json_response, reply_response, text_response, usual_message,
};
use super::chance::Stream;
use super::faults::{Fault, FaultKind, RetryAfter};

/// The names under which a page's items and pages themselves are found.
const PAGES: [&str; 3] = ["artists", "items", "tracks"];

/// The answer of a request that a fault has hit. `reply` is what it would have got.
pub(super) fn damaged(fault: &Fault, reply: Reply, mut rng: Stream) -> Response {
    match (fault.kind, reply) {
        (FaultKind::Truncate, reply) => truncated(&reply),
        (FaultKind::EmptyPage, Reply::Json(mut body)) => {
            for_each_page(&mut body, &mut empty);
            json_response(200, &body)
        }
        (FaultKind::NullRow, Reply::Json(mut body)) => {
            for_each_page(&mut body, &mut |page| {
                one_row(page, &mut rng, |rows, at| rows.insert(at, Value::Null));
            });
            json_response(200, &body)
        }
        (FaultKind::MissingRow, Reply::Json(mut body)) => {
            for_each_page(&mut body, &mut |page| one_row(page, &mut rng, |_, _| ()));
            json_response(200, &body)
        }
        (FaultKind::Without, Reply::Json(mut body)) => {
            drop_fields(&mut body, &fault.fields);
            json_response(200, &body)
        }
        (FaultKind::Body, _) => json_response(200, fault.body.as_ref().unwrap_or(&Value::Null)),
        (_, reply) => reply_response(&reply),
    }
}

/// An answer with what is told wrong of its playlists.
pub(super) fn edited(
    edits: &[Fault],
    reply: Reply,
    lagging: &mut HashMap<String, Value>,
    mut rng: Stream,
) -> Reply {
    let Reply::Json(mut body) = reply else { return reply };
    let nobody = json!({ "display_name": null, "external_urls": { "spotify": null }, "href": null,
                         "id": null, "type": "user", "uri": null });
    for fault in edits {
        let version = format!("restless{:024x}", rng.random::<u64>());
        for_each_playlist(&mut body, fault, &mut |list| match fault.kind {
            FaultKind::NullOwner => set(list, "owner", nobody.clone()),
            FaultKind::RestlessSnapshot => set(list, "snapshot_id", json!(version)),
            FaultKind::LaggingSnapshot => {
                let id = list.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
                let now = list.get("snapshot_id").cloned().unwrap_or_default();
                let then = lagging.entry(id).or_insert(now).clone();
                set(list, "snapshot_id", then);
            }
            _ => {
                for name in ["items", "tracks"] {
                    if let Some(contents) = list.get_mut(name) {
                        set(contents, "total", json!(fault.total));
                    }
                }
            }
        });
    }
    Reply::Json(body)
}

/// The answer of a fault that does not ask what the answer would have been.
pub(super) fn instead(fault: &Fault, is_auth: bool) -> Option<Response> {
    match fault.kind {
        FaultKind::Reset => Some(reset()),
        FaultKind::Status => Some(if is_auth { auth_refusal(fault) } else { refusal(fault).to_response() }),
        FaultKind::PlainText | FaultKind::BadPlace => Some(plain_text(fault)),
        FaultKind::Truncate
        | FaultKind::Delay
        | FaultKind::EmptyPage
        | FaultKind::NullRow
        | FaultKind::MissingRow
        | FaultKind::Without
        | FaultKind::Body
        | FaultKind::NullOwner
        | FaultKind::LaggingCount
        | FaultKind::RestlessSnapshot
        | FaultKind::LaggingSnapshot
        | FaultKind::TotalOffset
        | FaultKind::HiddenRow
        | FaultKind::Stale
        | FaultKind::CursorLoop
        | FaultKind::LargestPage => None,
    }
}

fn refusal(fault: &Fault) -> Refusal {
    let status = fault.status();
    Refusal {
        status,
        message: usual_message(status, fault.reason.as_deref()).to_owned(),
        reason: fault.reason.clone(),
        retry_after: fault.retry_after.as_ref().map(RetryAfter::text),
    }
}

/// The token endpoint's form of an error.
fn auth_refusal(fault: &Fault) -> Response {
    let status = fault.status();
    let error =
        fault.reason.as_deref().unwrap_or(if status < 500 { "invalid_request" } else { "server_error" });
    let body = json!({ "error": error, "error_description": usual_message(status, None) });
    let mut response = json_response(status, &body);
    add_retry_after(&mut response, fault.retry_after.as_ref().map(RetryAfter::text).as_deref());
    response
}

/// Texts that Spotify's edges were seen to send instead of JSON.
fn plain_text(fault: &Fault) -> Response {
    let text = match fault.status() {
        403 => "Active premium subscription required for the owner of the app.",
        429 => "Too many requests",
        status => usual_message(status, None),
    };
    let mut response = text_response(fault.status(), text);
    add_retry_after(&mut response, fault.retry_after.as_ref().map(RetryAfter::text).as_deref());
    response
}

/// A connection that closes without an answer: the body fails before the head was sent.
fn reset() -> Response {
    Response::new(Body::from_stream(stream::once(async { Err::<Bytes, _>(std::io::Error::other("reset")) })))
}

/// The first half of a body under a head that promises the whole.
pub(super) fn truncated(reply: &Reply) -> Response {
    let Reply::Json(body) = reply else {
        return reply_response(reply);
    };
    let whole = body.to_string().into_bytes();
    let length = whole.len();
    let mut half = Bytes::from(whole);
    half.truncate(length / 2);
    let end = stream::once(async {
        // One turn of the event loop, in which the half goes out.
        tokio::task::yield_now().await;
        Err(std::io::Error::other("cut"))
    });
    let mut response = Response::new(Body::from_stream(stream::iter([Ok(half)]).chain(end)));
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    response
}

/// Does something to every page object of an answer: the answer itself, or one it wraps.
fn for_each_page(body: &mut Value, change: &mut dyn FnMut(&mut Value)) {
    if body.get("items").is_some_and(Value::is_array) {
        return change(body);
    }
    for name in PAGES {
        if let Some(page) = body.get_mut(name).filter(|page| page.get("items").is_some_and(Value::is_array)) {
            change(page);
        }
    }
}

/// Does something to every playlist of an answer that the fault means: the answer itself, or those on its page.
fn for_each_playlist(body: &mut Value, fault: &Fault, change: &mut dyn FnMut(&mut Value)) {
    let is_meant = |list: &Value| {
        let is_its = fault.id.as_deref().is_none_or(|id| list.get("id").and_then(Value::as_str) == Some(id));
        is_its && list.get("snapshot_id").is_some()
    };
    if is_meant(body) {
        return change(body);
    }
    let rows = body.get_mut("items").and_then(Value::as_array_mut);
    rows.into_iter().flatten().filter(|list| is_meant(list)).for_each(change);
}

fn empty(page: &mut Value) {
    set(page, "items", json!([]));
    set(page, "next", Value::Null);
    if page.get("total").is_some() {
        set(page, "total", json!(0));
    }
    if page.get("cursors").is_some() {
        set(page, "cursors", Value::Null);
    }
}

/// Takes one row out of a page and lets something be done with its place.
fn one_row(page: &mut Value, rng: &mut Stream, put: impl FnOnce(&mut Vec<Value>, usize)) {
    let Some(rows) = page.get_mut("items").and_then(Value::as_array_mut).filter(|rows| !rows.is_empty())
    else {
        return;
    };
    let at = rng.random_range(0..rows.len());
    rows.remove(at);
    put(rows, at);
}

fn drop_fields(value: &mut Value, names: &[String]) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !names.contains(name));
            fields.values_mut().for_each(|value| drop_fields(value, names));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| drop_fields(value, names)),
        _ => {}
    }
}

fn set(page: &mut Value, name: &str, value: Value) {
    if let Some(fields) = page.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}

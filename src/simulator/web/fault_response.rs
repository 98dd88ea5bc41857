//! The effect of a fault on an answer.
//!
//! Owns: damaged bodies, refusals on demand, emptied pages and missing fields. Must not know: which
//! request is hit.

use std::collections::HashMap;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, DATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use futures_util::{StreamExt, stream};
use rand::RngExt;
use serde_json::{Value, json};

use super::answer::{
    ErrorReply, Reply, add_retry_after, json_response, reply_response, text_response, usual_message,
};
use super::gzip;
use crate::simulator::failures::fault_kind::FaultKind;
use crate::simulator::failures::faults::Fault;
use crate::simulator::failures::retry_after::http_date;
use crate::simulator::rng::Stream;
use crate::simulator::time::Millis;

/// The names of a page's items, and of pages themselves.
const PAGES: [&str; 3] = ["artists", "items", "tracks"];

/// The answer to a request that a fault has hit. `reply` is the answer without the fault.
pub(in crate::simulator) fn damaged(fault: &Fault, reply: Reply, mut rng: Stream) -> Response {
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
        (FaultKind::RepeatedRow, Reply::Json(mut body)) => {
            for_each_page(&mut body, &mut |page| one_row(page, &mut rng, repeat_a_neighbour));
            json_response(200, &body)
        }
        (FaultKind::Without, Reply::Json(mut body)) => {
            drop_fields(&mut body, &fault.fields);
            json_response(200, &body)
        }
        (FaultKind::ChangedFields, Reply::Json(mut body)) => {
            change_fields(&mut body, fault, fault.uris.is_empty());
            json_response(200, &body)
        }
        (FaultKind::CutGzip, Reply::Json(body)) => gzip::cut(&body),
        (FaultKind::FalseGzip, Reply::Json(body)) => gzip::false_gzip(&body),
        (FaultKind::Body, _) => json_response(200, fault.body.as_ref().unwrap_or(&Value::Null)),
        (_, reply) => reply_response(&reply),
    }
}

/// An answer with wrong data about its playlists.
pub(in crate::simulator) fn edited(
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

/// The answer of a fault that does not depend on the normal answer.
pub(in crate::simulator) fn instead(fault: &Fault, is_auth: bool, now: Millis) -> Option<Response> {
    match fault.kind {
        FaultKind::Reset => Some(reset()),
        FaultKind::Status => {
            let response = if is_auth { auth_refusal(fault) } else { refusal(fault).to_response() };
            Some(with_retry_after(response, fault, now))
        }
        FaultKind::PlainText | FaultKind::BadPlace => Some(with_retry_after(plain_text(fault), fault, now)),
        FaultKind::NotModified => Some(not_modified()),
        _ => None,
    }
}

/// 304: the requested data are unchanged.
pub(in crate::simulator) fn not_modified() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    response
}

fn refusal(fault: &Fault) -> ErrorReply {
    let status = fault.status();
    let usual = usual_message(status, fault.reason.as_deref());
    ErrorReply {
        status,
        message: fault.message.as_deref().unwrap_or(usual).to_owned(),
        reason: fault.reason.clone(),
        retry_after: None,
    }
}

/// The token endpoint's error format.
fn auth_refusal(fault: &Fault) -> Response {
    let status = fault.status();
    let error =
        fault.reason.as_deref().unwrap_or(if status < 500 { "invalid_request" } else { "server_error" });
    let description = fault.message.as_deref().unwrap_or(usual_message(status, None));
    json_response(status, &json!({ "error": error, "error_description": description }))
}

/// Texts that Spotify's edge servers were observed to send instead of JSON.
fn plain_text(fault: &Fault) -> Response {
    let text = match fault.status() {
        403 => "Active premium subscription required for the owner of the app.",
        429 => "Too many requests",
        status => usual_message(status, None),
    };
    text_response(fault.status(), text)
}

fn with_retry_after(mut response: Response, fault: &Fault, now: Millis) -> Response {
    let Some(retry_after) = &fault.retry_after else { return response };
    add_retry_after(&mut response, Some(&retry_after.text(now)));
    if retry_after.is_date()
        && let Ok(date) = HeaderValue::from_str(&http_date(now))
    {
        response.headers_mut().insert(DATE, date);
    }
    response
}

/// A connection that closes without an answer: the body fails before the head was sent.
fn reset() -> Response {
    Response::new(Body::from_stream(stream::once(async { Err::<Bytes, _>(std::io::Error::other("reset")) })))
}

/// The first half of a body after a header with the full length.
pub(in crate::simulator) fn truncated(reply: &Reply) -> Response {
    let Reply::Json(body) = reply else {
        return reply_response(reply);
    };
    let whole = body.to_string().into_bytes();
    let length = whole.len();
    let mut half = Bytes::from(whole);
    half.truncate(length / 2);
    let end = stream::once(async {
        // One turn of the event loop, in which the half is sent.
        tokio::task::yield_now().await;
        Err(std::io::Error::other("cut"))
    });
    let mut response = Response::new(Body::from_stream(stream::iter([Ok(half)]).chain(end)));
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    response
}

/// Applies a change to every page object of an answer: the answer itself, or one inside it.
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

/// Applies a change to every playlist of an answer that the fault affects: the answer itself, or
/// those on its page.
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

/// Removes one row from a page and passes its place to `put`.
fn one_row(page: &mut Value, rng: &mut Stream, put: impl FnOnce(&mut Vec<Value>, usize)) {
    let Some(rows) = page.get_mut("items").and_then(Value::as_array_mut).filter(|rows| !rows.is_empty())
    else {
        return;
    };
    let at = rng.random_range(0..rows.len());
    rows.remove(at);
    put(rows, at);
}

fn repeat_a_neighbour(rows: &mut Vec<Value>, at: usize) {
    if let Some(neighbour) = rows.get(at.saturating_sub(1)).cloned() {
        rows.insert(at, neighbour);
    }
}

/// Changes the fields of an object that the fault affects, at any depth, to their other value.
fn change_fields(value: &mut Value, fault: &Fault, is_meant: bool) {
    match value {
        Value::Object(fields) => {
            let uri = fields.get("uri").and_then(Value::as_str);
            let is_meant = is_meant || uri.is_some_and(|uri| fault.uris.iter().any(|meant| meant == uri));
            for (name, value) in fields.iter_mut() {
                if is_meant && fault.fields.contains(name) {
                    *value = fault.body.clone().unwrap_or_default();
                } else {
                    change_fields(value, fault, is_meant);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| change_fields(value, fault, is_meant)),
        _ => {}
    }
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

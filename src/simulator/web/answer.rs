//! The answer of an endpoint: a body, nothing, or a refusal in Spotify's words.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

/// The answer to a successful request.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::simulator) enum Reply {
    Json(Value),
    /// 204, for example if nothing is playing.
    Nothing,
}

/// The answer to a refused request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::simulator) struct ErrorReply {
    pub(in crate::simulator) status: u16,
    pub(in crate::simulator) message: String,
    pub(in crate::simulator) reason: Option<String>,
    /// The header's text, as it is sent.
    pub(in crate::simulator) retry_after: Option<String>,
}

pub(in crate::simulator) type Answer = Result<Reply, ErrorReply>;

impl ErrorReply {
    pub(in crate::simulator) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), reason: None, retry_after: None }
    }

    pub(in crate::simulator) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    pub(in crate::simulator) fn not_found() -> Self {
        Self::new(404, "Resource not found")
    }

    /// The answer for a development-mode app at removed endpoints and for other people's contents.
    pub(in crate::simulator) fn forbidden() -> Self {
        Self::new(403, "Forbidden")
    }

    /// The Web API's error body: `{"error":{"status","message"[,"reason"]}}`.
    pub(in crate::simulator) fn to_response(&self) -> Response {
        let mut error = json!({ "status": self.status, "message": self.message });
        if let (Some(reason), Some(fields)) = (&self.reason, error.as_object_mut()) {
            fields.insert("reason".into(), reason.clone().into());
        }
        let mut response = json_response(self.status, &json!({ "error": error }));
        add_retry_after(&mut response, self.retry_after.as_deref());
        response
    }
}

/// Spotify's own words for a status, if it has any.
pub(in crate::simulator) fn usual_message(status: u16, reason: Option<&str>) -> &'static str {
    match (status, reason) {
        (400, _) => "Bad request",
        (401, _) => "The access token expired",
        (403, _) => "Forbidden",
        (404, _) => "Resource not found",
        (429, Some("QUOTA_EXCEEDED")) => "Too many requests",
        (429, _) => "API rate limit exceeded",
        (500, _) => "Server error",
        (502, _) => "Bad gateway",
        (503, _) => "Service unavailable",
        (504, _) => "Gateway timeout",
        _ => "Error",
    }
}

pub(in crate::simulator) fn json_response(status: u16, body: &Value) -> Response {
    with_type(status, "application/json; charset=utf-8", body.to_string())
}

pub(in crate::simulator) fn text_response(status: u16, body: impl Into<String>) -> Response {
    with_type(status, "text/plain; charset=utf-8", body.into())
}

pub(in crate::simulator) fn add_retry_after(response: &mut Response, text: Option<&str>) {
    if let Some(value) = text.and_then(|text| HeaderValue::from_str(text).ok()) {
        response.headers_mut().insert(RETRY_AFTER, value);
    }
}

fn with_type(status: u16, content_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// A 2xx answer as it goes out.
pub(in crate::simulator) fn reply_response(reply: &Reply) -> Response {
    match reply {
        Reply::Json(body) => json_response(200, body),
        Reply::Nothing => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NO_CONTENT;
            response
        }
    }
}

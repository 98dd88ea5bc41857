//! Bodies that are marked as gzip and cannot be unpacked.

use std::io::Write;

use axum::body::Bytes;
use axum::http::header::CONTENT_ENCODING;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use super::answer::json_response;

/// Half of the compressed body, with headers that claim it is complete.
pub(in crate::simulator) fn cut(body: &Value) -> Response {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing into memory does not fail; if it did, less than half would be sent.
    let packed = encoder.write_all(body.to_string().as_bytes()).and_then(|()| encoder.finish());
    let mut packed = packed.unwrap_or_default();
    packed.truncate(packed.len() / 2);
    called_gzip(Response::new(Bytes::from(packed).into()))
}

/// The uncompressed body, marked as compressed.
pub(in crate::simulator) fn false_gzip(body: &Value) -> Response {
    called_gzip(json_response(200, body))
}

fn called_gzip(mut response: Response) -> Response {
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response
}

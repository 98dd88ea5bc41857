//! Faults on demand: what a fault is, and its format.
//!
//! Owns: the format of `POST /sim/faults` and its validation. Must not know: which request is hit.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fault_kind::FaultKind;
use super::retry_after::RetryAfter;
use super::span;

/// A future fault. The first `after` matching requests pass, then `count` are hit; without a count,
/// all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The prefix of the path as sent, e.g. `/v1/me/tracks`.
    #[serde(rename = "match")]
    pub matching: String,
    /// The kind of fault.
    pub kind: FaultKind,
    /// For `status` (500 if not given) and `plain_text` (502).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Sent with `status` and `plain_text`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<RetryAfter>,
    /// Sent with `status`, e.g. `QUOTA_EXCEEDED`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The message of `status` in place of Spotify's usual one, e.g. "No token provided".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The part of the matching requests that are hit; 1 by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// The number of matching requests that pass first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub after: u64,
    /// The number of requests that are hit; `None`: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// How long it lasts after the first request that matches, such as `10m`; for ever by default.
    #[serde(default, with = "span", skip_serializing_if = "Option::is_none")]
    pub lasts: Option<Duration>,
    /// With `lasts`: it recurs once in every such interval, at a moment chosen by the seed.
    #[serde(default, with = "span", skip_serializing_if = "Option::is_none")]
    pub every: Option<Duration>,
    /// For `delay`: the delay in milliseconds; 1000 by default.
    #[serde(default, alias = "ms", skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
    /// For `without` and `changed_fields`: the names of the fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// For `body`: the answer. For `changed_fields`: the value, null by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// For wrong data about playlists: the affected playlist; all by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// For `lagging_count`: the count, 0 by default.
    #[serde(default, skip_serializing_if = "is_default")]
    pub total: u32,
    /// For `bad_place`: the place, from 0.
    #[serde(default, skip_serializing_if = "is_default")]
    pub place: u32,
    /// For `total_offset`: the number that is added to the total; 1 by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<i64>,
    /// For `hidden_row`: the rows. For `contains` and `changed_fields`: the affected items; all by
    /// default.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uris: Vec<String>,
    /// For `stale`: how many edits the list lacks, at most 8; 1 by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edits: Option<usize>,
    /// For `largest_page`, `short_pages` and `whole_page`: rows; 20 by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u32>,
    /// For `contains`: the answer; `false` by default.
    #[serde(default, skip_serializing_if = "is_default")]
    pub says: bool,
    /// For `late_plays`: how late, such as `20m`; an hour by default.
    #[serde(default, with = "span", skip_serializing_if = "Option::is_none")]
    pub late: Option<Duration>,
    /// For `late_plays`: the interval between two late plays, in plays; 3 by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every_play: Option<u32>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Fault {
    /// A fault of this kind for every request whose path begins with `matching`.
    #[must_use]
    pub fn new(matching: impl Into<String>, kind: FaultKind) -> Self {
        Self {
            matching: matching.into(),
            kind,
            status: None,
            retry_after: None,
            reason: None,
            message: None,
            probability: None,
            after: 0,
            count: None,
            lasts: None,
            every: None,
            delay_ms: None,
            fields: Vec::new(),
            body: None,
            id: None,
            total: 0,
            place: 0,
            offset: None,
            uris: Vec::new(),
            edits: None,
            rows: None,
            says: false,
            late: None,
            every_play: None,
        }
    }

    /// Why it is invalid, if it is.
    #[must_use]
    pub fn complaint(&self) -> Option<&'static str> {
        let has_fields = matches!(self.kind, FaultKind::Without | FaultKind::ChangedFields);
        if !self.matching.starts_with('/') {
            return Some("`match` must be the beginning of a path, such as `/v1/me/tracks`");
        }
        if !(0.0..=1.0).contains(&self.probability.unwrap_or(1.0)) {
            return Some("`probability` must lie between 0 and 1");
        }
        if !(200..=599).contains(&self.status.unwrap_or(500)) {
            return Some("`status` must lie between 200 and 599");
        }
        if self.fields.is_empty() == has_fields {
            return Some(
                "only `without` and `changed_fields` take `fields`, and they need at least one field name",
            );
        }
        if self.body.is_none() == (self.kind == FaultKind::Body) && self.kind != FaultKind::ChangedFields {
            return Some("the kind `body` needs a `body`; apart from it, only `changed_fields` takes one");
        }
        let may_have_uris = matches!(self.kind, FaultKind::Contains | FaultKind::ChangedFields);
        if self.uris.is_empty() == (self.kind == FaultKind::HiddenRow) && !may_have_uris {
            return Some(
                "`hidden_row` needs at least one entry in `uris`; apart from it, only `contains` and `changed_fields` take `uris`",
            );
        }
        self.complaint_about_time()
    }

    fn complaint_about_time(&self) -> Option<&'static str> {
        if self.lasts.is_some_and(|lasts| lasts.is_zero()) {
            return Some("`lasts` must be a duration longer than zero, such as \"10m\"");
        }
        let every = self.every?;
        self.lasts
            .is_none_or(|lasts| lasts > every)
            .then_some("`every` needs `lasts`, and `lasts` must not be longer than `every`")
    }

    /// The status of its answer.
    pub(in crate::simulator) fn status(&self) -> u16 {
        let is_gateway = matches!(self.kind, FaultKind::PlainText | FaultKind::BadPlace);
        self.status.unwrap_or(if is_gateway { 502 } else { 500 })
    }

    pub(in crate::simulator) fn answers_with_a_refusal(&self) -> bool {
        matches!(self.kind, FaultKind::Status | FaultKind::PlainText | FaultKind::BadPlace)
    }
}

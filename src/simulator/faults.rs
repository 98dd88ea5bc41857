//! Failures on demand: which requests are hit, by what.
//!
//! Owns: the faults that are set, how often each has struck, and the Retry-After that they promised.
//! Whether a fault with a probability strikes is drawn by request number, never by time.

use std::collections::HashMap;
use std::time::Duration;

use rand::RngExt;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::chance::{Chance, Subject};
use super::time::Millis;

/// What a fault does to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// An error answer in Spotify's form.
    Status,
    /// The body ends in the middle and the connection closes.
    Truncate,
    /// The connection closes without an answer.
    Reset,
    /// The answer comes later.
    Delay,
    /// 200 with no items, total 0 and no next page.
    EmptyPage,
    /// One row of the page is null; `total` counts it.
    NullRow,
    /// One row of the page is left out, and the rows behind it move up; `total` counts it.
    MissingRow,
    /// An error answer that is not JSON.
    PlainText,
    /// Some fields are not there, wherever they stood.
    Without,
    /// 200 with another body, the one that is given.
    Body,
    /// Playlists tell owners that are objects of nulls.
    NullOwner,
    /// Playlists tell another count than they have, the one that is given.
    LaggingCount,
    /// Playlists tell another version in every answer.
    RestlessSnapshot,
    /// Playlists go on telling the version that the first answer hit by it told.
    LaggingSnapshot,
    /// 502 for every page that covers one place of a list.
    BadPlace,
    /// A list's `total` is another number than its rows, by a constant.
    TotalOffset,
    /// A list shows some of its rows no more; whoever asks whether they are in the library is told that they are.
    HiddenRow,
    /// A list is shown as it was before the last edits.
    Stale,
    /// A list shows its first page, whichever page is asked for.
    CursorLoop,
    /// Pages of a list that are larger than some size are refused as "Invalid limit".
    LargestPage,
}

impl FaultKind {
    /// Whether it tells something wrong of playlists and leaves the rest of the answer as it is.
    const fn is_edit(self) -> bool {
        matches!(self, Self::NullOwner | Self::LaggingCount | Self::RestlessSnapshot | Self::LaggingSnapshot)
    }

    /// Whether it concerns how a list is shown, and so adds to whatever else strikes.
    const fn bends(self) -> bool {
        matches!(
            self,
            Self::TotalOffset | Self::HiddenRow | Self::Stale | Self::CursorLoop | Self::LargestPage
        )
    }
}

/// A Retry-After as it is sent: a number, or text to see what a client makes of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum RetryAfter {
    /// Seconds.
    Seconds(u64),
    /// Whatever it says.
    Text(String),
}

impl RetryAfter {
    /// The header's text.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Seconds(seconds) => seconds.to_string(),
            Self::Text(text) => text.clone(),
        }
    }

    fn millis(&self) -> Option<Millis> {
        let seconds: Millis = self.text().trim().parse().ok()?;
        Some(seconds.saturating_mul(1000))
    }
}

/// A failure to come. The first `after` matching requests pass, then `count` are hit; without a count, all.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Beginning of the path as sent, e.g. `/v1/me/tracks`.
    #[serde(rename = "match")]
    pub matching: String,
    /// What happens.
    pub kind: FaultKind,
    /// For `status` (500 if not given) and `plain_text` (502).
    #[serde(default)]
    pub status: Option<u16>,
    /// Sent with `status` and `plain_text`.
    #[serde(default)]
    pub retry_after: Option<RetryAfter>,
    /// Sent with `status`, e.g. `QUOTA_EXCEEDED`.
    #[serde(default)]
    pub reason: Option<String>,
    /// Of the requests that would be hit, the part that is; 1 if not given.
    #[serde(default)]
    pub probability: Option<f64>,
    /// Matching requests that pass first.
    #[serde(default)]
    pub after: u64,
    /// Requests that are hit; `None`: all.
    #[serde(default)]
    pub count: Option<u64>,
    /// For `delay`: how much later, in milliseconds; 1000 if not given.
    #[serde(default, alias = "ms")]
    pub delay_ms: Option<u64>,
    /// For `without`: the names of the fields.
    #[serde(default)]
    pub fields: Vec<String>,
    /// For `body`: what is answered.
    #[serde(default)]
    pub body: Option<Value>,
    /// For what is told wrong of playlists: the one that is meant; all if not given.
    #[serde(default)]
    pub id: Option<String>,
    /// For `lagging_count`: the count, 0 if not given.
    #[serde(default)]
    pub total: u32,
    /// For `bad_place`: which, from 0.
    #[serde(default)]
    pub place: u32,
    /// For `total_offset`: what is added to the total; 1 if not given.
    #[serde(default)]
    pub offset: Option<i64>,
    /// For `hidden_row`: the rows.
    #[serde(default)]
    pub uris: Vec<String>,
    /// For `stale`: how many edits the list does not know of, at most 8; 1 if not given.
    #[serde(default)]
    pub edits: Option<usize>,
    /// For `largest_page`: rows; 20 if not given.
    #[serde(default)]
    pub rows: Option<u32>,
}

impl Fault {
    /// A fault of this kind on every request whose path begins so.
    #[must_use]
    pub fn new(matching: impl Into<String>, kind: FaultKind) -> Self {
        Self {
            matching: matching.into(),
            kind,
            status: None,
            retry_after: None,
            reason: None,
            probability: None,
            after: 0,
            count: None,
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
        }
    }

    /// What is wrong with it, if anything.
    pub(super) fn complaint(&self) -> Option<&'static str> {
        if !self.matching.starts_with('/') {
            return Some("`match` must be the beginning of a path, such as `/v1/me/tracks`");
        }
        if !(0.0..=1.0).contains(&self.probability.unwrap_or(1.0)) {
            return Some("`probability` must lie between 0 and 1");
        }
        if !(200..=599).contains(&self.status.unwrap_or(500)) {
            return Some("`status` must lie between 200 and 599");
        }
        if self.fields.is_empty() == (self.kind == FaultKind::Without) {
            return Some("`fields` belong to `without`, which needs the name of one at least");
        }
        if self.body.is_none() == (self.kind == FaultKind::Body) {
            return Some("`body` belongs to the fault of that name, which needs one");
        }
        if self.uris.is_empty() == (self.kind == FaultKind::HiddenRow) {
            return Some("`uris` belong to `hidden_row`, which needs one at least");
        }
        None
    }

    /// The status that it answers with.
    pub(super) fn status(&self) -> u16 {
        let is_gateway = matches!(self.kind, FaultKind::PlainText | FaultKind::BadPlace);
        self.status.unwrap_or(if is_gateway { 502 } else { 500 })
    }

    /// Whether it concerns a request at all.
    fn is_for(&self, path: &str) -> bool {
        path.starts_with(&self.matching) && (self.kind != FaultKind::BadPlace || covers(path, self.place))
    }

    pub(super) fn answers_with_a_refusal(&self) -> bool {
        matches!(self.kind, FaultKind::Status | FaultKind::PlainText | FaultKind::BadPlace)
    }
}

/// Whether the page that is asked for has this place.
fn covers(path: &str, place: u32) -> bool {
    let query = path.split_once('?').map_or("", |(_, query)| query);
    let number = |name: &str, default: u32| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).and_then(|(_, value)| value.parse().ok()).unwrap_or(default)
    };
    let (offset, limit) = (number("offset", 0), number("limit", 20));
    (offset..offset.saturating_add(limit)).contains(&place)
}

#[derive(Debug, Clone)]
struct Armed {
    fault: Fault,
    seen: u64,
    struck: u64,
}

/// What comes over one request.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Strike {
    pub(super) delay: Duration,
    /// What is told wrong of playlists.
    pub(super) edits: Vec<Fault>,
    pub(super) fault: Option<Fault>,
    /// Faults that show a list otherwise than it is.
    pub(super) bends: Vec<Fault>,
}

/// The faults that are set.
#[derive(Debug, Clone, Default)]
pub(super) struct Faults {
    armed: Vec<Armed>,
    /// Until when requests to what a fault refused are early; outlives the fault, as a client must obey it.
    promised: HashMap<String, Millis>,
    /// The versions at which lagging playlists stand.
    pub(super) lagging: HashMap<String, Value>,
}

impl Faults {
    pub(super) fn add(&mut self, faults: impl IntoIterator<Item = Fault>) {
        self.armed.extend(faults.into_iter().map(|fault| Armed { fault, seen: 0, struck: 0 }));
    }

    pub(super) fn clear(&mut self) {
        self.armed.clear();
        self.lagging.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.armed.len()
    }

    /// Whether a request comes before the Retry-After of a fault that hit its like is over.
    pub(super) fn is_early(&self, path: &str, now: Millis) -> bool {
        self.promised.iter().any(|(matching, until)| path.starts_with(matching) && now < *until)
    }

    /// Decides what hits request `number`. Delays, bent lists and what is told wrong of playlists add up; of the
    /// others the first that strikes does.
    pub(super) fn strike(&mut self, path: &str, number: u64, chance: &Chance) -> Strike {
        let mut strike = Strike::default();
        for (place, armed) in self.armed.iter_mut().enumerate() {
            if !armed.fault.is_for(path) {
                continue;
            }
            armed.seen += 1;
            let is_delay = armed.fault.kind == FaultKind::Delay;
            let (is_edit, bends) = (armed.fault.kind.is_edit(), armed.fault.kind.bends());
            let adds_up = is_delay || is_edit || bends;
            let is_due =
                armed.seen > armed.fault.after && armed.fault.count.is_none_or(|count| armed.struck < count);
            if !is_due || (strike.fault.is_some() && !adds_up) {
                continue;
            }
            if !draw(chance, place, number, armed.fault.probability.unwrap_or(1.0)) {
                continue;
            }
            armed.struck += 1;
            if is_delay {
                strike.delay += Duration::from_millis(armed.fault.delay_ms.unwrap_or(1000));
            } else if is_edit {
                strike.edits.push(armed.fault.clone());
            } else if bends {
                strike.bends.push(armed.fault.clone());
            } else {
                strike.fault = Some(armed.fault.clone());
            }
        }
        strike
    }

    /// Remembers what the answer of a fault asks for, from when it is sent.
    pub(super) fn promise(&mut self, fault: &Fault, now: Millis) {
        let wait = fault
            .retry_after
            .as_ref()
            .filter(|_| fault.answers_with_a_refusal())
            .and_then(RetryAfter::millis);
        if let Some(wait) = wait {
            let until = self.promised.entry(fault.matching.clone()).or_insert(now);
            *until = (*until).max(now.saturating_add(wait));
        }
    }
}

fn draw(chance: &Chance, place: usize, number: u64, probability: f64) -> bool {
    let thing = (place as u64) << 40 | number;
    chance.of(Subject::Fault, thing).random_bool(probability.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(fault: Fault, requests: u64) -> Vec<u64> {
        let mut faults = Faults::default();
        faults.add([fault]);
        let chance = Chance::new(3);
        (1..=requests)
            .filter(|n| faults.strike("/v1/me/tracks?limit=50", *n, &chance).fault.is_some())
            .collect()
    }

    #[test]
    fn after_lets_some_pass_and_count_ends_it() {
        let fault = Fault { after: 2, count: Some(3), ..Fault::new("/v1/me/tracks", FaultKind::Reset) };
        assert_eq!(hits(fault, 9), [3, 4, 5]);
        assert!(hits(Fault::new("/v1/me/albums", FaultKind::Reset), 9).is_empty());
        assert_eq!(hits(Fault::new("/v1/me", FaultKind::Reset), 3), [1, 2, 3]);
    }

    #[test]
    fn a_bad_place_hits_the_pages_that_cover_it() {
        let mut faults = Faults::default();
        faults.add([Fault { place: 7, ..Fault::new("/v1/me/tracks", FaultKind::BadPlace) }]);
        let mut hits = |query: &str| {
            let path = format!("/v1/me/tracks?{query}");
            faults.strike(&path, 1, &Chance::new(1)).fault.map(|fault| fault.status())
        };
        assert_eq!([hits("offset=0&limit=7"), hits("limit=5&offset=8")], [None, None]);
        assert_eq!([hits("offset=0&limit=8"), hits("offset=7&limit=1"), hits("")], [Some(502); 3]);
    }

    #[test]
    fn a_probability_is_drawn_by_request_number_and_repeats() {
        let fault = Fault { probability: Some(0.3), ..Fault::new("/v1", FaultKind::Reset) };
        let first = hits(fault.clone(), 1000);
        assert_eq!(first, hits(fault, 1000));
        assert!((240..360).contains(&first.len()), "{} of 1000", first.len());
    }

    #[test]
    fn delays_add_to_whatever_else_strikes() {
        let mut faults = Faults::default();
        faults.add([
            Fault { delay_ms: Some(20), ..Fault::new("/v1", FaultKind::Delay) },
            Fault::new("/v1", FaultKind::Truncate),
            Fault { delay_ms: Some(5), ..Fault::new("/v1", FaultKind::Delay) },
        ]);
        let strike = faults.strike("/v1/me", 1, &Chance::new(1));
        assert_eq!(strike.delay, Duration::from_millis(25));
        assert_eq!(strike.fault.map(|fault| fault.kind), Some(FaultKind::Truncate));
    }

    #[test]
    fn a_promise_outlives_its_fault_and_ends_on_the_second() {
        let mut faults = Faults::default();
        let refusal = Fault {
            status: Some(429),
            retry_after: Some(RetryAfter::Seconds(5)),
            count: Some(1),
            ..Fault::new("/v1/me/tracks", FaultKind::Status)
        };
        faults.add([refusal]);
        let strike = faults.strike("/v1/me/tracks", 1, &Chance::new(1));
        assert!(!faults.is_early("/v1/me/tracks", 1_000), "no answer has been sent");
        faults.promise(&strike.fault.unwrap(), 1_000);
        faults.clear();
        assert!(faults.is_early("/v1/me/tracks?offset=50", 5_999));
        assert!(!faults.is_early("/v1/me/albums", 5_999));
        assert!(!faults.is_early("/v1/me/tracks", 6_000));
    }
}

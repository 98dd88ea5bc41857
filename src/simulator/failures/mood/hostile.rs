//! Every possible fault, often.

use std::time::Duration;

use rand::RngExt;
use serde_json::{Value, json};

use super::{a_playlist, one_of};
use crate::simulator::content::account::SimAccount;
use crate::simulator::content::ids::IdKind;
use crate::simulator::failures::fault_kind::FaultKind;
use crate::simulator::failures::faults::Fault;
use crate::simulator::failures::retry_after::RetryAfter;
use crate::simulator::rng::{Stream, index};

/// The paths that faults affect.
const PLACES: [&str; 12] = [
    "/v1/me/tracks",
    "/v1/me/albums",
    "/v1/me/following",
    "/v1/me/playlists",
    "/v1/playlists/",
    "/v1/me/player",
    "/v1/me/library/contains",
    "/v1/me",
    "/v1/artists",
    "/v1/albums",
    "/v1",
    "/api/token",
];
const LISTS: [&str; 5] =
    ["/v1/me/tracks", "/v1/me/albums", "/v1/me/following", "/v1/me/playlists", "/v1/playlists/"];
const STATUSES: [u16; 11] = [400, 401, 403, 404, 408, 429, 429, 500, 502, 503, 504];

pub(super) fn faults(account: &SimAccount, rng: &mut Stream) -> Vec<Fault> {
    let count = rng.random_range(8..=16);
    (0..count).map(|_| fault(account, rng)).collect()
}

fn fault(account: &SimAccount, rng: &mut Stream) -> Fault {
    let kind = FaultKind::ALL.get(index(rng, FaultKind::ALL.len())).copied().unwrap_or(FaultKind::Reset);
    let mut fault = Fault::new(place(kind, rng), kind);
    when(&mut fault, rng);
    what(&mut fault, account, rng);
    fault
}

fn place(kind: FaultKind, rng: &mut Stream) -> &'static str {
    let places: &[&'static str] = match kind {
        FaultKind::StalledPlays | FaultKind::LatePlays | FaultKind::StartStamps => {
            &["/v1/me/player/recently-played"]
        }
        FaultKind::Contains => &["/v1/me/library/contains", "/v1/me"],
        FaultKind::NullOwner
        | FaultKind::LaggingCount
        | FaultKind::LaggingSnapshot
        | FaultKind::RestlessSnapshot => &["/v1/me/playlists", "/v1/playlists/", "/v1"],
        kind if kind.bends() || kind == FaultKind::BadPlace => &LISTS,
        _ => &PLACES,
    };
    places.get(index(rng, places.len())).copied().unwrap_or("/v1")
}

/// Often for a part of the answers, sometimes for all of them for a while, repeatedly.
fn when(fault: &mut Fault, rng: &mut Stream) {
    match rng.random_range(0..4_u32) {
        0 => {
            let every = rng.random_range(600..6 * 3600);
            fault.every = Some(Duration::from_secs(every));
            fault.lasts = Some(Duration::from_secs(rng.random_range(30..every / 2)));
        }
        1 => {
            fault.after = rng.random_range(0..40);
            fault.lasts = Some(Duration::from_secs(rng.random_range(30..8 * 3600)));
        }
        _ => fault.probability = Some(f64::from(rng.random_range(5..250_u32)) / 1000.0),
    }
}

fn what(fault: &mut Fault, account: &SimAccount, rng: &mut Stream) {
    match fault.kind {
        FaultKind::Status | FaultKind::PlainText => refusal(fault, rng),
        FaultKind::Delay => fault.delay_ms = Some(rng.random_range(1..45_000)),
        FaultKind::Body => {
            let bodies = [json!({}), json!([]), json!("ok"), json!({ "items": null })];
            fault.body = bodies.get(index(rng, bodies.len())).cloned();
        }
        FaultKind::Without => fault.fields = vec![field(rng)],
        FaultKind::ChangedFields => change_field(fault, account, rng),
        FaultKind::LaggingCount => fault.total = rng.random_range(0..30),
        FaultKind::RestlessSnapshot | FaultKind::LaggingSnapshot | FaultKind::NullOwner => {
            fault.id = a_playlist(account, rng).filter(|_| rng.random_ratio(1, 2));
        }
        FaultKind::BadPlace => fault.place = rng.random_range(0..60),
        FaultKind::TotalOffset => fault.offset = Some(rng.random_range(-4..=30)),
        FaultKind::HiddenRow => hide(fault, account, rng),
        FaultKind::Stale => fault.edits = Some(rng.random_range(1..=8)),
        FaultKind::LargestPage | FaultKind::ShortPages | FaultKind::WholePage => {
            fault.rows = Some(rng.random_range(1..=20));
        }
        FaultKind::Contains => {
            fault.says = rng.random_ratio(1, 2);
            fault.uris = [IdKind::Track, IdKind::Album]
                .iter()
                .filter_map(|kind| one_of(account, *kind, rng))
                .collect();
        }
        FaultKind::LatePlays => {
            fault.late = Some(Duration::from_secs(rng.random_range(60..6 * 3600)));
            fault.every_play = Some(rng.random_range(1..6));
        }
        _ => {}
    }
}

fn change_field(fault: &mut Fault, account: &SimAccount, rng: &mut Stream) {
    let field = field(rng);
    // Odd numbers and names only in one track; fields of pages and rows everywhere.
    if OF_TRACKS.contains(&field.as_str()) {
        fault.uris = one_of(account, IdKind::Track, rng).into_iter().collect();
    }
    fault.fields = vec![field];
    fault.body = Some(odd_value(rng)).filter(|value| !value.is_null());
}

fn refusal(fault: &mut Fault, rng: &mut Stream) {
    let status = STATUSES.get(index(rng, STATUSES.len())).copied().unwrap_or(500);
    fault.status = Some(status);
    if status == 401 && rng.random_ratio(1, 2) {
        fault.message = Some("No token provided".to_owned());
    }
    if status == 429 {
        fault.retry_after = match rng.random_range(0..6_u32) {
            0 => None,
            1 => Some(RetryAfter::Text("soon".to_owned())),
            2 => Some(RetryAfter::Seconds(0)),
            3 => Some(RetryAfter::Date { date: rng.random_range(1..600) }),
            4 => Some(RetryAfter::Seconds(rng.random_range(61..90_000))),
            _ => Some(RetryAfter::Seconds(rng.random_range(1..61))),
        };
        // A quota is for one group of endpoints, and so is a refusal of more than a minute.
        if matches!(fault.matching.as_str(), "/v1" | "/v1/me") {
            fault.retry_after = Some(RetryAfter::Seconds(rng.random_range(1..61)));
        } else if rng.random_ratio(1, 3) {
            fault.reason = Some("QUOTA_EXCEEDED".to_owned());
        }
        fault.count = Some(rng.random_range(1..=4));
    }
}

fn hide(fault: &mut Fault, account: &SimAccount, rng: &mut Stream) {
    let kinds = [IdKind::Track, IdKind::Album, IdKind::Artist];
    fault.uris = kinds.iter().filter_map(|kind| one_of(account, *kind, rng)).collect();
    if fault.uris.is_empty() {
        fault.kind = FaultKind::TotalOffset;
    }
}

const OF_TRACKS: [&str; 10] = [
    "duration_ms",
    "track_number",
    "disc_number",
    "popularity",
    "artists",
    "album",
    "name",
    "explicit",
    "external_ids",
    "release_date",
];

fn field(rng: &mut Stream) -> String {
    let names = [
        "duration_ms",
        "track_number",
        "disc_number",
        "popularity",
        "added_at",
        "played_at",
        "genres",
        "images",
        "artists",
        "album",
        "name",
        "explicit",
        "is_local",
        "external_ids",
        "release_date",
        "owner",
        "next",
        "total",
        "offset",
        "limit",
        "snapshot_id",
        "context",
        "expires_in",
    ];
    names.get(index(rng, names.len())).copied().unwrap_or("name").to_owned()
}

/// Values that a field is not intended for.
fn odd_value(rng: &mut Stream) -> Value {
    let values = [
        Value::Null,
        json!(-1),
        json!(0),
        json!(u64::MAX),
        json!(1_u64 << 63),
        json!(1e300),
        json!(2.5),
        json!("9999-12-31T23:59:59Z"),
        json!("0000"),
        json!(""),
        json!([]),
        json!({}),
        json!(true),
    ];
    values.get(index(rng, values.len())).cloned().unwrap_or_default()
}

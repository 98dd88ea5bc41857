//! The problems that people report about the real Spotify, about as often as they report them.
//!
//! The rates are guesses from public reports: high enough that a fault occurs within weeks, and low
//! enough that a client can work.

use std::time::Duration;

use rand::RngExt;
use serde_json::json;

use super::{a_playlist, is_so, now_and_then, one_in, one_of, status};
use crate::simulator::content::account::SimAccount;
use crate::simulator::content::ids::IdKind;
use crate::simulator::failures::fault_kind::FaultKind;
use crate::simulator::failures::faults::Fault;
use crate::simulator::failures::retry_after::RetryAfter;
use crate::simulator::rng::Stream;

const fn days(days: u64) -> Duration {
    Duration::from_hours(24 * days)
}

pub(super) fn faults(account: &SimAccount, rng: &mut Stream) -> Vec<Fault> {
    let mut faults = everyday(rng);
    faults.extend(outages());
    faults.extend(refusals(rng));
    faults.extend(listening());
    faults.extend(odd_lists(account, rng));
    faults.extend(odd_playlists(account, rng));
    faults
}

/// Problems that every client has every week.
fn everyday(rng: &mut Stream) -> Vec<Fault> {
    let slow =
        Fault { delay_ms: Some(rng.random_range(2_000..12_000)), ..one_in(150.0, "/v1", FaultKind::Delay) };
    vec![
        Fault { probability: Some(0.003), ..status("/v1", 502) },
        Fault { probability: Some(0.002), ..status("/v1", 503) },
        Fault { probability: Some(0.001), ..status("/v1", 500) },
        Fault { status: Some(504), ..one_in(2000.0, "/v1", FaultKind::PlainText) },
        slow,
        one_in(1200.0, "/v1", FaultKind::Reset),
        one_in(2000.0, "/v1", FaultKind::Truncate),
        one_in(4000.0, "/v1", FaultKind::CutGzip),
        // A good token is reported as missing, and is accepted again at the next request.
        Fault {
            message: Some("No token provided".to_owned()),
            probability: Some(0.002),
            ..status("/v1", 401)
        },
        // The ETags of the artists change with every answer.
        Fault::new("/v1/me/following", FaultKind::RestlessEtag),
    ]
}

fn outages() -> Vec<Fault> {
    vec![
        now_and_then(days(9), Duration::from_mins(25), status("/v1", 503)),
        now_and_then(days(12), Duration::from_mins(15), status("/api/token", 503)),
        // Every token is refused for a while, even a new one.
        now_and_then(days(25), Duration::from_mins(12), status("/v1", 401)),
        // The subscription of the app's owner has ended.
        now_and_then(
            days(60),
            Duration::from_hours(5),
            Fault { status: Some(403), ..Fault::new("/v1", FaultKind::PlainText) },
        ),
    ]
}

/// Rate limits of seconds, and quotas of hours.
fn refusals(rng: &mut Stream) -> Vec<Fault> {
    let groups = ["/v1/me/tracks", "/v1/me/playlists", "/v1/playlists/", "/v1/me/albums"];
    let group = groups.get(rng.random_range(0..groups.len())).copied().unwrap_or("/v1/me/tracks");
    let hours = rng.random_range(2..20_u64);
    let refusal =
        |matching: &str, retry_after| Fault { retry_after: Some(retry_after), ..status(matching, 429) };
    let quota = Fault {
        reason: Some("QUOTA_EXCEEDED".to_owned()),
        ..refusal(group, RetryAfter::Seconds(hours * 3600))
    };
    vec![
        Fault { probability: Some(0.002), ..refusal("/v1", RetryAfter::Seconds(rng.random_range(1..30))) },
        Fault { probability: Some(0.000_5), ..refusal("/v1", RetryAfter::Date { date: 20 }) },
        now_and_then(days(8), Duration::from_mins(20), quota),
    ]
}

/// Plays are late, and sometimes none come for hours.
fn listening() -> Vec<Fault> {
    let recently = "/v1/me/player/recently-played";
    vec![
        Fault {
            every_play: Some(11),
            late: Some(Duration::from_mins(35)),
            ..Fault::new(recently, FaultKind::LatePlays)
        },
        now_and_then(days(4), Duration::from_hours(6), Fault::new(recently, FaultKind::StalledPlays)),
    ]
}

fn odd_lists(account: &SimAccount, rng: &mut Stream) -> Vec<Fault> {
    let mut faults = vec![
        one_in(60.0, "/v1/me/albums", FaultKind::NullRow),
        one_in(800.0, "/v1/me/", FaultKind::MissingRow),
        one_in(1500.0, "/v1/me/", FaultKind::EmptyPage),
        now_and_then(days(3), Duration::from_mins(10), Fault::new("/v1/me/tracks", FaultKind::Stale)),
        // Without a cursor, only a part of the artists is shown.
        now_and_then(
            days(15),
            Duration::from_mins(70),
            Fault { rows: Some(20), ..Fault::new("/v1/me/following", FaultKind::WholePage) },
        ),
        Fault { rows: Some(48), ..Fault::new("/v1/me/following", FaultKind::ShortPages) },
        // Development mode: genres are null.
        Fault { fields: vec!["genres".to_owned()], ..Fault::new("/v1/artists/", FaultKind::ChangedFields) },
    ];
    // Permanently: `total` includes items that are never listed.
    for (list, most) in [("/v1/me/tracks", 27), ("/v1/me/albums", 2)] {
        if is_so(rng, 1, 3) {
            let offset = Some(rng.random_range(1..=most));
            faults.push(Fault { offset, ..Fault::new(list, FaultKind::TotalOffset) });
        }
    }
    if is_so(rng, 1, 3)
        && let Some(uri) = one_of(account, IdKind::Track, rng)
    {
        faults.push(Fault { uris: vec![uri], ..Fault::new("/v1/me/tracks", FaultKind::HiddenRow) });
    }
    if is_so(rng, 1, 8) && !account.tracks.is_empty() {
        let place = rng.random_range(0..u32::try_from(account.tracks.len()).unwrap_or(1));
        faults.push(Fault { place, ..Fault::new("/v1/me/tracks", FaultKind::BadPlace) });
    }
    faults
}

fn odd_playlists(account: &SimAccount, rng: &mut Stream) -> Vec<Fault> {
    let mut faults = vec![
        // Versions lag behind edits by about half a minute.
        now_and_then(
            Duration::from_hours(2),
            Duration::from_secs(40),
            Fault::new("/v1/me/playlists", FaultKind::LaggingSnapshot),
        ),
        now_and_then(days(20), Duration::from_hours(1), Fault::new("/v1/me/playlists", FaultKind::NullOwner)),
    ];
    if let Some(id) = a_playlist(account, rng).filter(|_| is_so(rng, 1, 2)) {
        faults.push(Fault { id: Some(id), ..Fault::new("/v1/", FaultKind::RestlessSnapshot) });
    }
    if let Some(id) = a_playlist(account, rng) {
        let count = Fault { id: Some(id), ..Fault::new("/v1/me/playlists", FaultKind::LaggingCount) };
        faults.push(now_and_then(days(6), Duration::from_hours(6), count));
    }
    if let Some(id) = a_playlist(account, rng).filter(|_| is_so(rng, 1, 6)) {
        let one =
            now_and_then(days(10), Duration::from_hours(8), status(&format!("/v1/playlists/{id}"), 404));
        faults.push(one);
    }
    faults.push(Fault { body: Some(json!({})), ..one_in(6000.0, "/v1/playlists/", FaultKind::Body) });
    faults
}

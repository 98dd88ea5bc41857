//! Decides which requests are hit by which fault.
//!
//! Owns: the current faults, how often each has hit and when it began, and their Retry-After times.
//! Whether a fault with a probability hits is decided by the request number; when a recurring fault
//! occurs is decided by the account's time.

use std::collections::HashMap;
use std::time::Duration;

use rand::RngExt;
use serde_json::Value;

use super::fault_kind::FaultKind;
use super::faults::Fault;
use super::retry_after::RetryAfter;
use crate::simulator::rng::{Chance, Subject};
use crate::simulator::time::Millis;

#[derive(Debug, Clone)]
struct Armed {
    fault: Fault,
    seen: u64,
    struck: u64,
    /// When the first matching request came.
    began: Option<Millis>,
}

/// A fault that changes how something is shown, and its start.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::simulator) struct Bend {
    pub(in crate::simulator) fault: Fault,
    pub(in crate::simulator) since: Millis,
}

/// The faults of one request.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::simulator) struct Strike {
    pub(in crate::simulator) delay: Duration,
    /// Wrong data about playlists.
    pub(in crate::simulator) edits: Vec<Fault>,
    pub(in crate::simulator) fault: Option<Fault>,
    pub(in crate::simulator) bends: Vec<Bend>,
}

impl Strike {
    fn add(&mut self, fault: &Fault, since: Millis) {
        match fault.kind {
            FaultKind::Delay => self.delay += Duration::from_millis(fault.delay_ms.unwrap_or(1000)),
            kind if kind.is_edit() => self.edits.push(fault.clone()),
            kind if kind.bends() => self.bends.push(Bend { fault: fault.clone(), since }),
            _ => self.fault = Some(fault.clone()),
        }
    }
}

/// A request, with the fields that faults use.
#[derive(Debug, Clone, Copy)]
pub(in crate::simulator) struct Asked<'a> {
    /// Path and query as sent.
    pub(in crate::simulator) path: &'a str,
    /// The number of the request, counted from the start.
    pub(in crate::simulator) number: u64,
    pub(in crate::simulator) now: Millis,
}

/// The current faults.
#[derive(Debug, Clone, Default)]
pub(in crate::simulator) struct Faults {
    armed: Vec<Armed>,
    /// Until when requests to a refused path are too early. It is kept after the fault ends,
    /// because a client must obey it.
    promised: HashMap<String, Millis>,
    /// The versions and totals that lagging faults keep.
    pub(in crate::simulator) lagging: HashMap<String, Value>,
}

impl Faults {
    pub(in crate::simulator) fn add(&mut self, faults: impl IntoIterator<Item = Fault>) {
        self.armed.extend(faults.into_iter().map(|fault| Armed { fault, seen: 0, struck: 0, began: None }));
    }

    pub(in crate::simulator) fn clear(&mut self) {
        self.armed.clear();
        self.lagging.clear();
    }

    /// All current faults, in the order in which they were set.
    pub(in crate::simulator) fn all(&self) -> Vec<Fault> {
        self.armed.iter().map(|armed| armed.fault.clone()).collect()
    }

    /// Whether a request comes before the end of the Retry-After of a fault that hit a similar
    /// request.
    pub(in crate::simulator) fn is_early(&self, path: &str, now: Millis) -> bool {
        self.promised.iter().any(|(matching, until)| path.starts_with(matching) && now < *until)
    }

    /// Decides what hits a request. Delays, changed views and wrong data about playlists combine;
    /// of the other faults only the first one hits.
    pub(in crate::simulator) fn strike(&mut self, asked: Asked<'_>, chance: &Chance) -> Strike {
        let mut strike = Strike::default();
        for (place, armed) in self.armed.iter_mut().enumerate() {
            let kind = armed.fault.kind;
            let adds_up = kind == FaultKind::Delay || kind.is_edit() || kind.bends();
            let Some(since) = armed.is_due(asked, place, chance) else {
                continue;
            };
            if strike.fault.is_some() && !adds_up {
                continue;
            }
            if draw(chance, place, asked.number, armed.fault.probability.unwrap_or(1.0)) {
                armed.struck += 1;
                strike.add(&armed.fault, since);
            }
        }
        strike
    }

    /// Stores the Retry-After of a fault's answer, from the time when it is sent.
    pub(in crate::simulator) fn promise(&mut self, fault: &Fault, now: Millis) {
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

impl Armed {
    /// Since when the fault is active, if it is active for this request.
    fn is_due(&mut self, asked: Asked<'_>, place: usize, chance: &Chance) -> Option<Millis> {
        let fault = &self.fault;
        let concerns = asked.path.starts_with(&fault.matching)
            && (fault.kind != FaultKind::BadPlace || covers(asked.path, fault.place));
        if !concerns {
            return None;
        }
        self.seen += 1;
        if self.seen <= fault.after || fault.count.is_some_and(|count| self.struck >= count) {
            return None;
        }
        let first = *self.began.get_or_insert(asked.now);
        let Some(lasts) = fault.lasts.map(millis) else {
            return Some(first);
        };
        let since =
            fault.every.map_or(first, |every| episode(asked.now, lasts, millis(every), place, chance));
        (since..since.saturating_add(lasts)).contains(&asked.now).then_some(since)
    }
}

/// The start of the fault's occurrence in the current interval.
fn episode(now: Millis, lasts: Millis, every: Millis, place: usize, chance: &Chance) -> Millis {
    let every = every.max(1);
    let period = now.div_euclid(every);
    let thing = 1 << 55 | (place as u64) << 40 | period.unsigned_abs() & 0xFF_FFFF_FFFF;
    let wait = chance.of(Subject::Fault, thing).random_range(0..=(every - lasts).max(0));
    period.saturating_mul(every).saturating_add(wait)
}

pub(in crate::simulator) fn millis(span: Duration) -> Millis {
    Millis::try_from(span.as_millis()).unwrap_or(Millis::MAX)
}

/// Whether the requested page includes this place.
fn covers(path: &str, place: u32) -> bool {
    let query = path.split_once('?').map_or("", |(_, query)| query);
    let number = |name: &str, default: u32| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).and_then(|(_, value)| value.parse().ok()).unwrap_or(default)
    };
    let (offset, limit) = (number("offset", 0), number("limit", 20));
    (offset..offset.saturating_add(limit)).contains(&place)
}

fn draw(chance: &Chance, place: usize, number: u64, probability: f64) -> bool {
    let thing = (place as u64) << 40 | number;
    chance.of(Subject::Fault, thing).random_bool(probability.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(path: &str, number: u64, now: Millis) -> Asked<'_> {
        Asked { path, number, now }
    }

    fn hits(fault: Fault, requests: u64) -> Vec<u64> {
        let mut faults = Faults::default();
        faults.add([fault]);
        let chance = Chance::new(3);
        (1..=requests)
            .filter(|n| faults.strike(asked("/v1/me/tracks?limit=50", *n, 0), &chance).fault.is_some())
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
            faults.strike(asked(&path, 1, 0), &Chance::new(1)).fault.map(|fault| fault.status())
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
        let strike = faults.strike(asked("/v1/me", 1, 0), &Chance::new(1));
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
        let strike = faults.strike(asked("/v1/me/tracks", 1, 0), &Chance::new(1));
        assert!(!faults.is_early("/v1/me/tracks", 1_000), "no answer has been sent");
        faults.promise(&strike.fault.unwrap(), 1_000);
        faults.clear();
        assert!(faults.is_early("/v1/me/tracks?offset=50", 5_999));
        assert!(!faults.is_early("/v1/me/albums", 5_999));
        assert!(!faults.is_early("/v1/me/tracks", 6_000));
    }

    #[test]
    fn a_fault_lasts_from_the_first_request_that_it_concerns() {
        let lasts = Some(Duration::from_secs(10));
        let mut faults = Faults::default();
        faults.add([Fault { after: 1, lasts, ..Fault::new("/v1/me/tracks", FaultKind::Reset) }]);
        let mut is_hit = |path, now| faults.strike(asked(path, 1, now), &Chance::new(1)).fault.is_some();
        assert!(!is_hit("/v1/me/albums", 1_000));
        assert!(!is_hit("/v1/me/tracks", 2_000), "the first passes");
        assert_eq!([5_000, 14_999, 15_000].map(|now| is_hit("/v1/me/tracks", now)), [true, true, false]);
    }

    #[test]
    fn a_fault_that_comes_again_does_so_once_in_each_period_and_repeats_by_seed() {
        let fault = Fault {
            lasts: Some(Duration::from_mins(1)),
            every: Some(Duration::from_hours(1)),
            ..Fault::new("/v1", FaultKind::Reset)
        };
        let hits = |seed| {
            let mut faults = Faults::default();
            faults.add([fault.clone()]);
            let seconds = 0..24 * 3600;
            let is_hit = |second: &Millis| {
                faults.strike(asked("/v1/me", 1, second * 1000), &Chance::new(seed)).fault.is_some()
            };
            seconds.filter(is_hit).collect::<Vec<Millis>>()
        };
        let seconds = hits(7);
        let per_hour = |hour| seconds.iter().filter(|second| **second / 3600 == hour).count();
        assert!((0..24).all(|hour| (59..=61).contains(&per_hour(hour))), "{} hits", seconds.len());
        assert_eq!(seconds, hits(7));
        assert_ne!(seconds, hits(8));
    }
}

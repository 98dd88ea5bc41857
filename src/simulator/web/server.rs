//! The Web API over HTTP: how a request is handled from its arrival to its answer.
//!
//! Owns: the order of the steps. A request is counted, faults are applied, the token is checked,
//! and then the limits. Then time passes. Then the account is shown as it is at that moment.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::{HeaderMap, Method};
use axum::response::Response;

use super::answer::{Answer, ErrorReply, Reply, reply_response};
use super::bend;
use super::etag;
use super::fault_response::{damaged, edited, instead, not_modified};
use super::query::UrlQuery;
use super::render::Render;
use super::routes::{self, Call, Route};
use crate::simulator::Simulator;
use crate::simulator::failures::faults::Fault;
use crate::simulator::failures::strikes::{Asked, Bend, Strike};

/// What was decided about a request on its arrival.
pub(in crate::simulator) struct Arrival {
    pub(in crate::simulator) number: u64,
    /// The group of endpoints that share a limit.
    group: &'static str,
    pub(in crate::simulator) wait: Duration,
    /// Wrong data about playlists.
    edits: Vec<Fault>,
    pub(in crate::simulator) fault: Option<Fault>,
    /// Faults that change how something is shown.
    bends: Vec<Bend>,
    /// Why it is refused.
    refusal: Option<ErrorReply>,
}

/// Every request under `/v1`.
pub(in crate::simulator) async fn web_api(State(simulator): State<Simulator>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let found = routes::find(path.strip_prefix("/v1").unwrap_or(&path));
    let sent = request.uri().path_and_query().map_or(path.as_str(), |sent| sent.as_str());
    let arrival = simulator.arrive(sent, found.map(|(route, _)| route), bearer(request.headers()));
    simulator.pass(arrival.wait).await;
    simulator.promise(&arrival);

    if let Some(response) = arrival.fault.as_ref().and_then(|fault| instead(fault, false, simulator.now())) {
        return response;
    }
    if etag::is_called_unchanged(&arrival.bends, request.headers()) {
        return not_modified();
    }
    let tag = etag::of(&arrival.bends, arrival.number);
    let answer = match (arrival.refusal, found) {
        (Some(refusal), _) => Err(refusal),
        (None, None) => Err(ErrorReply::new(404, "Service not found")),
        (None, Some(_)) if request.method() != Method::GET => Err(ErrorReply::new(405, "Method not allowed")),
        (None, Some((route, id))) => {
            let query = UrlQuery::read(request.uri().query().unwrap_or_default());
            simulator.answer(route, id, &query, &base(request.headers()), &arrival.bends)
        }
    };
    let answer = answer.map(|reply| {
        let chance = simulator.chance_of_null(arrival.number);
        edited(&arrival.edits, reply, &mut simulator.world().faults.lagging, chance)
    });
    let response = match (answer, arrival.fault) {
        (Ok(reply), Some(fault)) => damaged(&fault, reply, simulator.chance_of_null(arrival.number)),
        (Ok(reply), None) => reply_response(&reply),
        (Err(refusal), _) => refusal.to_response(),
    };
    etag::tagged(response, tag)
}

impl Simulator {
    /// Counts a request to the Web API and decides whether it is accepted.
    fn arrive(&self, sent: &str, route: Option<&Route>, bearer: Option<&str>) -> Arrival {
        let mut world = self.world();
        let now = world.now(self.time());
        let group = route.map_or("unknown", |route| route.group);
        let endpoint = route.map_or("unknown".to_owned(), |route| format!("/v1{}", route.path));
        let is_early = world.limits.is_early(group, now) || world.faults.is_early(sent, now);
        world.requests.count(&endpoint, is_early);
        let number = world.requests_ever;
        world.requests_ever += 1;
        let chance = world.account.catalogue.chance.clone();
        let strike = world.faults.strike(Asked { path: sent, number, now }, &chance);

        let is_answered_by_fault =
            strike.fault.as_ref().is_some_and(|fault| instead(fault, false, now).is_some());
        let refusal = if is_answered_by_fault {
            None
        } else {
            world.tokens.check(bearer, now).and_then(|()| world.limits.admit(group, now)).err()
        };
        let status = match (&refusal, &strike.fault) {
            (Some(refusal), _) => Some(refusal.status),
            (None, Some(fault)) if fault.answers_with_a_refusal() => Some(fault.status()),
            _ => None,
        };
        world.requests.rejected += u64::from(status == Some(429));
        let Strike { delay, edits, fault, bends } = strike;
        Arrival { number, group, wait: self.latency() + delay, edits, fault, bends, refusal }
    }

    /// Stores the Retry-After of an answer that is being sent. A client that stopped waiting for
    /// the answer does not know it.
    pub(in crate::simulator) fn promise(&self, arrival: &Arrival) {
        let mut world = self.world();
        let now = world.now(self.time());
        if let Some(fault) = &arrival.fault {
            world.faults.promise(fault, now);
        }
        if arrival.refusal.as_ref().is_some_and(|refusal| refusal.status == 429) {
            world.limits.promise(arrival.group);
        }
    }

    /// Shows the account in its current state.
    fn answer(&self, route: &Route, id: &str, query: &UrlQuery, base: &str, bends: &[Bend]) -> Answer {
        let mut world = self.world();
        let now = world.now(self.time());
        world.account.settle(now);
        let world = &mut *world;
        let account = bend::shown(bends, route.path, &world.account, &world.past, now);
        let query = bend::understood(bends, route.path, query);
        if let Some(refusal) = bend::refused(bends, route.path, &query) {
            return Err(refusal);
        }
        let render = Render { account: &account, shape: self.shape(), base };
        let reply = route.answer(&Call { render, query: &query, id, now })?;
        Ok(bend::told(bends, route.path, &query, &mut world.faults.lagging, reply))
    }

    /// Counts a request to the token endpoint and decides which fault hits it.
    pub(in crate::simulator) fn arrive_at_accounts(&self, sent: &str) -> Arrival {
        let mut world = self.world();
        let now = world.now(self.time());
        let is_early = world.faults.is_early(sent, now);
        world.requests.count("/api/token", is_early);
        let number = world.requests_ever;
        world.requests_ever += 1;
        let chance = world.account.catalogue.chance.clone();
        let strike = world.faults.strike(Asked { path: sent, number, now }, &chance);
        let is_429 = strike
            .fault
            .as_ref()
            .is_some_and(|fault| fault.answers_with_a_refusal() && fault.status() == 429);
        world.requests.rejected += u64::from(is_429);
        Arrival {
            number,
            group: "accounts",
            wait: self.latency() + strike.delay,
            edits: strike.edits,
            fault: strike.fault,
            bends: Vec::new(),
            refusal: None,
        }
    }
}

/// The bearer token of a request.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// `http://host/v1`, with the host of the request.
fn base(headers: &HeaderMap) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("api.spotify.com");
    format!("http://{host}/v1")
}

/// Sends a JSON answer of the accounts service, with the fault that hit it.
pub(in crate::simulator) fn with_fault(arrival: &Arrival, reply: Reply, simulator: &Simulator) -> Response {
    match &arrival.fault {
        Some(fault) => damaged(fault, reply, simulator.chance_of_null(arrival.number)),
        None => reply_response(&reply),
    }
}

//! What each call does: it reads the newest snapshot, or sends a command to the engine and waits
//! for its answer.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Query, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::sse::{Event, KeepAlive};
use axum::response::{IntoResponse, Response, Sse};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::Stream;
use futures_util::stream::unfold;
use serde::Deserialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::server::{Watcher, Watchers};
use super::wire::{
    AcceptedCommand, ApiRefusal, PROTOCOL_HEADER, PlanAnswer, ReloadAnswer, RunsAnswer, SyncBody, Why,
};
use super::{ApiBackend, metrics};
use crate::domain::{PROTOCOL, Snapshot};
use crate::handle::{Accepted, CommandRefused, EngineCommand, Handle, OpenScreen, SyncRequest};

/// Larger than any request body.
const LARGEST_BODY: usize = 16 * 1024;
/// How long a request may take in all: the rest of a slow body, and the engine's answer.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);
/// How long a dry run may take: one request for each list, at the gate's pace, perhaps beside a
/// running sync. `client` waits a little longer.
pub const PLANNED_WITHIN: Duration = Duration::from_mins(2);
/// How long a healthy engine may take to answer.
const HEALTHY_WITHIN: Duration = Duration::from_secs(2);
/// The interval of the sign of life, which shows a follower that the server still exists. `client`
/// waits more than twice as long.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);
/// The number of runs in one answer.
const RUNS: u32 = 20;
const MOST_RUNS: u32 = 1000;

/// The state that the calls need.
#[derive(Clone)]
pub struct Api {
    pub handle: Handle,
    pub backend: Arc<dyn ApiBackend>,
    pub watchers: Watchers,
    pub stop: CancellationToken,
}

/// Every call, with the protocol number in each answer.
pub fn router(api: Api) -> Router {
    Router::new()
        .route("/v1/status", get(status))
        .route("/v1/events", get(events))
        .route("/v1/runs", get(runs))
        .route("/v1/sync", post(sync))
        .route("/v1/pause", post(|api: State<Api>| command(api, EngineCommand::Pause)))
        .route("/v1/resume", post(|api: State<Api>| command(api, EngineCommand::Resume)))
        .route("/v1/cancel", post(|api: State<Api>| command(api, EngineCommand::Cancel)))
        .route("/v1/reload", post(reload))
        .route("/metrics", get(prometheus))
        .route("/healthz", get(health))
        .layer(middleware::from_fn(|request: Request, next: Next| within(ANSWERED_WITHIN, request, next)))
        .merge(planning())
        .fallback(|| async { refuse(StatusCode::NOT_FOUND, Why::Unknown, "unknown path") })
        .method_not_allowed_fallback(|| async {
            refuse(StatusCode::METHOD_NOT_ALLOWED, Why::Unknown, "method not allowed")
        })
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(middleware::map_response(with_protocol))
        .with_state(api)
}

/// The calls that send requests to Spotify, and take longer.
fn planning() -> Router<Api> {
    Router::new()
        .route("/v1/plan", post(plan))
        .layer(middleware::from_fn(|request: Request, next: Next| within(PLANNED_WITHIN, request, next)))
}

async fn within(limit: Duration, request: Request, next: Next) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(answer) => answer,
        Err(_) => refuse(StatusCode::REQUEST_TIMEOUT, Why::Failed, "the request took too long"),
    }
}

/// Marks an answer with the protocol, and keeps it out of all caches.
pub async fn with_protocol(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers.insert(PROTOCOL_HEADER, HeaderValue::from(PROTOCOL));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// A refusal with one sentence.
pub fn refuse(status: StatusCode, why: Why, message: &str) -> Response {
    (status, Json(ApiRefusal::new(why, message))).into_response()
}

fn refused(refused: &CommandRefused) -> Response {
    let (status, refusal) = ApiRefusal::of(refused);
    (status, Json(refusal)).into_response()
}

async fn status(State(api): State<Api>) -> Json<Arc<Snapshot>> {
    Json(api.handle.snapshot())
}

/// `?screen=`
#[derive(Debug, Deserialize)]
struct EventsQuery {
    #[serde(default)]
    screen: bool,
}

async fn events(State(api): State<Api>, query: Result<Query<EventsQuery>, QueryRejection>) -> Response {
    match query {
        Ok(Query(EventsQuery { screen })) => followed(&api, screen).into_response(),
        Err(rejection) => refuse(rejection.status(), Why::Malformed, &rejection.body_text()),
    }
}

fn followed(api: &Api, by_screen: bool) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<>> {
    let mut snapshots = api.handle.snapshots();
    snapshots.mark_changed();
    let screen = by_screen.then(|| (api.watchers.enter(), api.handle.open_screen()));
    let follower = Follower { snapshots, stop: api.stop.clone(), _screen: screen };
    Sse::new(unfold(follower, Follower::next)).keep_alive(KeepAlive::new().interval(SIGN_OF_LIFE))
}

/// A client that follows the snapshots. However slow it is, the next snapshot is always the newest.
struct Follower {
    snapshots: watch::Receiver<Arc<Snapshot>>,
    stop: CancellationToken,
    /// If it is a screen, it counts as an open one here and in the engine.
    _screen: Option<(Watcher, OpenScreen)>,
}

impl Follower {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        tokio::select! {
            () = self.stop.cancelled() => return None,
            news = self.snapshots.changed() => news.ok()?,
        }
        let snapshot = Arc::clone(&self.snapshots.borrow_and_update());
        match serde_json::to_string(&*snapshot) {
            Ok(json) => Some((Ok(Event::default().data(json)), self)),
            Err(error) => {
                tracing::error!(%error, "a snapshot could not be written");
                None
            }
        }
    }
}

async fn sync(State(api): State<Api>, body: Result<Bytes, BytesRejection>) -> Response {
    match sync_request(body) {
        Ok(request) => command(State(api), EngineCommand::Sync(request)).await,
        Err((status, why)) => refuse(status, Why::Malformed, &why),
    }
}

/// It sends requests to Spotify, so it is no `GET`.
async fn plan(State(api): State<Api>, body: Result<Bytes, BytesRejection>) -> Response {
    let request = match sync_request(body) {
        Ok(request) => request,
        Err((status, why)) => return refuse(status, Why::Malformed, &why),
    };
    match api.backend.plan(request).await {
        Ok(plan) => Json(PlanAnswer { protocol: PROTOCOL, plan }).into_response(),
        Err(why) => refuse(StatusCode::INTERNAL_SERVER_ERROR, Why::Failed, &why),
    }
}

fn sync_request(body: Result<Bytes, BytesRejection>) -> Result<SyncRequest, (StatusCode, String)> {
    let body = body.map_err(|rejection| (rejection.status(), rejection.body_text()))?;
    let read = if body.is_empty() { Ok(SyncBody::default()) } else { serde_json::from_slice(&body) };
    read.map(SyncBody::into_request)
        .map_err(|error| (StatusCode::BAD_REQUEST, format!("invalid body: {error}")))
}

async fn command(State(api): State<Api>, command: EngineCommand) -> Response {
    match api.handle.send(command).await {
        Ok(Accepted::Run(run)) => taken(StatusCode::ACCEPTED, Some(run)),
        Ok(Accepted::Done) => taken(StatusCode::OK, None),
        Err(why) => refused(&why),
    }
}

fn taken(status: StatusCode, run: Option<crate::domain::RunId>) -> Response {
    (status, Json(AcceptedCommand { protocol: PROTOCOL, run })).into_response()
}

async fn reload(State(api): State<Api>) -> Response {
    match api.backend.reload().await {
        Ok(reloaded) => Json(ReloadAnswer { protocol: PROTOCOL, reloaded }).into_response(),
        Err(why) => refuse(StatusCode::UNPROCESSABLE_ENTITY, Why::Failed, &why),
    }
}

/// `?limit=`
#[derive(Debug, Deserialize)]
struct RunsQuery {
    limit: Option<u32>,
}

async fn runs(State(api): State<Api>, query: Result<Query<RunsQuery>, QueryRejection>) -> Response {
    let limit = match query {
        Ok(Query(query)) => query.limit.unwrap_or(RUNS).min(MOST_RUNS),
        Err(rejection) => return refuse(rejection.status(), Why::Malformed, &rejection.body_text()),
    };
    match api.backend.runs(limit).await {
        Ok(runs) => Json(RunsAnswer { protocol: PROTOCOL, runs }).into_response(),
        Err(why) => refuse(StatusCode::INTERNAL_SERVER_ERROR, Why::Failed, &why),
    }
}

async fn prometheus(State(api): State<Api>) -> Response {
    match metrics::text(&api.handle.snapshot()) {
        Ok(text) => ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response(),
        Err(error) => refuse(StatusCode::INTERNAL_SERVER_ERROR, Why::Failed, &error.to_string()),
    }
}

/// An engine is healthy if it answers; a running process is not enough.
async fn health(State(api): State<Api>) -> Response {
    match tokio::time::timeout(HEALTHY_WITHIN, api.handle.send(EngineCommand::Ping)).await {
        Ok(Ok(_)) => "ok\n".into_response(),
        _ => refused(&CommandRefused::Gone),
    }
}

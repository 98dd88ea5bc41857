//! A realistic simulated Spotify, for the demo, tests and benchmarks.
//!
//! Owns: a generated account and Spotify's answers for it, over real HTTP: the Web API in the three
//! formats that apps receive in 2026, the accounts service with PKCE, both rate limits, faults on
//! demand, and controls under `/sim`. Must not know: anything of phonolog except ids.
//!
//! ```text
//!   request ─▶ server ─▶ request_log, faults, tokens, limits ─▶ routes ─▶ render ─▶ fault_response ─▶ answer
//!                                                            │
//!   control_api ─▶ apply ───────────────────────────────▶ account ◀─ generate (seed)
//! ```

mod config;
mod content;
mod failures;
mod mutations;
mod rng;
mod time;
mod web;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::routing::{any, get, post};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use content::account::SimAccount;
use content::generate;
use failures::strikes::Faults;
use mutations::apply::Editor;
use rng::{Chance, Stream, Subject};
use time::{Advance, Millis, TooFar};
use web::answer::ErrorReply;
use web::bend::PastAccounts;
use web::limits::SimLimits;
use web::render::Render;
use web::tokens::Tokens;
use web::{accounts_service, control_api, server, truth};

pub use config::{Shape, SimConfig, UnknownShape};
pub use content::mutation::{
    Mutation, MutationError, MutationResult, Pick, PlaylistEdit, Plays, RandomEdits, RowPick, StampedAt,
};
pub use failures::fault_kind::FaultKind;
pub use failures::faults::Fault;
pub use failures::mood::{Mood, UnknownMood};
pub use failures::retry_after::RetryAfter;
pub use time::{SystemTime, TimeSource, Wait};
pub use web::request_log::Requests;

/// The base of links that belong to no request.
const NO_HOST: &str = "https://api.spotify.com/v1";

/// A Spotify with one account; clones share it.
#[derive(Clone)]
pub struct Simulator {
    inner: Arc<Inner>,
}

struct Inner {
    config: SimConfig,
    time: Arc<dyn TimeSource>,
    world: Mutex<World>,
}

/// The mutable state.
struct World {
    account: SimAccount,
    /// The account before the last edits.
    past: PastAccounts,
    advance: Advance,
    tokens: Tokens,
    limits: SimLimits,
    faults: Faults,
    requests: Requests,
    /// Requests since the start, never reset: random choices use this number.
    requests_ever: u64,
    mutations: u64,
}

impl World {
    /// The account's time.
    fn now(&self, time: &dyn TimeSource) -> Millis {
        self.advance.from(time.now())
    }
}

impl std::fmt::Debug for Simulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulator").field("config", &self.inner.config).finish_non_exhaustive()
    }
}

impl Simulator {
    /// A simulator with the machine's clock. This takes a moment, because it generates the library.
    #[must_use]
    pub fn new(config: SimConfig) -> Self {
        Self::with_time(config, Arc::new(SystemTime))
    }

    /// A simulator with its own clock.
    #[must_use]
    pub fn with_time(config: SimConfig, time: Arc<dyn TimeSource>) -> Self {
        let world = World {
            account: generate::account(&config),
            past: PastAccounts::default(),
            advance: Advance::default(),
            tokens: Tokens::new(Chance::new(config.seed)),
            limits: SimLimits::new(config.window_limit, config.day_limit),
            faults: Faults::default(),
            requests: Requests::default(),
            requests_ever: 0,
            mutations: 0,
        };
        Self { inner: Arc::new(Inner { config, time, world: Mutex::new(world) }) }
    }

    /// All routes: the Web API, the accounts service and the controls.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/v1", any(server::web_api))
            .route("/v1/", any(server::web_api))
            .route("/v1/{*path}", any(server::web_api))
            .route("/authorize", get(accounts_service::authorize))
            .route("/api/token", post(accounts_service::token))
            .route("/sim/truth", get(control_api::truth))
            .route("/sim/mutate", post(control_api::mutate))
            .route(
                "/sim/faults",
                get(control_api::faults).post(control_api::add_faults).delete(control_api::clear_faults),
            )
            .route("/sim/mood", post(control_api::mood))
            .route("/sim/requests", get(control_api::requests).delete(control_api::clear_requests))
            .route("/sim/clock", post(control_api::clock))
            .route("/sim/token", post(control_api::token))
            .fallback(async || ErrorReply::new(404, "Service not found").to_response())
            .with_state(self.clone())
    }

    /// Serves until `stop` is cancelled.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) -> std::io::Result<()> {
        axum::serve(listener, self.router()).with_graceful_shutdown(stop.cancelled_owned()).await
    }

    /// Edits the account, as `POST /sim/mutate` does: all of these edits, or none if one is
    /// impossible.
    pub fn mutate(&self, mutations: &[Mutation]) -> Result<Vec<MutationResult>, MutationError> {
        let mut world = self.world();
        let place = world.mutations;
        let done = self.apply(&mut world, place, mutations)?;
        world.mutations += mutations.len() as u64;
        Ok(done)
    }

    /// The same with choices that do not depend on the number of earlier edits: they come from the
    /// streams from `place` on.
    pub fn mutate_from(
        &self,
        place: u64,
        mutations: &[Mutation],
    ) -> Result<Vec<MutationResult>, MutationError> {
        self.apply(&mut self.world(), place, mutations)
    }

    fn apply(
        &self,
        world: &mut World,
        place: u64,
        mutations: &[Mutation],
    ) -> Result<Vec<MutationResult>, MutationError> {
        let now = world.now(self.time());
        let mut account = world.account.clone();
        account.settle(now);
        let mut done = Vec::new();
        for (place, mutation) in (place..).zip(mutations) {
            let rng = account.catalogue.chance.of(Subject::Mutation, place);
            let mut editor = Editor { account: &mut account, now, rng };
            done.extend(editor.apply(mutation)?);
        }
        let before = std::mem::replace(&mut world.account, account);
        world.past.remember(before);
        Ok(done)
    }

    /// Replaces all faults with these.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        let mut world = self.world();
        world.faults.clear();
        world.faults.add(faults);
    }

    /// The real account, as `GET /sim/truth` returns it.
    #[must_use]
    pub fn truth(&self) -> serde_json::Value {
        let mut world = self.world();
        let now = world.now(self.time());
        world.account.settle(now);
        truth::truth(Render { account: &world.account, shape: self.shape(), base: NO_HOST })
    }

    /// Every saved track, as the API shows it.
    #[must_use]
    pub fn saved_tracks(&self) -> Vec<serde_json::Value> {
        let mut world = self.world();
        let now = world.now(self.time());
        world.account.settle(now);
        let render = Render { account: &world.account, shape: self.shape(), base: NO_HOST };
        world.account.tracks.iter().map(|row| render.track(row.number)).collect()
    }

    /// The requests so far, as `GET /sim/requests` returns them.
    #[must_use]
    pub fn requests(&self) -> Requests {
        self.world().requests.clone()
    }

    /// The faults of a mood, for this account.
    #[must_use]
    pub fn faults_of(&self, mood: Mood, seed: u64) -> Vec<Fault> {
        let mut world = self.world();
        let now = world.now(self.time());
        world.account.settle(now);
        mood.faults(&world.account, &mut Chance::new(seed).of(Subject::Mood, 0))
    }

    /// Adds faults to the current ones, as `POST /sim/faults` does.
    pub fn add_faults(&self, faults: Vec<Fault>) {
        self.world().faults.add(faults);
    }

    fn faults(&self) -> Vec<Fault> {
        self.world().faults.all()
    }

    fn clear_faults(&self) {
        self.world().faults.clear();
    }

    fn clear_requests(&self) {
        self.world().requests = Requests::default();
    }

    /// Moves the account's clock forward and returns the new time.
    fn advance(&self, by: Duration) -> Result<Millis, TooFar> {
        let mut world = self.world();
        world.advance.by(by)?;
        Ok(world.now(self.time()))
    }

    /// Waits for this time, if it is not zero.
    async fn pass(&self, duration: Duration) {
        if !duration.is_zero() {
            self.inner.time.wait(duration).await;
        }
    }

    /// The account's time.
    fn now(&self) -> Millis {
        self.world().now(self.time())
    }

    fn seed(&self) -> u64 {
        self.inner.config.seed
    }

    fn world(&self) -> MutexGuard<'_, World> {
        // A panic in one answer must not stop the simulator for all others.
        self.inner.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn time(&self) -> &dyn TimeSource {
        self.inner.time.as_ref()
    }

    fn shape(&self) -> Shape {
        self.inner.config.shape
    }

    fn latency(&self) -> Duration {
        self.inner.config.latency
    }

    fn chance_of_null(&self, request: u64) -> Stream {
        self.world().account.catalogue.chance.of(Subject::NullRow, request)
    }
}

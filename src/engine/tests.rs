//! An engine whose clock is set and whose machine sleeps; and the helpers of the tests of its
//! parts.

mod answers;
mod commands;
pub mod kit;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{Engine, EngineParts, GateMemory, Schedule, Settings};
use crate::clock::{Clock, Sleep};
use crate::config;
use crate::domain::{Entity, EntityState, EntityStatus, Host, Snapshot, Zone};
use crate::spotify::{
    Broken, ClientSettings, GateSettings, HttpAnswer, Outgoing, PortError, RequestGate, SpotifyClient,
    StoredToken, TokenSlot, TokenStore, Transport,
};
use crate::store::{Access, EntityMark, Store};

pub const HOUR: Duration = Duration::from_hours(1);
/// How long to wait for what the engine does by itself once its clock allows it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Two clocks that are moved separately.
#[derive(Clone)]
struct TwoClocks(Arc<watch::Sender<(DateTime<Utc>, Duration)>>);

impl TwoClocks {
    fn new() -> Self {
        Self(Arc::new(watch::Sender::new((
            DateTime::from_timestamp(1_790_000_000, 0).unwrap(),
            Duration::ZERO,
        ))))
    }

    fn pass(&self, time: Duration) {
        self.0.send_modify(|(wall, elapsed)| {
            *wall += time;
            *elapsed += time;
        });
    }

    /// The machine sleeps, or its clock is set: the monotonic clock does not move.
    fn step(&self, time: TimeDelta) {
        self.0.send_modify(|(wall, _)| *wall += time);
    }
}

impl Clock for TwoClocks {
    fn now(&self) -> DateTime<Utc> {
        self.0.borrow().0
    }

    fn elapsed(&self) -> Duration {
        self.0.borrow().1
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let mut time = self.0.subscribe();
        let end = self.elapsed() + duration;
        Box::pin(async move {
            time.wait_for(|(_, elapsed)| *elapsed >= end).await.unwrap();
        })
    }
}

/// An empty account. It counts its requests. As configured, it refuses the albums for an hour,
/// fails at them, or does not answer them.
struct Spotify {
    requests: watch::Sender<Vec<String>>,
    refuses_albums: Mutex<bool>,
    breaks_albums: AtomicBool,
    is_silent: watch::Sender<bool>,
}

impl Transport for Spotify {
    fn exchange(&self, request: Outgoing) -> BoxFuture<'_, Result<HttpAnswer, Broken>> {
        let path = request.url().path().trim_start_matches("/v1/").to_owned();
        self.requests.send_modify(|all| all.push(path.clone()));
        let page = r#"{"items":[],"total":0,"limit":50,"offset":0,"next":null,"cursors":{"after":null}}"#;
        let (status, body) = match path.as_str() {
            "me" => (200, r#"{"id":"somebody","display_name":"Somebody"}"#.to_owned()),
            "me/albums" if *self.refuses_albums.lock().unwrap() => (429, "Too many requests".to_owned()),
            "me/albums" if self.breaks_albums.load(Ordering::Relaxed) => (404, String::new()),
            "me/following" => (200, format!(r#"{{"artists":{page}}}"#)),
            _ => (200, page.to_owned()),
        };
        let retry_after = (status == 429).then(|| HOUR.as_secs().to_string());
        let mut is_silent = self.is_silent.subscribe();
        Box::pin(async move {
            if path == "me/albums" {
                is_silent.wait_for(|is_silent| !is_silent).await.unwrap();
            }
            Ok(HttpAnswer { status, retry_after, body })
        })
    }
}

pub struct NoTokens;

impl TokenStore for NoTokens {
    fn load(&self) -> BoxFuture<'_, Result<Option<StoredToken>, PortError>> {
        Box::pin(async { Ok(None) })
    }

    fn reserve(&self) -> BoxFuture<'_, Result<Box<dyn TokenSlot>, PortError>> {
        Box::pin(async { Err(PortError("there is no login to renew".to_owned())) })
    }
}

struct Stage {
    clock: TwoClocks,
    spotify: Arc<Spotify>,
    engine: Engine,
    _dir: TempDir,
}

impl Stage {
    /// An engine that has read everything once.
    async fn new(refuses_albums: bool) -> Self {
        let stage = Self::on(refuses_albums, async |_| ()).await;
        stage.wait_for("the first sync", |rows| rows.iter().all(|row| row.next_due_at.is_some())).await;
        stage
    }

    /// An engine on a prepared database.
    async fn on(refuses_albums: bool, prepare: impl AsyncFnOnce(&Store)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("phonolog.db").display());
        let store = Store::open(&url, Access::ReadWrite).await.unwrap();
        prepare(&store).await;
        let clock = TwoClocks::new();
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let memory = GateMemory::new(store.clone());
        let pace = GateSettings { requests_per_second: 0.0, burst: 1 };
        let gate = RequestGate::open(pace, Arc::new(memory.clone()), Arc::clone(&shared)).await.unwrap();
        let requests = watch::Sender::default();
        let refuses_albums = Mutex::new(refuses_albums);
        let spotify = Arc::new(Spotify {
            requests,
            refuses_albums,
            breaks_albums: false.into(),
            is_silent: watch::Sender::new(false),
        });
        let transport: Arc<dyn Transport> = spotify.clone();
        let settings = ClientSettings {
            api_url: Url::parse("http://spotify.test/v1").unwrap(),
            accounts_url: Url::parse("http://spotify.test/").unwrap(),
            client_id: None,
            fixed_token: Some("fixed".into()),
        };
        let holds = gate.holds();
        let client = SpotifyClient::over(&transport, settings, gate, Arc::new(NoTokens), Arc::clone(&shared));
        let settings = settings_at(url);
        let parts = EngineParts { store, client, holds, memory, clock: shared, settings };
        let engine = Engine::start(parts, CancellationToken::new()).await.unwrap();
        Self { clock, spotify, engine, _dir: dir }
    }

    /// Waits until the library's gauges match.
    async fn wait_for(&self, what: &str, fits: impl Fn(&[EntityStatus]) -> bool) {
        let mut snapshots = self.engine.handle.snapshots();
        let is_right = |snapshot: &Arc<Snapshot>| {
            let rows: Vec<_> =
                snapshot.entities.iter().filter(|row| row.entity_type != Entity::Details).cloned().collect();
            let at_rest =
                |row: &EntityStatus| !matches!(row.state, EntityState::Running | EntityState::Queued);
            rows.iter().all(at_rest) && fits(&rows)
        };
        let waited = timeout(PATIENCE, async {
            loop {
                if is_right(&snapshots.borrow_and_update()) {
                    return;
                }
                // Snapshots keep their minimum interval on the engine's own clock.
                self.clock.pass(Duration::from_millis(100));
                let _ = timeout(Duration::from_millis(20), snapshots.changed()).await;
            }
        });
        assert!(waited.await.is_ok(), "{what} was waited for in vain: {:?}", self.engine.handle.snapshot());
    }

    /// Waits until `path` was requested once more, while a little time passes.
    async fn wait_for_request(&self, path: &str, before: usize) {
        let mut requests = self.spotify.requests.subscribe();
        let is_asked = |all: &Vec<String>| all.iter().filter(|asked| *asked == path).count() > before;
        assert!(
            timeout(PATIENCE, requests.wait_for(is_asked)).await.is_ok(),
            "{path} was waited for in vain"
        );
    }

    fn asked(&self, path: &str) -> usize {
        self.spotify.requests.borrow().iter().filter(|asked| *asked == path).count()
    }
}

pub fn settings_at(database: String) -> Settings {
    Settings {
        sync: config::SyncConfig {
            library_interval: HOUR,
            playback_interval: Duration::from_mins(30),
            initial_batch: 50,
            incremental_batch: 20,
            full_interval: Duration::from_hours(720),
        },
        gate: config::GateConfig {
            requests_per_second: 0.0,
            burst: 1,
            daily_budget: 300,
            wait: Duration::from_mins(1),
        },
        stats: config::StatsConfig { time_zone: Zone::UTC, counts_from: Duration::from_secs(30) },
        schedule: Schedule::Recurring,
        host: Host::Screen,
        database,
        is_exposed: false,
    }
}

#[tokio::test]
async fn when_the_clock_is_set_back_nothing_waits_longer_than_its_interval() {
    let stage = Stage::new(false).await;
    stage.clock.step(TimeDelta::days(-1));
    stage.clock.pass(Duration::from_mins(1));
    let clock = stage.clock.clone();
    let is_near = |rows: &[EntityStatus]| rows.iter().all(|row| row.next_due_at <= Some(clock.now() + HOUR));
    stage.wait_for("turns within the hour", is_near).await;
    let before = stage.asked("me/tracks");
    stage.clock.pass(HOUR);
    stage.wait_for_request("me/tracks", before).await;
    stage.engine.stop().await;
}

#[tokio::test]
async fn what_a_clock_that_was_ahead_put_off_for_years_has_its_turn_within_the_interval() {
    let stage = Stage::on(false, async |store| {
        let account = store.accounts().ensure(DateTime::UNIX_EPOCH).await.unwrap();
        let next_due_at = DateTime::from_timestamp(2_100_000_000, 0);
        let mark = EntityMark { state: EntityState::Idle, error: None, next_due_at, failures: None };
        for entity in Entity::MIRRORED {
            store.account(account.id).sync_state().mark(entity, &mark).await.unwrap();
        }
    })
    .await;
    stage.clock.pass(HOUR);
    stage.wait_for_request("me/tracks", 0).await;
    stage.engine.stop().await;
}

#[tokio::test]
async fn after_a_sleep_the_plays_are_read_and_a_hold_that_is_over_by_the_wall_clock_is_over() {
    let stage = Stage::new(true).await;
    let plays = stage.asked("me/player/recently-played");
    *stage.spotify.refuses_albums.lock().unwrap() = false;
    let albums = stage.asked("me/albums");
    stage.clock.step(TimeDelta::hours(8));
    stage.clock.pass(Duration::from_mins(1));
    stage.wait_for_request("me/player/recently-played", plays).await;
    stage.wait_for_request("me/albums", albums).await;
    stage.engine.stop().await;
}

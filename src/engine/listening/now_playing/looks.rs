//! Requests for the current track to a scripted Spotify, with a real store and a real gate, at
//! chosen times.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{IDLE, look, pace};
use crate::clock::{Clock, Sleep};
use crate::config;
use crate::domain::{Bucket, Host, NowPlaying, Zone};
use crate::engine::context::EngineContext;
use crate::engine::report::REPORTS;
use crate::engine::status::rate_limit_store::GateMemory;
use crate::engine::status::settings::{Schedule, Settings};
use crate::spotify::{
    Broken, ClientSettings, GateSettings, HttpAnswer, Outgoing, PortError, RequestGate, SpotifyClient,
    StoredToken, TokenSlot, TokenStore, Transport,
};
use crate::store::{Access, Store};

const BUDGET: u32 = 300;

/// A clock that moves only when the test moves it; nothing sleeps here.
struct StandingClock(Mutex<DateTime<Utc>>);

impl StandingClock {
    fn pass(&self, time: TimeDelta) {
        *self.0.lock().unwrap() += time;
    }
}

impl Clock for StandingClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }

    fn elapsed(&self) -> Duration {
        (self.now() - DateTime::UNIX_EPOCH).to_std().unwrap()
    }

    fn sleep(&self, _: Duration) -> Sleep {
        Box::pin(std::future::pending())
    }
}

/// Answers `/me` with a user and the player as scripted; counts the requests to the player.
struct Spotify {
    player: Mutex<(u16, String)>,
    looks: Mutex<u32>,
}

impl Transport for Spotify {
    fn exchange(&self, request: Outgoing) -> BoxFuture<'_, Result<HttpAnswer, Broken>> {
        let (status, body) = if request.url().path().ends_with("currently-playing") {
            *self.looks.lock().unwrap() += 1;
            self.player.lock().unwrap().clone()
        } else {
            (200, r#"{"id":"somebody","display_name":"Somebody"}"#.to_owned())
        };
        Box::pin(async move { Ok(HttpAnswer { status, retry_after: None, body }) })
    }
}

struct NoTokens;

impl TokenStore for NoTokens {
    fn load(&self) -> BoxFuture<'_, Result<Option<StoredToken>, PortError>> {
        Box::pin(async { Ok(None) })
    }

    fn reserve(&self) -> BoxFuture<'_, Result<Box<dyn TokenSlot>, PortError>> {
        Box::pin(async { Err(PortError("there is no login to renew".to_owned())) })
    }
}

struct PlayStage {
    ctx: EngineContext,
    clock: Arc<StandingClock>,
    spotify: Arc<Spotify>,
    _dir: TempDir,
    _reports: mpsc::Receiver<crate::engine::report::EngineReport>,
}

fn settings_at(database: String) -> Settings {
    Settings {
        sync: config::SyncConfig {
            library_interval: Duration::from_hours(1),
            playback_interval: Duration::from_mins(30),
            initial_batch: 50,
            incremental_batch: 20,
            full_interval: Duration::from_hours(720),
        },
        gate: config::GateConfig {
            requests_per_second: 0.0,
            burst: 1,
            daily_budget: BUDGET,
            wait: Duration::from_mins(1),
        },
        stats: config::StatsConfig { time_zone: Zone::UTC, counts_from: Duration::from_secs(30) },
        schedule: Schedule::Recurring,
        host: Host::Screen,
        database,
        is_exposed: false,
    }
}

impl PlayStage {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("phonolog.db").display());
        let store = Store::open(&url, Access::ReadWrite).await.unwrap();
        let clock = Arc::new(StandingClock(Mutex::new(DateTime::from_timestamp(1_790_000_000, 0).unwrap())));
        let shared: Arc<dyn Clock> = clock.clone();
        store.accounts().ensure(shared.now()).await.unwrap();
        let memory = GateMemory::new(store.clone());
        let pace = GateSettings { requests_per_second: 0.0, burst: 1 };
        let gate = RequestGate::open(pace, Arc::new(memory.clone()), shared.clone()).await.unwrap();
        let spotify = Arc::new(Spotify { player: Mutex::new((204, String::new())), looks: Mutex::new(0) });
        let transport: Arc<dyn Transport> = spotify.clone();
        let settings = ClientSettings {
            api_url: Url::parse("http://spotify.test/v1").unwrap(),
            accounts_url: Url::parse("http://spotify.test/").unwrap(),
            client_id: None,
            fixed_token: Some("fixed".into()),
        };
        let client = SpotifyClient::over(&transport, settings, gate, Arc::new(NoTokens), shared.clone());
        let (reports, received) = mpsc::channel(REPORTS);
        let ctx = EngineContext::new(store, client, shared, &settings_at(url), memory, reports);
        Self { ctx, clock, spotify, _dir: dir, _reports: received }
    }

    fn player(&self, status: u16, body: &str) {
        *self.spotify.player.lock().unwrap() = (status, body.to_owned());
    }

    async fn look(&self) -> Result<Option<NowPlaying>, String> {
        look(&self.ctx, &CancellationToken::new()).await.map_err(|error| error.to_string())
    }

    fn looks(&self) -> u32 {
        *self.spotify.looks.lock().unwrap()
    }
}

fn playing(is_playing: bool) -> String {
    let item = r#"{"type":"track","id":"4iV5W9uYEdYUVa79Axb7Rh","uri":"spotify:track:4iV5W9uYEdYUVa79Axb7Rh",
        "name":"Alma","duration_ms":200000,"artists":[{"id":"x","name":"One"}]}"#;
    format!(r#"{{"is_playing":{is_playing},"progress_ms":20000,"item":{item}}}"#)
}

#[tokio::test]
async fn nothing_plays_and_that_is_no_failure() {
    let stage = PlayStage::new().await;
    assert_eq!(stage.look().await, Ok(None));
    assert_eq!(stage.look().await, Ok(None));
    assert_eq!(stage.looks(), 2);
    assert_eq!(pace(None), IDLE);
}

#[tokio::test]
async fn what_plays_is_told_and_what_is_paused_is_looked_at_less_often() {
    let stage = PlayStage::new().await;
    stage.player(200, &playing(true));
    let moving = stage.look().await.unwrap().unwrap();
    assert_eq!((moving.name.as_str(), moving.artists.as_str()), ("Alma", "One"));
    assert_eq!((moving.progress_ms, moving.duration_ms, moving.is_playing), (20_000, Some(200_000), true));
    assert_eq!(moving.at, stage.clock.now());
    stage.player(200, &playing(false));
    let paused = stage.look().await.unwrap().unwrap();
    assert!(!paused.is_playing);
    assert!(pace(Some(&paused)) > pace(Some(&moving)));
}

#[tokio::test]
async fn a_closed_endpoint_is_probed_once_a_day() {
    let stage = PlayStage::new().await;
    stage.player(403, r#"{"error":{"status":403,"message":"Forbidden"}}"#);
    for hour in 0..72 {
        assert!(stage.look().await.is_err(), "hour {hour}");
        stage.clock.pass(TimeDelta::hours(1));
    }
    assert_eq!(stage.looks(), 3);
    // The endpoint opens one day.
    stage.player(200, &playing(true));
    assert!(stage.look().await.unwrap().is_some());
    assert!(stage.look().await.unwrap().is_some());
    assert_eq!(stage.looks(), 5);
}

#[tokio::test]
async fn a_budget_that_is_short_leaves_the_rest_to_the_history() {
    let stage = PlayStage::new().await;
    for _ in 0..BUDGET {
        stage.ctx.store.rate_limits().count_request(Bucket::Player, stage.clock.now()).await.unwrap();
    }
    assert!(stage.look().await.is_err());
    assert_eq!(stage.looks(), 0);
    stage.clock.pass(TimeDelta::hours(25));
    assert_eq!(stage.look().await, Ok(None));
    assert_eq!(stage.looks(), 1);
}

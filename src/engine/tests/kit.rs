//! Jobs and runs on a real database, with a scripted Spotify and a clock on which every wait ends
//! at once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use url::Url;

pub use super::answers::{album, contains, page, page_of, playlist, saved_track, slot};
use super::{HOUR, NoTokens, settings_at};
use crate::clock::{Clock, SharedClock, Sleep};
use crate::config;
use crate::domain::queries::{BrowseList, TableRow};
use crate::domain::{Account, Entity, Mode, PlaylistId, SyncState, Trigger, User};
use crate::engine::context::EngineContext;
use crate::engine::error::JobError;
use crate::engine::jobs::job::Job;
use crate::engine::jobs::largest_page::LargestPage;
use crate::engine::run::RunContext;
use crate::engine::status::rate_limit_store::Metered;
use crate::engine::{GateMemory, Schedule, Settings, jobs, report};
use crate::handle::SyncRequest;
use crate::spotify::{
    Broken, ClientSettings, GateSettings, HttpAnswer, Outgoing, Priority, RequestGate, SpotifyClient,
    Transport,
};
use crate::store::{Access, ChangeFilter, ContentsJob, Delta, Store};

/// A clock on which every wait ends as soon as it begins; it records the waits.
pub struct HastyClock(Mutex<(DateTime<Utc>, Duration, Vec<Duration>)>);

impl HastyClock {
    pub fn new() -> Self {
        let began = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        Self(Mutex::new((began, Duration::from_secs(1), Vec::new())))
    }

    pub fn pass(&self, time: Duration) {
        let mut now = self.0.lock().unwrap();
        now.0 += time;
        now.1 += time;
    }

    pub fn waits(&self) -> Vec<Duration> {
        self.0.lock().unwrap().2.clone()
    }
}

impl Clock for Arc<HastyClock> {
    fn now(&self) -> DateTime<Utc> {
        self.0.lock().unwrap().0
    }

    fn elapsed(&self) -> Duration {
        self.0.lock().unwrap().1
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let clock = Arc::clone(self);
        Box::pin(async move {
            clock.pass(duration);
            clock.0.lock().unwrap().2.push(duration);
        })
    }
}

/// A request to Spotify.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Without the version of the API.
    pub path: String,
    pub query: BTreeMap<String, String>,
    /// How often this path was requested before, since the answers were last changed.
    pub nth: usize,
}

impl Asked {
    pub fn number(&self, name: &str) -> usize {
        self.query.get(name).map_or(0, |text| text.parse().unwrap())
    }

    /// Path and offset.
    fn line(&self) -> String {
        let place = ["offset", "after"].iter().find_map(|name| self.query.get(*name));
        place.map_or_else(|| self.path.clone(), |place| format!("{} {place}", self.path))
    }
}

/// Status, `Retry-After` in seconds, body.
pub type Reply = (u16, Option<u64>, String);

pub fn ok(body: &Value) -> Reply {
    (200, None, body.to_string())
}

pub fn refused(status: u16) -> Reply {
    (status, None, json!({"error": {"status": status, "message": "refused"}}).to_string())
}

/// A rate limit that lasts longer than a run waits.
pub fn held() -> Reply {
    (429, Some(HOUR.as_secs()), "Too many requests".to_owned())
}

type Respond = dyn Fn(&Asked) -> Reply + Send + Sync;

struct Script {
    respond: Mutex<Arc<Respond>>,
    asked: Mutex<Vec<Asked>>,
}

impl Transport for Script {
    fn exchange(&self, request: Outgoing) -> BoxFuture<'_, Result<HttpAnswer, Broken>> {
        let url = request.url();
        let path = url.path().trim_start_matches("/v1/").to_owned();
        let (status, retry_after, body) = if path == "me" {
            ok(&json!({"id": "ann"}))
        } else {
            let query = url.query_pairs().into_owned().collect();
            let mut all = self.asked.lock().unwrap();
            let nth = all.iter().filter(|asked| asked.path == path).count();
            all.push(Asked { path, query, nth });
            let respond = Arc::clone(&self.respond.lock().unwrap());
            respond(all.last().unwrap())
        };
        let retry_after = retry_after.map(|seconds| seconds.to_string());
        Box::pin(async move { Ok(HttpAnswer { status, retry_after, body }) })
    }
}

pub struct Kit {
    pub ctx: Arc<EngineContext>,
    pub account: Account,
    pub clock: Arc<HastyClock>,
    script: Arc<Script>,
    _dir: TempDir,
}

impl Kit {
    /// Pages have three rows.
    pub async fn new(respond: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("phonolog.db").display());
        let store = Store::open(&url, Access::ReadWrite).await.unwrap();
        let clock = Arc::new(HastyClock::new());
        let user = User { id: "ann".to_owned(), account_id: None, display_name: None };
        let account = store.accounts().adopt(&user, clock.now()).await.unwrap();
        let shared: SharedClock = Arc::new(Arc::clone(&clock));
        let memory = GateMemory::new(store.clone());
        let pace = GateSettings { requests_per_second: 0.0, burst: 1 };
        let gate = RequestGate::open(pace, Arc::new(memory.clone()), Arc::clone(&shared)).await.unwrap();
        let script = Arc::new(Script { respond: Mutex::new(Arc::new(respond)), asked: Mutex::default() });
        let transport: Arc<dyn Transport> = script.clone();
        let client_settings = ClientSettings {
            api_url: Url::parse("http://spotify.test/v1").unwrap(),
            accounts_url: Url::parse("http://spotify.test/").unwrap(),
            client_id: None,
            fixed_token: Some("fixed".into()),
        };
        let client =
            SpotifyClient::over(&transport, client_settings, gate, Arc::new(NoTokens), Arc::clone(&shared));
        let (reporter, mut reports) = mpsc::channel(report::REPORTS);
        tokio::spawn(async move { while reports.recv().await.is_some() {} });
        let settings = settings_at(url);
        let sync = config::SyncConfig { initial_batch: 3, incremental_batch: 2, ..settings.sync };
        let settings = Settings { sync, schedule: Schedule::OnDemand, ..settings };
        let ctx = Arc::new(EngineContext::new(store, client, shared, &settings, memory, reporter));
        Self { ctx, account, clock, script, _dir: dir }
    }

    /// Sets Spotify's answers from now on, and clears the recorded requests.
    pub fn answers(&self, respond: impl Fn(&Asked) -> Reply + Send + Sync + 'static) {
        *self.script.respond.lock().unwrap() = Arc::new(respond);
        self.script.asked.lock().unwrap().clear();
    }

    /// The requests, path and offset, without the bodies of questions.
    pub fn asked(&self) -> Vec<String> {
        self.script.asked.lock().unwrap().iter().map(Asked::line).collect()
    }

    /// A run that a person started.
    pub async fn plan(&self, request: SyncRequest) -> RunContext {
        let now = self.clock.now();
        let runs = self.ctx.store.account(self.account.id).runs();
        let begun = runs.begin(Mode::Incremental, request.trigger, now).await.unwrap();
        RunContext {
            id: begun.id,
            account: self.account.id,
            request,
            library: self.ctx.memory.meter(Metered::Library),
            polls: 0,
            started_at: now,
        }
    }

    pub async fn job<'a>(&'a self, run: &'a RunContext, entity: Entity) -> Job<'a> {
        Job {
            ctx: &self.ctx,
            account: &self.account,
            run,
            entity,
            next_due_at: run.started_at + HOUR,
            ask: self.ctx.ask(Priority::Now, &CancellationToken::new()),
            shown: 0.into(),
            largest_page: LargestPage::load(&self.ctx, entity.bucket()).await.unwrap(),
        }
    }

    /// Reads one entity in a run of its own.
    pub async fn read(&self, entity: Entity) -> Result<Delta, JobError> {
        self.read_as(entity, |_| ()).await
    }

    pub async fn read_as(
        &self,
        entity: Entity,
        change: impl FnOnce(&mut SyncRequest),
    ) -> Result<Delta, JobError> {
        let mut request = asked_for(&[entity]);
        change(&mut request);
        let plan = self.plan(request).await;
        let job = self.job(&plan, entity).await;
        let done = jobs::perform(&job).await;
        job.keep_largest_page().await.unwrap();
        done.map(|done| done.delta)
    }

    pub async fn state(&self, entity: Entity) -> SyncState {
        self.ctx.store.account(self.account.id).sync_state().of(entity).await.unwrap()
    }

    /// Names of the items of a list, in order.
    pub async fn names(&self, list: &BrowseList) -> String {
        let rows = self.ctx.store.account(self.account.id).queries().browse(list).await.unwrap();
        let name = |row: &TableRow| {
            row.uri.as_deref().and_then(|uri| uri.rsplit(':').next()).unwrap_or("-").to_owned()
        };
        rows.iter().map(name).collect::<Vec<_>>().join(" ")
    }

    /// The journal, oldest first.
    pub async fn journal(&self) -> Vec<String> {
        let filter = ChangeFilter::default();
        let mut lines = self.ctx.store.account(self.account.id).history().changes(&filter).await.unwrap();
        let mut all = Vec::new();
        loop {
            let more = lines.more().await.unwrap();
            if more.is_empty() {
                return all;
            }
            let word =
                |uri: Option<&str>| uri.and_then(|uri| uri.rsplit(':').next()).unwrap_or("?").to_owned();
            all.extend(more.iter().map(|line| format!("{} {}", line.change, word(line.uri.as_deref()))));
        }
    }

    /// The stored state of a playlist's contents.
    pub async fn contents(&self, id: &str) -> ContentsJob {
        let lists = self.ctx.store.account(self.account.id).playlists().listed_contents().await.unwrap();
        lists.into_iter().find(|list| list.id == PlaylistId::new(id)).unwrap()
    }
}

pub fn asked_for(entities: &[Entity]) -> SyncRequest {
    SyncRequest { entities: entities.to_vec(), full: false, allow_removals: false, trigger: Trigger::Cli }
}

//! A world with a Spotify, a clock and a database, in which engines live one after the other.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::SecondsFormat;
use phonolog::clock::{Clock, SharedClock};
use phonolog::config;
use phonolog::domain::{Host, RunStatus, RunView};
use phonolog::engine::{Engine, EngineParts, GateMemory, Schedule, Settings};
use phonolog::handle::{Accepted, CommandRefused, EngineCommand, Handle, OpenScreen, SyncRequest};
use phonolog::simulator::Simulator;
use phonolog::spotify::{ClientSettings, GateSettings, Outgoing, RequestGate, SpotifyClient, TokenStore};
use phonolog::store::{LockPurpose, MigrationWatch, Store};
use rand_chacha::ChaCha8Rng;
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;
use tokio::runtime::Builder;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::album::Album;
use crate::backup::Backup;
use crate::check;
use crate::clock::SimClock;
use crate::database::Reader;
use crate::disk::Disk;
use crate::edits::Edit;
use crate::incident;
use crate::login::Keyring;
use crate::older;
use crate::oracle::{self, Oracle};
use crate::page::{self, LastPage};
use crate::script::Script;
use crate::setting::Setting;
use crate::story::{Death, Life, Whose};
use crate::trace::{self, Who};
use crate::wire::Wire;

/// Longer than anything here is refused for.
const LONGEST_REFUSAL: Duration = Duration::from_hours(26);

/// No life takes longer, whatever it is refused: an engine that only compares its clocks is stuck.
const LONGEST_LIFE: Duration = Duration::from_hours(24 * 30);

const DATABASE: &str = "phonolog.db";

/// Everything that outlives an engine.
pub struct World {
    pub clock: SimClock,
    pub simulator: Simulator,
    /// Its face, made once.
    pub router: axum::Router,
    pub keyring: Arc<Keyring>,
    pub script: Mutex<Script>,
    pub settings: config::SyncConfig,
    pub gate: config::GateConfig,
    pub dir: TempDir,
    /// The disk that it lies on.
    pub disk: Arc<Disk>,
    pub album: Mutex<Album>,
    pub oracle: Mutex<Oracle>,
    pub backup: Mutex<Option<Backup>>,
    pub last_page: tokio::sync::Mutex<LastPage>,
    /// A connection of nobody's, between two lives.
    reader: Mutex<Option<Reader>>,
    /// The store of the engine that lives.
    store: Mutex<Option<Store>>,
    /// The way to the engine that lives.
    handle: Mutex<Option<Handle>>,
    /// Screens that are open on it.
    screens: Mutex<Vec<OpenScreen>>,
    /// Other processes that are at work.
    others: AtomicU32,
    /// When Spotify last refused.
    last_refusal: Mutex<Option<Duration>>,
    /// Rests until the engine dies, while it is dying.
    countdown: Mutex<Option<u32>>,
    /// When the engine that lives began to.
    pub born: Mutex<Duration>,
    dead: AtomicBool,
    stuck: AtomicBool,
    news: Notify,
    /// Refusals for their number that an engine has heard of.
    heard: AtomicU64,
    /// When the last answer came, if it was a refusal; as the database keeps times.
    refused_at: Mutex<Option<String>>,
    /// Requests of logins that came before a Retry-After was over.
    early_logins: AtomicU64,
}

/// How it ended.
#[derive(Debug)]
pub enum Ended {
    Run(Box<RunView>),
    InTime,
    Crashed,
}

impl World {
    pub fn new(setting: &Setting, clock: SimClock) -> Arc<Self> {
        let simulator = setting.simulator(&clock);
        let shm = PathBuf::from("/dev/shm");
        let dir = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() };
        let mut dir = dir.unwrap();
        // A seed that is run alone leaves its database to be looked at.
        dir.disable_cleanup(std::env::var_os("PHONOLOG_SEED").is_some());
        let migrations = setting.migrations.unwrap_or_else(older::newest);
        std::fs::write(dir.path().join(DATABASE), older::database(migrations)).unwrap();
        Arc::new(Self {
            clock,
            router: simulator.router(),
            simulator,
            keyring: Arc::default(),
            script: Mutex::new(Script::new(setting.seed)),
            settings: setting.sync(),
            gate: setting.gate(),
            disk: Disk::of(dir.path()),
            dir,
            album: Mutex::default(),
            oracle: Mutex::default(),
            backup: Mutex::default(),
            last_page: tokio::sync::Mutex::default(),
            handle: Mutex::default(),
            screens: Mutex::default(),
            others: AtomicU32::new(0),
            last_refusal: Mutex::default(),
            reader: Mutex::new(None),
            store: Mutex::new(None),
            countdown: Mutex::new(None),
            born: Mutex::default(),
            dead: AtomicBool::new(false),
            stuck: AtomicBool::new(false),
            news: Notify::new(),
            heard: AtomicU64::new(0),
            refused_at: Mutex::default(),
            early_logins: AtomicU64::new(0),
        })
    }

    pub fn database(&self) -> PathBuf {
        self.dir.path().join(DATABASE)
    }

    /// Reads the database while no engine lives.
    pub fn read<T>(&self, what: impl AsyncFnOnce(&mut Reader) -> T) -> T {
        let kept = self.reader.lock().unwrap().take();
        let (answer, reader) = check::outside(async {
            let mut reader = match kept {
                Some(reader) => reader,
                None => Reader::open(&self.database()).await,
            };
            (what(&mut reader).await, reader)
        });
        *self.reader.lock().unwrap() = Some(reader);
        answer
    }

    /// An engine is to be the only one at the file.
    pub fn stop_reading(&self) {
        if let Some(reader) = self.reader.lock().unwrap().take() {
            check::outside(reader.close());
        }
    }

    pub fn url(&self) -> String {
        format!("sqlite:{}", self.database().display())
    }

    pub fn trace(&self, who: Who, what: impl FnOnce() -> String) {
        trace::line(self.clock.elapsed(), who, &what());
    }

    /// A step of the story begins: its chance.
    pub fn begin_step(&self, step: u32) -> ChaCha8Rng {
        let mut script = self.script.lock().unwrap();
        script.begin(step, BTreeMap::new());
        script.chance()
    }

    /// The person edits the account.
    pub fn edit(&self, edits: &[Edit]) {
        self.script.lock().unwrap().edit(&self.simulator, edits, |edit| {
            self.trace(Who::Person, || edit);
            // Old copies of a list may be of a moment between two edits.
            self.oracle.lock().unwrap().account_is(&self.simulator.truth());
        });
    }

    /// A request is about to be sent: whether the engine dies of it.
    pub async fn request_begins(self: &Arc<Self>, request: &Outgoing) -> Option<Death> {
        *self.refused_at.lock().unwrap() = None;
        page::judge(self).await;
        let death = self.incident().await;
        let url = request.url();
        self.trace(Who::Engine, || {
            format!("{} {} {}", request.method(), url.path(), url.query().unwrap_or_default())
        });
        death
    }

    /// What the script has for this request, or for the start.
    async fn incident(self: &Arc<Self>) -> Option<Death> {
        let incident = self.script.lock().unwrap().request();
        let death = match incident {
            Some(incident) => incident::happens(self, incident).await,
            None => None,
        };
        if let Some(Death::Rests(rests)) = death {
            *self.countdown.lock().unwrap() = Some(rests);
        }
        death
    }

    /// A person logs in, at this or another process; `false` where Spotify's answer was none to log in with.
    pub fn log_in(&self, whose: Whose) -> bool {
        // No two logins are made in the same millisecond.
        self.clock.pass(Duration::from_millis(1));
        let early = self.simulator.requests().early;
        let is_stored = self.keyring.log_in(&self.simulator, &self.clock, whose);
        self.early_logins.fetch_add(self.simulator.requests().early - early, Ordering::Relaxed);
        is_stored
    }

    /// Requests of engines that came before their Retry-After was over. A person logs in whenever they want.
    pub fn early_requests(&self) -> u64 {
        self.simulator.requests().early - self.early_logins.load(Ordering::Relaxed)
    }

    /// The way to the engine that lives.
    pub fn handle(&self) -> Option<Handle> {
        self.handle.lock().unwrap().clone()
    }

    /// So many screens are open from now on.
    pub fn show_screens(&self, count: u8) {
        let Some(handle) = self.handle() else { return };
        self.trace(Who::Person, || format!("{count} screens are open"));
        let mut screens = self.screens.lock().unwrap();
        screens.resize_with(usize::from(count), || handle.open_screen());
    }

    /// Another process works until what this gives is dropped: time stands still meanwhile.
    pub fn busy(&self) -> Busy<'_> {
        self.others.fetch_add(1, Ordering::Relaxed);
        Busy(&self.others)
    }

    /// Whether Spotify refused a request for their number within this time.
    pub fn refused_within(&self, time: Duration) -> bool {
        let last = *self.last_refusal.lock().unwrap();
        last.is_some_and(|last| self.clock.elapsed() < last + time)
    }

    /// The engine dies here and now: nothing that follows is ever done.
    pub async fn die<T>(&self) -> T {
        self.dead.store(true, Ordering::Relaxed);
        self.news.notify_one();
        std::future::pending().await
    }

    /// The runtime has nothing to do. If `SQLite` is quiet too, only time can bring anything on.
    fn at_rest(&self) {
        let mut countdown = self.countdown.lock().unwrap();
        match countdown.as_mut() {
            Some(0) => {
                *countdown = None;
                self.dead.store(true, Ordering::Relaxed);
                self.news.notify_one();
                return;
            }
            Some(rests) => *rests -= 1,
            None => {}
        }
        let others_work = self.others.load(Ordering::Relaxed) > 0;
        let is_quiet = !others_work && self.store.lock().unwrap().as_ref().is_some_and(Store::is_quiet);
        let is_endless = self.clock.elapsed() > *self.born.lock().unwrap() + LONGEST_LIFE;
        if is_quiet && (is_endless || !self.clock.move_on()) {
            self.stuck.store(true, Ordering::Relaxed);
            self.news.notify_one();
        }
    }

    /// Lives once.
    pub fn live(self: &Arc<Self>, life: &Life) -> Ended {
        self.trace(Who::Machine, || format!("an engine starts: {life:?}"));
        self.dead.store(false, Ordering::Relaxed);
        *self.born.lock().unwrap() = self.clock.elapsed();
        let is_plain = self.script.lock().unwrap().is_at_peace() && check::nothing_is_under_way(self);
        self.last_page.blocking_lock().begin(is_plain);
        self.stop_reading();
        let world = Arc::clone(self);
        let runtime = Builder::new_current_thread()
            .enable_all()
            .on_thread_park(move || world.at_rest())
            .build()
            .unwrap();
        // A task of its own: the runtime comes to rest also when only its main future is awake.
        let session = runtime.spawn(session(Arc::clone(self), life.clone()));
        let ended = runtime.block_on(async {
            tokio::select! {
                biased;
                ended = session => ended.unwrap(),
                ended = self.end() => ended,
            }
        });
        drop(runtime);
        self.last_page.blocking_lock().begin(false);
        self.disk_recovers();
        *self.store.lock().unwrap() = None;
        *self.countdown.lock().unwrap() = None;
        self.screens.lock().unwrap().clear();
        *self.handle.lock().unwrap() = None;
        self.others.store(0, Ordering::Relaxed);
        if matches!(ended, Ended::Crashed) {
            self.bury();
            self.outlast_what_nobody_heard();
            if is_plain && check::has_tables(self) {
                check::checkpoints_fit_their_rows(self, check::query(self, check::CHECKPOINTS));
            }
        }
        self.trace(Who::Machine, || format!("the engine ended: {ended:?}"));
        oracle::judge(self, &ended);
        ended
    }

    /// No disk fails for longer than an engine lives.
    fn disk_recovers(&self) {
        let failed = self.disk.recovers();
        if failed > 0 {
            self.trace(Who::Machine, || format!("its disk is well again, after {failed} calls that failed"));
        }
    }

    /// An engine was told to wait.
    pub fn hear_refusal(&self) {
        *self.last_refusal.lock().unwrap() = Some(self.clock.elapsed());
        self.heard.fetch_add(1, Ordering::Relaxed);
        let now = self.clock.now().to_rfc3339_opts(SecondsFormat::Millis, true);
        *self.refused_at.lock().unwrap() = Some(now);
    }

    /// A refusal that died on its way, or with its hearer before it was on disk, binds nobody, however early
    /// the next request comes.
    fn outlast_what_nobody_heard(&self) {
        let rejected = self.simulator.requests().rejected;
        let was_heard = self.heard.swap(rejected, Ordering::Relaxed) == rejected;
        let is_known = self.refused_at.lock().unwrap().take().is_none_or(|at| {
            let holds = check::query(self, "select hit_at from holds");
            holds.iter().any(|hold| hold["hit_at"].as_str().unwrap() >= at.as_str())
        });
        if !was_heard || !is_known {
            self.trace(Who::Story, || "a refusal was not heard".to_owned());
            self.clock.pass(LONGEST_REFUSAL);
        }
    }

    async fn end(&self) -> Ended {
        loop {
            self.news.notified().await;
            assert!(!self.stuck.load(Ordering::Relaxed), "everybody waits and nobody sleeps");
            if self.dead.load(Ordering::Relaxed) {
                return Ended::Crashed;
            }
        }
    }

    /// Waits until the dead engine's connections have let go of the file, as the kernel sees to when a
    /// process dies. Only the last one to hold a database may change its journal mode.
    fn bury(&self) {
        check::outside(async {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(self.database());
            let mut last = options.connect().await.unwrap();
            while sqlx::query("pragma journal_mode = delete").execute(&mut last).await.is_err() {
                tokio::task::yield_now().await;
            }
            last.close().await.unwrap();
        });
    }
}

/// Another process is at work.
pub struct Busy<'a>(&'a AtomicU32);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn session(world: Arc<World>, life: Life) -> Ended {
    if matches!(world.incident().await, Some(Death::Before | Death::Unanswered)) {
        return world.die().await;
    }
    let watch = MigrationWatch::default();
    let (store, lock) = Store::open_locked(&world.url(), LockPurpose::Engine, &watch).await.unwrap();
    *world.store.lock().unwrap() = Some(store.clone());
    let clock: SharedClock = Arc::new(world.clock.clone());
    let memory = GateMemory::new(store.clone());
    let pace = GateSettings { requests_per_second: world.gate.requests_per_second, burst: world.gate.burst };
    let gate = RequestGate::open(pace, Arc::new(memory.clone()), Arc::clone(&clock)).await.unwrap();
    let schedule = match life {
        Life::Once(_) => Schedule::OnDemand,
        Life::Minutes(_) => Schedule::Recurring,
    };
    let settings = Settings {
        sync: world.settings,
        gate: world.gate,
        schedule,
        host: Host::Command,
        database: world.url(),
        stats: phonolog::config::StatsConfig {
            time_zone: phonolog::domain::Zone::UTC,
            counts_from: Duration::from_secs(30),
        },
        is_exposed: false,
    };
    let parts = EngineParts {
        store: store.clone(),
        client: client(&world, gate.clone(), &clock),
        holds: gate.holds(),
        memory,
        clock: Arc::clone(&clock),
        settings,
    };
    let engine = Engine::start(parts, CancellationToken::new()).await.unwrap();
    *world.handle.lock().unwrap() = Some(engine.handle.clone());
    if world.script.lock().unwrap().is_over() && engine.handle.snapshot().paused {
        engine.handle.send(EngineCommand::Resume).await.unwrap();
    }
    let ended = match life {
        Life::Once(request) => Ended::Run(Box::new(run(&engine.handle, request).await)),
        Life::Minutes(minutes) => {
            clock.sleep(Duration::from_mins(minutes)).await;
            Ended::InTime
        }
    };
    engine.stop().await;
    {
        let _busy = world.busy();
        world.last_page.lock().await.close().await;
    }
    *world.store.lock().unwrap() = None;
    store.close().await;
    drop(lock);
    ended
}

fn client(world: &Arc<World>, gate: RequestGate, clock: &SharedClock) -> SpotifyClient {
    let url = |path| Url::parse("http://spotify.test").unwrap().join(path).unwrap();
    let settings = ClientSettings {
        api_url: url("/v1"),
        accounts_url: url("/"),
        client_id: Some(crate::login::CLIENT_ID.to_owned()),
        fixed_token: None,
    };
    let transport: Arc<dyn phonolog::spotify::Transport> = Arc::new(Wire(Arc::clone(world)));
    let tokens: Arc<dyn TokenStore> = Arc::<Keyring>::clone(&world.keyring);
    SpotifyClient::over(&transport, settings, gate, tokens, Arc::clone(clock))
}

async fn run(handle: &Handle, request: SyncRequest) -> RunView {
    let mut begun = handle.send(EngineCommand::Sync(request.clone())).await;
    if begun == Err(CommandRefused::Paused) {
        handle.send(EngineCommand::Resume).await.unwrap();
        begun = handle.send(EngineCommand::Sync(request)).await;
    }
    let Ok(Accepted::Run(id)) = begun else {
        panic!("the engine did not begin a run: {begun:?}");
    };
    let mut snapshots = handle.snapshots();
    loop {
        let run = snapshots.borrow_and_update().run.clone();
        if let Some(run) = run.filter(|run| run.id == id && run.status != RunStatus::Running) {
            return run;
        }
        snapshots.changed().await.unwrap();
    }
}

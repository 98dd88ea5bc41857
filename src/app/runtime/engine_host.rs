//! Opens the parts of an engine: lock, database, gate, client.

use std::sync::Arc;

use color_eyre::Result;
use tokio_util::sync::CancellationToken;

use crate::api::{ApiToken, PlaceError, ServeError, Server};
use crate::clock::{SharedClock, SystemClock};
use crate::config::Config;
use crate::domain::Host;
use crate::engine::{Engine, EngineParts, GateMemory, Schedule, Settings};
use crate::spotify::{ClientSettings, GateSettings, RequestGate, SpotifyClient, TokenStore};
use crate::store::{DatabaseLock, LockPurpose, Store};

use super::alert_delivery::Courier;
use super::api_backend::EngineBackend;
use super::file_guard::FileGuard;
use super::logging::private_dir;
use super::token_file::TokenFile;
use super::{connect, migration};
use crate::app::output::print;
use crate::app::{Failure, Loaded};

/// A running engine and everything that must outlive it.
pub struct EngineRoom {
    /// The engine.
    pub engine: Engine,
    /// The clock.
    pub clock: SharedClock,
    /// The database.
    pub store: Store,
    /// Lets others attach, if that is allowed.
    server: Option<Server>,
    /// Reads the config again on request.
    pub desk: Option<Arc<EngineBackend>>,
    /// Delivers alerts, if others may attach.
    courier: Option<Courier>,
    /// Holds the lock, which is released last, so that the next engine never finds a database in
    /// use.
    guard: FileGuard,
}

/// Everything that is needed before the first request to Spotify.
pub struct Connection {
    /// The database.
    pub store: Store,
    /// The Spotify client.
    pub client: SpotifyClient,
    /// The gate, for its holds.
    pub gate: RequestGate,
    /// The gate's stored state.
    pub memory: GateMemory,
    /// The clock.
    pub clock: SharedClock,
    /// Held as long as the database is written.
    pub lock: DatabaseLock,
}

/// Opens and locks the database, and a client that uses the gate of that database for every
/// request.
pub async fn connect(
    config: &Config,
    tokens: Arc<dyn TokenStore>,
    purpose: LockPurpose,
) -> Result<Connection> {
    let (store, lock) = open_for_writing(config, purpose).await?;
    let clock = SystemClock::shared();
    let (client, gate, memory) = open_client(config, &store, tokens, &clock).await?;
    Ok(Connection { store, client, gate, memory, clock, lock })
}

/// A client whose requests all pass the gate of this database.
pub async fn open_client(
    config: &Config,
    store: &Store,
    tokens: Arc<dyn TokenStore>,
    clock: &SharedClock,
) -> Result<(SpotifyClient, RequestGate, GateMemory)> {
    let memory = GateMemory::new(store.clone());
    let pace =
        GateSettings { requests_per_second: config.gate.requests_per_second, burst: config.gate.burst };
    let gate = RequestGate::open(pace, Arc::new(memory.clone()), Arc::clone(clock)).await?;
    let client = SpotifyClient::new(client_settings(config), gate.clone(), tokens, Arc::clone(clock))?;
    Ok((client, gate, memory))
}

/// Opens the database for writing, with the lock of that purpose; nothing else in `app` opens it
/// like this. The lock must outlive the store.
pub async fn open_for_writing(config: &Config, purpose: LockPurpose) -> Result<(Store, DatabaseLock)> {
    make_places(config)?;
    migration::open_watched(&config.paths.database_url(), purpose).await
}

/// Creates the directories of data and database, accessible by their owner only.
fn make_places(config: &Config) -> Result<(), Failure> {
    private_dir(&config.paths.data_dir)?;
    match config.paths.database.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => private_dir(dir),
        _ => Ok(()),
    }
}

/// The Spotify settings of the config.
pub fn client_settings(config: &Config) -> ClientSettings {
    ClientSettings {
        api_url: config.api_url.clone(),
        accounts_url: config.accounts_url.clone(),
        client_id: config.client_id.clone(),
        fixed_token: config.access_token.clone(),
    }
}

/// Takes the lock and opens the parts of an engine.
pub async fn prepare(config: &Config, schedule: Schedule, host: Host) -> Result<(EngineParts, DatabaseLock)> {
    if connect::is_unlocked_engine_running(config) {
        return Err(Failure::failed(
            "another phonolog is using this database although its lock file was deleted; stop that process and start again",
        )
        .into());
    }
    let tokens = TokenFile::new(config.paths.token_file());
    let connection = connect(config, Arc::new(tokens.clone()), LockPurpose::Engine).await?;
    tokens.tidy();
    let Connection { store, client, gate, memory, clock, lock } = connection;
    let settings = settings(config, schedule, host);
    let parts = EngineParts { store, client, holds: gate.holds(), memory, clock, settings };
    Ok((parts, lock))
}

/// What the config says to an engine.
pub fn settings(config: &Config, schedule: Schedule, host: Host) -> Settings {
    Settings {
        sync: config.sync,
        gate: config.gate,
        stats: config.stats,
        schedule,
        host,
        database: config.paths.database_url(),
        is_exposed: config.is_exposed(),
    }
}

/// Takes the lock and starts an engine.
pub async fn start(
    config: &Config,
    schedule: Schedule,
    host: Host,
    stop: CancellationToken,
) -> Result<EngineRoom> {
    let (parts, lock) = prepare(config, schedule, host).await?;
    lock.record_socket(connect::own_place(config).socket());
    let (store, clock) = (parts.store.clone(), Arc::clone(&parts.clock));
    let stop = stop.child_token();
    let engine = Engine::start(parts, stop.clone()).await?;
    let guard = FileGuard::start(lock, store.clone(), stop);
    Ok(EngineRoom { engine, clock, store, server: None, desk: None, courier: None, guard })
}

/// Takes the lock, starts an engine and lets others attach to it.
pub async fn start_open(
    loaded: &Loaded,
    schedule: Schedule,
    host: Host,
    stop: CancellationToken,
) -> Result<EngineRoom> {
    let mut room = start(&loaded.config, schedule, host, stop).await?;
    let desk = Arc::new(EngineBackend::new(loaded.clone(), room.store.clone(), room.engine.tuner()));
    room.desk = Some(Arc::clone(&desk));
    let news = room.engine.alerts.clone();
    room.courier = Some(Courier::start(
        room.store.clone(),
        &loaded.config.alerts,
        news,
        room.engine.supervisor.clone(),
    )?);
    match serve(&loaded.config, &room, desk).await {
        Ok(server) => room.server = Some(server),
        // Another engine answers there, or the configured port is not available.
        Err(error) if host != Host::Command && !is_without_place(&error) => {
            room.close().await;
            return Err(error);
        }
        // Without a socket nothing is lost but attached screens.
        Err(error) => {
            tracing::warn!(%error, "there is no socket, so nothing can attach; recording continues");
            print::error(&format!("{error}; recording continues, but no screen or command can attach"));
        }
    }
    Ok(room)
}

/// Whether there is no place for the socket.
fn is_without_place(error: &color_eyre::Report) -> bool {
    matches!(
        error.downcast_ref(),
        Some(ServeError::Place(PlaceError::Unsafe { .. } | PlaceError::Unusable { .. }))
    )
}

async fn serve(config: &Config, room: &EngineRoom, desk: Arc<EngineBackend>) -> Result<Server> {
    let server = Server::start(room.engine.handle.clone(), desk, connect::own_place(config))?;
    if let Some(address) = config.api_listen {
        let listening = match ApiToken::open(&config.paths.api_token_file()) {
            Ok(token) => server.listen(address, token).await.map_err(color_eyre::Report::from),
            Err(error) => Err(error.into()),
        };
        match listening {
            Ok(bound) => tracing::info!(%bound, "the local API listens on TCP, too"),
            Err(error) => {
                server.close().await;
                return Err(error);
            }
        }
    }
    Ok(server)
}

impl EngineRoom {
    /// How many other screens follow the engine.
    pub fn watchers(&self) -> usize {
        self.server.as_ref().map_or(0, Server::watchers)
    }

    /// Ends when the engine was stopped because its files were replaced; returns the reason.
    pub async fn fault(&self) -> String {
        self.guard.fault().await
    }

    /// Delivers an alert that no database stores.
    pub async fn deliver_fault(&self, why: &str) {
        if let Some(courier) = &self.courier {
            courier.deliver_now(why).await;
        }
    }

    /// Stops the engine, notifies followers, delivers the remaining alerts, closes the database,
    /// and releases the lock.
    pub async fn close(self) {
        self.engine.stop().await;
        if let Some(courier) = self.courier {
            courier.close().await;
        }
        if let Some(server) = self.server {
            server.close().await;
        }
        self.store.close().await;
        self.guard.close().await;
    }
}

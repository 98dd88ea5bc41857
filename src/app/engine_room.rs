//! Opens what an engine is made of: lock, database, gate, client.

use std::sync::Arc;

use color_eyre::Result;
use tokio_util::sync::CancellationToken;

use crate::clock::{SharedClock, SystemClock};
use crate::config::Config;
use crate::domain::Host;
use crate::engine::{Engine, GateMemory, Parts, Schedule, Settings};
use crate::remote::{ApiToken, Server};
use crate::spotify::{Client, ClientSettings, Gate, GateSettings, TokenStore};
use crate::store::{Access, EngineLock, Store, StoreError};

use super::courier::Courier;
use super::desk::Desk;
use super::logging::private_dir;
use super::token_file::TokenFile;
use super::{Failure, Loaded, meeting, out};

/// A running engine and what must outlive it.
pub struct EngineRoom {
    /// The engine.
    pub engine: Engine,
    /// What time it is.
    pub clock: SharedClock,
    /// The database.
    pub store: Store,
    /// Lets others attach, where they may.
    server: Option<Server>,
    /// Reads the config again when it is asked to.
    pub desk: Option<Arc<Desk>>,
    /// Tells alerts outside, where others may attach.
    courier: Option<Courier>,
    /// Freed last, so that a successor never meets a database still in use.
    lock: EngineLock,
}

/// Everything between a config and Spotify's first answer.
pub struct Connection {
    /// The database.
    pub store: Store,
    /// Spotify.
    pub client: Client,
    /// The gate, for its holds.
    pub gate: Gate,
    /// The gate's memory.
    pub memory: GateMemory,
    /// What time it is.
    pub clock: SharedClock,
}

/// Opens the database and a client whose every request passes the gate of that database.
pub async fn connect(config: &Config, tokens: Arc<dyn TokenStore>) -> Result<Connection> {
    make_places(config)?;
    let store = Store::open(&config.paths.database_url(), Access::ReadWrite).await?;
    let clock = SystemClock::shared();
    let memory = GateMemory::new(store.clone());
    let pace =
        GateSettings { requests_per_second: config.gate.requests_per_second, burst: config.gate.burst };
    let gate = Gate::open(pace, Arc::new(memory.clone()), Arc::clone(&clock)).await?;
    let client = Client::new(client_settings(config), gate.clone(), tokens, Arc::clone(&clock))?;
    Ok(Connection { store, client, gate, memory, clock })
}

/// Opens the database for a writer that may work beside an engine: only where it is missing or of an older
/// schema must nobody else be at work.
pub async fn open_beside_an_engine(config: &Config) -> Result<Store> {
    make_places(config)?;
    let url = config.paths.database_url();
    match Store::open(&url, Access::ReadOnly).await {
        Ok(store) => store.close().await,
        Err(StoreError::Missing { .. } | StoreError::OlderDatabase { .. }) => {
            let _lock = EngineLock::take(&config.paths.database)?;
            return Ok(Store::open(&url, Access::ReadWrite).await?);
        }
        // What is there but has no tables yet is one for an engine to begin, and anything else to refuse.
        Err(_) => {}
    }
    Ok(Store::open(&url, Access::ReadWrite).await?)
}

/// The directories of data and database, for their owner alone.
fn make_places(config: &Config) -> Result<(), Failure> {
    private_dir(&config.paths.data_dir)?;
    match config.paths.database.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => private_dir(dir),
        _ => Ok(()),
    }
}

/// What the config says of Spotify.
pub fn client_settings(config: &Config) -> ClientSettings {
    ClientSettings {
        api_url: config.api_url.clone(),
        accounts_url: config.accounts_url.clone(),
        client_id: config.client_id.clone(),
        fixed_token: config.access_token.clone(),
    }
}

/// Takes the lock and opens what an engine is made of.
pub async fn prepare(config: &Config, schedule: Schedule, host: Host) -> Result<(Parts, EngineLock)> {
    make_places(config)?;
    let lock = EngineLock::take(&config.paths.database)?;
    let tokens = Arc::new(TokenFile::new(config.paths.token_file()));
    let Connection { store, client, gate, memory, clock } = connect(config, tokens).await?;
    let settings = Settings {
        sync: config.sync,
        gate: config.gate,
        stats: config.stats,
        schedule,
        host,
        database: config.paths.database_url(),
        login_is_checked: config.access_token.is_none(),
    };
    let parts = Parts { store, client, holds: gate.holds(), memory, clock, settings };
    Ok((parts, lock))
}

/// Takes the lock and starts an engine.
pub async fn start(
    config: &Config,
    schedule: Schedule,
    host: Host,
    stop: CancellationToken,
) -> Result<EngineRoom> {
    let (parts, lock) = prepare(config, schedule, host).await?;
    let (store, clock) = (parts.store.clone(), Arc::clone(&parts.clock));
    let engine = Engine::start(parts, stop).await?;
    Ok(EngineRoom { engine, clock, store, server: None, desk: None, courier: None, lock })
}

/// Takes the lock, starts an engine and lets others attach to it.
pub async fn start_open(
    loaded: &Loaded,
    schedule: Schedule,
    host: Host,
    stop: CancellationToken,
) -> Result<EngineRoom> {
    let mut room = start(&loaded.config, schedule, host, stop).await?;
    let desk = Arc::new(Desk::new(loaded.clone(), room.store.clone(), room.engine.tuner()));
    room.desk = Some(Arc::clone(&desk));
    let news = room.engine.alerts.clone();
    room.courier = Some(Courier::start(room.store.clone(), &loaded.config.alerts, news)?);
    match serve(&loaded.config, &room, desk).await {
        Ok(server) => room.server = Some(server),
        // A command has its work to do, and whoever wants to watch it can do without.
        Err(error) if host == Host::Command => out::complain(&error.to_string()),
        Err(error) => {
            room.close().await;
            return Err(error);
        }
    }
    Ok(room)
}

async fn serve(config: &Config, room: &EngineRoom, desk: Arc<Desk>) -> Result<Server> {
    let server = Server::start(room.engine.handle.clone(), desk, meeting::own_place(config))?;
    room.lock.tell_socket(server.place().socket());
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
    /// How many others follow what the engine does.
    pub fn watchers(&self) -> usize {
        self.server.as_ref().map_or(0, Server::watchers)
    }

    /// Stops the engine, tells those who follow and what is still to be told, closes the database, frees the lock.
    pub async fn close(self) {
        self.engine.stop().await;
        if let Some(courier) = self.courier {
            courier.close().await;
        }
        if let Some(server) = self.server {
            server.close().await;
        }
        self.store.close().await;
    }
}

//! Connects to a running engine, or starts one.

use std::path::{Path, PathBuf};
use std::time::Duration;

use color_eyre::Result;
use serde_json::Value;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::api::{AttachError, SocketPlace, attach as attach_at, plan as plan_at};
use crate::config::Config;
use crate::domain::Host;
use crate::engine::Schedule;
use crate::handle::{CommandRefused, Handle, SyncRequest};
use crate::store::{DatabaseLock, LockError, StoreError};

use super::engine_host::{self, EngineRoom};
use crate::app::Loaded;

/// How long an engine that holds the lock may take to open its socket.
const PATIENCE: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The engine that was found or started.
pub enum Reached {
    /// One of our own, with the lock.
    Own(Box<EngineRoom>),
    /// One of another process.
    Attached(Handle),
}

/// Where an engine of this process opens its socket.
pub fn own_place(config: &Config) -> SocketPlace {
    place(config, runtime_dir().as_deref())
}

fn place(config: &Config, runtime: Option<&Path>) -> SocketPlace {
    SocketPlace::of(&config.paths.database, runtime, &std::env::temp_dir())
}

/// The folder of the session. A shell that was not started by a login may not name it, but the
/// daemon's socket is there nevertheless.
fn runtime_dir() -> Option<PathBuf> {
    let named = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|dir| dir.is_absolute());
    let usual = || PathBuf::from(format!("/run/user/{}", rustix::process::geteuid().as_raw()));
    named.or_else(|| Some(usual())).filter(|dir| dir.is_dir())
}

/// Attaches to the engine of this database, if one runs.
pub async fn attach(config: &Config) -> Result<Handle, AttachError> {
    first_place(config, async |place| attach_at(&place).await).await
}

/// The dry run of this database's engine; `Nobody` if none runs.
pub async fn plan(
    config: &Config,
    request: &SyncRequest,
) -> Result<Result<Value, CommandRefused>, AttachError> {
    first_place(config, async |place| plan_at(&place, request).await).await
}

/// Tries each place where an engine of this database may have its socket, until one answers.
pub async fn first_place<T>(
    config: &Config,
    ask: impl AsyncFn(SocketPlace) -> Result<T, AttachError>,
) -> Result<T, AttachError> {
    for place in places(config) {
        match ask(place).await {
            Err(AttachError::Nobody) => {}
            // An engine opens no socket there, and works without one.
            Err(AttachError::Place(error)) => {
                tracing::warn!(%error, "skipped the search for an engine there");
            }
            met => return met,
        }
    }
    Err(AttachError::Nobody)
}

fn places(config: &Config) -> Vec<SocketPlace> {
    let mut places = vec![own_place(config)];
    let temporary = place(config, None);
    if !places.contains(&temporary) {
        places.push(temporary);
    }
    places
}

/// Whether an engine of this database runs that has lost its lock file, so that the lock is free.
pub fn is_unlocked_engine_running(config: &Config) -> bool {
    !DatabaseLock::is_engine_running(&config.paths.database)
        && places(config).iter().any(SocketPlace::is_answered)
}

/// Attaches to the running engine, otherwise starts one that others can attach to.
pub async fn reach(
    loaded: &Loaded,
    schedule: Schedule,
    host: Host,
    stop: &CancellationToken,
) -> Result<Reached> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match attach(&loaded.config).await {
            Ok(handle) => return Ok(Reached::Attached(handle)),
            Err(AttachError::Nobody) => {}
            Err(error) => return Err(error.into()),
        }
        match engine_host::start_open(loaded, schedule, host, stop.child_token()).await {
            Ok(room) => return Ok(Reached::Own(Box::new(room))),
            // The engine has just started or is about to end: in a moment it accepts connections,
            // or the lock is free.
            Err(error) if is_held(&error) && Instant::now() < deadline => sleep(LOOK_AGAIN).await,
            Err(error) => return Err(error),
        }
    }
}

/// Whether an engine could not start because another one runs.
pub fn is_held(error: &color_eyre::Report) -> bool {
    matches!(error.downcast_ref::<StoreError>(), Some(StoreError::Lock(LockError::Held(_))))
}

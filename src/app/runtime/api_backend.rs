//! The backend of the local API: the stored runs, and reading the config again.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::api::{ApiBackend, Reloaded};
use crate::config::{self, Config, GateConfig};
use crate::domain::RunView;
use crate::engine::{self, Tunable, Tuner};
use crate::handle::SyncRequest;
use crate::store::Store;

use super::logging;
use crate::app::Loaded;

/// Keys that are applied at once when they change; all others need a restart.
const LIVE: [&str; 8] = [
    "sync.library_interval",
    "sync.playback_interval",
    "sync.full_interval",
    "sync.initial_batch",
    "sync.incremental_batch",
    "gate.daily_budget",
    "gate.wait",
    "log.filter",
];

/// The backend of a running engine.
pub struct EngineBackend {
    loaded: Mutex<Loaded>,
    store: Store,
    tuner: Tuner,
}

impl EngineBackend {
    /// For an engine that was started with this config.
    pub fn new(loaded: Loaded, store: Store, tuner: Tuner) -> Self {
        Self { loaded: Mutex::new(loaded), store, tuner }
    }

    /// Reads the config again. An invalid one changes nothing.
    pub fn read_config(&self) -> Result<Reloaded, String> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let new = crate::app::settings(&loaded.flags)
            .map_err(|error| format!("{error}; the settings were not changed"))?;
        let reloaded = compare(&loaded.config, &new);
        if new.log_filter != loaded.config.log_filter {
            logging::set_filter(&new.log_filter).map_err(|error| error.to_string())?;
        }
        let gate = GateConfig {
            requests_per_second: loaded.config.gate.requests_per_second,
            burst: loaded.config.gate.burst,
            ..new.gate
        };
        self.tuner.tune(Tunable { sync: new.sync, gate });
        loaded.config.sync = new.sync;
        loaded.config.gate = gate;
        loaded.config.log_filter = new.log_filter;
        tracing::info!(changed = ?reloaded.changed, needs_restart = ?reloaded.needs_restart, "config reloaded");
        Ok(reloaded)
    }
}

/// The changed keys: those that are applied at once, and those that are not. Keys of the screen do
/// not concern the engine.
fn compare(old: &Config, new: &Config) -> Reloaded {
    let (old, new) = (keys(old), keys(new));
    let differing = new.iter().filter(|(key, value)| old.get(*key) != Some(*value)).map(|(key, _)| key);
    let (changed, needs_restart) = differing
        .filter(|key| !key.starts_with("ui.") && !key.starts_with("keys."))
        .cloned()
        .partition(|key| LIVE.contains(&key.as_str()));
    Reloaded { changed, needs_restart }
}

fn keys(config: &Config) -> BTreeMap<String, String> {
    let described = config::describe(config);
    let lines = described.lines().filter_map(|line| line.split_once(" = "));
    lines.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

impl ApiBackend for EngineBackend {
    fn runs(&self, limit: u32) -> BoxFuture<'_, Result<Vec<RunView>, String>> {
        Box::pin(async move {
            let told = match self.store.accounts().current().await {
                Ok(Some(account)) => self.store.account(account.id).runs().newest(limit).await,
                Ok(None) => Ok(Vec::new()),
                Err(error) => Err(error),
            };
            told.map_err(|error| error.to_string())
        })
    }

    fn plan(&self, request: SyncRequest) -> BoxFuture<'_, Result<Value, String>> {
        let context = self.tuner.plan_context();
        Box::pin(async move {
            // In a separate task: the caller may go away, and a refusal must be handled
            // nevertheless.
            let planned =
                tokio::spawn(
                    async move { engine::plan(&context, &request, &CancellationToken::new()).await },
                );
            let plan = planned.await.map_err(|error| format!("cannot make the plan ({error})"))?;
            serde_json::to_value(plan).map_err(|error| error.to_string())
        })
    }

    fn reload(&self) -> BoxFuture<'_, Result<Reloaded, String>> {
        Box::pin(async { self.read_config() })
    }
}

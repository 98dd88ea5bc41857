//! `phonolog pause`, `resume`, `cancel`, `reload`: commands to the running engine.

use color_eyre::Result;
use serde_json::json;

use crate::api::{AttachError, reload as reload_at};
use crate::config::Config;
use crate::handle::{Accepted, EngineCommand, Handle};
use crate::store::{DatabaseLock, Flag, LockPurpose};

use crate::app::Failure;
use crate::app::output::print;
use crate::app::runtime::{connect, engine_host};

/// Pauses or resumes the library sync; if no engine runs, for the next one.
pub async fn pause(config: &Config, paused: bool, as_json: bool) -> Result<u8> {
    let command = if paused { EngineCommand::Pause } else { EngineCommand::Resume };
    match running(config).await? {
        Some(handle) => drop(send(&handle, command).await?),
        None => set_flag(config, paused).await?,
    }
    let sentence = if paused {
        "The library sync is paused; plays are still recorded. `phonolog resume` continues it."
    } else {
        "The library sync is resumed."
    };
    print_result(as_json, &json!({ "paused": paused }), sentence)
}

/// Stops the current run.
pub async fn cancel(config: &Config, as_json: bool) -> Result<u8> {
    let Some(handle) = running(config).await? else {
        if DatabaseLock::is_engine_running(&config.paths.database) {
            return Err(Failure::failed(
                "the engine is running but does not respond; see `phonolog logs`, or restart it",
            )
            .into());
        }
        return Err(Failure::failed("no engine is running, so no sync is running").into());
    };
    send(&handle, EngineCommand::Cancel).await?;
    print_result(
        as_json,
        &json!({ "cancelled": true }),
        "The sync stops after its current page; the page is kept.",
    )
}

/// Makes the engine read its config again.
pub async fn reload(config: &Config, as_json: bool) -> Result<u8> {
    let answer = connect::first_place(config, async |place| reload_at(&place).await).await?;
    let reloaded = answer.map_err(|refused| Failure::failed(refused.to_string()))?;
    let list = |keys: &[String]| keys.join(", ");
    let mut sentences = Vec::new();
    if !reloaded.changed.is_empty() {
        sentences.push(format!("Changed: {}.", list(&reloaded.changed)));
    }
    if !reloaded.needs_restart.is_empty() {
        sentences.push(format!("Restart the engine to apply: {}.", list(&reloaded.needs_restart)));
    }
    if sentences.is_empty() {
        sentences.push("Nothing changed.".to_owned());
    }
    print_result(as_json, &serde_json::to_value(&reloaded)?, &sentences.join(" "))
}

fn print_result(as_json: bool, facts: &serde_json::Value, sentence: &str) -> Result<u8> {
    if as_json {
        print::json(facts)?;
    } else {
        print::line(sentence);
    }
    Ok(0)
}

/// The engine of this database, if one runs.
async fn running(config: &Config) -> Result<Option<Handle>> {
    match connect::attach(config).await {
        Ok(handle) => Ok(Some(handle)),
        Err(AttachError::Nobody) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn send(handle: &Handle, command: EngineCommand) -> Result<Accepted, Failure> {
    handle.send(command).await.map_err(|refused| Failure::failed(refused.to_string()))
}

async fn set_flag(config: &Config, paused: bool) -> Result<()> {
    if !config.paths.database.exists() {
        return Err(Failure::failed("there is no record yet, so there is nothing to pause").into());
    }
    let (store, _lock) = engine_host::open_for_writing(config, LockPurpose::Setting).await?;
    let set = store.settings().set_flag(Flag::Paused, paused).await;
    store.close().await;
    Ok(set?)
}

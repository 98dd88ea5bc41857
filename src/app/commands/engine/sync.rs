//! `phonolog sync`: one run; the exit status shows its result. If an engine runs, it does the work,
//! and this command prints the progress.

use color_eyre::Result;
use tokio_util::sync::CancellationToken;

use crate::cli;
use crate::config::Config;
use crate::domain::{Host, RunId, RunStatus, RunView, Snapshot, Trigger};
use crate::engine::Schedule;
use crate::handle::{Accepted, CommandRefused, EngineCommand, Handle, SyncRequest};

use super::plan;
use super::progress::{self, Followed, OutputFormat};
use crate::app::output::print;
use crate::app::runtime::connect::{self, Reached};
use crate::app::runtime::{logging, signals};
use crate::app::{Failure, Loaded};

/// Syncs once.
pub async fn once(loaded: Loaded, args: &cli::SyncArgs) -> Result<u8> {
    if args.plan {
        return plan::show(&loaded.config, args).await;
    }
    let _log = logging::start(&loaded.config)?;
    let stop = signals::stop_on_signals()?;
    let request = SyncRequest {
        entities: args.entities.clone(),
        full: args.full,
        allow_removals: args.allow_removals,
        trigger: Trigger::Cli,
    };
    let format = if args.json { OutputFormat::Json } else { OutputFormat::Text };
    let reached =
        connect::reach(&loaded, Schedule::OnDemand, Host::Command, &CancellationToken::new()).await?;
    let run = match reached {
        Reached::Own(room) => {
            let run = tokio::select! {
                biased;
                why = room.fault() => Err(Failure::failed(why).into()),
                run = run_to_its_end(&loaded.config, &room.engine.handle, request, format, &stop) => run,
            };
            room.close().await;
            run?
        }
        Reached::Attached(handle) => {
            watch_to_its_end(&loaded.config, &handle, request, format, &stop).await?
        }
    };
    if let Some(why) = run.error.as_ref().filter(|_| run.status != RunStatus::Done) {
        print::error(why);
    }
    Ok(run.status.exit_status())
}

/// Starts a run, prints its progress, and stops it between two pages when a signal comes.
pub async fn run_to_its_end(
    config: &Config,
    handle: &Handle,
    request: SyncRequest,
    format: OutputFormat,
    stop: &CancellationToken,
) -> Result<RunView> {
    let (before, id) = begin(handle, request).await?;
    let followed = Followed { config, id, before: &before };
    let mut followed = std::pin::pin!(progress::follow(handle, &followed, format));
    tokio::select! {
        run = &mut followed => return run,
        () = stop.cancelled() => {}
    }
    match handle.send(EngineCommand::Cancel).await {
        // Idle: it ended at the same moment.
        Ok(_) | Err(CommandRefused::Idle) => followed.await,
        Err(refused) => Err(Failure::failed(refused.to_string()).into()),
    }
}

/// Makes the running engine do it. A signal ends only the output and not the work, because a lost
/// connection must not stop a sync.
async fn watch_to_its_end(
    config: &Config,
    handle: &Handle,
    request: SyncRequest,
    format: OutputFormat,
    stop: &CancellationToken,
) -> Result<RunView> {
    let (before, id) = begin(handle, request).await?;
    let followed = Followed { config, id, before: &before };
    tokio::select! {
        run = progress::follow(handle, &followed, format) => run,
        () = stop.cancelled() => {
            print::error("the sync continues in the running engine; `phonolog cancel` stops it");
            Err(Failure::Interrupted.into())
        }
    }
}

async fn begin(handle: &Handle, request: SyncRequest) -> Result<(std::sync::Arc<Snapshot>, RunId), Failure> {
    let before = handle.snapshot();
    match handle.send(EngineCommand::Sync(request)).await {
        Ok(Accepted::Run(id)) => Ok((before, id)),
        Ok(Accepted::Done) => {
            Err(Failure::failed("the engine gave an unexpected answer to the sync command"))
        }
        Err(CommandRefused::Busy) => Err(Failure::failed(
            "a sync is already running; `phonolog status --watch` shows its progress, `phonolog cancel` stops it",
        )),
        Err(refused) => Err(Failure::failed(refused.to_string())),
    }
}

//! `phonolog sync`: one run, then exit with the status that says how it went.

use color_eyre::Result;
use tokio_util::sync::CancellationToken;

use crate::cli;
use crate::config::Config;
use crate::domain::{RunStatus, RunView, Trigger};
use crate::engine::Schedule;
use crate::handle::{Accepted, Command, Handle, Refused, SyncRequest};

use super::progress::{self, Voice};
use super::{Failure, engine_room, logging, out, plan, signals};

/// Syncs once.
pub async fn once(config: Config, args: &cli::Sync) -> Result<u8> {
    if args.plan {
        return plan::tell(&config, args).await;
    }
    let _log = logging::start(&config)?;
    let stop = signals::stop_on_signals()?;
    let room = engine_room::start(&config, Schedule::OnDemand, CancellationToken::new()).await?;
    let request = SyncRequest {
        entities: args.entities.clone(),
        full: args.full,
        allow_removals: args.allow_removals,
        trigger: Trigger::Cli,
    };
    let voice = if args.json { Voice::Programs } else { Voice::People };
    let run = run_to_its_end(&room.engine.handle, request, voice, &stop).await;
    room.close().await;
    let run = run?;
    if let Some(why) = run.error.as_ref().filter(|_| run.status != RunStatus::Done) {
        out::complain(why);
    }
    Ok(run.status.exit_status())
}

/// Begins a run, tells what happens, and stops it between two pages when a signal comes.
pub async fn run_to_its_end(
    handle: &Handle,
    request: SyncRequest,
    voice: Voice,
    stop: &CancellationToken,
) -> Result<RunView> {
    let before = handle.snapshot();
    let id = match handle.send(Command::Sync(request)).await {
        Ok(Accepted::Run(id)) => id,
        Ok(Accepted::Done) => {
            return Err(Failure::failed("the engine took the sync for something else").into());
        }
        Err(refused) => return Err(Failure::failed(refused.to_string()).into()),
    };
    let mut followed = std::pin::pin!(progress::follow(handle, id, &before, voice));
    tokio::select! {
        run = &mut followed => return run,
        () = stop.cancelled() => {}
    }
    match handle.send(Command::Cancel).await {
        // Idle: it ended in the same moment.
        Ok(_) | Err(Refused::Idle) => followed.await,
        Err(refused) => Err(Failure::failed(refused.to_string()).into()),
    }
}

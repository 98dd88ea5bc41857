//! Opens the database for writing, reports a migration to people and the service manager, and ends
//! it when a signal comes.

use std::time::Duration;

use color_eyre::Result;
use sd_notify::NotifyState;
use tokio::time::interval;
use tokio_util::sync::CancellationToken;

use crate::store::{DatabaseLock, LockPurpose, MigrationStep, MigrationWatch, Store, StoreError};

use super::signals;
use crate::app::Failure;
use crate::app::output::print;

/// How long the service manager is asked to wait, and how often: with years of plays and a slow
/// disk a migration takes longer than the limit for a start.
const WAIT_ON: Duration = Duration::from_mins(1);
const ASK_EVERY: Duration = Duration::from_secs(10);

/// Opens and locks the database at `url`.
pub async fn open_watched(url: &str, purpose: LockPurpose) -> Result<(Store, DatabaseLock)> {
    let stop = CancellationToken::new();
    let watch = MigrationWatch::new(stop.clone(), announce);
    let mut opened = std::pin::pin!(Store::open_locked(url, purpose, &watch));
    let mut signalled = std::pin::pin!(signals::first_end()?);
    let mut ask = interval(ASK_EVERY);
    let opened = loop {
        tokio::select! {
            biased;
            opened = &mut opened => break opened,
            // The open transaction is rolled back, which soon ends the opening.
            () = &mut signalled, if !stop.is_cancelled() => stop.cancel(),
            _ = ask.tick() => keep_waiting(),
        }
    };
    match opened {
        Err(stopped @ StoreError::MigrationStopped) => {
            print::error(&stopped.to_string());
            Err(Failure::Interrupted.into())
        }
        opened => Ok(opened?),
    }
}

/// An opening that takes long is working, or waits for a process that is working.
fn keep_waiting() {
    let micros = u32::try_from(WAIT_ON.as_micros()).unwrap_or(u32::MAX);
    notify(&NotifyState::ExtendTimeoutUsec(micros));
}

fn announce(step: MigrationStep) {
    let told = match step {
        MigrationStep::Waiting => "waiting for another phonolog to upgrade the database".to_owned(),
        MigrationStep::Copying => "upgrading the database: making a copy".to_owned(),
        MigrationStep::Applying { done, total } => {
            format!("upgrading the database: {} of {total}", done + 1)
        }
        MigrationStep::Compacting => "upgrading the database: returning free space to the disk".to_owned(),
        MigrationStep::Done => "database upgraded".to_owned(),
    };
    keep_waiting();
    notify(&NotifyState::Status(&told));
    tracing::info!("{told}");
    print::note(&told);
}

fn notify(state: &NotifyState<'_>) {
    if std::env::var_os("NOTIFY_SOCKET").is_some()
        && let Err(error) = sd_notify::notify(std::slice::from_ref(state))
    {
        tracing::warn!(%error, "cannot notify the service manager");
    }
}

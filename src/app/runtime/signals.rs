//! Ctrl-C and SIGTERM of the commands without a screen: they stop between two pages.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::app::Failure;

/// A token that is cancelled by the first SIGINT, SIGTERM or SIGHUP.
pub fn stop_on_signals() -> Result<CancellationToken, Failure> {
    let stop = CancellationToken::new();
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        let mut signals = watch(kind)?;
        let stop = stop.clone();
        tokio::spawn(async move {
            signals.recv().await;
            stop.cancel();
        });
    }
    Ok(stop)
}

/// Ends with the first SIGINT or SIGTERM from now on.
pub fn first_end() -> Result<impl Future<Output = ()>, Failure> {
    let (mut interrupts, mut terminations) =
        (watch(SignalKind::interrupt())?, watch(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupts.recv() => {}
            _ = terminations.recv() => {}
        }
    })
}

fn watch(kind: SignalKind) -> Result<Signal, Failure> {
    signal(kind).map_err(|error| {
        Failure::failed(format!("cannot listen for signals ({error}); check the limits of this process"))
    })
}

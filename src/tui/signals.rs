//! The signals that concern a screen.

use std::io;

use rustix::process::Signal as Number;
use tokio::select;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::run::Left;

/// What a signal asks of a screen.
pub enum Signaled {
    /// To end.
    Leave(Left),
    /// To give the terminal to the shell.
    Suspend,
}

/// The signals that concern a screen.
pub struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
    suspend: Signal,
}

impl Signals {
    /// Watches them from now on.
    pub fn watch() -> io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            suspend: signal(SignalKind::from_raw(Number::TSTP.as_raw()))?,
        })
    }

    /// The next one.
    pub async fn next(&mut self) -> Signaled {
        select! {
            biased;
            _ = self.hangup.recv() => Signaled::Leave(Left::Hangup),
            _ = self.terminate.recv() => Signaled::Leave(Left::Terminated),
            _ = self.interrupt.recv() => Signaled::Leave(Left::Terminated),
            _ = self.suspend.recv() => Signaled::Suspend,
        }
    }
}

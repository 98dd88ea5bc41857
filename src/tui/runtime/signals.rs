//! The signals for a screen.

use std::io;

use rustix::process::Signal as Number;
use tokio::select;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::run::{ExitReason, TuiError};

/// The effect of a signal on a screen.
pub enum Signaled {
    /// Close it.
    Leave(ExitReason),
    /// Suspend to the shell.
    Suspend,
}

/// The signals for a screen. Once they are watched they have no default effect for the rest of the
/// process. So one watch is passed from screen to screen, and a signal between two screens is
/// handled by the next.
pub struct TerminalSignals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
    suspend: Signal,
}

impl TerminalSignals {
    /// Starts to watch them.
    pub fn watch() -> Result<Self, TuiError> {
        Self::caught().map_err(TuiError::Signals)
    }

    fn caught() -> io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            suspend: signal(SignalKind::from_raw(Number::TSTP.as_raw()))?,
        })
    }

    /// The next signal.
    pub async fn next(&mut self) -> Signaled {
        select! {
            biased;
            _ = self.hangup.recv() => Signaled::Leave(ExitReason::Hangup),
            _ = self.terminate.recv() => Signaled::Leave(ExitReason::Terminated),
            _ = self.interrupt.recv() => Signaled::Leave(ExitReason::Terminated),
            _ = self.suspend.recv() => Signaled::Suspend,
        }
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::{getpid, kill_process};

    use super::*;

    /// As between two screens: nothing waits when the signal comes.
    #[tokio::test]
    async fn a_signal_that_nobody_waits_for_is_met_by_the_next_who_does() {
        let mut signals = TerminalSignals::watch().unwrap();
        kill_process(getpid(), Number::TERM).unwrap();
        tokio::task::yield_now().await;
        assert!(matches!(signals.next().await, Signaled::Leave(ExitReason::Terminated)));
    }
}

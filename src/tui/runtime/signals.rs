//! The signals that concern a screen.

use std::io;

use rustix::process::Signal as Number;
use tokio::select;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::run::{ExitReason, TuiError};

/// What a signal asks of a screen.
pub enum Signaled {
    /// To end.
    Leave(ExitReason),
    /// To give the terminal to the shell.
    Suspend,
}

/// The signals that concern a screen. Once watched they do nothing by themselves for the rest of the process, so one
/// watch goes from screen to screen: what comes between two is met by the next.
pub struct TerminalSignals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
    suspend: Signal,
}

impl TerminalSignals {
    /// Watches them from now on.
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

    /// The next one.
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

    /// As between two screens: nobody waits when it comes.
    #[tokio::test]
    async fn a_signal_that_nobody_waits_for_is_met_by_the_next_who_does() {
        let mut signals = TerminalSignals::watch().unwrap();
        kill_process(getpid(), Number::TERM).unwrap();
        tokio::task::yield_now().await;
        assert!(matches!(signals.next().await, Signaled::Leave(ExitReason::Terminated)));
    }
}

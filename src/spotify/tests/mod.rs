//! The client with a scripted server, under a clock that moves only when the test moves it.

mod calls;
mod clock;
mod login_checks;
mod logins;
mod server;
mod support;

pub(super) use clock::ManualClock;
pub(super) use support::{MemoryLog, ask, hold};

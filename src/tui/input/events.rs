//! Input from the keyboard and the mouse, in batches of one frame.

use std::time::Duration;

use futures_util::StreamExt;
use ratatui::crossterm::event::{Event, EventStream};
use tokio::time::{Instant, sleep_until};

/// Keys that are applied before one draw, so that a pasted thousand costs a few frames and a
/// snapshot is never far away.
const KEYS_PER_FRAME: usize = 128;

/// How long keys are collected after the first one: the thread that reads the terminal sends each
/// key separately, with pauses far shorter than this.
const GATHERING: Duration = Duration::from_millis(3);

/// The person's input.
pub struct Input {
    stream: EventStream,
    /// Input that was not taken yet.
    typed: Vec<Event>,
    /// When the current collection ends.
    until: Instant,
}

impl Input {
    /// The input of the entered terminal.
    pub fn new() -> Self {
        Self { stream: EventStream::new(), typed: Vec::new(), until: Instant::now() }
    }

    /// Waits for input and returns it, together with all that follows within a frame; `None`: the
    /// terminal is gone. The future may be dropped while it waits.
    pub async fn next(&mut self) -> Option<Vec<Event>> {
        if self.typed.is_empty() {
            self.typed.push(self.stream.next().await?.ok()?);
            self.until = Instant::now() + GATHERING;
        }
        while self.typed.len() < KEYS_PER_FRAME {
            tokio::select! {
                biased;
                event = self.stream.next() => self.typed.push(event?.ok()?),
                () = sleep_until(self.until) => break,
            }
        }
        Some(std::mem::take(&mut self.typed))
    }
}

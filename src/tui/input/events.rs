//! What comes from the keyboard and the mouse, a frame's worth at a time.

use std::time::Duration;

use futures_util::StreamExt;
use ratatui::crossterm::event::{Event, EventStream};
use tokio::time::{Instant, sleep_until};

/// Keys that are folded before one draw, so that a pasted thousand costs a few frames and a
/// snapshot is never far.
const KEYS_PER_FRAME: usize = 128;

/// How long keys are gathered after the first one: each comes from the thread that reads the terminal on its
/// own, a small part of this after the one before.
const GATHERING: Duration = Duration::from_millis(3);

/// What a person types.
pub struct Input {
    stream: EventStream,
    /// What was typed and not taken yet.
    typed: Vec<Event>,
    /// When the gathering ends that has begun.
    until: Instant,
}

impl Input {
    /// Of the terminal that is entered.
    pub fn new() -> Self {
        Self { stream: EventStream::new(), typed: Vec::new(), until: Instant::now() }
    }

    /// Waits for something, and takes what is typed with it, up to a frame's worth; `None`: the terminal is
    /// gone. May be dropped while it waits.
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

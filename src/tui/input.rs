//! What comes from the keyboard and the mouse, a frame's worth at a time.

use std::future::poll_fn;
use std::task::Poll;

use futures_util::StreamExt;
use ratatui::crossterm::event::{Event, EventStream};

/// Keys that are folded before one draw, so that a pasted thousand costs a few frames and a
/// snapshot is never far.
const KEYS_PER_FRAME: usize = 128;

/// What a person types.
pub struct Input(EventStream);

impl Input {
    /// Of the terminal that is entered.
    pub fn new() -> Self {
        Self(EventStream::new())
    }

    /// Waits for something, and takes what was typed so far, up to a frame's worth; `None`: the terminal is
    /// gone. May be dropped while it waits.
    pub async fn next(&mut self) -> Option<Vec<Event>> {
        let mut events = vec![self.0.next().await?.ok()?];
        while events.len() < KEYS_PER_FRAME {
            // With this task's own waker: the stream remembers the one it was first asked with.
            match poll_fn(|context| Poll::Ready(self.0.poll_next_unpin(context))).await {
                Poll::Ready(event) => events.push(event?.ok()?),
                Poll::Pending => break,
            }
        }
        Some(events)
    }
}

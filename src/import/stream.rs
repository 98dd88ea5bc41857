//! A JSON array, element by element, from a reader that may end anywhere and never ends by itself.

use std::io::Read;

use chrono::Utc;

use super::kept::Kept;
use super::row::Why;
use super::window::{Broken, CUT_OFF, Window};
use super::{Ending, Event, Rejected, Sink};
use crate::domain::ExportRow;

/// Rows that go on together.
const BATCH: usize = 5_000;
/// Elements that may be no rows before a file counts as something else.
const PATIENCE: u64 = 100;

/// Clocks of this machine and of Spotify may differ by so much.
const AHEAD_MS: i64 = 2 * 86_400_000;

const NO_HISTORY: &str = "is no listening history";

/// What became of a file.
pub(super) enum Outcome {
    /// It is a listening history; its rows went to the sink.
    History(Ending),
    /// It is something else.
    Other(String),
    /// The sink wants no more.
    Stopped,
}

/// Reads a file's rows into `sink`.
pub(super) fn read(reader: impl Read, kept: &mut Kept, sink: &mut impl Sink) -> Outcome {
    let latest = Utc::now().timestamp_millis() + AHEAD_MS;
    let mut progress =
        Progress { kept, sink, latest, rows: Vec::new(), ending: Ending::default(), state: State::Undecided };
    let broken = progress.list(&mut Window::over(reader)).err();
    progress.finish(broken)
}

#[derive(PartialEq, Eq)]
enum State {
    Undecided,
    History,
    Other,
    Stopped,
}

struct Progress<'a, S> {
    kept: &'a mut Kept,
    sink: &'a mut S,
    /// No row can have ended later, in milliseconds since 1970.
    latest: i64,
    rows: Vec<ExportRow>,
    ending: Ending,
    state: State,
}

impl<S: Sink> Progress<'_, S> {
    /// Takes a whole text, which is to be a list.
    fn list(&mut self, text: &mut Window<impl Read>) -> Result<(), Broken> {
        match text.peek()? {
            Some(b'[') => text.step(),
            Some(b'{') => return Err(NO_HISTORY.to_owned()),
            _ => return text.value(|_| ()).and(Err(NO_HISTORY.to_owned())),
        }
        if self.elements(text)? {
            return text.peek()?.map_or(Ok(()), |_| Err(text.unexpected()));
        }
        Ok(())
    }

    /// Takes what stands between the brackets; `false` where the rest is not wanted.
    fn elements(&mut self, text: &mut Window<impl Read>) -> Result<bool, Broken> {
        if text.peek()? == Some(b']') {
            text.step();
            return Ok(true);
        }
        loop {
            let kept = &mut *self.kept;
            let latest = self.latest;
            let (is_row, row) = text.value(|element| (element.is_row(), element.into_row(kept, latest)))?;
            if !self.take(is_row, row) {
                return Ok(false);
            }
            match text.peek()? {
                Some(b',') => text.step(),
                Some(b']') => {
                    text.step();
                    return Ok(true);
                }
                Some(_) => return Err(text.unexpected()),
                None => return Err(CUT_OFF.to_owned()),
            }
        }
    }

    /// Takes an element; `false` where the rest is not wanted.
    fn take(&mut self, is_row: bool, row: Result<ExportRow, Why>) -> bool {
        self.ending.rows += 1;
        if self.state == State::Undecided && is_row {
            self.state = State::History;
        }
        if self.state == State::Undecided && self.ending.rows >= PATIENCE {
            self.state = State::Other;
            return false;
        }
        match row {
            Ok(row) => self.rows.push(row),
            Err(why) => {
                let first = self.ending.rows;
                self.ending.rejected.entry(why).or_insert(Rejected { rows: 0, first }).rows += 1;
            }
        }
        self.rows.len() < BATCH || self.hand_over()
    }

    fn hand_over(&mut self) -> bool {
        let rows = std::mem::take(&mut self.rows);
        let goes_on = rows.is_empty() || (self.sink)(Event::Rows(rows));
        if !goes_on {
            self.state = State::Stopped;
        }
        goes_on
    }

    fn finish(mut self, broken: Option<Broken>) -> Outcome {
        match self.state {
            State::Other => return Outcome::Other(NO_HISTORY.to_owned()),
            State::Stopped => return Outcome::Stopped,
            State::Undecided => return Outcome::Other(broken.unwrap_or_else(|| NO_HISTORY.to_owned())),
            State::History => {}
        }
        if !self.hand_over() {
            return Outcome::Stopped;
        }
        self.ending.broken = broken;
        Outcome::History(self.ending)
    }
}

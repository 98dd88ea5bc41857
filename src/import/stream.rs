//! Reads rows, one after the other, from a reader that may end anywhere and may never end by
//! itself.
//!
//! An export is one JSON array. People join the arrays of several files by hand, lose a bracket or
//! leave a comma, and tools write one row per line. The rows between the brackets and commas are
//! the same.

use std::io::Read;

use chrono::Utc;

use super::interner::Interner;
use super::json_buffer::{CUT_OFF, JsonBuffer, ReadFailure, TakenElement};
use super::row::RejectReason;
use super::{Batch, Ending, Event, Rejected, RejectedText, Sink};
use crate::domain::ExportRow;

/// The rows of one batch.
const BATCH: usize = 5_000;
/// The most bytes of new names in one batch; those of real rows need less.
const BATCH_BYTES: usize = 1 << 20;
/// Elements that may be no rows before a file counts as another kind.
const PATIENCE: u64 = 100;

/// The clocks of this machine and of Spotify may differ by this much.
const AHEAD_MS: i64 = 2 * 86_400_000;

/// Why a file of another kind is skipped; exports have many of them.
pub const NO_HISTORY: &str = "is not a listening history";

/// The result of a file.
pub(super) enum ElementOutcome {
    /// It is a listening history; its rows went to the sink.
    History(Ending),
    /// It is another kind of file.
    Other(String),
    /// The sink stopped the reading.
    Stopped,
}

/// Reads a file's rows into `sink`; the texts of rejected ones only if `keeps_rejected`.
pub(super) fn read(
    reader: impl Read,
    kept: &mut Interner,
    keeps_rejected: bool,
    sink: &mut impl Sink,
) -> ElementOutcome {
    let latest = Utc::now().timestamp_millis() + AHEAD_MS;
    let mut progress = Progress {
        kept,
        sink,
        latest,
        batch: Batch::default(),
        ending: Ending::default(),
        state: StreamState::Undecided,
        keeps_rejected,
        rejected_bytes: 0,
    };
    let broken = progress.lists(&mut JsonBuffer::over(reader)).err();
    progress.finish(broken)
}

#[derive(PartialEq, Eq)]
enum StreamState {
    Undecided,
    History,
    Other,
    Stopped,
}

struct Progress<'a, S> {
    kept: &'a mut Interner,
    sink: &'a mut S,
    /// No row can have ended later than this, in milliseconds since 1970.
    latest: i64,
    batch: Batch,
    ending: Ending,
    state: StreamState,
    keeps_rejected: bool,
    /// Bytes of the rejected rows of the batch.
    rejected_bytes: usize,
}

impl<S: Sink> Progress<'_, S> {
    /// Consumes a whole text, until the sink stops it.
    fn lists(&mut self, text: &mut JsonBuffer<impl Read>) -> Result<(), ReadFailure> {
        // Lists that are still open.
        let mut open = 0_u64;
        loop {
            match text.peek()? {
                None if open > 0 => return Err(CUT_OFF.to_owned()),
                None => return Ok(()),
                Some(b',') => text.step(),
                Some(b']') => {
                    open = open.saturating_sub(1);
                    text.step();
                }
                Some(b'[') if open == 0 || text.is_list_of_rows()? => {
                    open += 1;
                    text.step();
                }
                Some(_) => {
                    if !self.element(text)? {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Consumes an element; `false` if the rest is not needed.
    fn element(&mut self, text: &mut JsonBuffer<impl Read>) -> Result<bool, ReadFailure> {
        let (kept, latest) = (&mut *self.kept, self.latest);
        let taken = text.value(|element| (element.is_row(), element.into_row(kept, latest)))?;
        let (is_row, row) = match taken {
            TakenElement::Value(taken) => taken,
            TakenElement::Refused { why, is_row } => (is_row, Err(why)),
        };
        if is_row && self.state == StreamState::Undecided {
            self.state = StreamState::History;
            text.is_wanted_whole();
        }
        if self.keeps_rejected
            && let Err(why) = row
        {
            self.keep_rejected(why, text.last_text());
        }
        Ok(self.take(row))
    }

    fn keep_rejected(&mut self, why: RejectReason, text: &[u8]) {
        self.rejected_bytes += text.len();
        let text = String::from_utf8_lossy(text).into_owned();
        self.batch.rejected.push(RejectedText { row: self.ending.rows + 1, why, text });
    }

    fn take(&mut self, row: Result<ExportRow, RejectReason>) -> bool {
        self.ending.rows += 1;
        if self.state == StreamState::Undecided && self.ending.rows >= PATIENCE {
            self.state = StreamState::Other;
            return false;
        }
        match row {
            Ok(row) => self.batch.rows.push(row),
            Err(why) => {
                let place = self.batch.rows.len();
                if self.batch.lacks.last() != Some(&place) {
                    self.batch.lacks.push(place);
                }
                let first = self.ending.rows;
                self.ending.rejected.entry(why).or_insert(Rejected { rows: 0, first }).rows += 1;
            }
        }
        let is_small = self.batch.rows.len() < BATCH
            && self.batch.rejected.len() < BATCH
            && self.kept.new_bytes().max(self.rejected_bytes) < BATCH_BYTES;
        is_small || self.hand_over()
    }

    fn hand_over(&mut self) -> bool {
        self.kept.count_anew();
        self.rejected_bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        let is_empty = batch.rows.is_empty() && batch.lacks.is_empty();
        let goes_on = is_empty || (self.sink)(Event::Rows(batch));
        if !goes_on {
            self.state = StreamState::Stopped;
        }
        goes_on
    }

    fn finish(mut self, broken: Option<ReadFailure>) -> ElementOutcome {
        match self.state {
            StreamState::Other => return ElementOutcome::Other(NO_HISTORY.to_owned()),
            StreamState::Stopped => return ElementOutcome::Stopped,
            StreamState::Undecided => {
                return ElementOutcome::Other(broken.unwrap_or_else(|| NO_HISTORY.to_owned()));
            }
            StreamState::History => {}
        }
        if !self.hand_over() {
            return ElementOutcome::Stopped;
        }
        self.ending.broken = broken;
        ElementOutcome::History(self.ending)
    }
}

//! A JSON array, element by element, from a reader that may end anywhere and never ends by itself.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufReader, Read};
use std::rc::Rc;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::row::Element;
use super::{Ending, Event, Rejected, Sink};
use crate::domain::ExportRow;

/// Rows that go on together.
const BATCH: usize = 2_500;
/// No row of an export comes near this; a text that does would be held in memory whole.
const LONGEST_ROW: u64 = 1 << 20;
/// Real files have 10 to 13 MB.
const LONGEST_FILE: u64 = 1 << 30;
const BUFFER: usize = 64 * 1024;
/// Elements that may be no rows before a file counts as something else.
const PATIENCE: u64 = 100;

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
pub(super) fn read(reader: impl Read, sink: &mut impl Sink) -> Outcome {
    let since_row = Rc::new(Cell::new(0));
    let limited = Limited { inner: reader, since_row: Rc::clone(&since_row), total: 0 };
    let mut progress =
        Progress { since_row, sink, rows: Vec::new(), ending: Ending::default(), state: State::Undecided };
    let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(BUFFER, limited));
    let read = json.deserialize_any(Elements(&mut progress)).and_then(|()| json.end());
    progress.finish(read.err())
}

/// Counts what is read, so that neither a row nor a file grows without end.
struct Limited<R> {
    inner: R,
    since_row: Rc<Cell<u64>>,
    total: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since_row.get() > LONGEST_ROW {
            return Err(io::Error::other("has more than a megabyte in one row"));
        }
        if self.total > LONGEST_FILE {
            return Err(io::Error::other("has more than a gigabyte, which no export has"));
        }
        let read = self.inner.read(buffer)?;
        let more = u64::try_from(read).unwrap_or(u64::MAX);
        self.since_row.set(self.since_row.get().saturating_add(more));
        self.total = self.total.saturating_add(more);
        Ok(read)
    }
}

#[derive(PartialEq, Eq)]
enum State {
    Undecided,
    History,
    Other,
    Stopped,
}

struct Progress<'a, S> {
    since_row: Rc<Cell<u64>>,
    sink: &'a mut S,
    rows: Vec<ExportRow>,
    ending: Ending,
    state: State,
}

impl<S: Sink> Progress<'_, S> {
    /// Takes an element; `false` where the rest is not wanted.
    fn take(&mut self, element: Element) -> bool {
        self.since_row.set(0);
        self.ending.rows += 1;
        if self.state == State::Undecided && element.is_row() {
            self.state = State::History;
        }
        if self.state == State::Undecided && self.ending.rows >= PATIENCE {
            self.state = State::Other;
            return false;
        }
        match element.into_row() {
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

    fn finish(mut self, error: Option<serde_json::Error>) -> Outcome {
        match self.state {
            State::Other => return Outcome::Other("is no listening history".to_owned()),
            State::Stopped => return Outcome::Stopped,
            State::Undecided => {
                let why = error.map_or("is no listening history".to_owned(), |error| broken(&error));
                return Outcome::Other(why);
            }
            State::History => {}
        }
        if !self.hand_over() {
            return Outcome::Stopped;
        }
        self.ending.broken = error.map(|error| broken(&error));
        Outcome::History(self.ending)
    }
}

/// A parser's error in the words of somebody with a file.
fn broken(error: &serde_json::Error) -> String {
    use serde_json::error::Category;
    match error.classify() {
        Category::Eof => "is cut off".to_owned(),
        Category::Io => error.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
        Category::Data => "is no listening history".to_owned(),
        Category::Syntax => {
            format!("is not valid JSON from line {}, column {} on", error.line(), error.column())
        }
    }
}

struct Elements<'p, 'a, S>(&'p mut Progress<'a, S>);

impl<'de, S: Sink> Visitor<'de> for Elements<'_, '_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(goes_on) = seq.next_element_seed(One(&mut *self.0))? {
            if !goes_on {
                return Err(serde::de::Error::custom("stopped"));
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        self.0.state = State::Other;
        Err(serde::de::Error::custom("an object"))
    }
}

struct One<'p, 'a, S>(&'p mut Progress<'a, S>);

impl<'de, S: Sink> DeserializeSeed<'de> for One<'_, '_, S> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        let element = serde::Deserialize::deserialize(deserializer)?;
        Ok(self.0.take(element))
    }
}

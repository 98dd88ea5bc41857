//! A buffer for JSON text: what was read and not consumed yet.
//!
//! Owns: how to read more when a value is incomplete, and how much may be buffered. Must not know:
//! what the values mean. A value is parsed in place, which takes a fraction of the time of reading
//! byte by byte; only the value at the end of each piece is parsed twice.

use std::io::{self, Read};

use super::damage::{self, NOT_JSON, Nested, Nesting};
use super::row::{Element, RejectReason};
use super::stream::NO_HISTORY;
use crate::files::system_words;

/// How much is read at a time.
const PIECE: u64 = 256 * 1024;
/// The longest row. Rows of exports have one kilobyte; nothing of a longer one is stored.
const LONGEST_ROW: usize = 64 * 1024;
/// Real files have 10 to 13 MB.
const LONGEST_FILE: u64 = 1 << 30;
/// How much may be skipped before the first row.
const LONGEST_OTHER: usize = 1 << 20;

/// The most rows without usable brackets, because the search for the end of each takes as long as
/// the longest row allows.
const MOST_TORN: u32 = 1_000;

const TOO_LONG: RejectReason = "has more than 64 kB, too much for a row";
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Why the reading ended, in words for the owner of the file.
pub(super) type ReadFailure = String;

pub(super) const CUT_OFF: &str = "is incomplete";

/// The result of consuming a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TakenElement<T> {
    Value(T),
    /// It could not be used; whether a row of a history was meant.
    Refused {
        why: RejectReason,
        is_row: bool,
    },
}

/// The text between the consumed and the unread part.
pub(super) struct JsonBuffer<R> {
    reader: R,
    bytes: Vec<u8>,
    /// The start of the unconsumed part.
    at: usize,
    /// The start of the last consumed value, if it is still there.
    last: Option<usize>,
    is_over: bool,
    total: u64,
    is_wanted_whole: bool,
    torn: u32,
}

/// White space, and what is found where files were joined: zero bytes, ends of files, record
/// separators.
const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | 0 | 0x0b | 0x0c | 0x1a | 0x1e)
}

impl<R: Read> JsonBuffer<R> {
    pub(super) fn over(reader: R) -> Self {
        Self {
            reader,
            bytes: Vec::new(),
            at: 0,
            last: None,
            is_over: false,
            total: 0,
            is_wanted_whole: false,
            torn: 0,
        }
    }

    /// The file is a history, so everything between its rows is skipped.
    pub(super) fn is_wanted_whole(&mut self) {
        self.is_wanted_whole = true;
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// The next byte that is not blank, without consuming it; `None` at the end of the text.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, ReadFailure> {
        self.last = None;
        loop {
            let found = self.rest().iter().position(|byte| !is_blank(*byte));
            self.at += found.unwrap_or(self.rest().len());
            match self.rest().first() {
                // Each of several joined files may begin with a mark.
                Some(0xef) if self.rest().starts_with(BOM) => self.at += BOM.len(),
                Some(0xef) if self.rest().len() < BOM.len() && !self.is_over => self.read_on()?,
                Some(byte) => return Ok(Some(*byte)),
                None if self.is_over => return Ok(None),
                None => self.read_on()?,
            }
        }
    }

    /// Consumes the byte that was [peeked](Self::peek) at.
    pub(super) fn step(&mut self) {
        self.at += 1;
    }

    /// Whether the peeked bracket begins a list of rows, or of such lists.
    pub(super) fn is_list_of_rows(&mut self) -> Result<bool, ReadFailure> {
        loop {
            let next = self.rest().iter().skip(1).find(|byte| !is_blank(**byte));
            match next {
                Some(byte) => return Ok(matches!(byte, b'{' | b'[' | b']')),
                None if self.is_over || self.rest().len() > LONGEST_ROW => return Ok(false),
                None => self.read_on()?,
            }
        }
    }

    /// The text of the last consumed value; empty if it was too long to be kept.
    pub(super) fn last_text(&self) -> &[u8] {
        self.last.and_then(|start| self.bytes.get(start..self.at)).unwrap_or_default()
    }

    /// Consumes a value, and returns the result of `with` for it.
    pub(super) fn value<T>(
        &mut self,
        with: impl FnOnce(Element<'_>) -> T,
    ) -> Result<TakenElement<T>, ReadFailure> {
        self.last = Some(self.at);
        self.value_at_last(with)
    }

    fn value_at_last<T>(
        &mut self,
        with: impl FnOnce(Element<'_>) -> T,
    ) -> Result<TakenElement<T>, ReadFailure> {
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<Element<'_>>();
            let next = values.next();
            let length = values.byte_offset();
            match next {
                Some(Ok(value)) if length > LONGEST_ROW => {
                    let is_row = value.is_row();
                    self.at += length;
                    return Ok(TakenElement::Refused { why: TOO_LONG, is_row });
                }
                // A number at the end of the bytes may continue.
                Some(Ok(value)) if self.is_over || length < rest.len() => {
                    let made = with(value);
                    self.at += length;
                    return Ok(TakenElement::Value(made));
                }
                Some(Err(error)) if !error.is_eof() => return self.damaged(with),
                _ if self.is_over => return Err(CUT_OFF.to_owned()),
                _ if rest.len() > LONGEST_ROW => return self.leap_over(TOO_LONG),
                _ => self.read_on()?,
            }
        }
    }

    /// Consumes a value with words of other languages; skips what is not valid JSON, and nothing
    /// more.
    fn damaged<T>(&mut self, with: impl FnOnce(Element<'_>) -> T) -> Result<TakenElement<T>, ReadFailure> {
        if !matches!(self.rest().first(), Some(b'{' | b'[')) {
            return self.leap_to_a_bracket();
        }
        loop {
            let whole = self.rest();
            let rest = whole.get(..whole.len().min(LONGEST_ROW)).unwrap_or_default();
            let is_all = self.is_over || rest.len() == LONGEST_ROW;
            let told = damage::end(rest);
            let end = told
                .or_else(|| damage::next_row(rest).filter(|_| is_all))
                .or_else(|| damage::last_end(rest).filter(|_| self.is_over && rest.len() == whole.len()));
            if let Some(row) = end.and_then(|end| rest.get(..end)) {
                let mended = damage::in_words_of_json(row).filter(|_| told.is_some());
                if let Some(value) = mended.as_deref().and_then(|row| serde_json::from_slice(row).ok()) {
                    self.at += row.len();
                    return Ok(TakenElement::Value(with(value)));
                }
                let (why, is_row, length) = (damage::reason(row), damage::is_row(row), row.len());
                self.at += length;
                self.torn += u32::from(told.is_none());
                return if self.torn > MOST_TORN {
                    Err(NOT_JSON.to_owned())
                } else {
                    Ok(TakenElement::Refused { why, is_row })
                };
            }
            if rest.len() == LONGEST_ROW {
                return self.leap_over(NOT_JSON);
            }
            if self.is_over {
                return Err(CUT_OFF.to_owned());
            }
            self.read_on()?;
        }
    }

    /// Skips a value that is longer than the buffer allows.
    fn leap_over<T>(&mut self, why: RejectReason) -> Result<TakenElement<T>, ReadFailure> {
        self.last = None;
        let mut is_row = false;
        let mut nesting = Nesting::default();
        let mut leapt = 0;
        loop {
            is_row |= damage::is_row(self.rest());
            match nesting.read(self.rest()) {
                Nested::Ends(end) | Nested::Crossed(end) => {
                    self.at += end;
                    return Ok(TakenElement::Refused { why, is_row });
                }
                Nested::Open => self.leap_on(&mut leapt, is_row)?,
            }
            if self.is_over {
                return Err(CUT_OFF.to_owned());
            }
        }
    }

    /// Skips to the end of the line, or to what may be a row or the end of a list.
    fn leap_to_a_bracket<T>(&mut self) -> Result<TakenElement<T>, ReadFailure> {
        let mut leapt = 0;
        self.step();
        loop {
            let found = self.rest().iter().position(|byte| matches!(byte, b'{' | b'[' | b']' | b'\n'));
            match found {
                Some(end) => self.at += end,
                None => self.leap_on(&mut leapt, false)?,
            }
            if found.is_some() || self.is_over {
                return Ok(TakenElement::Refused { why: NOT_JSON, is_row: false });
            }
        }
    }

    /// Drops the whole buffer, and reads more.
    fn leap_on(&mut self, leapt: &mut usize, is_row: bool) -> Result<(), ReadFailure> {
        *leapt += self.rest().len();
        if *leapt > LONGEST_OTHER && !self.is_wanted_whole && !is_row {
            return Err(NO_HISTORY.to_owned());
        }
        self.at = self.bytes.len();
        self.last = None;
        self.read_on()
    }

    fn read_on(&mut self) -> Result<(), ReadFailure> {
        if self.total > LONGEST_FILE {
            return Err("has more than a gigabyte, which no export has".to_owned());
        }
        let taken = self.last.unwrap_or(self.at).min(self.bytes.len());
        self.bytes.drain(..taken);
        self.at = self.at.saturating_sub(taken);
        self.last = self.last.map(|start| start - taken);
        let read = (&mut self.reader).take(PIECE).read_to_end(&mut self.bytes);
        let read = read.map_err(|error: io::Error| system_words(&error))?;
        self.total = self.total.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        self.is_over = read == 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns one byte at a time.
    struct Drip<'a>(&'a [u8]);

    impl io::Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let most = buffer.len().min(1);
            io::Read::read(&mut self.0, &mut buffer[..most])
        }
    }

    #[test]
    fn what_is_no_json_is_leapt_over() {
        let mut window = JsonBuffer::over(Drip(b"\xef\xbb\xbf\n {\"ts\":\n\"x\"}\n , oops\0]"));
        assert_eq!(window.peek(), Ok(Some(b'{')));
        assert_eq!(window.value(|row| row.is_row()), Ok(TakenElement::Value(true)));
        assert_eq!(window.peek(), Ok(Some(b',')));
        window.step();
        assert_eq!(window.peek(), Ok(Some(b'o')));
        assert_eq!(window.value(|_| ()), Ok(TakenElement::Refused { why: NOT_JSON, is_row: false }));
        assert_eq!(window.peek(), Ok(Some(b']')));
    }

    #[test]
    fn a_number_at_the_end_of_a_piece_is_read_on() {
        let long = format!("{}7", " ".repeat(256 * 1024 - 1));
        let text = format!("{long}7 ,");
        let mut window = JsonBuffer::over(text.as_bytes());
        window.peek().unwrap();
        window.value(|_| ()).unwrap();
        assert_eq!(window.peek(), Ok(Some(b',')), "it was taken whole");
    }

    #[test]
    fn no_more_is_held_than_a_row_and_a_piece() {
        let most = LONGEST_ROW + 2 * usize::try_from(PIECE).unwrap();
        let long = format!("{{\"ts\":\"{}\"}} 7", "x".repeat(4 << 20));
        let mut window = JsonBuffer::over(long.as_bytes());
        assert_eq!(window.peek(), Ok(Some(b'{')));
        assert_eq!(window.value(|_| ()), Ok(TakenElement::Refused { why: TOO_LONG, is_row: true }));
        assert_eq!(window.peek(), Ok(Some(b'7')));
        assert!(window.bytes.capacity() <= most, "{}", window.bytes.capacity());
    }

    #[test]
    fn the_text_of_the_last_value_is_there_until_the_next_is_looked_for() {
        let mut window = JsonBuffer::over(Drip(b"{\"ts\": 1} {{}"));
        window.peek().unwrap();
        window.value(|_| ()).unwrap();
        assert_eq!(window.last_text(), b"{\"ts\": 1}");
        window.peek().unwrap();
        assert_eq!(window.last_text(), b"");
        window.value(|_| ()).unwrap();
        assert_eq!(window.last_text(), b"{{}", "what is not JSON, too");
    }

    #[test]
    fn a_text_of_torn_rows_is_given_up() {
        let text = "{{}".repeat(3_000);
        let mut window = JsonBuffer::over(text.as_bytes());
        let mut refused = 0;
        while let Ok(TakenElement::Refused { .. }) = window.peek().and_then(|_| window.value(|_| ())) {
            refused += 1;
        }
        assert_eq!(refused, MOST_TORN);
    }
}

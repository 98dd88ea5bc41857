//! A JSON text that goes by: what was read of it and not taken yet.
//!
//! Owns: reading on where a value is not whole, how much may be held, and the place of an error. Must not
//! know: what the values say. A value is parsed where it lies, which takes a fraction of the time that byte
//! after byte from a reader would; only the one at the end of each piece is parsed again.

use std::io::{self, Read};

use super::row::Element;

/// How much is read at a time.
const PIECE: u64 = 256 * 1024;
/// No row of an export comes near this; a text that does would be held in memory whole.
const LONGEST_VALUE: usize = 1 << 20;
/// Real files have 10 to 13 MB.
const LONGEST_FILE: u64 = 1 << 30;

/// Why it does not go on, in the words of somebody with a file.
pub(super) type Broken = String;

pub(super) const CUT_OFF: &str = "is cut off";

/// The text between what was taken and what is still to be read.
pub(super) struct Window<R> {
    reader: R,
    bytes: Vec<u8>,
    /// Where the rest begins.
    at: usize,
    is_over: bool,
    total: u64,
    /// Where the bytes begin: whole lines before them, and bytes of the line that was not over.
    place: (usize, usize),
}

impl<R: Read> Window<R> {
    pub(super) fn over(reader: R) -> Self {
        Self { reader, bytes: Vec::new(), at: 0, is_over: false, total: 0, place: (0, 0) }
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// The next byte that is no white space, which stays; nothing where the text is over.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, Broken> {
        loop {
            let found = self.rest().iter().position(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t'));
            self.at += found.unwrap_or(self.rest().len());
            if found.is_some() || self.is_over {
                return Ok(self.rest().first().copied());
            }
            self.read_on()?;
        }
    }

    /// Takes the byte that was [peeked](Self::peek) at.
    pub(super) fn step(&mut self) {
        self.at += 1;
    }

    /// Takes a value, and answers what is made of it.
    pub(super) fn value<T>(&mut self, with: impl FnOnce(Element<'_>) -> T) -> Result<T, Broken> {
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<Element<'_>>();
            match values.next() {
                // A number that ends with the bytes may go on.
                Some(Ok(value)) if self.is_over || values.byte_offset() < rest.len() => {
                    let taken = values.byte_offset();
                    let made = with(value);
                    self.at += taken;
                    return Ok(made);
                }
                Some(Err(error)) if !error.is_eof() => {
                    return Err(self.not_json(error.line(), error.column()));
                }
                _ if self.is_over => return Err(CUT_OFF.to_owned()),
                _ => self.read_on()?,
            }
        }
    }

    /// That what comes next should not be there.
    pub(super) fn unexpected(&self) -> Broken {
        self.not_json(1, 1)
    }

    /// That the text is wrong at a place of the rest, counted from 1.
    fn not_json(&self, line: usize, column: usize) -> Broken {
        let (lines, columns) = place_after(self.place, self.bytes.get(..self.at).unwrap_or_default());
        let column = if line == 1 { columns + column } else { column };
        format!("is not valid JSON from line {}, column {column} on", lines + line)
    }

    fn read_on(&mut self) -> Result<(), Broken> {
        if self.rest().len() > LONGEST_VALUE {
            return Err("has more than a megabyte in one row".to_owned());
        }
        if self.total > LONGEST_FILE {
            return Err("has more than a gigabyte, which no export has".to_owned());
        }
        let taken = self.at.min(self.bytes.len());
        self.place = place_after(self.place, self.bytes.get(..taken).unwrap_or_default());
        self.bytes.drain(..taken);
        self.at = 0;
        let read = (&mut self.reader).take(PIECE).read_to_end(&mut self.bytes);
        let read = read.map_err(|error: io::Error| error.to_string())?;
        self.total = self.total.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        self.is_over = read == 0;
        Ok(())
    }
}

/// Lines and columns after these bytes.
fn place_after((lines, columns): (usize, usize), bytes: &[u8]) -> (usize, usize) {
    match memchr::memrchr(b'\n', bytes) {
        None => (lines, columns + bytes.len()),
        Some(last) => (lines + memchr::memchr_iter(b'\n', bytes).count(), bytes.len() - last - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::Window;

    /// Gives a byte at a time.
    struct Drip<'a>(&'a [u8]);

    impl std::io::Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let most = buffer.len().min(1);
            std::io::Read::read(&mut self.0, &mut buffer[..most])
        }
    }

    #[test]
    fn errors_tell_their_place_in_the_whole_text() {
        let mut window = Window::over(Drip(b"\n {\"ts\":\n\"x\"}\n , oops"));
        assert_eq!(window.peek(), Ok(Some(b'{')));
        assert_eq!(window.value(|row| row.is_row()), Ok(true));
        assert_eq!(window.peek(), Ok(Some(b',')));
        assert_eq!(window.unexpected(), "is not valid JSON from line 4, column 2 on");
        window.step();
        assert_eq!(window.peek(), Ok(Some(b'o')));
        let error = window.value(|_| ()).unwrap_err();
        assert_eq!(error, "is not valid JSON from line 4, column 4 on");
    }

    #[test]
    fn a_number_at_the_end_of_a_piece_is_read_on() {
        let long = format!("{}7", " ".repeat(256 * 1024 - 1));
        let text = format!("{long}7 ,");
        let mut window = Window::over(text.as_bytes());
        window.peek().unwrap();
        window.value(|_| ()).unwrap();
        assert_eq!(window.peek(), Ok(Some(b',')), "it was taken whole");
    }
}

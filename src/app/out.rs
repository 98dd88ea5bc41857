//! Standard output and standard error of the commands. A reader that has left (`| head`) is no fault.

use std::io::{self, BufWriter, ErrorKind, Stdout, Write};

use color_eyre::Result;

use super::Failure;
use crate::domain::display_safe;

/// One line for people or programs.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// One JSON object on a line of its own.
pub fn say_json(value: &impl serde::Serialize) -> Result<()> {
    say(&serde_json::to_string(value)?);
    Ok(())
}

/// One sentence about what went wrong.
pub fn complain(sentence: &str) {
    let _ = writeln!(std::io::stderr().lock(), "phonolog: {}", display_safe(&sentence.replace('\n', ", ")));
}

/// One line about what goes on.
pub fn note(sentence: &str) {
    complain(sentence);
}

/// More lines than anybody may want to read: written in pieces, for as long as there is a reader.
pub struct Lines {
    out: BufWriter<Stdout>,
}

impl Lines {
    /// Lines on standard output.
    pub fn new() -> Self {
        Self { out: BufWriter::new(io::stdout()) }
    }

    /// One line. The error of a reader that has left ends the command, and [`unless_nobody_reads`] makes
    /// no fault of it.
    pub fn say(&mut self, line: &str) -> Result<()> {
        writeln!(self.out, "{line}").map_err(unwritable)
    }

    /// One JSON object on a line of its own.
    pub fn say_json(&mut self, value: &impl serde::Serialize) -> Result<()> {
        self.say(&serde_json::to_string(value)?)
    }

    /// Hands over what has been said so far.
    pub fn flush(&mut self) -> Result<()> {
        self.out.flush().map_err(unwritable)
    }
}

fn unwritable(error: io::Error) -> color_eyre::Report {
    match error.kind() {
        ErrorKind::BrokenPipe => error.into(),
        _ => Failure::failed(format!("the output cannot be written to its end ({error})")).into(),
    }
}

/// How a command ends that wrote [`Lines`].
pub fn unless_nobody_reads(done: Result<u8>) -> Result<u8> {
    match done {
        Err(error) if is_broken_pipe(&error) => Ok(0),
        done => done,
    }
}

fn is_broken_pipe(error: &color_eyre::Report) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

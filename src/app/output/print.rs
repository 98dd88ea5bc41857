//! Standard output and standard error of the commands. A closed reader (`| head`) is no error; a
//! full disk is.

use std::fmt::Write as _;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Stdout, Write};
use std::os::fd::AsFd;
use std::sync::OnceLock;

use color_eyre::Result;

use crate::app::Failure;
use crate::domain::{display_line, is_shown};
use crate::files::system_words;

/// Why a line could not be written, the first time. A command does more than print, so it
/// continues, and [`finish`] reports the error at the end.
static UNWRITTEN: OnceLock<io::Error> = OnceLock::new();

/// Prints one line for people or programs.
pub fn line(line: &str) {
    if let Err(error) = writeln!(io::stdout().lock(), "{line}") {
        let _ = UNWRITTEN.set(error);
    }
}

/// Prints one JSON object on a line of its own.
pub fn json(value: &impl serde::Serialize) -> Result<()> {
    line(&encoded(value)?);
    Ok(())
}

/// Prints one sentence about an error.
pub fn error(sentence: &str) {
    let _ = writeln!(io::stderr().lock(), "phonolog: {}", display_line(&sentence.replace('\n', ", ")));
}

/// Prints one line about the progress.
pub fn note(sentence: &str) {
    error(sentence);
}

/// Any number of lines: written in pieces, as long as there is a reader.
pub struct Lines {
    out: BufWriter<Stdout>,
}

impl Lines {
    /// Lines on standard output.
    pub fn new() -> Self {
        Self { out: BufWriter::new(io::stdout()) }
    }

    /// Prints one line. The error of a closed reader ends the command, and [`finish`] does not
    /// report it.
    pub fn line(&mut self, line: &str) -> Result<()> {
        writeln!(self.out, "{line}").map_err(unwritable)
    }

    /// Prints one JSON object on a line of its own.
    pub fn json(&mut self, value: &impl serde::Serialize) -> Result<()> {
        self.line(&encoded(value)?)
    }

    /// Writes the lines so far.
    pub fn flush(&mut self) -> Result<()> {
        self.out.flush().map_err(unwritable)
    }
}

/// Whether standard output is a terminal, which the output must not control.
pub fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Whether a screen can be drawn and used: both ends are a terminal with a cursor.
pub fn has_screen() -> bool {
    is_terminal() && io::stdin().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Whether standard output is a file, which accepts output without blocking.
pub fn is_file() -> bool {
    let output = io::stdout().as_fd().try_clone_to_owned();
    output.and_then(|output| std::fs::File::from(output).metadata()).is_ok_and(|found| found.is_file())
}

fn encoded(value: &impl serde::Serialize) -> Result<String> {
    let text = serde_json::to_string(value)?;
    Ok(if is_terminal() { json_shown(&text) } else { text })
}

/// The same JSON without characters that could control a terminal; they occur only in strings.
pub fn json_shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_shown(letter) {
            shown.push(letter);
        } else {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                let _ = write!(shown, "\\u{unit:04x}");
            }
        }
    }
    shown
}

/// The end of a command that may not have printed all of its output.
pub fn finish(done: Result<u8>) -> Result<u8> {
    match (done, UNWRITTEN.get().filter(|error| error.kind() != ErrorKind::BrokenPipe)) {
        (Err(error), _) if is_broken_pipe(&error) => Ok(0),
        (Ok(0), Some(error)) => Err(incomplete(error).into()),
        (Ok(status), Some(why)) => {
            error(&incomplete(why).to_string());
            Ok(status)
        }
        (done, _) => done,
    }
}

/// An error of standard output, in the form that [`finish`] recognises.
pub fn unwritable(error: io::Error) -> color_eyre::Report {
    match error.kind() {
        ErrorKind::BrokenPipe => error.into(),
        _ => incomplete(&error).into(),
    }
}

fn incomplete(error: &io::Error) -> Failure {
    let why = system_words(error);
    Failure::failed(format!("the output cannot be written completely ({why}); check where it goes"))
}

fn is_broken_pipe(error: &color_eyre::Report) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::json_shown;

    #[test]
    fn json_on_a_terminal_says_the_same_and_steers_nothing() {
        let names = ["Björk 👩", "\u{9b}31m\u{7f}", "\u{202e}x\u{200b}\u{e0041}", "a\n\u{1b}]52;c;\u{7}"];
        let text = serde_json::to_string(&names).unwrap();
        let shown = json_shown(&text);
        assert_eq!(serde_json::from_str::<Vec<String>>(&shown).unwrap(), names);
        assert!(shown.starts_with("[\"Björk 👩\"") && shown.chars().all(crate::domain::is_shown), "{shown}");
    }
}

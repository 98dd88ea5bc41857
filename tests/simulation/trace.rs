//! What happened, line by line: when, who, what. A story that fails leaves it behind as a text, since the
//! instant of a crash in the middle of `SQLite`'s work cannot be repeated to the microsecond.

use std::cell::RefCell;
use std::fmt::{self, Display, Formatter};
use std::time::Duration;

thread_local! {
    /// The story that this thread plays.
    static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Who does something.
#[derive(Debug, Clone, Copy)]
pub enum Who {
    Story,
    Person,
    Machine,
    /// Another process on this machine.
    Other,
    Engine,
    Spotify,
    Record,
}

impl Display for Who {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Story => "story",
            Self::Person => "person",
            Self::Machine => "machine",
            Self::Other => "other",
            Self::Engine => "  engine",
            Self::Spotify => "    spotify",
            Self::Record => "    record",
        })
    }
}

/// A new story begins.
pub fn begin() {
    LINES.with_borrow_mut(Vec::clear);
}

/// One more line.
pub fn line(at: Duration, who: Who, what: &str) {
    let (days, seconds) = (at.as_secs() / 86_400, at.as_secs() % 86_400);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let millis = at.subsec_millis();
    let line = format!("day {days:>3} {hours:02}:{minutes:02}:{seconds:02}.{millis:03}  {who:<12} {what}");
    LINES.with_borrow_mut(|lines| lines.push(line));
}

/// The engine wrote a line to its log, at the time of the line before or later.
pub fn logged(what: &str) {
    LINES.with_borrow_mut(|lines| lines.push(format!("{:<24}      log      {what}", "")));
}

/// The whole story.
pub fn text() -> String {
    LINES.with_borrow(|lines| lines.iter().flat_map(|line| [line, "\n"]).collect())
}

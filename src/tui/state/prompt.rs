//! A date that is being typed, and its use.

use chrono::{DateTime, Utc};

use crate::domain::{NotInThePast, in_the_past, to_its_end, to_the_end_of};
use crate::tui::style::zone::DisplayZone;

/// The purpose of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To jump to it in the history.
    Leap,
    /// To show the library at that time.
    Past,
}

/// A date that is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatePrompt {
    /// Its purpose.
    pub purpose: Purpose,
    /// The text so far.
    pub text: String,
}

impl DatePrompt {
    /// An empty text.
    pub const fn new(purpose: Purpose) -> Self {
        Self { purpose, text: String::new() }
    }

    /// The label before the text.
    pub const fn label(&self) -> &'static str {
        match self.purpose {
            Purpose::Leap => "go to",
            Purpose::Past => "as of",
        }
    }

    /// The time that is meant: in the history the end of a day, otherwise as on the command line.
    pub fn read(&self, now: DateTime<Utc>, zone: DisplayZone) -> Result<DateTime<Utc>, NotInThePast> {
        let instant = |time| Some(zone.first_instant(time));
        match self.purpose {
            Purpose::Leap => to_the_end_of(&self.text, now, instant),
            Purpose::Past => Ok(to_its_end(in_the_past(&self.text, now, instant)?, now)),
        }
    }
}

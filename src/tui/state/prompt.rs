//! A date that is being typed, and what becomes of it.

use chrono::{DateTime, Utc};

use crate::domain::{NotInThePast, in_the_past, to_its_end, to_the_end_of};
use crate::tui::style::zone::DisplayZone;

/// What a date is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To go there in the history.
    Leap,
    /// To see the library as it was then.
    Past,
}

/// A date that is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatePrompt {
    /// For what.
    pub purpose: Purpose,
    /// What was typed so far.
    pub text: String,
}

impl DatePrompt {
    /// Nothing typed yet.
    pub const fn new(purpose: Purpose) -> Self {
        Self { purpose, text: String::new() }
    }

    /// What stands before the text.
    pub const fn label(&self) -> &'static str {
        match self.purpose {
            Purpose::Leap => "go to",
            Purpose::Past => "as of",
        }
    }

    /// The instant that is meant: in the history a day to its end, else as on the command line.
    pub fn read(&self, now: DateTime<Utc>, zone: DisplayZone) -> Result<DateTime<Utc>, NotInThePast> {
        let instant = |time| Some(zone.first_instant(time));
        match self.purpose {
            Purpose::Leap => to_the_end_of(&self.text, now, instant),
            Purpose::Past => Ok(to_its_end(in_the_past(&self.text, now, instant)?, now)),
        }
    }
}

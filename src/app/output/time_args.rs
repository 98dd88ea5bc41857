//! A time as a person writes it on the command line.

use chrono::{DateTime, TimeZone, Utc};

use crate::app::Failure;
use crate::domain::{self, first_instant};

pub use crate::domain::to_its_end;

/// Parses a time that is not after `now`: RFC 3339, a date or time in `zone`, or how long ago.
pub fn in_the_past<Z: TimeZone>(text: &str, now: DateTime<Utc>, zone: &Z) -> Result<DateTime<Utc>, Failure> {
    domain::in_the_past(text, now, |time| first_instant(time, zone))
        .map_err(|error| Failure::Usage(error.to_string()))
}

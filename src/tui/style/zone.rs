//! The time zone of displayed times.

use std::fmt;

use chrono::{DateTime, FixedOffset, Local, NaiveDateTime, Offset, TimeDelta, Utc};

/// The person's offset from UTC at a time: a function, since summer time may begin before a hold
/// ends.
#[derive(Clone, Copy)]
pub struct DisplayZone(pub fn(DateTime<Utc>) -> FixedOffset);

impl DisplayZone {
    /// The machine's time zone.
    pub fn local() -> Self {
        Self(|instant| instant.with_timezone(&Local).offset().fix())
    }

    /// The time by the person's clock.
    pub fn on_the_wall(self, instant: DateTime<Utc>) -> DateTime<FixedOffset> {
        instant.with_timezone(&(self.0)(instant))
    }

    /// The first instant at which the person's clock shows a time; if the clock skips it, the
    /// instant at which it continues.
    pub fn first_instant(self, shown: NaiveDateTime) -> DateTime<Utc> {
        // Offsets of the days around it: no clock changes more often.
        let around = [-1, 1].map(|days| (self.0)(shown.and_utc() + TimeDelta::days(days)));
        let instants =
            around.map(|offset| shown.and_utc() - TimeDelta::seconds(offset.local_minus_utc().into()));
        let is_shown = |instant: &DateTime<Utc>| self.on_the_wall(*instant).naive_local() == shown;
        let [before, after] = instants;
        [before.min(after), before.max(after)].into_iter().find(is_shown).unwrap_or(before)
    }
}

impl fmt::Debug for DisplayZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Zone")
    }
}

impl PartialEq for DisplayZone {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::fn_addr_eq(self.0, other.0)
    }
}

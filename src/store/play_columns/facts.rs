//! What is known of a play besides its item, its time and its length, as one small number.
//!
//! Owns: the bits of `play_rows.facts`, which the view `plays` takes apart, too. Must not know: where they are
//! stored.

use crate::domain::ExportFormat;

/// Which source describes a play.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum PlaySource {
    Api,
    Extended,
    AccountData,
}

impl From<ExportFormat> for PlaySource {
    fn from(format: ExportFormat) -> Self {
        match format {
            ExportFormat::Extended => Self::Extended,
            ExportFormat::AccountData => Self::AccountData,
        }
    }
}

/// The facts of a play.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct PlayFacts {
    pub(in crate::store) source: PlaySource,
    /// `None`: nobody said.
    pub(in crate::store) skipped: Option<bool>,
    /// Whether it counts in statistics.
    pub(in crate::store) counts: bool,
}

const SOURCE: i64 = 3;
const NOT_SKIPPED: i64 = 4;
const SKIPPED: i64 = 8;
const COUNTS: i64 = 16;

impl PlayFacts {
    /// The facts of these bits.
    pub(in crate::store) const fn of_bits(bits: i64) -> Self {
        let source = match bits & SOURCE {
            0 => PlaySource::Api,
            1 => PlaySource::Extended,
            _ => PlaySource::AccountData,
        };
        let skipped = match bits & (NOT_SKIPPED | SKIPPED) {
            NOT_SKIPPED => Some(false),
            SKIPPED => Some(true),
            _ => None,
        };
        Self { source, skipped, counts: bits & COUNTS != 0 }
    }

    /// The bits of these facts.
    pub(in crate::store) const fn bits(self) -> i64 {
        let source = match self.source {
            PlaySource::Api => 0,
            PlaySource::Extended => 1,
            PlaySource::AccountData => 2,
        };
        let skipped = match self.skipped {
            None => 0,
            Some(false) => NOT_SKIPPED,
            Some(true) => SKIPPED,
        };
        source | skipped | if self.counts { COUNTS } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_read_as_they_were_written() {
        for source in [PlaySource::Api, PlaySource::Extended, PlaySource::AccountData] {
            for skipped in [None, Some(false), Some(true)] {
                for counts in [false, true] {
                    let facts = PlayFacts { source, skipped, counts };
                    assert_eq!(PlayFacts::of_bits(facts.bits()), facts);
                }
            }
        }
    }
}

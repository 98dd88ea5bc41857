//! What is known of a play besides its item, its time and its length, as one small number.
//!
//! Owns: the bits of `play_rows.facts`, which the view `plays` takes apart, too, and how the row of an
//! export that provides a play is stored. Must not know: where they are stored.

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
    /// Whether the row of an export that provides the play has the number of the play. Its number
    /// is not stored a second time.
    pub(in crate::store) has_own_row: bool,
}

const SOURCE: i64 = 3;
const NOT_SKIPPED: i64 = 4;
const SKIPPED: i64 = 8;
const COUNTS: i64 = 16;
const OWN_ROW: i64 = 32;

/// The row of an export that provides the play `p`, in SQL.
macro_rules! export_row_of_play {
    () => {
        "iif(p.facts & 32, p.id, p.export_row_id)"
    };
}
pub(in crate::store) use export_row_of_play;

/// How the row of an export that provides a play is stored: as `has_own_row`, or in the column
/// `export_row_id`.
pub(in crate::store) fn packed_row(play: i64, row: Option<i64>) -> (bool, Option<i64>) {
    if row == Some(play) { (true, None) } else { (false, row) }
}

/// The row of an export that provides a play, from what [`packed_row`] returned.
pub(in crate::store) fn unpacked_row(play: i64, has_own_row: bool, row: Option<i64>) -> Option<i64> {
    if has_own_row { Some(play) } else { row }
}

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
        Self { source, skipped, counts: bits & COUNTS != 0, has_own_row: bits & OWN_ROW != 0 }
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
        let counts = if self.counts { COUNTS } else { 0 };
        let own_row = if self.has_own_row { OWN_ROW } else { 0 };
        source | skipped | counts | own_row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_as_it_was_written_beside_the_facts() {
        for row in [None, Some(7), Some(8)] {
            let (has_own_row, column) = packed_row(7, row);
            assert_eq!(unpacked_row(7, has_own_row, column), row);
        }
        assert_eq!(packed_row(7, Some(7)).1, None, "the number is there already");
    }

    #[test]
    fn facts_are_read_as_they_were_written() {
        for source in [PlaySource::Api, PlaySource::Extended, PlaySource::AccountData] {
            for skipped in [None, Some(false), Some(true)] {
                for (counts, has_own_row) in [(false, false), (false, true), (true, false), (true, true)] {
                    let facts = PlayFacts { source, skipped, counts, has_own_row };
                    assert_eq!(PlayFacts::of_bits(facts.bits()), facts);
                }
            }
        }
    }
}

//! For which time an export proves that it tells everything.
//!
//! Two neighbouring rows prove the time between them, and their own, where all of this holds:
//!
//! * the file was read to its end, and every row of it could be kept;
//! * it has music: podcasts, audiobooks and videos lie beside the music in files of their own;
//! * its rows are in the order of time. Rows of old exports are not: each file has some plays of all years;
//! * they are no more than [`LONGEST_SILENCE_MS`] apart. Whether nothing was played in a longer silence, or
//!   the export lacks it, nobody can tell.
//!
//! What is not proven stays unknown.

use super::LONGEST_MS;

/// So long somebody may be silent: a week without a phone.
pub const LONGEST_SILENCE_MS: i64 = 7 * 86_400_000;

/// Rows within a file may be this much out of order: reports of one device overtake each other.
const DISORDER_MS: i64 = 60_000;

/// What the rows of one file prove, row by row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExportProof {
    spans: Vec<(i64, i64)>,
    is_out_of_order: bool,
    has_music: bool,
}

impl ExportProof {
    /// The next row: when it ended, in milliseconds since 1970, how long it was, and whether it is music.
    pub fn add(&mut self, ended: i64, ms_played: Option<i64>, is_music: bool) {
        self.has_music |= is_music;
        match self.spans.last_mut() {
            Some((_, last)) if ended < *last - DISORDER_MS => self.is_out_of_order = true,
            Some((_, last)) if ended <= *last + LONGEST_SILENCE_MS => *last = ended.max(*last),
            _ if self.is_out_of_order => {}
            _ => self.spans.push((ended - ms_played.unwrap_or(0).clamp(0, LONGEST_MS), ended)),
        }
    }

    /// From when to when each proven time lasts, both included, the oldest first.
    #[must_use]
    pub fn spans(&self) -> &[(i64, i64)] {
        if self.is_out_of_order || !self.has_music { &[] } else { &self.spans }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn proven(hours: &[i64]) -> Vec<(i64, i64)> {
        let mut proof = ExportProof::default();
        for hour in hours {
            proof.add(hour * HOUR, Some(0), true);
        }
        proof.spans().iter().map(|(from, to)| (from / HOUR, to / HOUR)).collect()
    }

    #[test]
    fn neighbours_prove_what_lies_between_them_and_long_silences_nothing() {
        assert_eq!(proven(&[100, 103, 271, 271, 440, 460]), [(100, 271), (440, 460)]);
        assert_eq!(proven(&[]), []);
    }

    #[test]
    fn rows_that_are_not_in_the_order_of_time_prove_nothing() {
        assert_eq!(proven(&[100, 101, 99, 102]), []);
        assert_eq!(proven(&[100, 9000, 101, 102]), []);
    }

    #[test]
    fn a_first_row_of_half_a_day_does_not_reach_back_that_far_and_speech_proves_no_music() {
        let mut proof = ExportProof::default();
        proof.add(100 * HOUR, Some(15 * HOUR), true);
        assert_eq!(proof.spans(), [(96 * HOUR, 100 * HOUR)]);
        let mut speech = ExportProof::default();
        speech.add(100 * HOUR, Some(1), false);
        assert_eq!(speech.spans(), []);
    }
}

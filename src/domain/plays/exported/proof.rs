//! For which time an export proves that it contains every play.
//!
//! Two neighbouring rows prove the time between them, and their own, if all of this is true:
//!
//! * the file was read to its end;
//! * no row between them was rejected, because its time is unknown;
//! * the file is about music: podcasts, audiobooks and videos have files of their own;
//! * its rows are ordered by time. Rows of old exports are not: each file has some plays of all
//!   years;
//! * they are at most [`LONGEST_SILENCE_MS`] apart. In a longer silence it is unknown whether
//!   nothing was played or the export lacks it.
//!
//! Whatever is not proven stays unknown.

use crate::domain::plays::LONGEST_MS;

/// The longest plausible silence: a week without a phone.
pub const LONGEST_SILENCE_MS: i64 = 7 * 86_400_000;

/// Rows within a file may be out of order by this much: reports of one device overtake each other.
const DISORDER_MS: i64 = 60_000;

/// If rows are missing at more places than this, the whole file counts as damaged.
const MOST_LACKS: usize = 1_000;

/// What the rows of one file prove, evaluated row by row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExportProof {
    spans: Vec<(i64, i64)>,
    /// The end of the latest row so far.
    latest: Option<i64>,
    has_music: bool,
    /// Places of rejected rows; more than the limit means that the file proves nothing.
    lacks: usize,
    is_first_lacking: bool,
    is_last_lacking: bool,
}

impl ExportProof {
    /// Adds the next row: when it ended, in milliseconds since 1970, how long it was, and whether
    /// it is music.
    pub fn add(&mut self, ended: i64, ms_played: Option<i64>, is_music: bool) {
        self.has_music |= is_music;
        let latest = self.latest.unwrap_or(ended);
        if ended < latest - DISORDER_MS {
            self.give_up();
        }
        self.latest = Some(latest.max(ended));
        let follows_a_lack = std::mem::take(&mut self.is_last_lacking);
        let goes_on = !follows_a_lack && ended <= latest + LONGEST_SILENCE_MS;
        match self.spans.last_mut() {
            _ if self.lacks > MOST_LACKS => {}
            Some((_, to)) if goes_on => *to = ended.max(*to),
            // The rejected row may have ended later than this row, as far as rows may be out of
            // order.
            _ if follows_a_lack => self.spans.push((ended + DISORDER_MS, ended)),
            _ => self.spans.push((ended - ms_played.unwrap_or(0).clamp(0, LONGEST_MS), ended)),
        }
    }

    /// Adds a rejected row: only its place says when it ended.
    pub fn lack(&mut self) {
        if self.is_last_lacking {
            return;
        }
        self.is_last_lacking = true;
        self.is_first_lacking |= self.latest.is_none();
        if let Some((_, to)) = self.spans.last_mut() {
            *to -= DISORDER_MS;
        }
        self.lacks = self.lacks.saturating_add(1);
        if self.lacks > MOST_LACKS {
            self.give_up();
        }
    }

    fn give_up(&mut self) {
        self.lacks = usize::MAX;
        self.spans = Vec::new();
    }

    /// The start and the end of each proven time, both included, the oldest first.
    pub fn spans(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.spans.iter().copied().filter(|(from, to)| self.has_music && from <= to)
    }

    /// When the first row began, if no other row can be before it.
    #[must_use]
    pub fn begin(&self) -> Option<i64> {
        self.spans.first().filter(|(from, to)| !self.is_first_lacking && from <= to).map(|(from, _)| *from)
    }

    /// When the last row ended, if no other row can be after it.
    #[must_use]
    pub fn end(&self) -> Option<i64> {
        self.spans.last().filter(|(from, to)| !self.is_last_lacking && from <= to).map(|(_, to)| *to)
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
        proof.spans().map(|(from, to)| (from / HOUR, to / HOUR)).collect()
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
        assert_eq!(spans(&proof), [(96 * HOUR, 100 * HOUR)]);
        let mut speech = ExportProof::default();
        speech.add(100 * HOUR, Some(1), false);
        assert_eq!(speech.spans().count(), 0);
    }

    fn spans(proof: &ExportProof) -> Vec<(i64, i64)> {
        proof.spans().collect()
    }

    /// Rows at these hours, with rejected rows in between.
    fn with_lacks(hours: &[Option<i64>]) -> ExportProof {
        let mut proof = ExportProof::default();
        for hour in hours {
            match hour {
                Some(hour) => proof.add(hour * HOUR, Some(HOUR), true),
                None => proof.lack(),
            }
        }
        proof
    }

    #[test]
    fn a_row_that_could_not_be_kept_costs_the_time_between_its_neighbours() {
        let proof = with_lacks(&[Some(100), Some(103), None, None, Some(107), Some(110)]);
        let expected = [(99 * HOUR, 103 * HOUR - DISORDER_MS), (107 * HOUR + DISORDER_MS, 110 * HOUR)];
        assert_eq!(spans(&proof), expected);
        assert_eq!((proof.begin(), proof.end()), (Some(99 * HOUR), Some(110 * HOUR)));

        let proof = with_lacks(&[None, Some(100), Some(103), None]);
        assert_eq!(spans(&proof), [(100 * HOUR + DISORDER_MS, 103 * HOUR - DISORDER_MS)]);
        assert_eq!((proof.begin(), proof.end()), (None, None), "another part does not go on with it");

        assert_eq!(with_lacks(&[Some(100), None, Some(103), None, Some(101), Some(104)]).spans().count(), 0);
        assert_eq!(with_lacks(&[None, Some(100), None]).spans().count(), 0);
    }

    #[test]
    fn a_file_that_is_damaged_all_over_proves_nothing_and_takes_no_memory() {
        let most = i64::try_from(MOST_LACKS).unwrap();
        let hours: Vec<_> = (0..2 * most + 3).map(|row| (row % 2 == 0).then_some(row)).collect();
        assert_eq!(with_lacks(&hours).spans, []);
        assert_ne!(with_lacks(&hours[..2 * MOST_LACKS]).spans, []);
    }
}

//! Derives plays from what several sources say about the listening.
//!
//! Owns: when two pieces of evidence describe one play, and which of them provides it. Must not
//! know: where the evidence is stored. Everything is derived from all evidence of a span of time at
//! once, and ties are decided by the content, never by the order of arrival. So the order of polls
//! and imports cannot matter. Times are milliseconds since 1970.

mod coverage;
mod days;
mod duplicates;
#[cfg(test)]
mod duplicates_tests;
mod exported;
mod group;
mod matching;
#[cfg(test)]
mod matching_tests;
mod pairing;
mod sets;
mod song;
#[cfg(test)]
mod tests;

pub use coverage::{Coverage, CoverageState, Interval};
pub use days::{DayCoverage, days};
pub use duplicates::{ToldRow, duplicates};
pub use exported::offline::{offline_end, offline_second};
pub use exported::proof::{ExportProof, LONGEST_SILENCE_MS};
pub use exported::skips::was_skipped;
pub use group::{Group, group};
pub use matching::derive;
pub use sets::Sets;
pub use song::Song;

/// Two clocks, or two roundings of one, differ by at most this.
pub const SLACK_MS: i64 = 5_000;
/// Stamps of two answers may be further apart than the play is long by this much and still be its
/// start and end.
pub const WIDE_SLACK_MS: i64 = 60_000;
/// Spotify lists plays of more than 30 seconds.
pub const SHORTEST_LISTED_MS: i64 = 30_000;
/// The start of a row is searched for no further back than this, however long the row claims to be.
/// Rows of 9 and 15 hours occur in exports, from players that were left running.
pub const LONGEST_MS: i64 = 4 * 3_600_000;
/// Evidence further apart than this never describes one play.
pub const REACH_MS: i64 = LONGEST_MS + 2 * WIDE_SLACK_MS;

/// One line of an answer of `recently-played`, whatever the number of answers that listed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The caller's key.
    pub key: i64,
    /// `played_at`: the end of the play; from some clients, and in some answers, its start.
    pub at: i64,
    /// What was played.
    pub song: Song,
    /// The full length of the item.
    pub duration_ms: Option<i64>,
}

/// One answer of `recently-played`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PollAnswer {
    /// It lists everything that Spotify had between these two times; `None` if they are not known.
    pub window: Option<(i64, i64)>,
    /// Keys of the stamps that it lists.
    pub listed: Vec<i64>,
}

impl PollAnswer {
    /// Whether it would have listed a play with the stamp `at`.
    fn covers(&self, at: i64) -> bool {
        self.window.is_some_and(|(from, to)| from - SLACK_MS <= at && at <= to + SLACK_MS)
    }
}

/// A file of an export, recognised by its contents: their SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SourceDigest(pub [u8; 32]);

/// The kind of privacy export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// The extended streaming history: uris, seconds, everything.
    Extended,
    /// The account data: names and whole minutes, of the last year.
    AccountData,
}

impl ExportFormat {
    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Extended => "extended",
            Self::AccountData => "account_data",
        }
    }
}

/// One row of a privacy export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedPlay {
    /// The caller's key.
    pub key: i64,
    /// The kind of row.
    pub format: ExportFormat,
    /// End of the play; in account data the minute of the end.
    pub ended: i64,
    /// The end according to the row: later than the real end if it was played offline.
    pub reported: i64,
    /// How long it was played.
    pub ms_played: Option<i64>,
    /// What was played.
    pub song: Song,
    /// Distinguishes rows that are equal in all of the above.
    pub rest: String,
}

impl ExportedPlay {
    /// How far `at` is from the row's end.
    fn distance(&self, at: i64) -> i64 {
        match self.format {
            ExportFormat::Extended => (at - self.ended).abs().min((at - self.reported).abs()),
            ExportFormat::AccountData => (at - at.clamp(self.ended, self.last_end())).abs(),
        }
    }

    /// The latest time that the row's end may mean.
    const fn last_end(&self) -> i64 {
        match self.format {
            ExportFormat::Extended => self.ended,
            ExportFormat::AccountData => self.ended + 59_999,
        }
    }

    /// Whether it is too short for Spotify to have listed it. Spotify has listed some of them
    /// nevertheless.
    fn is_short(&self) -> bool {
        self.ms_played.is_some_and(|ms| ms < SHORTEST_LISTED_MS)
    }

    /// Whether `at` may be a stamp of its play: from its start to its end, or at its end if it is
    /// short.
    fn may_be_stamped(&self, at: i64) -> bool {
        let played = self.ms_played.unwrap_or(0).clamp(0, LONGEST_MS);
        let is_within = self.ended - played - SLACK_MS <= at && at <= self.last_end() + SLACK_MS;
        self.distance(at) <= SLACK_MS || (is_within && !self.is_short())
    }

    /// The tie-breaker for equal distances.
    fn rank(&self) -> (i64, &str, Option<i64>, &str) {
        (self.ended, &self.song.uri, self.ms_played, &self.rest)
    }
}

/// A play, derived from all evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DerivedPlay {
    /// Its end.
    pub played_at: i64,
    /// The stamp with the API's evidence.
    pub stamp: Option<i64>,
    /// The row of an export that describes it.
    pub row: Option<i64>,
    /// Which evidence says what was played.
    pub told_by: ToldBy,
}

/// Which evidence says what was played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ToldBy {
    /// The API's.
    Stamp,
    /// The export's.
    Row,
}

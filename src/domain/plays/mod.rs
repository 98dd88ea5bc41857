//! From what several sources said of one listening to its plays.
//!
//! Owns: when two statements speak of one play, and which of them tells it. Must not know: where the
//! statements are kept. Everything is derived from all statements of a stretch of time at once and ties
//! are decided by what was said, never by its order of arrival: so the order of polls and imports cannot
//! matter. Times are milliseconds since 1970.

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

/// Two clocks, or two roundings of one, differ by no more than this.
pub const SLACK_MS: i64 = 5_000;
/// Stamps of two answers may be so much further apart than a play is long and still be its start and end.
pub const WIDE_SLACK_MS: i64 = 60_000;
/// Spotify lists plays of more than 30 seconds.
pub const SHORTEST_LISTED_MS: i64 = 30_000;
/// However long a row claims to have played, its start is looked for no further back: rows of 9 and 15
/// hours occur in exports, of players that were left alone.
pub const LONGEST_MS: i64 = 4 * 3_600_000;
/// Statements further apart than this never speak of one play.
pub const REACH_MS: i64 = LONGEST_MS + 2 * WIDE_SLACK_MS;

/// One line of an answer of `recently-played`, however many answers listed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// Whoever keeps it knows it by this.
    pub key: i64,
    /// `played_at`: the end of the play; from some clients, in some answers, its start.
    pub at: i64,
    /// What was played.
    pub song: Song,
    /// How long it lasts when played to its end.
    pub duration_ms: Option<i64>,
}

/// One answer of `recently-played`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PollAnswer {
    /// It lists everything that Spotify had between these two; `None` where that is not known.
    pub window: Option<(i64, i64)>,
    /// Keys of the stamps that it lists.
    pub listed: Vec<i64>,
}

impl PollAnswer {
    /// Whether it would have listed a play stamped `at`.
    fn covers(&self, at: i64) -> bool {
        self.window.is_some_and(|(from, to)| from - SLACK_MS <= at && at <= to + SLACK_MS)
    }
}

/// Which kind of privacy export a row is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// The extended streaming history: uris, seconds, everything.
    Extended,
    /// The account data: names and whole minutes, of the last year.
    AccountData,
}

impl ExportFormat {
    /// The word that tables use.
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
    /// Whoever keeps it knows it by this.
    pub key: i64,
    /// What kind of row.
    pub format: ExportFormat,
    /// End of the play; of account data the minute in which it lies.
    pub ended: i64,
    /// When the row says that it ended: later, where it was played offline.
    pub reported: i64,
    /// For how long it was played.
    pub ms_played: Option<i64>,
    /// What was played.
    pub song: Song,
    /// What else tells rows apart that are alike in all of the above.
    pub rest: String,
}

impl ExportedPlay {
    /// How far `at` lies from the end that the row tells.
    fn distance(&self, at: i64) -> i64 {
        match self.format {
            ExportFormat::Extended => (at - self.ended).abs().min((at - self.reported).abs()),
            ExportFormat::AccountData => (at - at.clamp(self.ended, self.last_end())).abs(),
        }
    }

    /// The last instant that the row may mean by its end.
    const fn last_end(&self) -> i64 {
        match self.format {
            ExportFormat::Extended => self.ended,
            ExportFormat::AccountData => self.ended + 59_999,
        }
    }

    /// Whether it is too short for Spotify to have listed it; though it says that, it has listed some.
    fn is_short(&self) -> bool {
        self.ms_played.is_some_and(|ms| ms < SHORTEST_LISTED_MS)
    }

    /// Whether a stamp of its play may be `at`: from its start to its end, or at its end where it is short.
    fn may_be_stamped(&self, at: i64) -> bool {
        let played = self.ms_played.unwrap_or(0).clamp(0, LONGEST_MS);
        let is_within = self.ended - played - SLACK_MS <= at && at <= self.last_end() + SLACK_MS;
        self.distance(at) <= SLACK_MS || (is_within && !self.is_short())
    }

    /// What decides where distances are equal.
    fn rank(&self) -> (i64, &str, Option<i64>, &str) {
        (self.ended, &self.song.uri, self.ms_played, &self.rest)
    }
}

/// A play, as all statements together tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DerivedPlay {
    /// Its end.
    pub played_at: i64,
    /// The stamp that stands for what the API said of it.
    pub stamp: Option<i64>,
    /// The row of an export that tells it.
    pub row: Option<i64>,
    /// Whose word says what was played.
    pub told_by: ToldBy,
}

/// Which statement says what was played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ToldBy {
    /// The API's.
    Stamp,
    /// The export's.
    Row,
}

//! What an import came to, file by file.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::domain::{ExportFormat, ExportRow};
use crate::import::Ending;

/// Both ends of an interval of time.
pub type Span = (DateTime<Utc>, DateTime<Utc>);

/// The whole import.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Nothing was changed.
    pub dry_run: bool,
    /// Files that are listening histories.
    pub files: Vec<FileReport>,
    /// Files that are something else.
    pub skipped: Vec<Skipped>,
    /// Paths that could not be read at all, each with a sentence.
    pub failed: Vec<String>,
    /// All files together.
    pub total: Count,
}

/// A file that was left aside.
#[derive(Debug, Serialize)]
pub struct Skipped {
    /// Its name.
    pub file: String,
    /// Why, as a sentence without a subject.
    pub why: String,
}

/// What became of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Rows there were: stored, duplicate and rejected ones.
    pub rows: u64,
    /// Rows that are new.
    pub stored: u64,
    /// Of the new ones, rows that tell a play which was known from elsewhere.
    pub matched: u64,
    /// Rows that were there already, in this file or before.
    pub duplicate: u64,
    /// Rows that cannot be kept.
    pub rejected: u64,
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.rows += other.rows;
        self.stored += other.stored;
        self.matched += other.matched;
        self.duplicate += other.duplicate;
        self.rejected += other.rejected;
    }
}

/// One file.
#[derive(Debug, Default, Serialize)]
pub struct FileReport {
    /// Its name.
    #[serde(rename = "file")]
    pub name: String,
    /// Which format it is.
    pub format: Option<ExportFormat>,
    /// What became of its rows.
    #[serde(flatten)]
    pub count: Count,
    /// Why rows were rejected.
    pub reasons: Vec<Reason>,
    /// Beginning of its first play.
    pub from_at: Option<DateTime<Utc>>,
    /// End of its last one.
    pub to_at: Option<DateTime<Utc>>,
    /// Why it was not read to its end.
    pub error: Option<String>,
}

/// Why rows were rejected.
#[derive(Debug, Serialize)]
pub struct Reason {
    /// In words without a subject.
    pub why: &'static str,
    /// How many.
    pub rows: u64,
    /// The first of them, from 1.
    pub first_row: u64,
}

impl FileReport {
    /// A file that begins.
    pub fn named(name: String) -> Self {
        Self { name, ..Self::default() }
    }

    /// Takes account of rows of which so many were new.
    pub fn add(&mut self, rows: &[ExportRow], new: u64) {
        let all = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        self.count.stored += new;
        self.count.duplicate += all.saturating_sub(new);
        for row in rows {
            self.format = self.format.or(Some(row.format));
            let end = DateTime::from_timestamp_millis(row.ended_ms);
            let start = DateTime::from_timestamp_millis(row.ended_ms - row.ms_played.unwrap_or(0));
            self.from_at = self.from_at.into_iter().chain(start).min();
            self.to_at = self.to_at.max(end);
        }
    }

    /// Takes account of how the file ended.
    pub fn end(&mut self, ending: Ending) {
        self.count.rejected = ending.rejected.values().map(|rejected| rejected.rows).sum();
        self.count.rows = self.count.stored + self.count.duplicate + self.count.rejected;
        let reason = |(why, rejected): (&'static str, crate::import::Rejected)| Reason {
            why,
            rows: rejected.rows,
            first_row: rejected.first,
        };
        self.reasons = ending.rejected.into_iter().map(reason).collect();
        self.error = ending.broken;
    }

    /// The time of which the file tells everything: from its first to its last play, unless it is one of
    /// the files beside the music that every export has, or was cut off.
    pub fn span(&self) -> Option<Span> {
        let name = self.base().to_lowercase();
        let is_beside = ["video", "podcast", "audiobook"].iter().any(|word| name.contains(word));
        self.from_at.zip(self.to_at).filter(|_| !is_beside)
    }

    fn base(&self) -> &str {
        self.name.rsplit(['/', '\\']).next().unwrap_or(&self.name)
    }

    /// Where it lies, and the number that parts of one history carry at the end of their names.
    fn place(&self) -> Option<(&str, u32)> {
        let folder = self.name.strip_suffix(self.base())?;
        let stem = self.base().rsplit_once('.').map_or(self.base(), |(stem, _)| stem);
        let digits = stem.rsplit(|c: char| !c.is_ascii_digit()).next()?;
        Some((folder, digits.parse().ok()?))
    }
}

impl Report {
    /// Adds a file that is over.
    pub fn add(&mut self, file: FileReport) {
        self.total += file.count;
        self.files.push(file);
    }

    /// Adds a file that is something else.
    pub fn skip(&mut self, file: String, why: String) {
        self.skipped.push(Skipped { file, why });
    }

    /// Whether something that was asked for could not be done.
    pub fn has_failed(&self) -> bool {
        !self.failed.is_empty() || self.files.is_empty() || self.files.iter().any(|file| file.error.is_some())
    }

    /// The time that files with consecutive numbers in one place tell together: nothing was played between
    /// the last row of one and the first of the next.
    pub fn covered(&self) -> Vec<Span> {
        let mut parts: BTreeMap<(&str, u32), Span> = BTreeMap::new();
        for file in self.files.iter().filter(|file| file.error.is_none()) {
            if let Some((place, span)) = file.place().zip(file.span()) {
                parts.insert(place, span);
            }
        }
        let mut spans = Vec::new();
        let mut before: Option<((&str, u32), Span)> = None;
        for (place, (from, to)) in parts {
            if let Some(((folder, number), last)) = before
                && (folder, number.saturating_add(1)) == place
            {
                spans.push((last.0.min(from), last.1.max(to)));
            }
            before = Some((place, (from, to)));
        }
        spans
    }
}

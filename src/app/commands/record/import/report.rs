//! The result of an import, by file.

use std::borrow::Cow;
use std::ops::AddAssign;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{ExportFormat, ExportKind, ExportProof};
use crate::import::{Batch, Ending};
use crate::store::ImportId;

/// The whole import.
#[derive(Debug, Default, Serialize)]
pub struct ImportReport {
    /// Whether nothing was changed.
    pub dry_run: bool,
    /// Files that are listening histories.
    pub files: Vec<FileReport>,
    /// Files that are something else.
    pub skipped: Vec<Skipped>,
    /// Paths that could not be read at all, each with a sentence.
    pub failed: Vec<String>,
    /// The sum of all files.
    pub total: Count,
}

/// A file that was skipped.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Skipped {
    /// Its name.
    pub file: String,
    /// Why, as a sentence without a subject.
    pub why: String,
}

/// What happened to rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// All rows: stored, duplicate and rejected ones.
    pub rows: u64,
    /// Rows that are new.
    pub stored: u64,
    /// New rows about a play that was known from another source.
    pub matched: u64,
    /// Rows that were already stored, from this file or before.
    pub duplicate: u64,
    /// Rows that cannot be stored.
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
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct FileReport {
    /// Its name.
    #[serde(rename = "file")]
    pub name: String,
    /// Its format.
    pub format: Option<ExportFormat>,
    /// What happened to its rows.
    #[serde(flatten)]
    pub count: Count,
    /// Why rows were rejected.
    pub reasons: Vec<Reason>,
    /// Start of its first play.
    pub from_at: Option<DateTime<Utc>>,
    /// End of its last play.
    pub to_at: Option<DateTime<Utc>>,
    /// Why it was not read to its end.
    pub error: Option<String>,
    /// For which time its rows are complete, if the file is.
    #[serde(skip)]
    pub proof: ExportProof,
    /// Its number, once rows of it are stored.
    #[serde(skip)]
    pub id: Option<ImportId>,
}

/// Why rows were rejected.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reason {
    /// In words without a subject.
    pub why: Cow<'static, str>,
    /// The number of rows.
    pub rows: u64,
    /// The first of them, from 1.
    pub first_row: u64,
}

impl FileReport {
    /// A new file.
    pub fn named(name: String) -> Self {
        Self { name, ..Self::default() }
    }

    /// Adds a batch, of whose rows this many were new.
    pub fn add(&mut self, Batch { rows, lacks, .. }: &Batch, new: u64) {
        let all = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        self.count.stored += new;
        self.count.duplicate += all.saturating_sub(new);
        for (place, row) in rows.iter().enumerate() {
            if lacks.binary_search(&place).is_ok() {
                self.proof.lack();
            }
            self.format = self.format.or(Some(row.format));
            self.proof.add(row.ended_ms, row.ms_played, row.item.kind() == ExportKind::Track);
            let end = DateTime::from_timestamp_millis(row.ended_ms);
            let start = DateTime::from_timestamp_millis(row.ended_ms - row.ms_played.unwrap_or(0));
            self.from_at = self.from_at.into_iter().chain(start).min();
            self.to_at = self.to_at.max(end);
        }
        if lacks.last() == Some(&rows.len()) {
            self.proof.lack();
        }
    }

    /// Adds the end of the file.
    pub fn end(&mut self, ending: Ending) {
        self.count.rejected = ending.rejected.values().map(|rejected| rejected.rows).sum();
        self.count.rows = self.count.stored + self.count.duplicate + self.count.rejected;
        let reason = |(why, rejected): (&'static str, crate::import::Rejected)| Reason {
            why: Cow::Borrowed(why),
            rows: rejected.rows,
            first_row: rejected.first,
        };
        self.reasons = ending.rejected.into_iter().map(reason).collect();
        self.error = ending.broken;
    }
}

impl ImportReport {
    /// Adds a finished file.
    pub fn add(&mut self, file: FileReport) {
        self.total += file.count;
        self.files.push(file);
    }

    /// Adds a skipped file.
    pub fn skip(&mut self, file: String, why: String) {
        self.skipped.push(Skipped { file, why });
    }

    /// Whether a requested part failed.
    pub fn has_failed(&self) -> bool {
        let is_without_plays = self.total.rows == self.total.rejected && self.total.rejected > 0;
        !self.failed.is_empty()
            || self.files.is_empty()
            || is_without_plays
            || self.files.iter().any(|file| file.error.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_whose_every_row_was_rejected_has_failed() {
        let of = |stored, rejected| {
            let mut report = ImportReport::default();
            let count = Count { rows: stored + rejected, stored, rejected, ..Count::default() };
            report.add(FileReport { count, ..FileReport::named("a.json".to_owned()) });
            report.has_failed()
        };
        assert!(of(0, 3) && !of(1, 3) && !of(0, 0));
    }
}

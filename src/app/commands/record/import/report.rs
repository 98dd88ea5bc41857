//! What an import came to, file by file.

use std::ops::AddAssign;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::domain::{ExportFormat, ExportKind, ExportProof};
use crate::import::{Batch, Ending};

/// The whole import.
#[derive(Debug, Default, Serialize)]
pub struct ImportReport {
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
    /// For which time its rows tell everything, if the file is whole.
    #[serde(skip)]
    pub proof: ExportProof,
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
    pub fn add(&mut self, Batch { rows, lacks }: &Batch, new: u64) {
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
}

impl ImportReport {
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

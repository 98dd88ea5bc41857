//! A file on disk that was read whole, and what is reported when it is imported again.

use color_eyre::Result;
use serde::{Deserialize, Serialize};

use super::report::{Count, FileReport, ImportReport, Skipped};
use crate::domain::SourceDigest;
use crate::store::{ImportId, ReadSource, StoreError};

/// A file on disk that is being read.
pub struct SourceProgress {
    name: String,
    digest: SourceDigest,
    /// How many files and skipped files were reported before it.
    before: (usize, usize),
}

/// A file on disk that was read to its end without an error.
pub struct FinishedSource {
    digest: SourceDigest,
    files: Vec<ImportId>,
    report: String,
}

/// What was found in it. The names begin after that of the file on disk, which may be another the
/// next time.
#[derive(Serialize, Deserialize)]
struct SourceReport {
    files: Vec<FileReport>,
    skipped: Vec<Skipped>,
}

impl SourceProgress {
    pub fn begin(name: String, digest: SourceDigest, so_far: &ImportReport) -> Self {
        Self { name, digest, before: (so_far.files.len(), so_far.skipped.len()) }
    }

    /// The result, if reading it again would find nothing new.
    pub fn finish(self, report: &ImportReport) -> Option<FinishedSource> {
        let files = report.files.get(self.before.0..)?;
        let is_whole = !files.is_empty() && files.iter().all(|file| file.error.is_none());
        let ids = files.iter().filter_map(|file| file.id).collect();
        let within = |name: &str| name.strip_prefix(&self.name).unwrap_or(name).to_owned();
        let files = files.iter().map(|file| FileReport { name: within(&file.name), ..file.clone() });
        let skipped = report.skipped.get(self.before.1..)?.iter();
        let skipped = skipped.map(|file| Skipped { file: within(&file.file), why: file.why.clone() });
        let report = SourceReport { files: files.collect(), skipped: skipped.collect() };
        let report = serde_json::to_string(&report).ok().filter(|_| is_whole)?;
        Some(FinishedSource { digest: self.digest, files: ids, report })
    }
}

impl FinishedSource {
    pub fn read(&self) -> ReadSource<'_> {
        ReadSource { digest: self.digest, files: &self.files, report: &self.report }
    }
}

/// Adds what is known of a file on disk that was not read again: all its rows are stored.
pub fn add(known: &str, name: &str, to: &mut ImportReport) -> Result<()> {
    let known: SourceReport =
        serde_json::from_str(known).map_err(|error| StoreError::Damaged(error.to_string()))?;
    for file in known.files {
        let Count { rows, rejected, .. } = file.count;
        let count = Count { rows, rejected, duplicate: rows.saturating_sub(rejected), ..Count::default() };
        to.add(FileReport { name: format!("{name}{}", file.name), count, ..file });
    }
    for file in known.skipped {
        to.skip(format!("{name}{}", file.file), file.why);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, error: Option<&str>) -> FileReport {
        let count = Count { rows: 5, stored: 3, matched: 1, duplicate: 1, rejected: 1 };
        FileReport { count, error: error.map(str::to_owned), ..FileReport::named(name.to_owned()) }
    }

    #[test]
    fn what_is_imported_again_under_another_name_is_known() {
        let mut report = ImportReport::default();
        report.add(file("other.json", None));
        let source = SourceProgress::begin("a.zip".to_owned(), SourceDigest([7; 32]), &report);
        report.add(file("a.zip/history.json", None));
        report.skip("a.zip/readme.json".to_owned(), "is no history".to_owned());
        let finished = source.finish(&report).unwrap();
        let mut again = ImportReport::default();
        add(&finished.report, "b.zip", &mut again).unwrap();
        let told: Vec<_> = again.files.iter().map(|file| (file.name.as_str(), file.count)).collect();
        let count = Count { rows: 5, duplicate: 4, rejected: 1, ..Count::default() };
        assert_eq!(told, [("b.zip/history.json", count)]);
        assert_eq!(again.skipped[0].file, "b.zip/readme.json");
    }

    #[test]
    fn a_file_with_an_error_is_read_again() {
        for files in [vec![file("a.zip/1.json", None), file("a.zip/2.json", Some("is incomplete"))], vec![]] {
            let mut report = ImportReport::default();
            let source = SourceProgress::begin("a.zip".to_owned(), SourceDigest([7; 32]), &report);
            for file in files {
                report.add(file);
            }
            assert!(source.finish(&report).is_none());
        }
    }
}

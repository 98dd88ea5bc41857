//! Rejected rows as a CSV file, so that a person can see and mend them.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::app::Failure;
use crate::import::RejectedText;

/// The file. It is readable by this user only, because rows of exports have addresses and names.
pub struct RejectsFile {
    path: PathBuf,
    writer: csv::Writer<BufWriter<File>>,
}

impl RejectsFile {
    /// Creates the file. One that is there already is not replaced.
    pub fn create(path: &Path) -> Result<Self, Failure> {
        let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let file = opened.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => {
                Failure::failed(format!("{} exists already; name another file", path.display()))
            }
            _ => unwritable(path, &error),
        })?;
        let mut new = Self { path: path.to_owned(), writer: csv::Writer::from_writer(BufWriter::new(file)) };
        new.record(["file", "row", "reason", "text"])?;
        Ok(new)
    }

    /// Adds rows of the export file `name`.
    pub fn add(&mut self, name: &str, rows: &[RejectedText]) -> Result<(), Failure> {
        rows.iter().try_for_each(|row| self.record([name, &row.row.to_string(), row.why, &row.text]))
    }

    /// Ends the file.
    pub fn finish(mut self) -> Result<(), Failure> {
        let flushed = self.writer.flush().and_then(|()| {
            let file = self.writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
            file.into_inner().map_err(io::IntoInnerError::into_error)?.flush()
        });
        flushed.map_err(|error| unwritable(&self.path, &error))
    }

    fn record(&mut self, cells: [&str; 4]) -> Result<(), Failure> {
        self.writer.write_record(cells).map_err(|error| unwritable(&self.path, &error))
    }
}

fn unwritable(path: &Path, error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::unwritable(&path.display().to_string(), error, "name another file")
}

//! Reads the lines of the log from its files.

use std::collections::VecDeque;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use color_eyre::Result;

use super::PREFIX;
use crate::app::Failure;
use crate::files::{self, Links};

/// How often `--follow` reads new lines.
pub const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// The log's files, the oldest first: their names contain the day.
pub fn log_files(dir: &Path) -> Vec<PathBuf> {
    let found = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_log =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
    let mut files: Vec<_> = found.filter(is_log).collect();
    files.sort();
    files
}

/// The last lines of all files together, the oldest first.
pub fn newest(dir: &Path, count: usize) -> Result<Vec<String>> {
    let mut last: VecDeque<String> = VecDeque::new();
    // A file contains one day; older files are read only as far as necessary.
    for path in log_files(dir).iter().rev() {
        let mut lines: VecDeque<String> = VecDeque::new();
        for_each_line(path, 0, |line, _| {
            if lines.len() >= count {
                lines.pop_front();
            }
            lines.push_back(line.to_owned());
            Ok(())
        })?;
        lines.append(&mut last);
        last = lines;
        if last.len() >= count {
            break;
        }
    }
    let surplus = last.len().saturating_sub(count);
    Ok(last.into_iter().skip(surplus).collect())
}

/// Every complete line from `from` on, with its end.
pub fn for_each_line(path: &Path, from: u64, mut take: impl FnMut(&str, u64) -> Result<()>) -> Result<()> {
    let trouble = |error: std::io::Error| {
        Failure::failed(format!("{} cannot be read ({error}); check its owner and mode", path.display()))
    };
    let opened = files::open(path, OpenOptions::new().read(true), Links::Refuse);
    let mut file = opened.map_err(|error| trouble(error.into()))?;
    file.seek(SeekFrom::Start(from)).map_err(trouble)?;
    let mut reader = BufReader::new(file);
    let (mut bytes, mut end) = (Vec::new(), from);
    loop {
        bytes.clear();
        let count = reader.read_until(b'\n', &mut bytes).map_err(trouble)?;
        if bytes.last() != Some(&b'\n') {
            return Ok(());
        }
        end += u64::try_from(count).unwrap_or(0);
        take(String::from_utf8_lossy(&bytes).trim_end(), end)?;
    }
}

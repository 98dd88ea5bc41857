//! The newest lines of the log as a list.

use std::path::Path;

use super::super::logs;
use crate::domain::browse::{Cell, Row, Thing};

/// Lines that are at hand.
const LINES: usize = 2_000;

/// The newest lines, the newest first, else one sentence why not.
pub fn rows(dir: &Path) -> Result<Vec<Row>, String> {
    let lines = logs::newest(dir, LINES).map_err(|error| error.to_string())?;
    Ok(lines.into_iter().rev().map(row).collect())
}

fn row(line: String) -> Row {
    let line: Box<str> = line.into();
    Row { thing: Some(Thing::LogLine(line.clone())), uri: None, cells: Box::new([Cell::Text(line)]) }
}

/// How far the log has come: another value means more lines.
pub fn extent(dir: &Path) -> Vec<u64> {
    let length = |path: &std::path::PathBuf| std::fs::metadata(path).map_or(0, |file| file.len());
    logs::files(dir).iter().map(length).collect()
}

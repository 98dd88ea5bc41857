//! The newest lines of the log as a list.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::app::runtime::logging::lines;
use crate::domain::queries::{Cell, ItemKind, TableRow};

/// The number of lines.
const LINES: usize = 2_000;

/// The newest lines, the newest first, or one sentence with the reason why not.
pub fn rows(dir: &Path) -> Result<Vec<TableRow>, String> {
    let lines = lines::newest(dir, LINES).map_err(|error| error.to_string())?;
    Ok(lines.into_iter().rev().map(row).collect())
}

fn row(line: String) -> TableRow {
    let cells = match parts(&line) {
        Some((at, level, text)) => {
            [Cell::Time(at), Cell::Text(level.into()), Cell::Text(text.as_str().into())]
        }
        // A line that continues the previous one.
        None => [Cell::None, Cell::None, Cell::Text(line.as_str().into())],
    };
    TableRow { thing: Some(ItemKind::LogLine(line.into())), uri: None, cells: Box::new(cells) }
}

/// Time, level and text; without our own name before the module's, which follows the run, entity
/// and page.
fn parts(line: &str) -> Option<(DateTime<Utc>, &str, String)> {
    let (at, rest) = line.split_once(' ')?;
    let (level, text) = rest.trim_start().split_once(' ')?;
    let at = at.parse().ok()?;
    let text = match text.split_once("phonolog::") {
        Some((spans, text)) if spans.is_empty() || spans.ends_with(": ") => format!("{spans}{text}"),
        _ => text.to_owned(),
    };
    Some((at, level, text))
}

/// The sizes of the log files: another value means new lines.
pub fn extent(dir: &Path) -> Vec<u64> {
    let length = |path: &PathBuf| std::fs::metadata(path).map_or(0, |file| file.len());
    lines::log_files(dir).iter().map(length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_a_time_a_level_and_what_it_says() {
        let line = "2026-11-26T12:26:06.958633Z  INFO phonolog::engine: was read new_plays=0";
        let (at, level, text) = parts(line).unwrap();
        assert_eq!(
            (at.timestamp(), level, text.as_str()),
            (1_795_695_966, "INFO", "engine: was read new_plays=0")
        );
        let of_a_run =
            "2026-11-26T12:26:06.958633Z  WARN run{id=3}:entity{name=tracks}: phonolog::engine: no";
        assert_eq!(parts(of_a_run).unwrap().2, "run{id=3}:entity{name=tracks}: engine: no");
        let of_another = "2026-11-26T12:26:06.958633Z  WARN sqlx::query: /phonolog::x";
        assert_eq!(parts(of_another).unwrap().2, "sqlx::query: /phonolog::x");
        assert_eq!(parts("  and a second line"), None);
        assert_eq!(parts(""), None);
    }

    #[test]
    fn the_newest_lines_of_all_files_come_first_and_growth_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        assert_eq!(rows(dir.path()), Ok(Vec::new()));
        write("phonolog.2026-11-25.log", "one\ntwo\n");
        write("phonolog.2026-11-26.log", "three\nfour\nnot yet who");
        let lines = rows(dir.path()).unwrap();
        let text = |row: &TableRow| row.thing.clone();
        let expected = ["four", "three", "two", "one"].map(|line| Some(ItemKind::LogLine(line.into())));
        assert_eq!(lines.iter().map(text).collect::<Vec<_>>(), expected);
        let before = extent(dir.path());
        assert_eq!(extent(dir.path()), before);
        write("phonolog.2026-11-26.log", "three\nfour\nnot yet whole\n");
        assert_ne!(extent(dir.path()), before);
    }
}

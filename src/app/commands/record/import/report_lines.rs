//! The report of an import for people.

use super::report::{Count, FileReport, ImportReport};
use crate::app::output::print;
use crate::domain::display_line;
use crate::import::NO_HISTORY;

/// The most skipped files that are listed.
const MOST_TOLD: usize = 20;

/// Prints the result, one line per file.
pub fn print_report(report: &ImportReport) {
    for file in &report.files {
        print::line(&format!("{}: {}", display_line(&file.name), counted(file.count)));
        for reason in &file.reasons {
            print::line(&format!("  {}", rejected(reason.rows, &reason.why, reason.first_row)));
        }
    }
    let (others, told): (Vec<_>, Vec<_>) = report.skipped.iter().partition(|file| file.why == NO_HISTORY);
    for skipped in told.iter().take(MOST_TOLD) {
        print::line(&format!("{}: skipped, it {}", display_line(&skipped.file), display_line(&skipped.why)));
    }
    if let Some(more @ 1..) = told.len().checked_sub(MOST_TOLD) {
        print::line(&format!("{} more skipped; `--json` names them", files(more)));
    }
    if !others.is_empty() {
        print::line(&format!("skipped {} without listening history", files(others.len())));
    }
    if report.files.len() > 1 {
        print::line(&format!("{}: {}", files(report.files.len()), counted(report.total)));
    }
    if report.dry_run {
        print::line("dry run: nothing was changed");
    }
}

/// Prints what could not be read, one sentence each.
pub fn print_errors(report: &ImportReport) {
    let broken = |file: &FileReport| {
        let kept = match file.count.rows {
            0 => "no rows were imported".to_owned(),
            rows => format!("the {rows} rows before it were imported"),
        };
        file.error.as_ref().map(|why| format!("{} {why}; {kept}", file.name))
    };
    for sentence in report.failed.iter().cloned().chain(report.files.iter().filter_map(broken)) {
        print::error(&sentence);
    }
    if report.files.is_empty() && report.failed.is_empty() {
        for skipped in report.skipped.iter().take(3) {
            print::error(&format!("{} {}", skipped.file, skipped.why));
        }
        print::error("no listening history found; name the export's zip file or its folder");
    }
}

fn files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

fn counted(count: Count) -> String {
    let Count { rows, stored, matched, duplicate, rejected } = count;
    let matched =
        if matched > 0 { format!(" ({matched} replace plays from the API)") } else { String::new() };
    let rejected = if rejected > 0 { format!(", {rejected} rejected") } else { String::new() };
    format!("{rows} rows, {stored} new{matched}, {duplicate} already known{rejected}")
}

fn rejected(rows: u64, why: &str, first: u64) -> String {
    match rows {
        1 => format!("row {first} {why}"),
        _ => format!("{rows} rows, the first of them row {first}: {why}"),
    }
}

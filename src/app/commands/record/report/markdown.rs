//! The report as Markdown.

use super::PeriodReport;
use crate::app::runtime::query_service::report::{ReportFigures, facts, number, plays};
use crate::domain::queries::Movement;
use crate::domain::{WEEKDAYS, display_line};
use crate::store::{MovedRank, PlayTally, Ranked};

const SHADES: [char; 5] = ['·', '░', '▒', '▓', '█'];

/// The whole report.
pub fn of(report: &PeriodReport, against: Option<&PeriodReport>) -> String {
    let mut lines = vec![format!("# Listening in {}", report.called), String::new()];
    match against {
        Some(against) => lines.extend(side_by_side(report, against)),
        None => lines.extend(sums(&report.figures)),
    }
    if report.figures.total.plays == 0 {
        lines.push(String::new());
        lines.push("No play is known in this period.".to_owned());
        return lines.join("\n");
    }
    let figures = &report.figures;
    lines.extend(ranking("Artists", &figures.artists));
    lines.extend(ranking("Songs", &figures.tracks));
    lines.extend(ranking("Albums", &figures.albums));
    lines.extend(list("Heard for the first time", &figures.discoveries, |row| plays(row.tally.plays)));
    lines.extend(list("Earlier favourites that were not played", &figures.forgotten, |row| {
        format!("{} before", plays(row.tally.plays))
    }));
    lines.extend(list("Skipped most", &figures.skipped, |row| {
        format!("{} of {}", number(row.tally.skips), number(row.tally.judged))
    }));
    lines.extend(months(figures));
    lines.extend(week(figures));
    lines.join("\n")
}

fn sums(figures: &ReportFigures) -> Vec<String> {
    facts(figures).into_iter().map(|(name, value)| format!("- {name}: **{value}**")).collect()
}

fn side_by_side(report: &PeriodReport, against: &PeriodReport) -> Vec<String> {
    let mut lines = vec![format!("| | {} | {} |", report.called, against.called), "|---|---|---|".to_owned()];
    let others = facts(&against.figures);
    lines.extend(facts(&report.figures).into_iter().map(|(name, value)| {
        let other = others.iter().find(|(other, _)| *other == name).map_or("", |(_, value)| value.as_str());
        format!("| {name} | {value} | {other} |")
    }));
    lines
}

/// What of a name would be Markdown is escaped.
fn text(name: &str) -> String {
    let mut escaped = String::new();
    for letter in display_line(name).chars() {
        if matches!(letter, '\\' | '|' | '*' | '_' | '`' | '[' | ']' | '<' | '>' | '#') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    if escaped.trim().is_empty() { "(no name)".to_owned() } else { escaped }
}

/// A name, with its artists if it has any.
fn named(row: &Ranked) -> String {
    match row.artists.as_deref().filter(|artists| !artists.is_empty()) {
        Some(artists) => format!("{} – {}", text(&row.name), text(artists)),
        None => text(&row.name),
    }
}

/// A sign for how a place differs from that in the period before.
pub fn movement(moved: Movement) -> String {
    match moved {
        Movement::New => "new".to_owned(),
        Movement::Up(by) => format!("▲{by}"),
        Movement::Down(by) => format!("▼{by}"),
        Movement::Same => "=".to_owned(),
    }
}

fn ranking(title: &str, places: &[MovedRank]) -> Vec<String> {
    let mut lines = heading(title);
    lines.extend(["| | | | plays |".to_owned(), "|---:|:---|:---|---:|".to_owned()]);
    lines.extend((1..).zip(places).map(|(at, place)| {
        format!(
            "| {at} | {} | {} | {} |",
            movement(place.moved),
            named(&place.row),
            number(place.row.tally.plays)
        )
    }));
    lines
}

fn list(title: &str, rows: &[Ranked], amount: impl Fn(&Ranked) -> String) -> Vec<String> {
    if rows.is_empty() {
        return Vec::new();
    }
    let mut lines = heading(title);
    lines.extend(rows.iter().map(|row| format!("- {}: {}", named(row), amount(row))));
    lines
}

fn heading(title: &str) -> Vec<String> {
    vec![String::new(), format!("## {title}"), String::new()]
}

fn months(figures: &ReportFigures) -> Vec<String> {
    let most = figures.months.iter().map(|(_, tally)| tally.plays).max().unwrap_or(0).max(1);
    let mut lines = heading("Months");
    lines.push("```text".to_owned());
    lines.extend(figures.months.iter().map(|(month, tally)| {
        let bar = usize::try_from((tally.plays * 40).div_ceil(most)).unwrap_or(0);
        format!("{month}  {:<40}  {}", "▄".repeat(bar), number(tally.plays))
    }));
    lines.push("```".to_owned());
    lines
}

/// Each day of the week as 24 shades.
fn week(figures: &ReportFigures) -> Vec<String> {
    let most = figures.week.iter().map(|tally| tally.plays).max().unwrap_or(0).max(1);
    let mut lines = heading("Hours of the week");
    lines.push("```text".to_owned());
    lines.push(format!("{:<10} 0     6     12    18", ""));
    for (name, hours) in WEEKDAYS.iter().zip(figures.week.chunks(24)) {
        let shades: String = hours.iter().map(|tally| shade(tally, most)).collect();
        lines.push(format!("{name:<10} {shades}"));
    }
    lines.push("```".to_owned());
    lines
}

fn shade(tally: &PlayTally, most: u64) -> char {
    let level = (tally.plays * 4).div_ceil(most);
    usize::try_from(level).ok().and_then(|level| SHADES.get(level)).copied().unwrap_or('█')
}

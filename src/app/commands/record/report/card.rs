//! The report as a picture to share: the minutes, and the first artists and songs.

use std::fmt::Write;

use super::PeriodReport;
use super::page::escaped;
use crate::app::runtime::query_service::report::number;
use crate::store::MovedRank;

/// Rows of each list.
const ROWS: usize = 5;
/// The longest name, in letters.
const LETTERS: usize = 38;

/// The whole picture.
pub fn of(report: &PeriodReport) -> String {
    let figures = &report.figures;
    let mut lines = String::new();
    let mut line = |y: u32, class: &str, text: &str| {
        let _ = writeln!(lines, "<text class=\"{class}\" x=\"48\" y=\"{y}\">{}</text>", escaped(text));
    };
    line(72, "q", "phonolog");
    line(124, "h", &report.called);
    line(216, "big", &number(figures.minutes()));
    line(250, "q", "minutes of listening");
    line(300, "s", &format!("{} plays on {} days", number(figures.total.plays), figures.days));
    let mut y = 372;
    for (title, places) in [("Artists", &figures.artists), ("Songs", &figures.tracks)] {
        line(y, "q", title);
        y += 36;
        for (at, place) in (1..).zip(places.iter().take(ROWS)) {
            line(y, "s", &format!("{at}  {}", short(place)));
            y += 34;
        }
        y += 30;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 600 860\" width=\"600\" height=\"860\">\n\
         <style>text{{font-family:system-ui,sans-serif;fill:#f5f7fa}}.q{{font-size:20px;fill:#8fb8dc}}\
         .h{{font-size:40px;font-weight:700}}.big{{font-size:84px;font-weight:800;fill:#6cb6f5}}.s{{font-size:22px}}</style>\n\
         <rect width=\"600\" height=\"860\" rx=\"28\" fill=\"#14171c\"/>\n{lines}</svg>\n"
    )
}

fn short(place: &MovedRank) -> String {
    let name = place.row.name.trim();
    let name = if name.is_empty() { "(no name)" } else { name };
    if name.chars().count() <= LETTERS {
        return name.to_owned();
    }
    name.chars().take(LETTERS - 1).chain(['…']).collect()
}

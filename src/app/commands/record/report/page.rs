//! The report as one HTML file: no script, nothing from elsewhere, light and dark, to print.

use std::fmt::Write;

use super::PeriodReport;
use super::markdown::movement;
use crate::app::runtime::query_service::report::{ReportFigures, facts, number};
use crate::domain::display_safe;
use crate::store::{MovedRank, PlayTally, Ranked};

const STYLE: &str = include_str!("../../../../../assets/report.css");
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// The whole page.
pub fn of(report: &PeriodReport, against: Option<&PeriodReport>) -> String {
    let title = format!("Listening in {}", escaped(&report.called));
    let figures = &report.figures;
    let body = if figures.total.plays == 0 {
        "<p>No play is known in this period.</p>".to_owned()
    } else {
        [
            ranking("Artists", &figures.artists),
            ranking("Songs", &figures.tracks),
            ranking("Albums", &figures.albums),
            list("Heard for the first time", &figures.discoveries, |row| number(row.tally.plays)),
            list("Earlier favourites that were not played", &figures.forgotten, |row| {
                format!("{} before", number(row.tally.plays))
            }),
            list("Skipped most", &figures.skipped, |row| {
                format!("{} of {}", number(row.tally.skips), number(row.tally.judged))
            }),
            months(figures),
            week(figures),
        ]
        .concat()
    };
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n\
         </head>\n<body>\n<main>\n<h1>{title}</h1>\n{}{body}</main>\n\
         <footer><p>Made by phonolog from a local record.</p></footer>\n</body>\n</html>\n",
        sums(report, against),
    )
}

/// Text from outside as text.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in display_safe(text).chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// The figures, beside those of the other period if there is one.
fn sums(report: &PeriodReport, against: Option<&PeriodReport>) -> String {
    let mut rows = String::new();
    let others = against.map(|against| facts(&against.figures));
    for (name, value) in facts(&report.figures) {
        let other = others.as_ref().map(|others| {
            let other = others.iter().find(|(other, _)| *other == name).map_or("", |(_, value)| value);
            format!("<td>{}</td>", escaped(other))
        });
        let _ = writeln!(
            rows,
            "<tr><th scope=\"row\">{name}</th><td>{}</td>{}</tr>",
            escaped(&value),
            other.unwrap_or_default()
        );
    }
    let heads = against.map(|against| {
        format!(
            "<thead><tr><td></td><th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr></thead>\n",
            escaped(&report.called),
            escaped(&against.called)
        )
    });
    format!("<table class=\"sums\">\n{}<tbody>\n{rows}</tbody>\n</table>\n", heads.unwrap_or_default())
}

fn named(row: &Ranked) -> String {
    let name = if row.name.trim().is_empty() { "(no name)" } else { &row.name };
    match row.artists.as_deref().filter(|artists| !artists.is_empty()) {
        Some(artists) => format!("{}<small>{}</small>", escaped(name), escaped(artists)),
        None => escaped(name),
    }
}

fn ranking(title: &str, places: &[MovedRank]) -> String {
    let most = places.iter().map(|place| place.row.tally.plays).max().unwrap_or(0).max(1);
    let mut rows = String::new();
    for (at, place) in (1..).zip(places) {
        let plays = place.row.tally.plays;
        let _ = writeln!(
            rows,
            "<tr><td class=\"n\">{at}</td><td class=\"m\">{}</td><td>{}<span class=\"bar\" style=\"width:{}%\"></span></td>\
             <td class=\"n\">{}</td></tr>",
            movement(place.moved),
            named(&place.row),
            plays * 100 / most,
            number(plays)
        );
    }
    format!(
        "<section>\n<h2>{title}</h2>\n<table class=\"ranks\">\n<tbody>\n{rows}</tbody>\n</table>\n</section>\n"
    )
}

fn list(title: &str, rows: &[Ranked], amount: impl Fn(&Ranked) -> String) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut items = String::new();
    for row in rows {
        let _ = writeln!(items, "<li>{} <b>{}</b></li>", named(row), amount(row));
    }
    format!("<section>\n<h2>{title}</h2>\n<ul>\n{items}</ul>\n</section>\n")
}

/// Columns for the months.
fn months(figures: &ReportFigures) -> String {
    let most = figures.months.iter().map(|(_, tally)| tally.plays).max().unwrap_or(0).max(1);
    let count = figures.months.len().max(1) as u64;
    let mut bars = String::new();
    for (at, (month, tally)) in (0_u64..).zip(&figures.months) {
        let height = tally.plays * 100 / most;
        let (left, wide) = (at * 600 / count, (600 / count).max(2) - 1);
        let _ = writeln!(
            bars,
            "<rect x=\"{left}\" y=\"{}\" width=\"{wide}\" height=\"{height}\"><title>{month}: {}</title></rect>",
            100 - height,
            number(tally.plays)
        );
        let is_labelled = count <= 14 || month.ends_with("-01");
        if is_labelled {
            let label =
                if count <= 14 { month.get(5..).unwrap_or(month) } else { month.get(..4).unwrap_or(month) };
            let _ = writeln!(bars, "<text x=\"{}\" y=\"114\">{label}</text>", left + wide / 2);
        }
    }
    format!(
        "<section>\n<h2>Months</h2>\n<svg viewBox=\"0 0 600 120\" role=\"img\" aria-label=\"Plays by month\">\n{bars}</svg>\n\
         </section>\n"
    )
}

/// A square for each hour of the week.
fn week(figures: &ReportFigures) -> String {
    let most = figures.week.iter().map(|tally| tally.plays).max().unwrap_or(0).max(1);
    let mut cells = String::new();
    for ((day, hours), name) in (0_u64..).zip(figures.week.chunks(24)).zip(WEEKDAYS) {
        let _ = writeln!(cells, "<text class=\"day\" x=\"0\" y=\"{}\">{name}</text>", day * 22 + 15);
        for (hour, tally) in (0_u64..).zip(hours) {
            let _ = writeln!(
                cells,
                "<rect x=\"{}\" y=\"{}\" width=\"20\" height=\"20\" fill-opacity=\"{}\"><title>{name} {hour}: {}</title></rect>",
                40 + hour * 23,
                day * 22,
                opacity(tally, most),
                number(tally.plays)
            );
        }
    }
    for hour in [0_u64, 6, 12, 18] {
        let _ = writeln!(cells, "<text x=\"{}\" y=\"168\">{hour}</text>", 50 + hour * 23);
    }
    format!(
        "<section>\n<h2>Hours of the week</h2>\n<svg viewBox=\"0 0 600 172\" role=\"img\" \
         aria-label=\"Plays by hour and day of the week\">\n{cells}</svg>\n</section>\n"
    )
}

/// From barely visible to full.
fn opacity(tally: &PlayTally, most: u64) -> String {
    let hundredths = 6 + tally.plays * 94 / most;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn names_stay_text() {
        assert_eq!(
            escaped("<script>alert('x')</script> & \"co\""),
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;co&quot;"
        );
        assert_eq!(escaped("a\u{202e}b\u{1b}[2J"), escaped("ab[2J"));
    }
}

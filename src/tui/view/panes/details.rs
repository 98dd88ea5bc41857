//! Everything about one thing, a fact a line under headings.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::browsing;
use crate::domain::queries::{Cell, Details, Fact, Section};
use crate::tui::state::panes::DetailsPane;
use crate::tui::style::text::{self, left};
use crate::tui::style::theme::Role;
use crate::tui::view::cells;
use crate::tui::view::view_context::{Scene, paint};

/// Draws what is known, from the line on to which a person has scrolled.
pub fn render(scene: &Scene<'_>, pane: &DetailsPane, area: Rect, buffer: &mut Buffer) {
    match (pane.details(), pane.trouble()) {
        (Some(details), _) => {
            let all = lines(scene, details, usize::from(area.width));
            let scroll = pane.scroll().min(all.len().saturating_sub(usize::from(area.height)));
            paint(all.get(scroll..).unwrap_or_default(), area, buffer);
        }
        (None, Some(why)) => browsing::unread(scene, why, area, buffer),
        (None, None) => browsing::sentence(scene, "reading…", area, buffer),
    }
}

/// As many as the pane counts: those of each fact, and two around each heading.
fn lines(scene: &Scene<'_>, details: &Details, columns: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for section in &details.sections {
        if !section.heading.is_empty() {
            lines.push(Line::default());
            lines.push(Line::from(scene.span(Role::Strong, scene.outside(&section.heading, columns))));
        }
        let labels = label_columns(scene, section, columns);
        for fact in &section.facts {
            match fact.as_prose() {
                Some(prose) => lines.extend(sentence(scene, prose, columns)),
                None => lines.push(line(scene, fact, labels, columns)),
            }
        }
    }
    lines
}

/// A sentence in as many lines as it takes.
fn sentence<'a>(
    scene: &'a Scene<'_>,
    prose: &str,
    columns: usize,
) -> impl Iterator<Item = Line<'static>> + 'a {
    let lines = text::wrap(&scene.glyphs().outside(prose), columns, scene.glyphs().ellipsis());
    lines.into_iter().map(|line| Line::from(scene.span(Role::Plain, line)))
}

/// The widest label, as far as values keep room.
fn label_columns(scene: &Scene<'_>, section: &Section, columns: usize) -> usize {
    let widths = section.facts.iter().map(|fact| text::width(&scene.glyphs().outside(&fact.label)));
    widths.max().unwrap_or_default().max(10).min(columns / 2)
}

fn line(scene: &Scene<'_>, fact: &Fact, labels: usize, columns: usize) -> Line<'static> {
    let label = left(&scene.outside(&fact.label, labels), labels);
    let mut room = columns.saturating_sub(labels + 2);
    let mut line = Line::from(vec![scene.span(Role::Secondary, label), "  ".into()]);
    for value in fact.values.iter().filter(|value| **value != Cell::None) {
        let words = cells::words(scene, value, room);
        room = room.saturating_sub(text::width(&words) + 3);
        line.push_span(scene.span(Role::Plain, words));
        line.push_span("   ");
    }
    line
}

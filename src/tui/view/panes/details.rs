//! The details of one item: headings, and one fact per line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::browsing;
use crate::domain::queries::{Cell, Details, Fact, Section};
use crate::tui::state::panes::DetailsPane;
use crate::tui::style::text::{self, left};
use crate::tui::style::theme::Role;
use crate::tui::view::cells;
use crate::tui::view::view_context::{ViewContext, paint};

/// Draws the details, from the line on to which a person has scrolled.
pub fn render(context: &ViewContext<'_>, pane: &DetailsPane, area: Rect, buffer: &mut Buffer) {
    match (pane.details(), pane.trouble()) {
        (Some(details), _) => {
            let all = lines(context, details, usize::from(area.width));
            let scroll = pane.scroll().min(all.len().saturating_sub(usize::from(area.height)));
            paint(all.get(scroll..).unwrap_or_default(), area, buffer);
        }
        (None, Some(why)) => browsing::unread(context, why, area, buffer),
        (None, None) => browsing::sentence(context, "reading…", area, buffer),
    }
}

/// As many as the pane counts: those of each fact, and two around each heading.
fn lines(context: &ViewContext<'_>, details: &Details, columns: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for section in &details.sections {
        if !section.heading.is_empty() {
            lines.push(Line::default());
            lines.push(Line::from(context.span(Role::Strong, context.outside(&section.heading, columns))));
        }
        let labels = label_columns(context, section, columns);
        for fact in &section.facts {
            match fact.as_prose() {
                Some(prose) => lines.extend(sentence(context, prose, columns)),
                None => lines.push(line(context, fact, labels, columns)),
            }
        }
    }
    lines
}

/// A sentence in as many lines as it needs.
fn sentence<'a>(
    context: &'a ViewContext<'_>,
    prose: &str,
    columns: usize,
) -> impl Iterator<Item = Line<'static>> + 'a {
    let lines = text::wrap(&context.glyphs().outside(prose), columns, context.glyphs().ellipsis());
    lines.into_iter().map(|line| Line::from(context.span(Role::Plain, line)))
}

/// The widest label, as long as the values keep their room.
fn label_columns(context: &ViewContext<'_>, section: &Section, columns: usize) -> usize {
    let widths = section.facts.iter().map(|fact| text::width(&context.glyphs().outside(&fact.label)));
    widths.max().unwrap_or_default().max(10).min(columns / 2)
}

fn line(context: &ViewContext<'_>, fact: &Fact, labels: usize, columns: usize) -> Line<'static> {
    let label = left(&context.outside(&fact.label, labels), labels);
    let mut room = columns.saturating_sub(labels + 2);
    let mut line = Line::from(vec![context.span(Role::Secondary, label), "  ".into()]);
    for value in fact.values.iter().filter(|value| **value != Cell::None) {
        let words = cells::words(context, value, room);
        room = room.saturating_sub(text::width(&words) + 3);
        line.push_span(context.span(Role::Plain, words));
        line.push_span("   ");
    }
    line
}

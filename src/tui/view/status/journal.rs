//! The newest lines of the journal: what changed in the library.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::gauges::name_of;
use super::plays::AGES;
use crate::domain::ChangeLine;
use crate::tui::style::text::right;
use crate::tui::style::theme::Role;
use crate::tui::style::times::short_age;
use crate::tui::view::view_context::{ViewContext, columns_of};

/// A heading and the newest changes.
pub fn lines(context: &ViewContext<'_>, area: Rect) -> Vec<Line<'static>> {
    let columns = usize::from(area.width);
    let journal = &context.snapshot().journal;
    let mut lines = vec![context.heading("changes", Vec::new(), columns)];
    if journal.is_empty() {
        let entities = &context.snapshot().entities;
        let is_read = entities.iter().any(|row| row.last_synced_at.is_some());
        let none = if is_read { "none since the first reading" } else { "none yet" };
        lines.push(Line::from(context.span(Role::Secondary, none)));
    }
    lines.extend(journal.iter().map(|change| change_line(context, change, columns)));
    lines
}

fn change_line(context: &ViewContext<'_>, change: &ChangeLine, columns: usize) -> Line<'static> {
    let role = match change.change.as_str() {
        "added" => Role::Good,
        "removed" => Role::Bad,
        _ => Role::Waiting,
    };
    let age = right(&short_age(change.observed_at, context.now), AGES);
    let mut line = Line::from(vec![
        context.span(Role::Secondary, age + "  "),
        context.span(role, context.glyphs().change(&change.change)),
        " ".into(),
    ]);
    let room = columns.saturating_sub(columns_of(&line.spans));
    let name = if change.name.trim().is_empty() { "(no name)" } else { &change.name };
    line.push_span(context.span(Role::Plain, context.outside(name, room)));
    let about = format!("  {}", name_of(context, change.entity_type));
    let room = columns.saturating_sub(columns_of(&line.spans));
    // A part of a word is useless; a part of a sentence may be useful.
    if room >= about.len() {
        let dot = context.glyphs().dot();
        let detail = change.detail.as_ref().map(|detail| format!(" {dot} {detail}"));
        let about = about + &detail.unwrap_or_default();
        line.push_span(context.span(Role::Secondary, context.outside(&about, room)));
    }
    line
}

//! The journal's tail: what changed in the library.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::plays::AGES;
use crate::domain::ChangeLine;
use crate::tui::style::text::right;
use crate::tui::style::theme::Role;
use crate::tui::style::times::short_age;
use crate::tui::view::view_context::{Scene, columns_of};

/// Heading and the newest changes.
pub fn lines(scene: &Scene<'_>, area: Rect) -> Vec<Line<'static>> {
    let columns = usize::from(area.width);
    let journal = &scene.snapshot().journal;
    let mut lines = vec![scene.heading("changes", Vec::new(), columns)];
    if journal.is_empty() {
        let entities = &scene.snapshot().entities;
        let is_read = entities.iter().any(|row| row.last_synced_at.is_some());
        let none = if is_read { "none since the first reading" } else { "none yet" };
        lines.push(Line::from(scene.span(Role::Secondary, none)));
    }
    lines.extend(journal.iter().map(|change| change_line(scene, change, columns)));
    lines
}

fn change_line(scene: &Scene<'_>, change: &ChangeLine, columns: usize) -> Line<'static> {
    let role = match change.change.as_str() {
        "added" => Role::Good,
        "removed" => Role::Bad,
        _ => Role::Waiting,
    };
    let age = right(&short_age(change.observed_at, scene.now), AGES);
    let mut line = Line::from(vec![
        scene.span(Role::Secondary, age + "  "),
        scene.span(role, scene.glyphs().change(&change.change)),
        " ".into(),
    ]);
    let room = columns.saturating_sub(columns_of(&line.spans));
    let name = if change.name.trim().is_empty() { "(no name)" } else { &change.name };
    line.push_span(scene.span(Role::Plain, scene.outside(name, room)));
    let about = format!("  {}", change.entity_type);
    let room = columns.saturating_sub(columns_of(&line.spans));
    // Half a word tells nothing; half a sentence may.
    if room >= about.len() {
        let dot = scene.glyphs().dot();
        let detail = change.detail.as_ref().map(|detail| format!(" {dot} {detail}"));
        let about = about + &detail.unwrap_or_default();
        line.push_span(scene.span(Role::Secondary, scene.outside(&about, room)));
    }
    line
}

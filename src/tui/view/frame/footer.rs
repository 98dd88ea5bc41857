//! The keys that are possible now, and the answer to the last one.

use ratatui::text::Line;

use crate::tui::input::command_line::candidates;
use crate::tui::input::keys::{place, possible};
use crate::tui::style::theme::Role;
use crate::tui::view::view_context::{Scene, StyledText, columns_of, fitting, spread};

/// The last line of the screen.
pub fn line(scene: &Scene<'_>, columns: usize) -> Line<'static> {
    if let Some(typed) = &scene.model.command {
        return command(scene, typed, columns);
    }
    let note = scene.model.note_at(scene.now).map(|note| {
        let text = scene.outside(&note.text, columns);
        Line::from(scene.span(note.role, text))
    });
    let Some(note) = note else {
        return keys(scene, columns);
    };
    // The answer was asked for just now: keys make room for it.
    let room = columns.saturating_sub(columns_of(&note.spans) + 2);
    let keys = keys(scene, room);
    if keys.spans.is_empty() { note } else { spread(keys, note, columns) }
}

/// The command that is being typed, and how it may go on.
fn command(scene: &Scene<'_>, typed: &str, columns: usize) -> Line<'static> {
    let shown = scene.outside(typed, columns.saturating_sub(2));
    let mut facts = vec![vec![scene.span(Role::Accent, ":"), scene.span(Role::Plain, format!("{shown}_"))]];
    facts.extend(candidates(typed).map(|name| scene.fact(Role::Secondary, name)));
    fitting(facts, 2, columns)
}

/// The keys, with as much room between them as all of them leave.
fn keys(scene: &Scene<'_>, columns: usize) -> Line<'static> {
    let hints = hints(scene);
    let all: usize = hints.iter().map(|hint| columns_of(hint)).sum();
    let gaps = hints.len().saturating_sub(1).max(1);
    let gap = (columns.saturating_sub(all) / gaps).clamp(1, 3);
    fitting(hints, gap, columns)
}

fn hints(scene: &Scene<'_>) -> Vec<StyledText> {
    let model = scene.model;
    let place = place(model);
    let offered = model
        .keymap
        .lines(place)
        .filter(|bound| !bound.line.label(model).is_empty() && possible(bound.line.action, model).is_ok());
    let hint = offered.map(|bound| {
        vec![
            scene.span(Role::Accent, bound.first_name()),
            scene.span(Role::Secondary, format!(" {}", bound.line.label(model))),
        ]
    });
    hint.collect()
}

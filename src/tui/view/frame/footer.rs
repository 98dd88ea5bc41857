//! The keys that are available now, and the result of the last one.

use ratatui::text::Line;

use crate::tui::input::command_line::candidates;
use crate::tui::input::keys::{place, possible};
use crate::tui::style::theme::Role;
use crate::tui::view::view_context::{StyledText, ViewContext, columns_of, fitting, spread};

/// The last line of the screen.
pub fn line(context: &ViewContext<'_>, columns: usize) -> Line<'static> {
    if let Some(typed) = &context.model.command {
        return command(context, typed, columns);
    }
    let note = context.model.note_at(context.now).map(|note| {
        let text = context.outside(&note.text, columns);
        Line::from(context.span(note.role, text))
    });
    let Some(note) = note else {
        return keys(context, columns);
    };
    // The result belongs to the last key, so other keys make room for it.
    let room = columns.saturating_sub(columns_of(&note.spans) + 2);
    let keys = keys(context, room);
    if keys.spans.is_empty() { note } else { spread(keys, note, columns) }
}

/// The command that is being typed, and its possible completions.
fn command(context: &ViewContext<'_>, typed: &str, columns: usize) -> Line<'static> {
    let shown = context.outside(typed, columns.saturating_sub(2));
    let mut facts =
        vec![vec![context.span(Role::Accent, ":"), context.span(Role::Plain, format!("{shown}_"))]];
    facts.extend(candidates(typed).map(|name| context.fact(Role::Secondary, name)));
    fitting(facts, 2, columns)
}

/// The keys, with as much space between them as there is room for.
fn keys(context: &ViewContext<'_>, columns: usize) -> Line<'static> {
    let hints = hints(context);
    let all: usize = hints.iter().map(|hint| columns_of(hint)).sum();
    let gaps = hints.len().saturating_sub(1).max(1);
    let gap = (columns.saturating_sub(all) / gaps).clamp(1, 3);
    fitting(hints, gap, columns)
}

fn hints(context: &ViewContext<'_>) -> Vec<StyledText> {
    let model = context.model;
    let place = place(model);
    let offered = model
        .keymap
        .lines(place)
        .filter(|bound| !bound.line.label(model).is_empty() && possible(bound.line.action, model).is_ok());
    let hint = offered.map(|bound| {
        vec![
            context.span(Role::Accent, bound.first_name()),
            context.span(Role::Secondary, format!(" {}", bound.line.label(model))),
        ]
    });
    hint.collect()
}

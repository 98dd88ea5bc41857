//! The state of the sync: one line while everything is whole, gauges while something happens.

use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::{Entity, EntityState, EntityStatus, Snapshot};
use crate::tui::style::text::{count, left, right};
use crate::tui::style::theme::Role;
use crate::tui::style::times::{ago, due};
use crate::tui::style::words::entity_words;
use crate::tui::view::status::gauges::{self, EntityLayout, Gauges};
use crate::tui::view::status::run_line;
use crate::tui::view::view_context::{StyledText, ViewContext, fitting};

/// With at least this many rows each list has a line of its own.
const LINES_FROM: u16 = 40;

/// What is shown of the entities while something happens.
pub const fn gauges(area: Rect) -> Gauges {
    Gauges {
        form: if area.height >= 44 && area.width >= 60 { EntityLayout::Full } else { EntityLayout::Line },
        details: area.height >= 30,
    }
}

/// The lines of the sync.
pub fn lines(context: &ViewContext<'_>, shown: Gauges, columns: usize, height: u16) -> Vec<Line<'static>> {
    if !is_calm(context.snapshot()) {
        let mut lines = vec![run_line::line(context, columns)];
        lines.extend(gauges::lines(context, shown, columns));
        return lines;
    }
    let mut lines = vec![summary(context, columns)];
    if height >= LINES_FROM {
        lines.extend(lists(context, columns));
    }
    lines
}

/// Whether every list was read whole and nothing happens to any.
fn is_calm(snapshot: &Snapshot) -> bool {
    let rests = |row: &EntityStatus| matches!(row.state, EntityState::Idle | EntityState::Queued);
    let is_well = |row: &EntityStatus| {
        rests(row) && (row.entity_type == Entity::Details || row.last_synced_at.is_some())
    };
    snapshot.entities.iter().all(is_well)
}

/// `✓ 10,412 songs · 512 albums · 398 artists · 201 playlists · checked 5 min ago · next in 25 min`
fn summary(context: &ViewContext<'_>, columns: usize) -> Line<'static> {
    let snapshot = context.snapshot();
    let lists = Entity::MIRRORED.into_iter().filter(|entity| *entity != Entity::PlaylistItems);
    let rows = lists.filter_map(|entity| snapshot.entities.iter().find(|row| row.entity_type == entity));
    let mut facts: Vec<StyledText> = vec![context.fact(Role::Good, context.glyphs().well())];
    facts.extend(rows.clone().map(|row| {
        vec![
            context.span(Role::Strong, count(row.done)),
            context.span(Role::Secondary, format!(" {}", entity_words(row.entity_type))),
        ]
    }));
    let oldest = snapshot.entities.iter().filter(|row| row.entity_type != Entity::Details);
    let checked = oldest.clone().filter_map(|row| row.last_synced_at).min();
    facts
        .extend(checked.map(|at| context.fact(Role::Secondary, format!("checked {}", ago(at, context.now)))));
    let next = oldest.filter_map(EntityStatus::due_at).min();
    if context.model.snapshot.paused {
        facts.push(context.fact(Role::Waiting, "paused by you"));
    } else {
        facts.extend(next.map(|at| context.fact(Role::Secondary, format!("next {}", due(at, context.now)))));
    }
    fitting(facts, 2, columns)
}

/// A line for each list: how much is stored, when it was checked and read whole, what changed last.
fn lists(context: &ViewContext<'_>, columns: usize) -> Vec<Line<'static>> {
    let rows = context.snapshot().entities.iter();
    rows.map(|row| fitting(list_facts(context, row), 2, columns)).collect()
}

fn list_facts(context: &ViewContext<'_>, row: &EntityStatus) -> Vec<StyledText> {
    let checked =
        row.last_synced_at.map_or_else(String::new, |at| format!("checked {}", ago(at, context.now)));
    let whole =
        row.read_whole_at.map_or_else(String::new, |at| format!("read whole {}", ago(at, context.now)));
    let stored = match row.total {
        Some(total) if total > row.done => format!("{} of {}", count(row.done), count(total)),
        _ => count(row.done),
    };
    let changes = context.changes(row.added, row.removed, row.changed);
    vec![
        context.fact(Role::Plain, left(entity_words(row.entity_type), 18)),
        context.fact(Role::Strong, right(&stored, 15)),
        context.fact(Role::Secondary, left(&checked, 22)),
        context.fact(Role::Secondary, left(&whole, 24)),
        context.fact(Role::Plain, changes.unwrap_or_default()),
    ]
}

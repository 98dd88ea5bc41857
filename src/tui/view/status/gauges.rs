//! A gauge for each entity, with everything that is known about it.

use ratatui::text::Line;

use crate::domain::{Entity, EntityState, EntityStatus, Snapshot};
use crate::tui::style::text::{count, left, right, width, wrap_to};
use crate::tui::style::theme::Role;
use crate::tui::style::times::{ago, countdown, due};
use crate::tui::style::words::entity_words;
use crate::tui::view::view_context::{StyledText, ViewContext, columns_of, fitting, spread};

/// How much room an entity gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntityLayout {
    /// One line.
    Line,
    /// Gauge, details, and an error if there is one.
    Full,
    /// The same and an empty line.
    Airy,
}

/// What is shown of the entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gauges {
    /// How much room each one gets.
    pub form: EntityLayout,
    /// Whether the details entity has a row: it comes last, and only if there is room.
    pub details: bool,
}

impl Gauges {
    /// Whether an entity has a row.
    pub fn show(self, entity: Entity) -> bool {
        self.details || entity != Entity::Details
    }
}

/// The width of the state words.
const STATES: usize = 10;
const PERCENT: usize = 7;

/// The name of an entity: a word that people know, or the engine's own in the engine room.
pub fn name_of(context: &ViewContext<'_>, entity: Entity) -> &'static str {
    if context.model.is_home() { entity_words(entity) } else { entity.as_str() }
}

fn name(context: &ViewContext<'_>, row: &EntityStatus) -> &'static str {
    name_of(context, row.entity_type)
}

/// The width of the names.
fn names(context: &ViewContext<'_>) -> usize {
    if context.model.is_home() { 20 } else { 16 }
}

/// All gauges.
pub fn lines(context: &ViewContext<'_>, gauges: Gauges, columns: usize) -> Vec<Line<'static>> {
    let entities = context.snapshot().entities.iter();
    let rows: Vec<_> = entities.filter(|row| gauges.show(row.entity_type)).collect();
    let figures = rows.iter().map(|row| width(&figures(row))).max().unwrap_or_default();
    let mut lines = Vec::new();
    for row in rows {
        match gauges.form {
            EntityLayout::Line => lines.push(one_line(context, row, figures, columns)),
            EntityLayout::Full | EntityLayout::Airy => {
                lines.push(gauge_line(context, row, figures, columns));
                lines.push(detail_line(context, row, columns));
                lines.extend(error_lines(context, row, columns));
            }
        }
        if gauges.form == EntityLayout::Airy {
            lines.push(Line::default());
        }
    }
    lines
}

fn gauge_line(
    context: &ViewContext<'_>,
    row: &EntityStatus,
    figures_width: usize,
    columns: usize,
) -> Line<'static> {
    let names = names(context);
    let cells = columns.saturating_sub(names + 2 + figures_width + PERCENT);
    let mut line = Line::from(context.span(Role::Strong, left(name(context, row), names)));
    line.extend(gauge(context, row, cells));
    line.push_span("  ");
    line.push_span(context.span(told(row), right(&figures(row), figures_width)));
    line.push_span(context.span(Role::Strong, right(&percent(row), PERCENT)));
    line
}

fn one_line(
    context: &ViewContext<'_>,
    row: &EntityStatus,
    figures_width: usize,
    columns: usize,
) -> Line<'static> {
    let names = names(context) - 1;
    let mut tail = vec![context.span(Role::Strong, right(&percent(row), PERCENT)), "  ".into()];
    tail.extend(state(context, row, STATES));
    let mut cells = columns.saturating_sub(names + columns_of(&tail));
    if cells > figures_width + 12 {
        tail.insert(0, context.span(Role::Plain, right(&figures(row), figures_width)));
        tail.insert(0, " ".into());
        cells -= figures_width + 1;
    }
    let synced = left(&synced(context, row), 18);
    if cells > 18 + 14 {
        tail.push("  ".into());
        tail.push(context.span(Role::Secondary, synced));
        cells -= 20;
    }
    let mut line = Line::from(context.span(Role::Strong, left(name(context, row), names)));
    line.extend(gauge(context, row, cells));
    line.extend(tail);
    line
}

fn detail_line(context: &ViewContext<'_>, row: &EntityStatus, columns: usize) -> Line<'static> {
    let names = names(context);
    let mut line = Line::from(state(context, row, names));
    let room = columns.saturating_sub(names);
    let next = next(context, row);
    let facts = vec![
        context.fact(Role::Secondary, left(row.mode.as_str(), 11)),
        context.fact(Role::Secondary, left(&synced(context, row), 18)),
        changes(context, row),
    ];
    let left = fitting(facts, 2, room.saturating_sub(columns_of(&next) + 2));
    line.extend(spread(left, Line::from(next), room).spans);
    line
}

/// The error in at most two lines.
fn error_lines(context: &ViewContext<'_>, row: &EntityStatus, columns: usize) -> Vec<Line<'static>> {
    // Removals that the brake stopped are shown once, in the notice that asks for approval.
    let shown = row.error.as_deref().filter(|_| row.state != EntityState::Braked);
    // So is an error that several entities share.
    let shown = shown.filter(|error| shared_error(context.snapshot()) != Some(*error));
    let Some(error) = shown else {
        return Vec::new();
    };
    let role = match row.state {
        EntityState::Held => Role::Waiting,
        _ if is_amiss(row) => Role::Bad,
        _ => Role::Secondary,
    };
    let names = names(context);
    let room = columns.saturating_sub(names);
    let ellipsis = context.glyphs().ellipsis();
    let wrapped = wrap_to(&context.glyphs().outside(error), room, 2, ellipsis);
    let line = |row| Line::from(vec![" ".repeat(names).into(), context.span(role, row)]);
    wrapped.into_iter().map(line).collect()
}

/// The error that several entities share, for example if a server cannot be reached.
pub fn shared_error(snapshot: &Snapshot) -> Option<&str> {
    let failed = snapshot.entities.iter().filter(|row| row.state == EntityState::Failed);
    let mut errors: Vec<&str> = failed.filter_map(|row| row.error.as_deref()).collect();
    errors.sort_unstable();
    errors.chunk_by(|one, other| one == other).find(|same| same.len() > 1)?.first().copied()
}

/// Whether an entity's message is a failure. Details that were not fetched are no failure: the
/// message says why, and they are fetched on another day.
pub fn is_amiss(row: &EntityStatus) -> bool {
    row.entity_type != Entity::Details || row.state == EntityState::Failed
}

/// The gauge; it is full only when the entity has been read completely.
fn gauge(context: &ViewContext<'_>, row: &EntityStatus, cells: usize) -> StyledText {
    let (filled, rest) = context.glyphs().gauge(eighths(row, cells), cells);
    let role = match row.state {
        EntityState::Running => Role::Accent,
        EntityState::Held | EntityState::Braked => Role::Waiting,
        EntityState::Failed => Role::Bad,
        EntityState::Pending | EntityState::Queued | EntityState::Idle => Role::AtRest,
    };
    vec![context.span(role, filled), context.span(Role::Secondary, rest)]
}

fn eighths(row: &EntityStatus, cells: usize) -> usize {
    let all = cells * 8;
    match row.total {
        Some(_) if is_whole(row) => all,
        None | Some(0) => 0,
        Some(total) => {
            let part = all as u128 * u128::from(row.done.min(total)) / u128::from(total);
            usize::try_from(part).unwrap_or(all).min(all.saturating_sub(1))
        }
    }
}

/// Whether it is read to its end, with no reading in progress.
fn is_whole(row: &EntityStatus) -> bool {
    let at_rest = matches!(row.state, EntityState::Idle | EntityState::Queued | EntityState::Held);
    at_rest && row.total.is_some_and(|total| row.done >= total) && row.last_synced_at.is_some()
}

fn percent(row: &EntityStatus) -> String {
    match row.total {
        _ if is_whole(row) => "100 %".to_owned(),
        None => String::new(),
        Some(0) => "0 %".to_owned(),
        Some(total) => {
            let part = u64::from(row.done.min(total)) * 100 / u64::from(total);
            format!("{} %", part.min(99))
        }
    }
}

fn figures(row: &EntityStatus) -> String {
    match row.total {
        None if row.done == 0 => "not counted yet".to_owned(),
        None => format!("{} of ?", count(row.done)),
        Some(total) => format!("{} of {}", count(row.done), count(total)),
    }
}

/// An unknown value is shown as secondary.
const fn told(row: &EntityStatus) -> Role {
    if row.total.is_some() { Role::Plain } else { Role::Secondary }
}

/// Symbol and word, `columns` in all.
fn state(context: &ViewContext<'_>, row: &EntityStatus, columns: usize) -> StyledText {
    let role = match row.state {
        EntityState::Pending | EntityState::Queued => Role::Secondary,
        EntityState::Running => Role::Accent,
        EntityState::Idle => Role::Good,
        EntityState::Held => Role::Waiting,
        EntityState::Braked | EntityState::Failed => Role::Bad,
    };
    let word = format!("{} {}", context.glyphs().state(row.state), row.state);
    vec![context.span(role, left(&word, columns))]
}

fn synced(context: &ViewContext<'_>, row: &EntityStatus) -> String {
    row.last_synced_at
        .map_or_else(|| "never synced".to_owned(), |at| format!("synced {}", ago(at, context.now)))
}

fn changes(context: &ViewContext<'_>, row: &EntityStatus) -> StyledText {
    match context.changes(row.added, row.removed, row.changed) {
        Some(changes) => context.fact(Role::Plain, changes),
        None if row.last_synced_at.is_some() => context.fact(Role::Secondary, "no changes"),
        None => Vec::new(),
    }
}

/// What happens next, and when.
fn next(context: &ViewContext<'_>, row: &EntityStatus) -> StyledText {
    let hold = context.snapshot().hold_on(row.entity_type.bucket(), context.now);
    if let (EntityState::Held, Some(end)) = (row.state, hold.and_then(|hold| hold.reset_at)) {
        return context.fact(Role::Waiting, format!("continues in {}", countdown(end - context.now)));
    }
    if let Some(until) =
        row.budget_until.filter(|until| *until > context.now && row.state != EntityState::Running)
    {
        return context.fact(Role::Waiting, format!("daily budget used, next {}", due(until, context.now)));
    }
    let when = row.next_due_at.map(|at| due(at, context.now));
    match (row.state, when) {
        (EntityState::Running, _) | (_, None) => Vec::new(),
        (EntityState::Failed, Some(when)) => context.fact(Role::Plain, format!("next try {when}")),
        (_, Some(when)) => context.fact(Role::Secondary, format!("next {when}")),
    }
}

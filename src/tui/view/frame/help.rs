//! The keys, the words and symbols, and what is not mirrored yet.

use chrono::DateTime;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::popup;
use crate::domain::{DayCoverage, EntityState};
use crate::tui::input::keys::on_screen;
use crate::tui::state::model::Model;
use crate::tui::state::screens::Screen;
use crate::tui::style::text::{left, wrap};
use crate::tui::style::theme::Role;
use crate::tui::view::view_context::ViewContext;

/// Columns of the help's text.
const COLUMNS: u16 = 66;
const KEYS: usize = 12;

/// How far the help can be scrolled, and how many of its lines are visible at once.
pub fn extent(model: &Model) -> (u16, u16) {
    let (width, height) = model.size;
    let context = ViewContext { model, now: DateTime::UNIX_EPOCH };
    let room = popup::room(height);
    let lines = u16::try_from(lines(&context, width).len()).unwrap_or(u16::MAX);
    (lines.saturating_sub(room), room)
}

/// Draws the help from line `scroll` on.
pub fn render(context: &ViewContext<'_>, scroll: u16, area: Rect, buffer: &mut Buffer) {
    let title = match context.model.screen {
        Screen::Dashboard => "phonolog: help".to_owned(),
        screen => format!("phonolog: help, {}", screen.name()),
    };
    popup::render(context, &title, &lines(context, area.width), scroll, area, buffer);
}

/// The keys of the current screen, then the meaning of words and symbols. No text of it depends on
/// the time.
fn lines(context: &ViewContext<'_>, width: u16) -> Vec<Line<'static>> {
    let columns = usize::from(COLUMNS.min(width.saturating_sub(6)));
    let mut lines = keys(context, columns);
    lines.push(Line::default());
    if context.model.screen == Screen::Dashboard {
        lines.extend(not_mirrored(context, columns));
        lines.extend(words(context, columns));
    } else {
        lines.extend(filters(context, columns));
    }
    lines
}

fn keys(context: &ViewContext<'_>, columns: usize) -> Vec<Line<'static>> {
    let place = on_screen(context.model);
    let rows = context.model.keymap.lines(place);
    rows.flat_map(|bound| entry(context, Role::Accent, &bound.names(), bound.line.help, columns)).collect()
}

/// The syntax of a filter.
fn filters(context: &ViewContext<'_>, columns: usize) -> Vec<Line<'static>> {
    let examples = [
        ("bjork 95", "rows with both words; accents and case do not matter"),
        ("artist:", "only in that column; also title: album: genre: owner: state:"),
        ("year:199", "from that year; also added:2024-05"),
        ("\"of the\"", "words next to each other"),
    ];
    examples.iter().flat_map(|(word, meaning)| entry(context, Role::Strong, word, meaning, columns)).collect()
}

fn not_mirrored(context: &ViewContext<'_>, columns: usize) -> Vec<Line<'static>> {
    let kinds = &context.snapshot().not_mirrored;
    if kinds.is_empty() {
        return Vec::new();
    }
    let kinds: Vec<_> = kinds.iter().map(|kind| context.glyphs().outside(kind)).collect();
    let mut lines =
        entry(context, Role::Strong, "not yet", &format!("{} are not mirrored", kinds.join(", ")), columns);
    lines.push(Line::default());
    lines
}

/// The meaning of the state words and symbols.
fn words(context: &ViewContext<'_>, columns: usize) -> Vec<Line<'static>> {
    let glyphs = context.glyphs();
    let states = EntityState::ALL.iter().map(|state| {
        let meaning = match state {
            EntityState::Pending => "never read",
            EntityState::Queued => "waits for its turn in this run",
            EntityState::Running => "being read",
            EntityState::Idle => "complete; waits for the next sync",
            EntityState::Held => "waits for Spotify's rate limit",
            EntityState::Braked => "too many removals: nothing is removed until you allow it",
            EntityState::Failed => "the last try failed; the next one is shown beside it",
        };
        (format!("{} {state}", glyphs.state(*state)), meaning)
    });
    let changes = ("+ ".to_owned() + glyphs.minus() + " ~", "rows added, removed, changed by the last sync");
    let moved = (glyphs.change("moved").to_owned(), "moved within its playlist");
    let known = (glyphs.day(DayCoverage::Complete).to_owned(), "a day with a complete history");
    let more = [
        (glyphs.day(DayCoverage::Imported).to_owned(), "the same, from an import"),
        (glyphs.day(DayCoverage::Partly).to_owned(), "a day with a partly known history"),
        (glyphs.day(DayCoverage::Gap).to_owned(), "a day in which plays were lost"),
        (
            glyphs.day(DayCoverage::Unknown).to_owned(),
            "a day with no known history; an hour without requests",
        ),
    ];
    let all = states.chain([changes, moved, known]).chain(more);
    all.flat_map(|(word, meaning)| entry(context, Role::Plain, &word, meaning, columns)).collect()
}

/// A word and its meaning, which may need several lines.
fn entry(
    context: &ViewContext<'_>,
    role: Role,
    word: &str,
    meaning: &str,
    columns: usize,
) -> Vec<Line<'static>> {
    let rows = wrap(meaning, columns.saturating_sub(KEYS), context.glyphs().ellipsis());
    let entry = rows.into_iter().enumerate().map(|(i, row)| {
        let word = if i == 0 { word } else { "" };
        Line::from(vec![context.span(role, left(word, KEYS)), context.span(Role::Secondary, row)])
    });
    entry.collect()
}

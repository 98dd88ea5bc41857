//! The plays, the newest first, under their days, with what is known about the time between them.

use chrono::{DateTime, NaiveDate, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::browsing;
use crate::domain::queries::{ListedPlay, MarkKind, PlayMark, PlaysLine, PlaysPage};
use crate::tui::input::keys::Action;
use crate::tui::state::panes::PlaysPane;
use crate::tui::style::text::{count, left, right, width};
use crate::tui::style::theme::Role;
use crate::tui::view::cells;
use crate::tui::view::view_context::{StyledText, ViewContext, paint};

/// The widths of the selection mark, of a time of day, and of a length.
const MARK: usize = 2;
const TIME: usize = 5;
const LENGTH: usize = 7;
/// With fewer columns, lengths and other details are left out.
const NARROW: usize = 50;

/// The number of plays, or of titles that match a filter.
pub fn stands(context: &ViewContext<'_>, plays: &PlaysPane) -> StyledText {
    let told = match plays.page().and_then(|page| page.left) {
        Some(left) => {
            let titles = count(u64::try_from(left.titles).unwrap_or(u64::MAX));
            // A play that is not summed up yet may be of a title that is not known yet.
            let more = if left.settled { "" } else { ", more to come" };
            format!("{titles} {}{more}", if left.titles == 1 { "title" } else { "titles" })
        }
        None => format!("{} plays", count(context.snapshot().plays.stored)),
    };
    context.fact(Role::Secondary, told)
}

/// Draws the loaded lines, or a sentence if there are none.
pub fn render(context: &ViewContext<'_>, plays: &PlaysPane, heads: Rect, body: Rect, buffer: &mut Buffer) {
    match (plays.page(), plays.trouble()) {
        (Some(page), _) if page.lines.is_empty() && page.left.is_some() => {
            let back = context.model.keymap.key_for(Action::Back);
            let nothing = format!("No play matches the filter. Press {back} to clear it.");
            browsing::sentence(context, &nothing, body, buffer);
        }
        (Some(page), _) if page.lines.is_empty() => {
            let nothing = "No plays are recorded yet. phonolog records them while it runs; add your whole history \
                           with `phonolog import` of an export.";
            browsing::sentence(context, nothing, body, buffer);
        }
        (Some(page), _) => {
            paint(&[day_above(context, page, plays.top())], heads, buffer);
            lines(context, plays, page, body, buffer);
        }
        (None, Some(why)) => browsing::unread(context, why, body, buffer),
        (None, None) => browsing::sentence(context, "reading…", body, buffer),
    }
}

fn lines(context: &ViewContext<'_>, plays: &PlaysPane, page: &PlaysPage, body: Rect, buffer: &mut Buffer) {
    let seen = page.lines.iter().enumerate().skip(plays.top());
    for ((place, line), area) in seen.zip(body.rows()) {
        let is_selected = place == plays.selected();
        paint(&[self::line(context, line, is_selected, usize::from(area.width))], area, buffer);
        if is_selected {
            buffer.set_style(area, context.model.look.theme.selection());
        }
    }
}

/// The day of the first visible line, if its own heading is not visible.
fn day_above(context: &ViewContext<'_>, page: &PlaysPage, top: usize) -> Line<'static> {
    if matches!(page.lines.get(top), Some(PlaysLine::Day(_))) {
        return Line::default();
    }
    let above = page.lines.get(..top).unwrap_or_default().iter().rev();
    let day =
        above.into_iter().find_map(|line| if let PlaysLine::Day(day) = line { Some(*day) } else { None });
    day.map(|day| Line::from(context.span(Role::Secondary, heading(day)))).unwrap_or_default()
}

fn heading(day: NaiveDate) -> String {
    day.format("%A, %-d %B %Y").to_string()
}

fn line(context: &ViewContext<'_>, line: &PlaysLine, is_selected: bool, columns: usize) -> Line<'static> {
    match line {
        PlaysLine::Day(day) => Line::from(context.span(Role::Strong, context.cut(&heading(*day), columns))),
        PlaysLine::Play(play) => play_line(context, play, is_selected, columns),
        PlaysLine::Mark(mark) => mark_line(context, *mark, is_selected, columns),
    }
}

fn marked(context: &ViewContext<'_>, is_selected: bool) -> Line<'static> {
    Line::from(context.span(Role::Accent, left(if is_selected { ">" } else { "" }, MARK)))
}

fn play_line(
    context: &ViewContext<'_>,
    play: &ListedPlay,
    is_selected: bool,
    columns: usize,
) -> Line<'static> {
    let mut line = marked(context, is_selected);
    let time = context.model.look.zone.on_the_wall(play.played_at).format("%H:%M").to_string();
    line.push_span(context.span(Role::Secondary, time + "  "));
    let end = if columns < NARROW { String::new() } else { end(play) };
    let room = columns.saturating_sub(MARK + TIME + 2 + end.len());
    let name = play.name.as_deref().filter(|name| !name.trim().is_empty());
    let title = context.outside(name.unwrap_or("(no title)"), room * 3 / 5);
    let artists =
        context.outside(play.artists.as_deref().unwrap_or_default(), room.saturating_sub(width(&title) + 3));
    // A play that does not count in statistics is dimmed.
    let role = if play.counts { Role::Plain } else { Role::Secondary };
    let mut used = width(&title);
    line.push_span(context.span(role, title));
    if !artists.is_empty() {
        let artists = format!(" {} {artists}", context.glyphs().dash());
        used += width(&artists);
        line.push_span(context.span(Role::Secondary, artists));
    }
    line.push_span(" ".repeat(room.saturating_sub(used)));
    line.push_span(context.span(Role::Secondary, end));
    line
}

/// Whether it was skipped, and how long it lasted.
fn end(play: &ListedPlay) -> String {
    let skipped = if play.skipped == Some(true) { "skipped" } else { "" };
    let length = play.ms_played.map(cells::length).unwrap_or_default();
    format!("  {}{}", left(skipped, 7), right(&length, LENGTH))
}

fn mark_line(context: &ViewContext<'_>, mark: PlayMark, is_selected: bool, columns: usize) -> Line<'static> {
    let (from, to) = (when(context, mark.from, columns), when(context, mark.to, columns));
    let glyphs = context.glyphs();
    let (role, words) = match mark.kind {
        MarkKind::Gap if columns < NARROW => {
            (Role::Waiting, format!("{} gap: {from} to {to}", glyphs.warning()))
        }
        MarkKind::Gap => {
            (Role::Waiting, format!("{} gap: plays were lost between {from} and {to}", glyphs.warning()))
        }
        MarkKind::Unknown if columns < NARROW => (Role::Secondary, format!("unknown: {from} to {to}")),
        MarkKind::Unknown => {
            (Role::Secondary, format!("{} no plays known from {from} to {to}", glyphs.dot()))
        }
        MarkKind::Imported if columns < NARROW => (Role::Secondary, format!("export: {from} to {to}")),
        MarkKind::Imported => (Role::Secondary, format!("{} from an export: {from} to {to}", glyphs.dot())),
    };
    let mut line = marked(context, is_selected);
    line.push_span(context.span(role, context.cut(&words, columns.saturating_sub(MARK))));
    line
}

fn when(context: &ViewContext<'_>, at: DateTime<Utc>, columns: usize) -> String {
    let there = context.model.look.zone.on_the_wall(at);
    there.format(if columns < NARROW { "%m-%d %H:%M" } else { "%Y-%m-%d %H:%M" }).to_string()
}

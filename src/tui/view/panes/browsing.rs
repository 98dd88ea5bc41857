//! A browser screen. Its parts:
//!
//! ```text
//!   phonolog  Marieke                                   header
//!   1 Dashboard [2 Library] 3 Playlists …               tabs
//!   Tracks  albums  artists                12 of 10,412 title and position
//!   / bjork year:19                                     filter
//!     title          artists         album      added   heads
//!   > Hyperballad    Björk           Post       2015-…  body
//!   …
//!   Enter open  / filter  S sort            note        footer
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{details, figures, history, table};
use crate::tui::input::keys::Action;
use crate::tui::layout::BrowsingParts;
use crate::tui::state::model::Model;
use crate::tui::state::panes::{ListPane, Pane};
use crate::tui::style::text::{self, count, wrap};
use crate::tui::style::theme::Role;
use crate::tui::view::frame::{footer, header, tabs};
use crate::tui::view::status::notices;
use crate::tui::view::view_context::{StyledText, ViewContext, columns_of, fitting, paint, spread};

/// Draws the screen.
pub fn render(context: &ViewContext<'_>, area: Rect, buffer: &mut Buffer) {
    let parts = BrowsingParts::of(area);
    let columns = usize::from(parts.header.width);
    paint(&[header::line(context, columns)], parts.header, buffer);
    paint(&[tabs::line(context, columns)], parts.tabs, buffer);
    let notice = notices::failing(context, columns);
    paint(&notice.clone().into_iter().collect::<Vec<_>>(), parts.notice, buffer);
    // If there are few rows, the notice is in the row of the filter while that is empty.
    let notice = notice.filter(|_| parts.notice.is_empty());
    match context.model.pane() {
        Some(pane) => {
            paint(&[title(context, pane, columns)], parts.title, buffer);
            let second = second_line(context, pane, columns).or(notice).unwrap_or_default();
            paint(&[second], parts.filter, buffer);
            match pane {
                Pane::Plays(plays) => history::render(context, plays, parts.heads, parts.body, buffer),
                Pane::Figures(pane) => figures::render(context, pane, parts.heads, parts.body, buffer),
                Pane::List(list) => {
                    table::render(context, list, parts.heads, parts.body, buffer);
                }
                Pane::Details(pane) => details::render(context, pane, parts.body, buffer),
            }
        }
        None => sentence(context, nothing(context.model), parts.body, buffer),
    }
    paint(&[footer::line(context, columns)], parts.foot, buffer);
}

/// Why a screen shows nothing at all.
const fn nothing(model: &Model) -> &'static str {
    if model.reads {
        "Nothing here yet."
    } else {
        "The record is on another machine, and only the dashboard can be shown remotely. Run phonolog there \
         over ssh to browse it."
    }
}

/// A sentence in place of rows.
pub fn sentence(context: &ViewContext<'_>, text: &str, area: Rect, buffer: &mut Buffer) {
    let columns = usize::from(area.width);
    let text = context.glyphs().outside(text);
    let lines = wrap(&text, columns.min(72), context.glyphs().ellipsis());
    let lines: Vec<_> =
        lines.into_iter().map(|line| Line::from(context.span(Role::Secondary, line))).collect();
    paint(&lines, area, buffer);
}

/// Why nothing could be read, and which key to press.
pub fn unread(context: &ViewContext<'_>, why: &str, area: Rect, buffer: &mut Buffer) {
    let key = context.model.keymap.key_for(Action::Refresh);
    sentence(context, &format!("{}. `{key}` reads again.", why.trim_end_matches('.')), area, buffer);
}

/// The title, and the position in the pane.
fn title(context: &ViewContext<'_>, pane: &Pane, columns: usize) -> Line<'static> {
    let stack = context.model.browse.stack(context.model.screen);
    let stands = match pane {
        Pane::List(list) => stands(context, list),
        Pane::Plays(plays) => Some(history::stands(context, plays)),
        Pane::Figures(pane) => figures::stands(context, pane),
        Pane::Details(_) => None,
    };
    let stands = Line::from(stands.unwrap_or_default());
    let room = columns.saturating_sub(columns_of(&stands.spans) + 2);
    let left = if stack.is_opened() {
        path(context, room)
    } else {
        fitting(inner_tabs(context, columns), INNER_GAP, room)
    };
    spread(left, stands, columns)
}

/// Columns between the tabs within a screen.
const INNER_GAP: usize = 2;

/// Columns that are kept free beside the tabs, for the position.
const STANDS: usize = 14;

/// The first shown tab: enough tabs are left out that the chosen one is visible.
fn first_tab(tabs: &[&str], chosen: usize, columns: usize) -> usize {
    let room = columns.saturating_sub(STANDS);
    let width = |first: usize| {
        let shown = tabs.iter().enumerate().take(chosen + 1).skip(first);
        shown
            .map(|(index, tab)| text::width(&inner_name(tab, index == chosen, tabs.len())) + INNER_GAP)
            .sum::<usize>()
    };
    (0..chosen).find(|first| width(*first) <= room + INNER_GAP).unwrap_or(chosen)
}

fn inner_tabs(context: &ViewContext<'_>, columns: usize) -> Vec<StyledText> {
    let (tabs, chosen) = context.model.browse.stack(context.model.screen).tabs();
    let first = first_tab(&tabs, chosen, columns);
    let facts = tabs.iter().enumerate().skip(first).map(|(index, tab)| {
        let role = if index == chosen { Role::Strong } else { Role::Secondary };
        context.fact(role, inner_name(tab, index == chosen, tabs.len()))
    });
    facts.collect()
}

/// If there are several tabs, the chosen one is also visible without colour.
fn inner_name(tab: &str, is_chosen: bool, count: usize) -> String {
    if is_chosen && count > 1 { format!("[{tab}]") } else { tab.to_owned() }
}

/// The tab within the screen at a column of the title.
pub fn inner_tab_at(model: &Model, column: usize) -> Option<usize> {
    let stack = model.browse.stack(model.screen);
    let (tabs, chosen) = stack.tabs();
    if stack.is_opened() {
        return None;
    }
    let first = first_tab(&tabs, chosen, usize::from(BrowsingParts::of(model.area()).title.width));
    let mut begin = 0;
    let mut shown = tabs.iter().enumerate().skip(first);
    let found = shown.position(|(index, tab)| {
        let width = text::width(&inner_name(tab, index == chosen, tabs.len()));
        let is_there = (begin..begin + width).contains(&column);
        begin += width + INNER_GAP;
        is_there
    });
    found.map(|place| first + place)
}

/// From the tab to the visible pane; only the end of a long path.
fn path(context: &ViewContext<'_>, columns: usize) -> Line<'static> {
    let panes: Vec<&Pane> = context.model.browse.stack(context.model.screen).path().collect();
    let between = if context.glyphs().is_ascii() { " > " } else { " › " };
    let last = panes.last().map(|pane| context.outside(pane.title(), columns)).unwrap_or_default();
    let mut room = columns.saturating_sub(text::width(&last));
    let mut before = String::new();
    for pane in panes.iter().rev().skip(1) {
        let step = context.glyphs().outside(pane.title()) + between;
        if text::width(&step) > room {
            break;
        }
        room -= text::width(&step);
        before = step + &before;
    }
    Line::from(vec![context.span(Role::Secondary, before), context.span(Role::Strong, last)])
}

/// `12 of 10,412`, and the number without the filter.
fn stands(context: &ViewContext<'_>, list: &ListPane) -> Option<StyledText> {
    let page = list.page()?;
    let number = |number: usize| count(u64::try_from(number).unwrap_or(u64::MAX));
    let place = if page.total == 0 { 0 } else { list.selected() + 1 };
    let all = if page.total == page.of { String::new() } else { format!(" (all: {})", number(page.of)) };
    Some(context.fact(Role::Secondary, format!("{} of {}{all}", number(place), number(page.total))))
}

/// A date or a filter that is being typed, an error, or a remark about the whole pane.
fn second_line(context: &ViewContext<'_>, pane: &Pane, columns: usize) -> Option<Line<'static>> {
    if let Some(prompt) = &context.model.asking {
        return Some(typed(context, &format!("{}: ", prompt.label()), &prompt.text, true, columns));
    }
    let filter = pane.filter().filter(|filter| filter.is_typing() || !filter.text().is_empty());
    Some(match (pane.trouble(), filter, pane) {
        (Some(why), None, _) => trouble(context, why, columns),
        (Some(why), Some(filter), _) if !filter.is_typing() => trouble(context, why, columns),
        (_, Some(filter), _) => typed(context, "/ ", filter.text(), filter.is_typing(), columns),
        (None, None, Pane::Figures(pane)) => figures::period(context, pane, columns),
        (None, None, _) => return None,
    })
}

/// An error while the old content is still visible.
fn trouble(context: &ViewContext<'_>, why: &str, columns: usize) -> Line<'static> {
    let text = format!("{} {}", context.glyphs().warning(), context.glyphs().outside(why));
    Line::from(context.span(Role::Waiting, context.cut(&text, columns)))
}

/// The typed text; its end stays visible while it grows.
fn typed(
    context: &ViewContext<'_>,
    label: &str,
    text: &str,
    is_typing: bool,
    columns: usize,
) -> Line<'static> {
    let text = context.glyphs().outside(text);
    let room = columns.saturating_sub(text::width(label) + 1);
    let text = end_of(&text, room, context.glyphs().ellipsis());
    let mut spans = vec![context.span(Role::Accent, label.to_owned()), context.span(Role::Plain, text)];
    if is_typing {
        spans.push(context.span(Role::Accent, if context.glyphs().is_ascii() { "_" } else { "▏" }));
    }
    Line::from(spans)
}

/// Letters that may share a column, with their marks; nobody can read more.
const LETTERS_OF_A_COLUMN: usize = 8;

/// The end of a text, in at most this many columns.
fn end_of(text: &str, columns: usize, ellipsis: &str) -> String {
    if text::width(text) <= columns {
        return text.to_owned();
    }
    // Of a long paste only the last part is measured, since the rest cannot be seen.
    let last = text.char_indices().rev().take(columns * LETTERS_OF_A_COLUMN).last();
    let text = last.and_then(|(begin, _)| text.get(begin..)).unwrap_or(text);
    let mut begins = text.char_indices().map(|(begin, _)| begin);
    let fits = |begin: &usize| {
        text.get(*begin..).is_some_and(|end| text::width(end) + text::width(ellipsis) <= columns)
    };
    let end = begins.find(fits).and_then(|begin| text.get(begin..));
    ellipsis.to_owned() + end.unwrap_or_default()
}

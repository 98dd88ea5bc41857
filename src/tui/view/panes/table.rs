//! The rows of a list under the headings of its columns. Only the visible rows are drawn, whatever
//! the length of the list is.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::browsing;
use crate::domain::queries::{BrowseList, Cell, Column, RowPage, TableRow};
use crate::tui::input::keys::Action;
use crate::tui::state::panes::ListPane;
use crate::tui::style::text::{left, right};
use crate::tui::style::theme::Role;
use crate::tui::view::cells::{self, Measure};
use crate::tui::view::view_context::{ViewContext, paint};

/// The width of the selection mark.
const MARK: usize = 2;
/// The space between two columns.
const GAP: usize = 2;

/// A shown column.
struct VisibleRows {
    column: Column,
    /// Its index among a row's cells.
    index: usize,
    width: usize,
}

/// The columns of a list that are shown in this width, and their widths. The most important ones
/// come first; the remaining room goes to columns with long text.
fn lay(list: &BrowseList, columns: usize) -> Vec<VisibleRows> {
    let all = list.columns();
    let mut by_rank: Vec<usize> = (0..all.len()).collect();
    let measure = |index: usize| all.get(index).map_or(Measure::NONE, |column| Measure::of(*column));
    by_rank.sort_by_key(|index| measure(*index).rank);
    let mut room = columns.saturating_sub(MARK);
    let mut chosen = Vec::new();
    for index in by_rank {
        let needed = measure(index).least + if chosen.is_empty() { 0 } else { GAP };
        let Some(rest) = room.checked_sub(needed) else {
            break;
        };
        room = rest;
        chosen.push(index);
    }
    chosen.sort_unstable();
    let mut shown: Vec<VisibleRows> = chosen
        .into_iter()
        .filter_map(|index| {
            Some(VisibleRows { column: *all.get(index)?, index, width: measure(index).least })
        })
        .collect();
    grow(&mut shown, room);
    shown
}

/// Shares the room among the columns in turn, by weight and up to their greatest width.
fn grow(shown: &mut [VisibleRows], mut room: usize) {
    while room > 0 {
        let before = room;
        for column in &mut *shown {
            let measure = Measure::of(column.column);
            let more = measure.weight.min(room).min(measure.most.saturating_sub(column.width));
            column.width += more;
            room -= more;
        }
        if room == before {
            return;
        }
    }
}

/// The column whose heading is at a column of the screen.
pub fn column_at(list: &BrowseList, columns: usize, at: usize) -> Option<Column> {
    let mut begin = MARK;
    lay(list, columns).into_iter().find_map(|shown| {
        let is_there = (begin..begin + shown.width).contains(&at);
        begin += shown.width + GAP;
        is_there.then_some(shown.column)
    })
}

/// Draws the headings and the rows, or a sentence if there are none.
pub fn render(context: &ViewContext<'_>, list: &ListPane, heads: Rect, body: Rect, buffer: &mut Buffer) {
    let shown = lay(list.list(), usize::from(body.width));
    match list.page() {
        Some(page) if page.total > 0 => {
            paint(&[headings(context, list, &shown)], heads, buffer);
            rows(context, list, page, &shown, body, buffer);
        }
        Some(page) => browsing::sentence(context, &empty(context, list, page), body, buffer),
        None => match list.trouble() {
            Some(why) => browsing::unread(context, why, body, buffer),
            None => browsing::sentence(context, "reading…", body, buffer),
        },
    }
}

fn rows(
    context: &ViewContext<'_>,
    list: &ListPane,
    page: &RowPage,
    shown: &[VisibleRows],
    body: Rect,
    buffer: &mut Buffer,
) {
    for (place, area) in (list.top()..page.total).zip(body.rows()) {
        let is_selected = place == list.selected();
        paint(&[row(context, page.row(place), shown, is_selected)], area, buffer);
        if is_selected {
            buffer.set_style(area, context.model.look.theme.selection());
        }
    }
}

fn headings(context: &ViewContext<'_>, list: &ListPane, shown: &[VisibleRows]) -> Line<'static> {
    let sort = list.sort();
    let texts = shown.iter().map(|shown| {
        let arrow = match sort.column {
            Some(column) if column == shown.column => context.glyphs().sorted(sort.descending),
            _ => "",
        };
        let title = context.cut(&format!("{}{arrow}", shown.column.title()), shown.width);
        aligned(&title, shown)
    });
    let texts: Vec<String> = texts.collect();
    // Reversed without a sorted column: the list from its end.
    let mark = if sort.column.is_none() && sort.descending { context.glyphs().sorted(true) } else { "" };
    Line::from(context.span(Role::Secondary, left(mark, MARK) + &texts.join(&" ".repeat(GAP))))
}

/// A row; one that is not loaded yet shows a placeholder.
fn row(
    context: &ViewContext<'_>,
    row: Option<&TableRow>,
    shown: &[VisibleRows],
    is_selected: bool,
) -> Line<'static> {
    let mark = left(if is_selected { ">" } else { "" }, MARK);
    let mut line = Line::from(context.span(Role::Accent, mark));
    let Some(row) = row else {
        line.push_span(context.span(Role::Secondary, context.glyphs().ellipsis()));
        return line;
    };
    for (i, shown) in shown.iter().enumerate() {
        if i > 0 {
            line.push_span(" ".repeat(GAP));
        }
        let cell = row.cells.get(shown.index).unwrap_or(&Cell::None);
        let (role, text) = cells::told(context, shown.column, cell, shown.width);
        line.push_span(Span::styled(aligned(&text, shown), context.model.look.theme.style(role)));
    }
    line
}

fn aligned(text: &str, shown: &VisibleRows) -> String {
    if Measure::of(shown.column).is_number { right(text, shown.width) } else { left(text, shown.width) }
}

/// Why there are no rows.
fn empty(context: &ViewContext<'_>, list: &ListPane, page: &RowPage) -> String {
    let key = |action| context.model.keymap.key_for(action);
    if page.of > 0 {
        return format!("Nothing matches the filter. Press {} to clear it.", key(Action::Back));
    }
    let of = match list.list() {
        BrowseList::Tracks => "No saved tracks yet. They appear here during the first sync, page by page.",
        BrowseList::Albums => "No saved albums yet. A sync reads them after the tracks.",
        BrowseList::Artists => "No followed artists yet. A sync reads them after the albums.",
        BrowseList::Playlists => "No playlists yet. A sync reads them.",
        BrowseList::Contents(_) => {
            return format!(
                "This playlist has no stored contents: it is empty, not read yet, or Spotify does not show it to you. \
                 Press {} and then {} to see which.",
                key(Action::Back),
                key(Action::Details)
            );
        }
        BrowseList::Versions(_) => "The contents of this playlist were never read, so it has no versions.",
        BrowseList::Version(_) => "This version is not known.",
        BrowseList::Past(..) => "It was empty at that time.",
        BrowseList::Changes => {
            "No changes yet. The contents found by the first sync do not count as changes; every later sync lists \
             here what was added, removed and changed."
        }
        BrowseList::ChangesOf(_) => "This run changed nothing.",
        BrowseList::Played => "No plays yet.",
        BrowseList::Everything => {
            "There is nothing to search yet. The first sync or `phonolog import` adds songs, albums and artists."
        }
        BrowseList::Runs => {
            return format!(
                "No sync has run yet. Press {} on the dashboard to start one.",
                key(Action::SyncNow)
            );
        }
        BrowseList::Log => "There is no log yet. New lines appear here.",
    };
    of.to_owned()
}

#[cfg(test)]
mod tests {
    use super::{GAP, MARK, column_at, lay};
    use crate::domain::queries::{BrowseList, Column, PastOf};
    use crate::domain::{PlaylistId, RunId};

    fn lists() -> [BrowseList; 11] {
        let playlist = || PlaylistId::new("p");
        [
            BrowseList::Tracks,
            BrowseList::Albums,
            BrowseList::Artists,
            BrowseList::Playlists,
            BrowseList::Contents(playlist()),
            BrowseList::Versions(playlist()),
            BrowseList::Past(PastOf::Albums, chrono::DateTime::UNIX_EPOCH),
            BrowseList::Changes,
            BrowseList::ChangesOf(RunId(1)),
            BrowseList::Runs,
            BrowseList::Log,
        ]
    }

    #[test]
    fn columns_never_take_more_than_there_is() {
        for list in lists() {
            for columns in 0..300 {
                let shown = lay(&list, columns);
                let taken: usize = shown.iter().map(|shown| shown.width + GAP).sum();
                assert!(shown.is_empty() || taken - GAP + MARK <= columns, "{list:?} in {columns}");
                assert!(shown.is_sorted_by_key(|shown| shown.index), "in the list's order");
            }
        }
    }

    #[test]
    fn more_room_shows_more_columns() {
        let columns =
            |columns| lay(&BrowseList::Tracks, columns).iter().map(|it| it.column).collect::<Vec<_>>();
        assert_eq!(columns(40), [Column::Title, Column::Artists]);
        assert_eq!(columns(60), [Column::Title, Column::Artists, Column::Album, Column::Added]);
        assert_eq!(columns(80).len(), 5);
        for list in lists() {
            assert!(!lay(&list, 40).is_empty(), "{list:?}");
        }
    }

    #[test]
    fn a_heading_is_found_where_it_stands() {
        assert_eq!(column_at(&BrowseList::Tracks, 80, MARK), Some(Column::Title));
        assert_eq!(column_at(&BrowseList::Tracks, 80, 0), None);
        assert_eq!(column_at(&BrowseList::Tracks, 80, 79), Some(Column::Added));
    }
}

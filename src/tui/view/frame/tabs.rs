//! The screens' tabs, in one line under the header.

use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use crate::tui::layout::BrowsingParts;
use crate::tui::state::model::Model;
use crate::tui::state::screens::Screen;
use crate::tui::style::theme::Role;
use crate::tui::view::status::dashboard;
use crate::tui::view::view_context::ViewContext;

/// One tab: its screen, its text, and its first column.
struct Tab {
    screen: Screen,
    text: String,
    column: usize,
}

/// The line of tabs. The chosen one is in brackets, so that it is visible without colour.
pub fn line(context: &ViewContext<'_>, columns: usize) -> Line<'static> {
    let mut line = Line::default();
    for tab in lay(context.model.screen, columns) {
        if tab.column > 0 {
            line.push_span(" ");
        }
        line.extend(spans(context, &tab));
    }
    line
}

fn spans(context: &ViewContext<'_>, tab: &Tab) -> Vec<Span<'static>> {
    if tab.screen == context.model.screen {
        let reversed = Style::new().add_modifier(Modifier::REVERSED);
        let style = context.model.look.theme.style(Role::Strong).patch(reversed);
        return vec![Span::styled(tab.text.clone(), style)];
    }
    let (digit, name) = tab.text.split_at(1);
    vec![context.span(Role::Accent, digit.to_owned()), context.span(Role::Secondary, name.to_owned())]
}

/// The tabs that fit: with every name, otherwise with only that of the chosen one.
fn lay(chosen: Screen, columns: usize) -> Vec<Tab> {
    let with_names = placed(chosen, |_| true);
    let end = with_names.last().map_or(0, |tab| tab.column + tab.text.len());
    if end <= columns { with_names } else { placed(chosen, |screen| screen == chosen) }
}

fn placed(chosen: Screen, is_named: impl Fn(Screen) -> bool) -> Vec<Tab> {
    let mut column = 0;
    let tab = |screen: Screen| {
        let number = screen.index() + 1;
        let text = match is_named(screen) {
            true if screen == chosen => format!("[{number} {}]", screen.name()),
            true => format!("{number} {}", screen.name()),
            false => number.to_string(),
        };
        let tab = Tab { screen, text, column };
        column += tab.text.len() + 1;
        tab
    };
    Screen::ALL.into_iter().map(tab).collect()
}

/// The position of the line of tabs, if it is shown.
fn area(model: &Model) -> Option<Rect> {
    match model.screen {
        Screen::Dashboard => dashboard::tabs_area(model.area()),
        _ => Some(BrowsingParts::of(model.area()).tabs),
    }
}

/// The screen whose tab is at a position.
pub fn at(model: &Model, place: Position) -> Option<Screen> {
    let area = area(model).filter(|area| area.contains(place))?;
    let column = usize::from(place.x - area.x);
    let is_there = |tab: &Tab| (tab.column..tab.column + tab.text.len()).contains(&column);
    lay(model.screen, usize::from(area.width)).into_iter().find(is_there).map(|tab| tab.screen)
}

//! What is at the position of a mouse event.

use ratatui::crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::frame::tabs;
use super::panes::{browsing, table};
use crate::domain::queries::Column;
use crate::tui::layout::BrowsingParts;
use crate::tui::state::model::Model;
use crate::tui::state::panes::Pane;
use crate::tui::state::screens::Screen;

/// The target of a mouse event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pointed {
    /// The tab of a screen.
    Tab(Screen),
    /// A tab within the screen, by its index.
    Inner(usize),
    /// The heading of a column.
    Heading(Column),
    /// A row, by its index in the list.
    Row(usize),
    /// The wheel was turned down.
    WheelDown,
    /// The wheel was turned up.
    WheelUp,
}

/// The current target of the event.
pub fn pointed(model: &Model, event: MouseEvent) -> Option<Pointed> {
    match event.kind {
        MouseEventKind::ScrollDown => Some(Pointed::WheelDown),
        MouseEventKind::ScrollUp => Some(Pointed::WheelUp),
        MouseEventKind::Down(MouseButton::Left) if model.overlay.is_none() => {
            at(model, Position::new(event.column, event.row))
        }
        _ => None,
    }
}

fn at(model: &Model, place: Position) -> Option<Pointed> {
    if let Some(screen) = tabs::at(model, place) {
        return Some(Pointed::Tab(screen));
    }
    let pane = model.pane()?;
    let parts = BrowsingParts::of(model.area());
    if parts.title.contains(place) {
        return browsing::inner_tab_at(model, usize::from(place.x - parts.title.x)).map(Pointed::Inner);
    }
    if let Some(list) = pane.list().filter(|_| parts.heads.contains(place)) {
        let column = usize::from(place.x - parts.heads.x);
        return table::column_at(list.list(), usize::from(parts.heads.width), column).map(Pointed::Heading);
    }
    row(pane, parts.body, place).map(Pointed::Row)
}

fn row(pane: &Pane, body: Rect, place: Position) -> Option<usize> {
    let places = pane.places();
    let row = places.start + usize::from(place.y.checked_sub(body.y)?);
    (body.contains(place) && places.contains(&row)).then_some(row)
}

//! Draws the screen as a pure function of the model and the time, one file for each visible part.
//!
//! ```text
//!   phonolog  Marieke                                  header
//!   ◷ held 0:05 until 14:32:07: …                      notices: what needs attention
//!   ● initial sync   214 requests   by key             run_line
//!
//!   tracks      ███████████▌········  4,650 …  46 %    entities
//!   ● running   initial · never synced
//!   …
//!   requests            plays                          limits │ plays
//!   …                   journal                               │ journal
//!   s sync now  p pause  ? help              note      footer
//! ```
//!
//! The picture above is the engine room; `home` draws what is before it, `browsing` the other screens.

mod cells;
pub(super) mod frame;
pub(super) mod hit_test;
mod home;
pub(super) mod panes;
mod status;
pub mod view_context;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use ratatui::Frame;
use ratatui::layout::Rect;

use super::state::model::{Model, Overlay};
use super::state::screens::Screen;
use frame::{confirm, help, too_small};
use panes::browsing;
use status::dashboard;
use view_context::ViewContext;

/// The smallest size, in columns and rows, at which a screen is useful.
pub const LEAST: (u16, u16) = (40, 10);

/// The text of a model at its own size, row by row.
#[cfg(test)]
pub fn drawn_text(model: &Model, now: DateTime<Utc>) -> Vec<String> {
    let (columns, rows) = model.size;
    let backend = ratatui::backend::TestBackend::new(columns, rows);
    let mut terminal = ratatui::Terminal::new(backend).unwrap();
    terminal.draw(|frame| view(frame, model, now)).unwrap();
    let buffer = terminal.backend().buffer();
    let row = |y| (0..columns).map(|x| buffer[(x, y)].symbol()).collect();
    (0..rows).map(row).collect()
}

/// Whether the current track is visible: on the dashboard, if there is room for it.
pub fn shows_what_plays(model: &Model, now: DateTime<Utc>) -> bool {
    let area = model.area();
    model.screen == Screen::Dashboard
        && is_enough(area)
        && (model.is_home() || dashboard::shows_what_plays(&ViewContext { model, now }, area))
}

const fn is_enough(area: Rect) -> bool {
    area.width >= LEAST.0 && area.height >= LEAST.1
}

/// Draws the screen as it is at `now`.
pub fn view(frame: &mut Frame<'_>, model: &Model, now: DateTime<Utc>) {
    let context = ViewContext { model, now };
    let area = frame.area();
    let buffer = frame.buffer_mut();
    buffer.set_style(area, model.look.theme.base());
    if !is_enough(area) {
        too_small::render(context.glyphs(), area, buffer);
        return;
    }
    match model.screen {
        Screen::Dashboard if model.is_home() => home::render(&context, area, buffer),
        Screen::Dashboard if model.pane().is_none() => dashboard::render(&context, area, buffer),
        _ => browsing::render(&context, area, buffer),
    }
    match model.overlay {
        None => {}
        Some(Overlay::Help { scroll }) => help::render(&context, scroll, area, buffer),
        Some(Overlay::Resync) => confirm::render(&context, area, buffer),
        Some(Overlay::Removals) => confirm::render_removals(&context, area, buffer),
    }
}

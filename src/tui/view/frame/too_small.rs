//! The screen for a terminal that is too small.

use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Rect};
use ratatui::text::Line;
use ratatui::widgets::Widget;

use crate::tui::style::glyphs::Glyphs;

/// Says how much room is needed, in as much of it as there is.
pub fn render(glyphs: Glyphs, area: Rect, buffer: &mut Buffer) {
    let middle = Rect { y: area.y + area.height / 2, height: area.height.min(1), ..area };
    let least = if glyphs.is_ascii() { "40x10" } else { "40×10" };
    let text = if area.width < 20 { format!("needs {least}") } else { format!("phonolog needs {least}") };
    Line::from(text).alignment(Alignment::Center).render(middle, buffer);
}

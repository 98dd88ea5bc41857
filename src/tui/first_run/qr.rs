//! An address as a QR code: two modules in each cell, never smaller.

use qrcode::{Color as Module, EcLevel, QrCode};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;
use ratatui::widgets::Widget;

/// Light modules that the standard requires around the code: a camera finds the code by them.
const QUIET: usize = 4;

/// A code in the form that is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    lines: Vec<String>,
    columns: u16,
}

impl Picture {
    /// The code of an address; `None` if it is too long for any code.
    pub fn of(address: &str) -> Option<Self> {
        // A screen has no stains, so the lowest error correction is enough, and the code stays
        // small.
        let code = QrCode::with_error_correction_level(address, EcLevel::L).ok()?;
        let modules = code.to_colors();
        let side = code.width() + 2 * QUIET;
        let is_light = |x: usize, y: usize| {
            let inside = x.checked_sub(QUIET).zip(y.checked_sub(QUIET));
            let inside = inside.filter(|(x, y)| *x < code.width() && *y < code.width());
            inside.is_none_or(|(x, y)| modules.get(y * code.width() + x) != Some(&Module::Dark))
        };
        // Light modules are drawn, in the lighter of two colours. So a code without colours is
        // right on a dark background, and inverted on a light one, which cameras also read.
        let cell = |x, y| match (is_light(x, y), y + 1 < side && is_light(x, y + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        };
        let lines = (0..side).step_by(2).map(|y| (0..side).map(|x| cell(x, y)).collect()).collect();
        Some(Self { lines, columns: u16::try_from(side).ok()? })
    }

    /// The columns and rows that it needs.
    pub fn size(&self) -> (u16, u16) {
        (self.columns, u16::try_from(self.lines.len()).unwrap_or(u16::MAX))
    }

    /// Draws it at the top of an area.
    pub fn render(&self, style: Style, area: Rect, buffer: &mut Buffer) {
        for (line, row) in self.lines.iter().zip(area.rows()) {
            Span::styled(line.as_str(), style).render(row, buffer);
        }
    }
}

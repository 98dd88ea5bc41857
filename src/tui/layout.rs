//! Which part of a screen that browses stands where, at any size.

use ratatui::layout::{Constraint, Layout, Margin, Rect};

/// The parts of the screen.
pub struct BrowsingParts {
    /// Who is logged in, and the engine.
    pub header: Rect,
    /// The screens' tabs.
    pub tabs: Rect,
    /// What keeps the record from growing, where there is a row for it.
    pub notice: Rect,
    /// What is seen, and where one stands in it.
    pub title: Rect,
    /// What rows are filtered by.
    pub filter: Rect,
    /// The headings of columns.
    pub heads: Rect,
    /// The rows.
    pub body: Rect,
    /// The keys.
    pub foot: Rect,
}

impl BrowsingParts {
    /// Where they stand in an area. The same wherever a filter is typed, so that no row moves by it.
    pub fn of(area: Rect) -> Self {
        let margin = match area.width {
            ..50 => 0,
            50..110 => 1,
            _ => 3,
        };
        let air = u16::from(area.height >= 20);
        let area = area.inner(Margin::new(margin, 0));
        let [header, tabs, notice, title, filter, heads, body, _, foot] = area.layout(&Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Length(air),
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Fill(1),
            Constraint::Length(air),
            Constraint::Length(1),
        ]));
        Self { header, tabs, notice, title, filter, heads, body, foot }
    }

    /// Columns of what is seen.
    pub fn columns(&self) -> usize {
        usize::from(self.body.width)
    }

    /// Rows of a list, or lines of details, that are seen at once.
    pub fn rows(&self) -> usize {
        usize::from(self.body.height)
    }
}

//! The positions of the parts of a browser screen, at any size.

use ratatui::layout::{Constraint, Layout, Margin, Rect};

/// The parts of the screen.
pub struct BrowsingParts {
    /// The account and the engine.
    pub header: Rect,
    /// The screens' tabs.
    pub tabs: Rect,
    /// A problem that stops the sync, if there is a row for it.
    pub notice: Rect,
    /// The title of the pane, and the position in it.
    pub title: Rect,
    /// The filter.
    pub filter: Rect,
    /// The column headings.
    pub heads: Rect,
    /// The rows.
    pub body: Rect,
    /// The keys.
    pub foot: Rect,
}

impl BrowsingParts {
    /// Their positions in an area. They are the same while a filter is typed, so that no row moves.
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

    /// The columns of the pane.
    pub fn columns(&self) -> usize {
        usize::from(self.body.width)
    }

    /// The visible rows of a list, or lines of details.
    pub fn rows(&self) -> usize {
        usize::from(self.body.height)
    }
}

//! What every part of the drawing uses, and how lines are built.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use crate::domain::Snapshot;
use crate::tui::state::model::Model;
use crate::tui::style::glyphs::Glyphs;
use crate::tui::style::text;
use crate::tui::style::theme::Role;

/// Adjacent spans.
pub type StyledText = Vec<Span<'static>>;

/// The model at a point in time.
#[derive(Clone, Copy)]
pub struct ViewContext<'a> {
    /// The model.
    pub model: &'a Model,
    /// The time.
    pub now: DateTime<Utc>,
}

impl<'a> ViewContext<'a> {
    /// The newest snapshot.
    pub fn snapshot(&self) -> &'a Snapshot {
        &self.model.snapshot
    }

    /// The symbols.
    pub fn glyphs(&self) -> Glyphs {
        self.model.look.glyphs
    }

    /// Text in a role.
    pub fn span(&self, role: Role, text: impl Into<Cow<'static, str>>) -> Span<'static> {
        Span::styled(text, self.model.look.theme.style(role))
    }

    /// One fact with one span.
    pub fn fact(&self, role: Role, text: impl Into<Cow<'static, str>>) -> StyledText {
        vec![self.span(role, text)]
    }

    /// Text from outside, made safe and cut to at most `columns`.
    pub fn outside(&self, text: &str, columns: usize) -> String {
        self.cut(&self.glyphs().outside(text), columns)
    }

    /// Our own text, cut to at most `columns`.
    pub fn cut(&self, text: &str, columns: usize) -> String {
        text::cut(text, columns, self.glyphs().ellipsis())
    }

    /// `+3 −1 ~2`, without zeros; `None` if nothing changed.
    pub fn changes(&self, added: u32, removed: u32, changed: u32) -> Option<String> {
        let signs = [("+", added), (self.glyphs().minus(), removed), ("~", changed)];
        let parts = signs.iter().filter(|(_, rows)| *rows > 0);
        let parts: Vec<_> = parts.map(|(sign, rows)| format!("{sign}{}", text::count(*rows))).collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    /// A heading and its explanation.
    pub fn heading(&self, title: &'static str, facts: Vec<StyledText>, columns: usize) -> Line<'static> {
        let mut all = vec![self.fact(Role::Strong, title)];
        all.extend(facts);
        fitting(all, 2, columns)
    }
}

/// As many of the facts, from the first one on, as fit into `columns` with `gap` columns between
/// them.
pub fn fitting(facts: Vec<StyledText>, gap: usize, columns: usize) -> Line<'static> {
    let mut line = Line::default();
    let mut used = 0;
    for fact in facts {
        let before = if used == 0 { 0 } else { gap };
        let width = columns_of(&fact);
        if used + before + width > columns {
            break;
        }
        line.push_span(" ".repeat(before));
        line.extend(fact);
        used += before + width;
    }
    line
}

/// A line with its second part at the right edge; without that part if there is no room.
pub fn spread(mut left: Line<'static>, right: Line<'static>, columns: usize) -> Line<'static> {
    let used = columns_of(&left.spans);
    let Some(gap) = columns.checked_sub(used + columns_of(&right.spans)) else {
        return left;
    };
    if gap < 2 {
        return left;
    }
    left.push_span(" ".repeat(gap));
    left.extend(right.spans);
    left
}

/// The width of spans.
pub fn columns_of(spans: &[Span<'_>]) -> usize {
    spans.iter().map(|span| text::width(&span.content)).sum()
}

/// Draws lines from the top of an area, as far as it goes. Each span begins where the spans before
/// it end by our own measure: ratatui's `Line` measures differently from its buffer (half-width
/// sound marks), so columns would shift.
pub fn paint(lines: &[Line<'_>], area: Rect, buffer: &mut Buffer) {
    for (line, row) in lines.iter().zip(area.rows()) {
        let mut rest = row;
        for span in &line.spans {
            span.render(rest, buffer);
            let used = u16::try_from(text::width(&span.content)).unwrap_or(u16::MAX).min(rest.width);
            rest = Rect { x: rest.x + used, width: rest.width - used, ..rest };
        }
    }
}

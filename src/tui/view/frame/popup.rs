//! A box over the dashboard.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Margin, Rect};
use ratatui::style::{Modifier, Style, Stylize};
use ratatui::symbols::border;
use ratatui::text::Line;
use ratatui::widgets::{Block, Clear, Widget};

use crate::tui::style::theme::Role;
use crate::tui::view::view_context::{ViewContext, columns_of, paint};

/// ASCII equivalents of the box's lines.
const ASCII: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

/// Rows of a box besides its text.
const FRAME: u16 = 2;

/// The visible lines of the highest possible box on a screen of this height.
pub const fn room(height: u16) -> u16 {
    height.saturating_sub(1 + FRAME)
}

/// Draws `lines`, from line `scroll` on, in a box as large as they need and the area allows,
/// without covering the footer.
pub fn render(
    context: &ViewContext<'_>,
    title: &str,
    lines: &[Line<'_>],
    scroll: u16,
    area: Rect,
    buffer: &mut Buffer,
) {
    let area = Rect { height: area.height.saturating_sub(1), ..area };
    let widest = lines.iter().map(|line| columns_of(&line.spans)).max().unwrap_or_default();
    let width = u16::try_from(widest).unwrap_or(u16::MAX).saturating_add(6);
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(FRAME);
    let over =
        area.centered(Constraint::Length(width.min(area.width)), Constraint::Length(height.min(area.height)));
    let room = over.height.saturating_sub(FRAME);
    let scroll = usize::from(scroll.min(height.saturating_sub(FRAME).saturating_sub(room)));

    let below = lines.len() - scroll > usize::from(room);
    let mut block = Block::bordered()
        .border_set(if context.glyphs().is_ascii() { ASCII } else { border::ROUNDED })
        .border_style(context.model.look.theme.style(Role::Secondary))
        .title(Line::from(context.span(Role::Strong, format!(" {title} ")).not_dim()));
    if below || scroll > 0 {
        block =
            block.title_bottom(Line::from(context.span(Role::Accent, " Up Down ").not_dim()).right_aligned());
    }
    // The dashboard is dimmed, but not hidden, because it continues to change.
    let behind = Style::new().add_modifier(Modifier::DIM).remove_modifier(Modifier::BOLD);
    buffer.set_style(area, behind);
    Clear.render(over, buffer);
    buffer.set_style(over, context.model.look.theme.base());
    block.render(over, buffer);
    let inner = over.inner(Margin::new(3.min(over.width / 2), 1));
    paint(lines.get(scroll..).unwrap_or_default(), inner, buffer);
}

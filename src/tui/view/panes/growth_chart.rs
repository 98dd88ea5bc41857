//! The size of the library over time, as an area.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::symbols::Marker;
use ratatui::text::Line;
use ratatui::widgets::{Axis, Chart, Dataset, GraphType, Widget};

use crate::domain::queries::MonthRow;
use crate::tui::style::text::count;
use crate::tui::style::theme::Role;
use crate::tui::view::view_context::ViewContext;

/// The smallest chart that tells anything, in columns and rows.
const LEAST: (u16, u16) = (24, 5);
/// Pieces of a month: a wide screen has some dots for each month of a few years.
const BETWEEN: u32 = 12;

/// Draws the months, which are given the newest first.
pub fn render(context: &ViewContext<'_>, months: &[MonthRow], area: Rect, buffer: &mut Buffer) {
    let (Some(newest), Some(oldest)) = (months.first(), months.last()) else { return };
    if area.width < LEAST.0 || area.height < LEAST.1 || months.len() < 2 {
        return;
    }
    let most = months.iter().map(|month| month.saved).max().unwrap_or(0).max(1);
    let points = points(months);
    let style = |role| context.model.look.theme.style(role);
    let marker = if context.glyphs().is_ascii() { Marker::Custom('*') } else { Marker::Braille };
    let area_under =
        Dataset::default().graph_type(GraphType::Bar).marker(marker).style(style(Role::Good)).data(&points);
    let label = |role, text: String| Line::styled(text, style(role));
    let day = |month: &MonthRow| label(Role::Secondary, month.first.format("%b %Y").to_string());
    let last = f64::from(u32::try_from(months.len() - 1).unwrap_or(u32::MAX));
    Chart::new(vec![area_under])
        .style(context.model.look.theme.base())
        .x_axis(axis(context, [0.0, last]).labels([day(oldest), day(newest)]))
        .y_axis(axis(context, [0.0, value(most)]).labels([
            label(Role::Secondary, "0".to_owned()),
            label(Role::Secondary, count(most / 2)),
            label(Role::Secondary, count(most)),
        ]))
        .legend_position(None)
        .render(area, buffer);
    if context.glyphs().is_ascii() {
        in_ascii(area, buffer);
    }
}

/// A point for each month, the oldest first, and some between two months, so that the area has no
/// gaps.
fn points(months: &[MonthRow]) -> Vec<(f64, f64)> {
    let mut points = Vec::new();
    let mut before: Option<f64> = None;
    for (month, at) in months.iter().rev().zip(0_u32..) {
        let (at, saved) = (f64::from(at), value(month.saved));
        let parts = (1..BETWEEN).map(|part| f64::from(part) / f64::from(BETWEEN));
        points.extend(before.into_iter().flat_map(|before| {
            parts.clone().map(move |part| (at - 1.0 + part, before + (saved - before) * part))
        }));
        points.push((at, saved));
        before = Some(saved);
    }
    points
}

/// The lines of the axes are not of our alphabet.
fn in_ascii(area: Rect, buffer: &mut Buffer) {
    for place in area.positions() {
        let cell = &mut buffer[place];
        match cell.symbol() {
            "│" => cell.set_symbol("|"),
            "─" => cell.set_symbol("-"),
            "└" => cell.set_symbol("+"),
            _ => cell,
        };
    }
}

fn axis<'a>(context: &ViewContext<'_>, bounds: [f64; 2]) -> Axis<'a> {
    Axis::default().style(context.model.look.theme.style(Role::Secondary)).bounds(bounds)
}

/// A library has far fewer tracks than a float holds exactly.
#[allow(clippy::cast_precision_loss)]
fn value(tracks: u64) -> f64 {
    tracks as f64
}

//! Plays by day as columns, with the largest number and the dates at the edges.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::queries::HomeFigures;
use crate::tui::style::text::{count, left, right, width};
use crate::tui::style::theme::Role;
use crate::tui::view::view_context::{ViewContext, paint};

/// The columns of the numbers beside the chart.
const NUMBERS: u16 = 5;
/// The columns of a day: its bar, and a gap, which makes bars of it.
const STEP: usize = 2;
/// The fewest days that are worth a chart.
const FEWEST_DAYS: usize = 14;

/// Draws the newest days, as many as there is room for. The last row has the dates.
pub fn render(context: &ViewContext<'_>, figures: &HomeFigures, area: Rect, buffer: &mut Buffer) {
    let Some(chart) = DayChart::of(figures, area) else { return };
    let rows = usize::from(area.height) - 1;
    let mut lines: Vec<Line<'static>> = (0..rows).rev().map(|row| chart.line(context, row, rows)).collect();
    lines.push(chart.dates(context, figures));
    paint(&lines, area, buffer);
}

struct DayChart<'a> {
    days: &'a [u32],
    most: u32,
}

impl<'a> DayChart<'a> {
    /// As many of the newest days as there is room for; `None` if these are too few to tell anything.
    fn of(figures: &'a HomeFigures, area: Rect) -> Option<Self> {
        let room = usize::from(area.width.saturating_sub(NUMBERS + 1));
        let count = (room / STEP).min(figures.days.len());
        let days = figures.days.get(figures.days.len() - count..)?;
        let is_shown = area.height >= 3 && count >= FEWEST_DAYS;
        is_shown.then(|| Self { days, most: days.iter().copied().max().unwrap_or(0).max(1) })
    }

    /// The row that is this many rows above the dates.
    fn line(&self, context: &ViewContext<'_>, row: usize, rows: usize) -> Line<'static> {
        let number = if row + 1 == rows { count(self.most) } else { String::new() };
        let number = right(&number, usize::from(NUMBERS)) + " ";
        let mut line = Line::from(context.span(Role::Secondary, number));
        for (place, plays) in self.days.iter().enumerate() {
            let is_today = place + 1 == self.days.len();
            let eighths = u64::from(*plays) * (rows as u64 * 8);
            let eighths = eighths.div_ceil(u64::from(self.most));
            let here = usize::try_from(eighths).unwrap_or(0).saturating_sub(row * 8).min(8);
            let symbol = context.glyphs().column(here, row == 0);
            let role = if is_today { Role::Accent } else { Role::AtRest };
            line.push_span(context.span(role, left(symbol, STEP)));
        }
        line
    }

    /// The first and the last day, and the first days of months between them.
    fn dates(&self, context: &ViewContext<'_>, figures: &HomeFigures) -> Line<'static> {
        let day = |back: usize| {
            let back = chrono::Days::new(u64::try_from(back).unwrap_or(0));
            figures.today.checked_sub_days(back).unwrap_or(figures.today)
        };
        let columns = self.days.len() * STEP;
        let mut labels = String::new();
        for place in 0..self.days.len() {
            let date = day(self.days.len() - 1 - place);
            let at = place * STEP;
            let is_month = chrono::Datelike::day(&date) == 1;
            let label = match place {
                0 => date.format("%-d %b").to_string(),
                _ if is_month => date.format("%b").to_string(),
                _ => continue,
            };
            if at > width(&labels) && at + width(&label) + 7 < columns || at == 0 {
                labels = left(&labels, at) + &label;
            }
        }
        labels = left(&labels, columns.saturating_sub("today".len() + STEP - 1)) + "today";
        let edge = " ".repeat(usize::from(NUMBERS) + 1);
        Line::from(context.span(Role::Secondary, edge + &labels))
    }
}

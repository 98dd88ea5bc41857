//! The home screen: which part stands where, at any size.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Margin, Rect};
use ratatui::text::Line;

use super::entities::{self, Form};
use super::scene::{Scene, paint};
use super::{footer, header, journal, limits, notices, plays, run_line};

/// How the room is used.
struct Plan {
    margin: u16,
    form: Form,
    /// Empty rows below the header and around the gauges.
    airy: bool,
    /// Most rows for what wants a look.
    notices: usize,
    columns: Columns,
}

/// How the parts below the gauges stand.
enum Columns {
    /// Each its own column.
    Three,
    /// Requests on the left, plays over journal on the right.
    Two,
    /// One above the other.
    One,
}

impl Plan {
    const fn of(area: Rect) -> Self {
        Self {
            margin: match area.width {
                ..50 => 0,
                50..72 => 1,
                72..110 => 2,
                _ => 4,
            },
            form: match (area.height, area.width) {
                (34.., 60..) => Form::Airy,
                (22.., 50..) => Form::Full,
                _ => Form::Line,
            },
            airy: area.height >= 20,
            notices: match area.height {
                ..14 => 2,
                14..30 => 3,
                _ => 6,
            },
            columns: match area.width {
                ..72 => Columns::One,
                72..110 => Columns::Two,
                _ => Columns::Three,
            },
        }
    }
}

/// Draws the dashboard.
pub fn render(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let plan = Plan::of(area);
    let area = area.inner(Margin::new(plan.margin, 0));
    let columns = usize::from(area.width);

    let mut lines = vec![header::line(scene, columns)];
    if plan.airy {
        lines.push(Line::default());
    }
    lines.push(run_line::line(scene, columns));
    let notices = notices::lines(scene, plan.form, columns, plan.notices);
    if plan.airy && (notices.is_empty() || matches!(plan.form, Form::Airy)) {
        lines.push(Line::default());
    }
    let has_notices = !notices.is_empty();
    lines.extend(notices);
    if has_notices && matches!(plan.form, Form::Airy) {
        lines.push(Line::default());
    }
    lines.extend(entities::lines(scene, plan.form, columns));
    if plan.airy && !matches!(plan.form, Form::Airy) {
        lines.push(Line::default());
    }

    let above = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let gap = u16::from(matches!(plan.form, Form::Airy));
    let [top, bottom, _, foot] = area.layout(&Layout::vertical([
        Constraint::Length(above.min(area.height.saturating_sub(1))),
        Constraint::Fill(1),
        Constraint::Length(gap),
        Constraint::Length(1),
    ]));
    paint(&lines, top, buffer);
    below(scene, &plan.columns, bottom, buffer);
    paint(&[footer::line(scene, columns)], foot, buffer);
}

/// What stands below the gauges.
fn below(scene: &Scene<'_>, columns: &Columns, area: Rect, buffer: &mut Buffer) {
    match columns {
        Columns::Three => {
            let [requests, listened, changed] = area.layout(
                &Layout::horizontal([
                    Constraint::Length(limits::WIDTH),
                    Constraint::Fill(1),
                    Constraint::Fill(1),
                ])
                .spacing(4),
            );
            paint(&limits::table(scene, requests), requests, buffer);
            paint(&plays::lines(scene, listened), listened, buffer);
            paint(&journal::lines(scene, changed), changed, buffer);
        }
        Columns::Two => {
            let [requests, right] = area.layout(
                &Layout::horizontal([Constraint::Length(limits::WIDTH), Constraint::Fill(1)]).spacing(3),
            );
            let listened = Constraint::Length((right.height + 1) / 2);
            let [listened, changed] = right.layout(&Layout::vertical([listened, Constraint::Fill(1)]));
            paint(&limits::table(scene, requests), requests, buffer);
            paint(&plays::lines(scene, listened), listened, buffer);
            paint(&journal::lines(scene, changed), changed, buffer);
        }
        Columns::One => {
            let [requests, rest] =
                area.layout(&Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]));
            let listened = Constraint::Length((rest.height + 1) / 2);
            let [listened, changed] = rest.layout(&Layout::vertical([listened, Constraint::Fill(1)]));
            paint(
                &[limits::summary(scene, usize::from(requests.width))],
                requests,
                buffer,
            );
            paint(&plays::lines(scene, listened), listened, buffer);
            paint(&journal::lines(scene, changed), changed, buffer);
        }
    }
}

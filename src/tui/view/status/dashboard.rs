//! The dashboard: the positions of its parts, at any size.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Margin, Rect};
use ratatui::text::Line;

use super::gauges::{self, EntityLayout, Gauges};
use super::{journal, limits, notices, plays, run_line};
use crate::tui::view::frame::{footer, header, tabs};
use crate::tui::view::view_context::{ViewContext, paint};

/// With at least this many rows the tabs are shown. With fewer, every row is needed for other
/// parts, and the digit keys still work.
const TABS_FROM: u16 = 18;

/// The empty columns on either side.
pub const fn margin(area: Rect) -> u16 {
    DashboardLayout::of(area).margin
}

/// The position of the tabs, if they are shown.
pub fn tabs_area(area: Rect) -> Option<Rect> {
    let inner = area.inner(Margin::new(DashboardLayout::of(area).margin, 0));
    (area.height >= TABS_FROM).then_some(Rect { y: inner.y + 1, height: 1, ..inner })
}

/// The use of the room.
struct DashboardLayout {
    margin: u16,
    gauges: Gauges,
    air: Air,
    /// The most rows for notices.
    notices: usize,
    columns: DashboardColumns,
}

/// Empty rows between the parts.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Air {
    /// Every row is needed.
    None,
    /// Empty lines around the gauges.
    Some,
    /// An empty line below the header, too.
    Ample,
}

/// The layout of the parts below the gauges.
enum DashboardColumns {
    /// Each has a column of its own.
    Three,
    /// Requests on the left, plays above the journal on the right.
    Two,
    /// One above the other.
    One,
}

impl DashboardLayout {
    const fn of(area: Rect) -> Self {
        Self {
            margin: match area.width {
                ..50 => 0,
                50..72 => 1,
                72..110 => 2,
                _ => 3,
            },
            gauges: Gauges {
                form: match (area.height, area.width) {
                    (34.., 60..) => EntityLayout::Airy,
                    (22.., 50..) => EntityLayout::Full,
                    _ => EntityLayout::Line,
                },
                details: area.height >= 30,
            },
            air: match area.height {
                ..20 => Air::None,
                20..26 => Air::Some,
                _ => Air::Ample,
            },
            notices: match area.height {
                ..14 => 2,
                14..30 => 3,
                _ => 6,
            },
            columns: match area.width {
                ..72 => DashboardColumns::One,
                72..104 => DashboardColumns::Two,
                _ => DashboardColumns::Three,
            },
        }
    }
}

/// The positions of all parts.
struct DashboardParts {
    plan: DashboardLayout,
    /// The lines above the columns.
    lines: Vec<Line<'static>>,
    top: Rect,
    bottom: Rect,
    foot: Rect,
}

impl DashboardParts {
    fn of(context: &ViewContext<'_>, area: Rect) -> Self {
        let plan = DashboardLayout::of(area);
        let has_tabs = tabs_area(area).is_some();
        let area = area.inner(Margin::new(plan.margin, 0));
        let lines = above(context, &plan, has_tabs, usize::from(area.width));
        let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX);
        let [top, bottom, _, foot] = area.layout(&Layout::vertical([
            Constraint::Length(rows.min(area.height.saturating_sub(1))),
            Constraint::Fill(1),
            // With fewer rows the tabs have this line.
            Constraint::Length(u16::from(plan.air >= Air::Ample)),
            Constraint::Length(1),
        ]));
        Self { plan, lines, top, bottom, foot }
    }
}

/// Draws the dashboard.
pub fn render(context: &ViewContext<'_>, area: Rect, buffer: &mut Buffer) {
    let parts = DashboardParts::of(context, area);
    paint(&parts.lines, parts.top, buffer);
    let below = Below::of(context, &parts.plan.columns, parts.bottom);
    let requests = match parts.plan.columns {
        DashboardColumns::One => vec![limits::summary(context, usize::from(below.requests.width))],
        DashboardColumns::Two | DashboardColumns::Three => limits::table(context, below.requests),
    };
    paint(&requests, below.requests, buffer);
    paint(&plays::lines(context, below.listened), below.listened, buffer);
    paint(&journal::lines(context, below.changed), below.changed, buffer);
    paint(&[footer::line(context, usize::from(parts.foot.width))], parts.foot, buffer);
}

/// Whether there is room for the current track, which changes each second.
pub fn shows_what_plays(context: &ViewContext<'_>, area: Rect) -> bool {
    let parts = DashboardParts::of(context, area);
    Below::of(context, &parts.plan.columns, parts.bottom).listened.height > plays::HEADING
}

fn above(
    context: &ViewContext<'_>,
    plan: &DashboardLayout,
    has_tabs: bool,
    columns: usize,
) -> Vec<Line<'static>> {
    let mut lines = vec![header::line(context, columns)];
    lines.extend(has_tabs.then(|| tabs::line(context, columns)));
    lines.extend(empty_if(plan.air >= Air::Ample));
    let notices = notices::lines(context, plan.gauges, columns, plan.notices);
    // The first notice replaces an empty line, so that a short hold moves nothing.
    lines.extend(empty_if(plan.air >= Air::Some && notices.is_empty()));
    lines.extend(notices);
    lines.push(run_line::line(context, columns));
    lines.extend(empty_if(plan.air >= Air::Some));
    lines.extend(gauges::lines(context, plan.gauges, columns));
    lines.extend(empty_if(plan.air >= Air::Some && plan.gauges.form != EntityLayout::Airy));
    lines
}

fn empty_if(wanted: bool) -> Option<Line<'static>> {
    wanted.then(Line::default)
}

/// The parts below the gauges.
struct Below {
    requests: Rect,
    listened: Rect,
    changed: Rect,
}

impl Below {
    fn of(context: &ViewContext<'_>, columns: &DashboardColumns, area: Rect) -> Self {
        let wide = Constraint::Length(limits::WIDTH);
        match columns {
            DashboardColumns::Three => {
                let thirds = Layout::horizontal([wide, Constraint::Fill(1), Constraint::Fill(1)]).spacing(3);
                let [requests, listened, changed] = area.layout(&thirds);
                Self { requests, listened, changed }
            }
            DashboardColumns::Two => {
                let halves = Layout::horizontal([wide, Constraint::Fill(1)]).spacing(3);
                let [requests, right] = area.layout(&halves);
                let [listened, changed] = plays_over_journal(context, right);
                Self { requests, listened, changed }
            }
            DashboardColumns::One => {
                let stacked = Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]);
                let [requests, rest] = area.layout(&stacked);
                let [listened, changed] = plays_over_journal(context, rest);
                Self { requests, listened, changed }
            }
        }
    }
}

/// Half of the rows for each; what one does not need goes to the other.
fn plays_over_journal(context: &ViewContext<'_>, area: Rect) -> [Rect; 2] {
    let rows = |lines: usize| u16::try_from(lines).unwrap_or(u16::MAX);
    let gap = u16::from(area.height >= 10);
    let room = area.height - gap;
    let plays_want = rows(plays::lines(context, area).len());
    let journal_wants = rows(journal::lines(context, area).len());
    let journal_gets = journal_wants.min((room / 2).max(room.saturating_sub(plays_want)));
    let [listened, _, changed] = area.layout(&Layout::vertical([
        Constraint::Fill(1),
        Constraint::Length(gap),
        Constraint::Length(journal_gets),
    ]));
    [listened, changed]
}

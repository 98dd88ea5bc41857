//! The home screen: listening first, and the state of the sync in a few lines.
//!
//! ```text
//!   phonolog  Marieke                                       header
//!   [1 Home] 2 Library …                                    tabs
//!   ✓ 10,412 songs · 512 albums · … · checked 5 min ago     sync
//!   today 1 h 12 min ▲   this week …   12 days in a row     spans
//!   40 ▂▅█▁ …                                               chart
//!   artists, last 30 days     │ latest plays                boxes
//!   s sync  p pause  ? help                                 footer
//! ```
//!
//! | file | idea |
//! |---|---|
//! | `sync` | the sync in one line, in a line for each list, or with gauges while something happens |
//! | `chart` | plays by day |
//! | `boxes` | rankings, plays, changes, and what was played long ago |

mod boxes;
mod chart;
mod sync;

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Margin, Rect};
use ratatui::text::Line;

use crate::domain::queries::{HomeFigures, HomeSpan};
use crate::tui::style::theme::Role;
use crate::tui::style::words::listening_time;
use crate::tui::view::frame::{footer, header, tabs};
use crate::tui::view::panes::browsing;
use crate::tui::view::status::{dashboard, notices, now_playing};
use crate::tui::view::view_context::{StyledText, ViewContext, fitting, paint};

/// With at least this many rows there are empty lines between the parts.
const AIRY: u16 = 20;
/// What to try in a demo.
const GUIDE: &str = "try 5: ten years of statistics; press ] for the next one, + for a year";
/// The fewest rows in which figures are worth showing.
const LEAST_FIGURES: u16 = 3;

/// Draws the screen.
pub fn render(context: &ViewContext<'_>, area: Rect, buffer: &mut Buffer) {
    let inner = area.inner(Margin::new(dashboard::margin(area), 0));
    let lines = above(context, area, usize::from(inner.width));
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let air = u16::from(area.height >= AIRY);
    let [top, _, body, guide, foot] = inner.layout(&Layout::vertical([
        Constraint::Length(rows.min(inner.height.saturating_sub(1))),
        Constraint::Length(air),
        Constraint::Fill(1),
        Constraint::Length(air),
        Constraint::Length(1),
    ]));
    paint(&lines, top, buffer);
    listening(context, body, buffer);
    if context.model.is_demo {
        let line = context.cut(GUIDE, usize::from(guide.width));
        paint(&[Line::from(context.span(Role::Secondary, line))], guide, buffer);
    }
    paint(&[footer::line(context, usize::from(foot.width))], foot, buffer);
}

/// The lines above the figures. The first notice replaces an empty line, so that a short hold moves
/// nothing.
fn above(context: &ViewContext<'_>, area: Rect, columns: usize) -> Vec<Line<'static>> {
    let mut lines = vec![header::line(context, columns)];
    lines.extend(dashboard::tabs_area(area).map(|_| tabs::line(context, columns)));
    let gauges = sync::gauges(area);
    let notices = notices::lines(context, gauges, columns, if area.height < 14 { 2 } else { 3 });
    if notices.is_empty() && area.height >= AIRY {
        lines.push(Line::default());
    }
    lines.extend(notices);
    lines.extend(sync::lines(context, gauges, columns, area.height));
    lines
}

/// What plays, the figures, or why there are none.
fn listening(context: &ViewContext<'_>, area: Rect, buffer: &mut Buffer) {
    let columns = usize::from(area.width);
    let playing = context.snapshot().now_playing.as_ref();
    let playing = playing.map_or_else(Vec::new, |playing| {
        let mut lines = now_playing::lines(context, playing, columns, area.height >= 8);
        lines.extend((area.height >= 16).then(Line::default));
        lines
    });
    let rows = u16::try_from(playing.len()).unwrap_or(0).min(area.height);
    paint(&playing, Rect { height: rows, ..area }, buffer);
    let area = Rect { y: area.y + rows, height: area.height - rows, ..area };
    let home = &context.model.browse.home;
    match home.figures() {
        Some(figures) => render_figures(context, figures, area, buffer),
        None if area.height < LEAST_FIGURES => {}
        None => {
            let [sentence, _, rest] = area.layout(&Layout::vertical([
                Constraint::Length(if columns < 72 { 2 } else { 1 }),
                Constraint::Length(u16::from(area.height >= 8)),
                Constraint::Fill(1),
            ]));
            let why = home.trouble().unwrap_or("loading your listening history");
            browsing::sentence(context, why, sentence, buffer);
            boxes::render(context, None, rest, buffer);
        }
    }
}

fn render_figures(context: &ViewContext<'_>, figures: &HomeFigures, area: Rect, buffer: &mut Buffer) {
    let chart = match area.height {
        ..6 => 0,
        6..12 => 3,
        12..18 => 5,
        18..28 => 7,
        28..44 => 9,
        _ => 14,
    };
    let air = u16::from(area.height >= 14);
    let [spans, _, days, _, rest] = area.layout(&Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(u16::from(area.height >= 18)),
        Constraint::Length(chart),
        Constraint::Length(air.min(chart)),
        Constraint::Fill(1),
    ]));
    paint(&[spans_line(context, figures, usize::from(spans.width))], spans, buffer);
    chart::render(context, figures, days, buffer);
    boxes::render(context, Some(figures), rest, buffer);
}

/// How long was listened today, this week and this month, and for how many days in a row.
fn spans_line(context: &ViewContext<'_>, figures: &HomeFigures, columns: usize) -> Line<'static> {
    let names = ["today", "this week", "this month"];
    let mut facts: Vec<StyledText> =
        names.into_iter().zip(figures.spans).map(|(name, span)| span_fact(context, name, span)).collect();
    let (current, longest) = figures.streaks;
    if current > 1 {
        let record =
            if current == longest { ", your longest".to_owned() } else { format!(" (longest {longest})") };
        facts.push(vec![
            context.span(Role::Strong, format!("{current} days")),
            context.span(Role::Secondary, format!(" in a row{record}")),
        ]);
    }
    if !figures.settled {
        facts.push(context.fact(Role::Waiting, "sums are incomplete"));
    }
    fitting(facts, 3, columns)
}

/// `today 1 h 12 min ▲`: the sign says whether that is more than in the same part of the period
/// before.
fn span_fact(context: &ViewContext<'_>, name: &'static str, span: HomeSpan) -> StyledText {
    let glyphs = context.glyphs();
    let (role, sign) = match span.ms.cmp(&span.before_ms) {
        std::cmp::Ordering::Greater => (Role::Good, glyphs.more()),
        std::cmp::Ordering::Less => (Role::Secondary, glyphs.fewer()),
        std::cmp::Ordering::Equal => (Role::Secondary, ""),
    };
    vec![
        context.span(Role::Secondary, format!("{name} ")),
        context.span(Role::Strong, listening_time(span.ms)),
        context.span(role, format!(" {sign}")),
    ]
}

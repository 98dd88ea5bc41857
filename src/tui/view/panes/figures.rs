//! The statistics of a period: the period, how much of it is known, and the figure.

use chrono::NaiveDate;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{browsing, grid, growth_chart};
use crate::domain::queries::{Amount, MonthRow, PeriodKind, ShownFigures, StatsFigures, TopRow};
use crate::tui::state::panes::FiguresPane;
use crate::tui::style::text::{count, left, right, width};
use crate::tui::style::theme::Role;
use crate::tui::view::view_context::{StyledText, ViewContext, fitting, paint};

const MARK: usize = 2;
const PLACE: usize = 4;
const PLAYS: usize = 8;
const TIME: usize = 9;
/// The width of a bar beside a ranking, if there is room.
const BAR: usize = 20;
/// The widths of a number of tracks, and of a month.
const NUMBER: usize = 7;
const MONTH: usize = 7;
/// The columns between the months and their chart.
const MONTH_GAP: usize = 2;

/// The position in a ranking.
pub fn stands(context: &ViewContext<'_>, pane: &FiguresPane) -> Option<StyledText> {
    let total = pane.total();
    let number = |number: usize| count(u64::try_from(number).unwrap_or(u64::MAX));
    (total > 0).then(|| {
        context.fact(Role::Secondary, format!("{} of {}", number(pane.selected() + 1), number(total)))
    })
}

/// The period, its total, and how much of it is known.
pub fn period(context: &ViewContext<'_>, pane: &FiguresPane, columns: usize) -> Line<'static> {
    let Some(figures) = pane.figures() else {
        return Line::default();
    };
    let name = name(pane.kind(), figures);
    let total = format!("{} plays, {}", count(figures.total.plays), time(figures.total));
    if let ShownFigures::Growth(_) = figures.shown {
        let known = "removals are known only since the first sync";
        let facts = vec![context.fact(Role::Strong, name), context.fact(Role::Secondary, known)];
        return fitting(facts, 3, columns);
    }
    let (role, known) = known(context, figures);
    let mut facts =
        vec![context.fact(Role::Strong, name), context.fact(Role::Plain, total), context.fact(role, known)];
    if columns < 60 {
        // How much is known is shown beside every figure; if there is no room for both, it is shown
        // alone.
        facts.swap(1, 2);
    }
    if !figures.settled {
        facts.push(context.fact(Role::Waiting, "sums are incomplete"));
    }
    fitting(facts, 3, columns)
}

/// The part of the time for which the history is complete.
fn known(context: &ViewContext<'_>, figures: &StatsFigures) -> (Role, String) {
    let (whole, tenths) = (figures.complete / 10, figures.complete % 10);
    let share = if tenths == 0 { format!("{whole} %") } else { format!("{whole}.{tenths} %") };
    match figures.gaps {
        0 => (Role::Secondary, format!("{share} known")),
        1 => (Role::Waiting, format!("{share} known, {} 1 gap", context.glyphs().warning())),
        gaps => (Role::Waiting, format!("{share} known, {} {gaps} gaps", context.glyphs().warning())),
    }
}

/// The usual name of the period.
fn name(kind: PeriodKind, figures: &StatsFigures) -> String {
    let StatsFigures { first, last, .. } = figures;
    match kind {
        PeriodKind::All => format!("since {first}"),
        PeriodKind::Year => first.format("%Y").to_string(),
        PeriodKind::Month => first.format("%B %Y").to_string(),
        PeriodKind::Week => format!("{} {first} to {last}", first.format("week %-V,")),
    }
}

/// `~12 h 34 min`: approximate, because some plays count with the length of the track.
fn time(amount: Amount) -> String {
    let about = if amount.is_about { "~" } else { "" };
    match amount.ms / 60_000 {
        minutes @ ..60 => format!("{about}{minutes} min"),
        minutes @ 60..6000 => format!("{about}{}h {:02}m", minutes / 60, minutes % 60),
        minutes => format!("{about}{} h", count(minutes / 60)),
    }
}

/// Draws the figure, or a sentence if there is none.
pub fn render(context: &ViewContext<'_>, pane: &FiguresPane, heads: Rect, body: Rect, buffer: &mut Buffer) {
    let Some(figures) = pane.figures() else {
        return match pane.trouble() {
            Some(why) => browsing::unread(context, why, body, buffer),
            None => browsing::sentence(context, "reading…", body, buffer),
        };
    };
    match &figures.shown {
        ShownFigures::Top(rows) if rows.is_empty() => {
            browsing::sentence(context, nothing(figures), body, buffer);
        }
        ShownFigures::Top(rows) => top(context, pane, rows, (heads, body), buffer),
        ShownFigures::Growth(rows) => growth(context, pane, rows, (heads, body), buffer),
        ShownFigures::Calendar(days) => grid::calendar(context, figures, days, (heads, body), buffer),
        ShownFigures::Hours(hours) => grid::hours(context, hours, (heads, body), buffer),
    }
}

const fn nothing(figures: &StatsFigures) -> &'static str {
    if figures.total.plays == 0 {
        "No plays are known in this period. Press h or l for another period."
    } else {
        "Nothing is known yet. Genres are fetched slowly with the details of your artists."
    }
}

/// Rows under a heading, with the selected one marked.
fn rows<T>(
    context: &ViewContext<'_>,
    pane: &FiguresPane,
    rows: &[T],
    body: Rect,
    buffer: &mut Buffer,
    row: impl Fn(usize, &T) -> Line<'static>,
) {
    for ((place, value), area) in rows.iter().enumerate().skip(pane.top()).zip(body.rows()) {
        let is_selected = place == pane.selected();
        let mark = context.span(Role::Accent, left(if is_selected { ">" } else { "" }, MARK));
        let mut line = Line::from(mark);
        line.extend(row(place, value).spans);
        paint(&[line], area, buffer);
        if is_selected {
            buffer.set_style(area, context.model.look.theme.selection());
        }
    }
}

/// The widths of the columns of a ranking.
struct Widths {
    name: usize,
    artists: usize,
    bar: usize,
    time: usize,
}

impl Widths {
    fn of(columns: usize, has_artists: bool) -> Self {
        let time = if columns < 60 { 0 } else { TIME + 2 };
        let bar = match columns {
            ..64 => 0,
            64..100 => BAR / 2 + 2,
            _ => BAR + 2,
        };
        let room = columns.saturating_sub(MARK + PLACE + 2 + PLAYS + 2 + time + bar);
        let artists = if has_artists && columns >= 60 { room * 2 / 5 } else { 0 };
        Self { name: room - artists, artists: artists.saturating_sub(2), bar, time }
    }
}

fn top(
    context: &ViewContext<'_>,
    pane: &FiguresPane,
    ranked: &[TopRow],
    (heads, body): (Rect, Rect),
    buffer: &mut Buffer,
) {
    let widths = Widths::of(usize::from(body.width), ranked.iter().any(|row| row.artists.is_some()));
    let most = ranked.iter().map(|row| row.amount.plays).max().unwrap_or_default();
    let mut head = format!("{}{}  {}", left("", MARK), right("#", PLACE), left("name", widths.name));
    if widths.artists > 0 {
        head += "  ";
        head += &left("artists", widths.artists);
    }
    head += &right("plays", PLAYS + 2);
    if widths.time > 0 {
        head += &right("time", widths.time);
    }
    paint(&[Line::from(context.span(Role::Secondary, head))], heads, buffer);
    rows(context, pane, ranked, body, buffer, |place, row| top_row(context, place, row, &widths, most));
}

fn top_row(
    context: &ViewContext<'_>,
    place: usize,
    row: &TopRow,
    widths: &Widths,
    most: u64,
) -> Line<'static> {
    let name = if row.name.trim().is_empty() { "(no name)" } else { &row.name };
    let place = right(&(place + 1).to_string(), PLACE) + "  ";
    let mut line = Line::from(vec![
        context.span(Role::Secondary, place),
        context.span(Role::Plain, left(&context.outside(name, widths.name), widths.name)),
    ]);
    if widths.artists > 0 {
        let artists = context.outside(row.artists.as_deref().unwrap_or_default(), widths.artists);
        line.push_span(context.span(Role::Secondary, format!("  {}", left(&artists, widths.artists))));
    }
    line.push_span(context.span(Role::Plain, right(&count(row.amount.plays), PLAYS + 2)));
    if widths.time > 0 {
        line.push_span(context.span(Role::Secondary, right(&time(row.amount), widths.time)));
    }
    if widths.bar > 0 {
        line.push_span(
            context.span(Role::AtRest, format!("  {}", bar(context, row.amount.plays, most, widths.bar - 2))),
        );
    }
    line
}

/// A bar whose length is the share of a value in the greatest one.
fn bar(context: &ViewContext<'_>, value: u64, most: u64, columns: usize) -> String {
    let halves = (u64::try_from(columns * 2).unwrap_or_default() * value).div_ceil(most.max(1));
    context.glyphs().thin_bar(usize::try_from(halves).unwrap_or_default())
}

fn growth(
    context: &ViewContext<'_>,
    pane: &FiguresPane,
    months: &[MonthRow],
    (heads, body): (Rect, Rect),
    buffer: &mut Buffer,
) {
    if months.is_empty() {
        let nothing = "No tracks were saved by then. Press h or l for another period.";
        return browsing::sentence(context, nothing, body, buffer);
    }
    let head = format!(
        "{}{}{}{}{}",
        left("", MARK),
        left("month", MONTH),
        right("saved", NUMBER + 2),
        right("came", NUMBER + 1),
        right("went", NUMBER + 1)
    );
    let list = u16::try_from(width(&head) + MONTH_GAP).unwrap_or(u16::MAX).min(body.width);
    growth_chart::render(
        context,
        months,
        Rect { x: body.x + list, width: body.width - list, ..body },
        buffer,
    );
    let body = Rect { width: list, ..body };
    paint(&[Line::from(context.span(Role::Secondary, head))], heads, buffer);
    let changes = |sign: &str, number: u64| match number {
        0 => right(context.glyphs().dot(), NUMBER + 1),
        number => right(&format!("{sign}{}", count(number)), NUMBER + 1),
    };
    rows(context, pane, months, body, buffer, |_, month| {
        Line::from(vec![
            context.span(Role::Secondary, left(&month_name(month.first), MONTH)),
            context.span(Role::Plain, right(&count(month.saved), NUMBER + 2)),
            context.span(Role::Secondary, changes("+", month.came)),
            context.span(Role::Secondary, changes(context.glyphs().minus(), month.went)),
        ])
    });
}

fn month_name(first: NaiveDate) -> String {
    first.format("%Y-%m").to_string()
}

//! Boxes side by side: rankings, the latest plays, the latest changes, and what was played long ago.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use crate::domain::queries::{EarlierDay, HomeFigures, HomeRank, Movement, OverdueTrack};
use crate::tui::style::text::{count, left, right, width};
use crate::tui::style::theme::Role;
use crate::tui::style::times::ago;
use crate::tui::style::words::listening_time;
use crate::tui::view::cells;
use crate::tui::view::status::{journal, plays};
use crate::tui::view::view_context::{StyledText, ViewContext, columns_of, paint};

/// The fewest rows of a box: a heading and a few lines.
const LEAST: u16 = 4;
/// Columns between two boxes.
const BETWEEN: u16 = 3;

/// The boxes, the most important ones first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum HomeBox {
    Plays,
    Artists,
    Tracks,
    Changes,
    OnThisDay,
    Overdue,
}

const WITH_FIGURES: [HomeBox; 6] = [
    HomeBox::Plays,
    HomeBox::Artists,
    HomeBox::Tracks,
    HomeBox::Changes,
    HomeBox::OnThisDay,
    HomeBox::Overdue,
];
const WITHOUT: [HomeBox; 2] = [HomeBox::Plays, HomeBox::Changes];

/// Draws as many boxes as fit.
pub fn render(context: &ViewContext<'_>, figures: Option<&HomeFigures>, area: Rect, buffer: &mut Buffer) {
    if area.height < 2 {
        return;
    }
    let is_told = |shown: &HomeBox| match (shown, figures) {
        (HomeBox::OnThisDay, Some(figures)) => !figures.on_this_day.is_empty(),
        (HomeBox::Overdue, Some(figures)) => !figures.overdue.is_empty(),
        _ => true,
    };
    let all: &[HomeBox] = if figures.is_some() { &WITH_FIGURES } else { &WITHOUT };
    let boxes: Vec<HomeBox> = all.iter().copied().filter(is_told).collect();
    let across = usize::from(match area.width {
        ..60 => 1_u16,
        60..130 => 2,
        130..230 => 3,
        _ => 4,
    })
    .min(boxes.len());
    let down = usize::from(((area.height + 1) / (LEAST + 1)).max(1)).min(boxes.len().div_ceil(across));
    let height = area.height / u16::try_from(down).unwrap_or(1);
    let rows = vec![Constraint::Length(height.max(1)); down];
    for (cells, row) in area.layout_vec(&Layout::vertical(rows)).into_iter().zip(boxes.chunks(across)) {
        let cells = Rect { height: cells.height.saturating_sub(u16::from(down > 1)), ..cells };
        let columns = vec![Constraint::Fill(1); across];
        let columns = cells.layout_vec(&Layout::horizontal(columns).spacing(BETWEEN));
        for (place, shown) in columns.into_iter().zip(row) {
            paint(&lines(context, *shown, figures, place), place, buffer);
        }
    }
}

fn lines(
    context: &ViewContext<'_>,
    shown: HomeBox,
    figures: Option<&HomeFigures>,
    area: Rect,
) -> Vec<Line<'static>> {
    let columns = usize::from(area.width);
    match (shown, figures) {
        (HomeBox::Plays, _) => plays::latest(context, area),
        (HomeBox::Changes, _) => journal::lines(context, area),
        (_, None) => Vec::new(),
        (HomeBox::Artists, Some(figures)) => {
            ranking(context, "artists, last 30 days", &figures.artists, columns)
        }
        (HomeBox::Tracks, Some(figures)) => ranking(context, "songs, last 30 days", &figures.tracks, columns),
        (HomeBox::OnThisDay, Some(figures)) => on_this_day(context, &figures.on_this_day, area),
        (HomeBox::Overdue, Some(figures)) => overdue(context, &figures.overdue, columns),
    }
}

/// Places with their movement since the 30 days before.
fn ranking(
    context: &ViewContext<'_>,
    title: &'static str,
    ranks: &[HomeRank],
    columns: usize,
) -> Vec<Line<'static>> {
    let mut lines = vec![context.heading(title, Vec::new(), columns)];
    if ranks.is_empty() {
        lines.push(Line::from(context.span(Role::Secondary, "nothing yet")));
    }
    let most = ranks.iter().map(|rank| rank.plays).max().unwrap_or(0);
    let numbers = count(most).len();
    lines.extend(
        (1_usize..).zip(ranks).map(|(place, rank)| rank_line(context, place, rank, numbers, columns)),
    );
    lines
}

fn rank_line(
    context: &ViewContext<'_>,
    place: usize,
    rank: &HomeRank,
    numbers: usize,
    columns: usize,
) -> Line<'static> {
    let mut line = Line::from(context.span(Role::Secondary, right(&place.to_string(), 2) + " "));
    line.extend(movement(context, rank.moved));
    let room = columns.saturating_sub(columns_of(&line.spans) + numbers + 1);
    line.extend(named(context, &rank.name, rank.artists.as_deref(), room));
    line.push_span(context.span(Role::Plain, right(&count(rank.plays), numbers + 1)));
    line
}

/// `▲12 `, in a column of its own.
fn movement(context: &ViewContext<'_>, moved: Movement) -> StyledText {
    let (role, text) = cells::movement(context, moved);
    vec![context.span(role, left(&text, 4) + " ")]
}

/// A name and its artists in exactly this many columns.
fn named(context: &ViewContext<'_>, name: &str, artists: Option<&str>, columns: usize) -> StyledText {
    let name = context.outside(if name.trim().is_empty() { "(no title)" } else { name }, columns);
    let room = columns.saturating_sub(width(&name));
    let artists = artists.filter(|artists| room > 6 && !artists.is_empty());
    let artists = artists.map(|artists| format!(" {} {artists}", context.glyphs().dash()));
    let artists = artists.map(|artists| context.outside(&artists, room)).unwrap_or_default();
    vec![context.span(Role::Plain, name), context.span(Role::Secondary, left(&artists, room))]
}

/// Each earlier year with a line of its own, and its songs if there is room.
fn on_this_day(context: &ViewContext<'_>, days: &[EarlierDay], area: Rect) -> Vec<Line<'static>> {
    let columns = usize::from(area.width);
    let mut lines = vec![context.heading("on this day", Vec::new(), columns)];
    let songs = usize::from(area.height.saturating_sub(1)) / days.len().max(1);
    for day in days {
        let years = if day.years == 1 { "a year ago".to_owned() } else { format!("{} years ago", day.years) };
        let mut line = Line::from(context.span(Role::Plain, years));
        line.push_span(context.span(Role::Secondary, format!("  {}", listening_time(day.ms))));
        if songs < 2
            && let Some(track) = day.tracks.first()
        {
            line.push_span("  ");
            let room = columns.saturating_sub(columns_of(&line.spans));
            line.extend(named(context, &track.name, track.artists.as_deref(), room));
        }
        lines.push(line);
        let more = day.tracks.iter().take(songs.saturating_sub(1));
        lines.extend(more.map(|track| {
            let mut line = Line::from("  ");
            line.extend(named(context, &track.name, track.artists.as_deref(), columns.saturating_sub(2)));
            line
        }));
    }
    lines
}

fn overdue(context: &ViewContext<'_>, tracks: &[OverdueTrack], columns: usize) -> Vec<Line<'static>> {
    let mut lines = vec![context.heading("not heard for a while", Vec::new(), columns)];
    lines.extend(tracks.iter().map(|track| {
        let last = right(&ago(track.last_played_at, context.now), 14);
        let mut line = Line::default();
        line.extend(named(
            context,
            &track.name,
            track.artists.as_deref(),
            columns.saturating_sub(width(&last)),
        ));
        line.push_span(context.span(Role::Secondary, last));
        line
    }));
    lines
}

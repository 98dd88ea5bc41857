//! The newest plays, and whether the history is complete.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::gauges::shared_error;
use super::now_playing;
use crate::domain::{DayCoverage, PlayLine};
use crate::tui::style::text::{count, right};
use crate::tui::style::theme::Role;
use crate::tui::style::times::{ago, due, short_age};
use crate::tui::view::view_context::{StyledText, ViewContext, fitting};

/// The width of the ages here and in the journal.
pub const AGES: usize = 7;

/// The height of the heading.
pub const HEADING: u16 = 1;
/// With at least this many rows the current track has its bar below it.
const BAR: u16 = 4;
/// With at least this many rows there is room for the polling beside it.
const ROOMY: u16 = 6;

/// The heading, the current track, the state of the polling, and the newest plays.
pub fn lines(context: &ViewContext<'_>, area: Rect) -> Vec<Line<'static>> {
    let columns = usize::from(area.width);
    let plays = &context.snapshot().plays;
    let mut lines = vec![heading(context, columns)];
    if let Some(playing) = &context.snapshot().now_playing {
        lines.extend(now_playing::lines(context, playing, columns, area.height >= BAR));
    }
    // A moving bar shows better than the time of the last poll that all is well.
    let is_needed = plays.error.is_some() || context.snapshot().now_playing.is_none();
    lines.extend((is_needed || area.height >= ROOMY).then(|| polling(context, columns)));
    if area.height >= ROOMY {
        lines.extend(coverage(context, columns));
    }
    lines.extend(play_lines(context, columns));
    lines
}

/// The latest plays alone; an error of the last request replaces how many are stored.
pub fn latest(context: &ViewContext<'_>, area: Rect) -> Vec<Line<'static>> {
    let columns = usize::from(area.width);
    let mut lines = vec![heading(context, columns)];
    lines.extend(context.snapshot().plays.error.is_some().then(|| polling(context, columns)));
    lines.extend(play_lines(context, columns));
    lines
}

fn play_lines(context: &ViewContext<'_>, columns: usize) -> Vec<Line<'static>> {
    let latest = &context.snapshot().plays.latest;
    if latest.is_empty() {
        return vec![Line::from(context.span(Role::Secondary, "none yet"))];
    }
    latest.iter().map(|play| play_line(context, play, columns)).collect()
}

fn heading(context: &ViewContext<'_>, columns: usize) -> Line<'static> {
    let plays = &context.snapshot().plays;
    let stored = context.fact(Role::Secondary, format!("{} stored", count(plays.stored)));
    let warning = context.glyphs().warning();
    let gaps = match plays.gaps {
        // Before the first answer nothing is known.
        0 => plays.last_polled_at.map(|_| context.fact(Role::Secondary, "no gaps")),
        1 => Some(context.fact(Role::Waiting, format!("{warning} 1 gap"))),
        gaps => Some(context.fact(Role::Waiting, format!("{warning} {} gaps", count(gaps)))),
    };
    let facts = [stored].into_iter().chain(gaps).collect();
    context.heading("plays", facts, columns)
}

fn polling(context: &ViewContext<'_>, columns: usize) -> Line<'static> {
    let plays = &context.snapshot().plays;
    let next_try = plays.next_poll_at.map(|at| format!("next try {}", due(at, context.now)));
    if let (Some(error), Some(next_try)) = (&plays.error, &next_try)
        && shared_error(context.snapshot()) == Some(error)
    {
        let failed = context.fact(Role::Bad, format!("{} failed", context.glyphs().failed()));
        return fitting(vec![failed, context.fact(Role::Secondary, next_try.clone())], 2, columns);
    }
    if let Some(error) = &plays.error {
        return Line::from(context.span(Role::Bad, context.outside(error, columns)));
    }
    let polled: StyledText = match plays.last_polled_at {
        None => context.fact(Role::Secondary, "not asked yet"),
        Some(at) => context.fact(Role::Secondary, format!("asked {}", ago(at, context.now))),
    };
    let next =
        plays.next_poll_at.map(|at| format!("{} next {}", context.glyphs().dot(), due(at, context.now)));
    let mut facts = vec![polled];
    facts.extend(next.map(|next| context.fact(Role::Secondary, next)));
    fitting(facts, 1, columns)
}

/// How completely each of the last days is known, for as many days as there is room.
fn coverage(context: &ViewContext<'_>, columns: usize) -> Option<Line<'static>> {
    let days = &context.snapshot().plays.coverage_by_day;
    let shown = days.len().min(columns.saturating_sub("30 days ".len()));
    let newest = days.get(days.len() - shown..)?;
    if newest.is_empty() {
        return None;
    }
    let mut line = Line::from(context.span(Role::Secondary, format!("{shown} days ")));
    for day in newest {
        let role = match day {
            DayCoverage::Unknown => Role::Secondary,
            DayCoverage::Gap => Role::Bad,
            DayCoverage::Partly | DayCoverage::Imported | DayCoverage::Complete => Role::AtRest,
        };
        line.push_span(context.span(role, context.glyphs().day(*day)));
    }
    Some(line)
}

fn play_line(context: &ViewContext<'_>, play: &PlayLine, columns: usize) -> Line<'static> {
    let room = columns.saturating_sub(AGES + 2);
    let name = if play.name.trim().is_empty() { "(no title)" } else { &play.name };
    let name = context.outside(name, room);
    let mut line = Line::from(vec![
        context.span(Role::Secondary, right(&short_age(play.played_at, context.now), AGES) + "  "),
        context.span(Role::Plain, name),
    ]);
    let room = columns.saturating_sub(line.width());
    if room > 6 && !play.artists.is_empty() {
        let artists = format!(" {} {}", context.glyphs().dash(), play.artists);
        line.push_span(context.span(Role::Secondary, context.outside(&artists, room)));
    }
    line
}

//! What was listened to, and whether the history is whole.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::entities::shared_error;
use super::now_playing;
use crate::domain::{DayCoverage, PlayLine};
use crate::tui::style::text::{count, right};
use crate::tui::style::theme::Role;
use crate::tui::style::times::{ago, due, short_age};
use crate::tui::view::view_context::{Scene, StyledText, fitting};

/// Columns of the ages here and in the journal.
pub const AGES: usize = 7;

/// Rows of the heading.
pub const HEADING: u16 = 1;
/// Rows from which on what plays now has its bar below it.
const BAR: u16 = 4;
/// Rows from which on there is room for the polling beside it.
const ROOMY: u16 = 6;

/// Heading, what plays now, how the polling goes, and the newest plays.
pub fn lines(scene: &Scene<'_>, area: Rect) -> Vec<Line<'static>> {
    let columns = usize::from(area.width);
    let plays = &scene.snapshot().plays;
    let mut lines = vec![heading(scene, columns)];
    if let Some(playing) = &scene.snapshot().now_playing {
        lines.extend(now_playing::lines(scene, playing, columns, area.height >= BAR));
    }
    // A bar that moves tells better than when it was asked that all is well.
    let is_needed = plays.error.is_some() || scene.snapshot().now_playing.is_none();
    lines.extend((is_needed || area.height >= ROOMY).then(|| polling(scene, columns)));
    if area.height >= ROOMY {
        lines.extend(coverage(scene, columns));
    }
    if plays.latest.is_empty() {
        lines.push(Line::from(scene.span(Role::Secondary, "none yet")));
    }
    lines.extend(plays.latest.iter().map(|play| play_line(scene, play, columns)));
    lines
}

fn heading(scene: &Scene<'_>, columns: usize) -> Line<'static> {
    let plays = &scene.snapshot().plays;
    let stored = scene.fact(Role::Secondary, format!("{} stored", count(plays.stored)));
    let warning = scene.glyphs().warning();
    let gaps = match plays.gaps {
        // Before the first answer nobody knows.
        0 => plays.last_polled_at.map(|_| scene.fact(Role::Secondary, "no gaps")),
        1 => Some(scene.fact(Role::Waiting, format!("{warning} 1 gap"))),
        gaps => Some(scene.fact(Role::Waiting, format!("{warning} {} gaps", count(gaps)))),
    };
    let facts = [stored].into_iter().chain(gaps).collect();
    scene.heading("plays", facts, columns)
}

fn polling(scene: &Scene<'_>, columns: usize) -> Line<'static> {
    let plays = &scene.snapshot().plays;
    let next_try = plays.next_poll_at.map(|at| format!("next try {}", due(at, scene.now)));
    if let (Some(error), Some(next_try)) = (&plays.error, &next_try)
        && shared_error(scene.snapshot()) == Some(error)
    {
        let failed = scene.fact(Role::Bad, format!("{} failed", scene.glyphs().failed()));
        return fitting(vec![failed, scene.fact(Role::Secondary, next_try.clone())], 2, columns);
    }
    if let Some(error) = &plays.error {
        return Line::from(scene.span(Role::Bad, scene.outside(error, columns)));
    }
    let polled: StyledText = match plays.last_polled_at {
        None => scene.fact(Role::Secondary, "not asked yet"),
        Some(at) => scene.fact(Role::Secondary, format!("asked {}", ago(at, scene.now))),
    };
    let next = plays.next_poll_at.map(|at| format!("{} next {}", scene.glyphs().dot(), due(at, scene.now)));
    let mut facts = vec![polled];
    facts.extend(next.map(|next| scene.fact(Role::Secondary, next)));
    fitting(facts, 1, columns)
}

/// How well each of the last days is known, as many as there is room for.
fn coverage(scene: &Scene<'_>, columns: usize) -> Option<Line<'static>> {
    let days = &scene.snapshot().plays.coverage_by_day;
    let shown = days.len().min(columns.saturating_sub("30 days ".len()));
    let newest = days.get(days.len() - shown..)?;
    if newest.is_empty() {
        return None;
    }
    let mut line = Line::from(scene.span(Role::Secondary, format!("{shown} days ")));
    for day in newest {
        let role = match day {
            DayCoverage::Unknown => Role::Secondary,
            DayCoverage::Gap => Role::Bad,
            DayCoverage::Partly | DayCoverage::Imported | DayCoverage::Complete => Role::AtRest,
        };
        line.push_span(scene.span(role, scene.glyphs().day(*day)));
    }
    Some(line)
}

fn play_line(scene: &Scene<'_>, play: &PlayLine, columns: usize) -> Line<'static> {
    let room = columns.saturating_sub(AGES + 2);
    let name = if play.name.trim().is_empty() { "(no title)" } else { &play.name };
    let name = scene.outside(name, room);
    let mut line = Line::from(vec![
        scene.span(Role::Secondary, right(&short_age(play.played_at, scene.now), AGES) + "  "),
        scene.span(Role::Plain, name),
    ]);
    let room = columns.saturating_sub(line.width());
    if room > 6 && !play.artists.is_empty() {
        let artists = format!(" {} {}", scene.glyphs().dash(), play.artists);
        line.push_span(scene.span(Role::Secondary, scene.outside(&artists, room)));
    }
    line
}

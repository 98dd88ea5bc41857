//! What plays now: a title, and a bar that moves by itself.

use ratatui::text::Line;

use crate::domain::NowPlaying;
use crate::tui::style::text::width;
use crate::tui::style::theme::Role;
use crate::tui::style::times::playing_time;
use crate::tui::view::view_context::{Scene, spread};

/// Columns below which a bar says nothing.
const LEAST_BAR: usize = 5;

/// Title and bar; where rows are few, one line with the time at its end.
pub fn lines(scene: &Scene<'_>, playing: &NowPlaying, columns: usize, is_roomy: bool) -> Vec<Line<'static>> {
    if is_roomy {
        return vec![title(scene, playing, columns), bar(scene, playing, columns)];
    }
    let time = Line::from(scene.span(Role::Secondary, time(scene, playing)));
    let room = columns.saturating_sub(time.width() + 2);
    vec![spread(title(scene, playing, room), time, columns)]
}

/// `► Roygbiv – Boards of Canada`
fn title(scene: &Scene<'_>, playing: &NowPlaying, columns: usize) -> Line<'static> {
    let (role, sign) = if playing.is_playing {
        (Role::Accent, scene.glyphs().playing())
    } else {
        (Role::Waiting, scene.glyphs().pause())
    };
    let name = if playing.name.trim().is_empty() { "(no title)" } else { &playing.name };
    let name = scene.outside(name, columns.saturating_sub(2));
    let mut line = Line::from(vec![scene.span(role, format!("{sign} ")), scene.span(Role::Strong, name)]);
    let room = columns.saturating_sub(line.width());
    if room > 6 && !playing.artists.is_empty() {
        let artists = format!(" {} {}", scene.glyphs().dash(), playing.artists);
        line.push_span(scene.span(Role::Secondary, scene.outside(&artists, room)));
    }
    line
}

/// `  1:23 ███████▌········ 3:20`
fn bar(scene: &Scene<'_>, playing: &NowPlaying, columns: usize) -> Line<'static> {
    let progress = playing.progress_at(scene.now);
    let elapsed = playing_time(progress);
    let Some(lasts) = playing.duration_ms.filter(|lasts| *lasts > 0) else {
        return Line::from(scene.span(Role::Secondary, format!("  {}", time(scene, playing))));
    };
    let total = playing_time(lasts);
    let cells = columns.saturating_sub(4 + width(&elapsed) + width(&total));
    if cells < LEAST_BAR {
        return Line::from(scene.span(Role::Secondary, format!("  {}", time(scene, playing))));
    }
    let (filled, rest) = scene.glyphs().gauge(eighths(progress, lasts, cells), cells);
    let role = if playing.is_playing { Role::Accent } else { Role::Waiting };
    Line::from(vec![
        scene.span(Role::Plain, format!("  {elapsed} ")),
        scene.span(role, filled),
        scene.span(Role::Secondary, rest),
        scene.span(Role::Secondary, format!(" {total}")),
    ])
}

/// Full at the end alone.
fn eighths(progress: u64, lasts: u64, cells: usize) -> usize {
    let all = cells * 8;
    // In whole seconds, as it is told.
    let seconds = u128::from(progress / 1000 * 1000);
    let part = all as u128 * seconds / u128::from(lasts.max(1));
    let part = usize::try_from(part).unwrap_or(all);
    if progress < lasts { part.min(all.saturating_sub(1)) } else { all }
}

/// `1:23 of 3:20`, and that it is paused.
fn time(scene: &Scene<'_>, playing: &NowPlaying) -> String {
    let elapsed = playing_time(playing.progress_at(scene.now));
    let paused = if playing.is_playing { "" } else { ", paused" };
    match playing.duration_ms {
        Some(lasts) => format!("{elapsed} of {}{paused}", playing_time(lasts)),
        None => format!("{elapsed}{paused}"),
    }
}

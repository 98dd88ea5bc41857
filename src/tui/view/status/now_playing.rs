//! The current track: a title, and a bar that moves by itself.

use ratatui::text::Line;

use crate::domain::NowPlaying;
use crate::tui::style::text::width;
use crate::tui::style::theme::Role;
use crate::tui::style::times::playing_time;
use crate::tui::view::view_context::{ViewContext, spread};

/// With fewer columns a bar is useless.
const LEAST_BAR: usize = 5;

/// Title and bar; if there are few rows, one line that ends with the time.
pub fn lines(
    context: &ViewContext<'_>,
    playing: &NowPlaying,
    columns: usize,
    is_roomy: bool,
) -> Vec<Line<'static>> {
    if is_roomy {
        return vec![title(context, playing, columns), bar(context, playing, columns)];
    }
    let time = Line::from(context.span(Role::Secondary, time(context, playing)));
    let room = columns.saturating_sub(time.width() + 2);
    vec![spread(title(context, playing, room), time, columns)]
}

/// `► Roygbiv – Boards of Canada`
fn title(context: &ViewContext<'_>, playing: &NowPlaying, columns: usize) -> Line<'static> {
    let (role, sign) = if playing.is_playing {
        (Role::Accent, context.glyphs().playing())
    } else {
        (Role::Waiting, context.glyphs().pause())
    };
    let name = if playing.name.trim().is_empty() { "(no title)" } else { &playing.name };
    let name = context.outside(name, columns.saturating_sub(2));
    let mut line = Line::from(vec![context.span(role, format!("{sign} ")), context.span(Role::Strong, name)]);
    let room = columns.saturating_sub(line.width());
    if room > 6 && !playing.artists.is_empty() {
        let artists = format!(" {} {}", context.glyphs().dash(), playing.artists);
        line.push_span(context.span(Role::Secondary, context.outside(&artists, room)));
    }
    line
}

/// `  1:23 ███████▌········ 3:20`
fn bar(context: &ViewContext<'_>, playing: &NowPlaying, columns: usize) -> Line<'static> {
    let progress = playing.progress_at(context.now);
    let elapsed = playing_time(progress);
    let Some(lasts) = playing.duration_ms.filter(|lasts| *lasts > 0) else {
        return Line::from(context.span(Role::Secondary, format!("  {}", time(context, playing))));
    };
    let total = playing_time(lasts);
    let cells = columns.saturating_sub(4 + width(&elapsed) + width(&total));
    if cells < LEAST_BAR {
        return Line::from(context.span(Role::Secondary, format!("  {}", time(context, playing))));
    }
    let (filled, rest) = context.glyphs().gauge(eighths(progress, lasts, cells), cells);
    let role = if playing.is_playing { Role::Accent } else { Role::Waiting };
    Line::from(vec![
        context.span(Role::Plain, format!("  {elapsed} ")),
        context.span(role, filled),
        context.span(Role::Secondary, rest),
        context.span(Role::Secondary, format!(" {total}")),
    ])
}

/// Full only at the end.
fn eighths(progress: u64, lasts: u64, cells: usize) -> usize {
    let all = cells * 8;
    // In whole seconds, as the time is shown.
    let seconds = u128::from(progress / 1000 * 1000);
    let part = all as u128 * seconds / u128::from(lasts.max(1));
    let part = usize::try_from(part).unwrap_or(all);
    if progress < lasts { part.min(all.saturating_sub(1)) } else { all }
}

/// `1:23 of 3:20`, and whether it is paused.
fn time(context: &ViewContext<'_>, playing: &NowPlaying) -> String {
    let elapsed = playing_time(playing.progress_at(context.now));
    let paused = if playing.is_playing { "" } else { ", paused" };
    match playing.duration_ms {
        Some(lasts) => format!("{elapsed} of {}{paused}", playing_time(lasts)),
        None => format!("{elapsed}{paused}"),
    }
}

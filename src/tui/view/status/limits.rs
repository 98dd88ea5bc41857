//! What the requests of the last 30 seconds and 24 hours were, and what is left of the day's budget.

use std::cmp::Reverse;

use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::{Bucket, BucketUsage, HoldReason};
use crate::tui::style::text::{count, left, right};
use crate::tui::style::theme::Role;
use crate::tui::view::view_context::{Scene, StyledText, fitting};

/// Columns of the table.
pub const WIDTH: u16 = 36;

/// Rows from which on the hours are worth one, although not every bucket has its own then.
const ROOMY: usize = 8;
const NAMES: usize = 14;
const NUMBERS: usize = 6;
const BAR: usize = 8;

/// The table: a row for each bucket that was used or is held.
pub fn table(scene: &Scene<'_>, area: Rect) -> Vec<Line<'static>> {
    let budget = scene.snapshot().daily_budget;
    let mut lines = vec![Line::from(vec![
        scene.span(Role::Strong, left("requests", NAMES)),
        scene.span(Role::Secondary, right("30 s", NUMBERS)),
        scene.span(Role::Secondary, right("24 h", NUMBERS)),
        scene.span(Role::Secondary, format!("  of {}", count(budget))),
    ])];
    let rows = rows(scene);
    if rows.is_empty() {
        lines.push(Line::from(scene.span(Role::Secondary, "none yet")));
        return lines;
    }
    let mut room = usize::from(area.height).saturating_sub(1);
    if (room > rows.len() || room >= ROOMY)
        && let Some(hours) = hours(scene)
    {
        lines.push(hours);
        room -= 1;
    }
    let shown = if rows.len() > room { room.saturating_sub(1) } else { rows.len() };
    let (weighty, others) = weightiest(scene, &rows, shown);
    lines.extend(weighty.into_iter().map(|row| bucket_line(scene, row, budget)));
    lines.extend(others_line(scene, &others));
    lines
}

/// The requests of the last hours, a bar for each.
fn hours(scene: &Scene<'_>) -> Option<Line<'static>> {
    let hours = &scene.snapshot().requests_by_hour;
    let most = hours.iter().copied().max().filter(|most| *most > 0)?;
    let bars: String = hours.iter().map(|requests| scene.glyphs().spark(*requests, most)).collect();
    let label = left("by hour", 12);
    let room = usize::from(WIDTH).saturating_sub(label.len());
    let cut = bars.chars().count().saturating_sub(room);
    Some(Line::from(vec![
        scene.span(Role::Plain, label),
        scene.span(Role::AtRest, bars.chars().skip(cut).collect::<String>()),
    ]))
}

fn bucket_line(scene: &Scene<'_>, row: BucketUsage, budget: u32) -> Line<'static> {
    let mut line = Line::from(vec![
        scene.span(Role::Plain, left(row.bucket.as_str(), NAMES)),
        scene.span(quiet_zero(row.window), right(&count(row.window), NUMBERS)),
        scene.span(quiet_zero(row.day), right(&count(row.day), NUMBERS)),
        "  ".into(),
    ]);
    if is_held(scene, row.bucket) {
        line.push_span(scene.span(Role::Waiting, "held"));
    } else {
        line.extend(bar(scene, row.day, budget));
    }
    line
}

/// How much of the day's budget is used.
fn bar(scene: &Scene<'_>, used: u32, budget: u32) -> StyledText {
    let eighths = u64::from(used) * (BAR as u64 * 8) / u64::from(budget.max(1));
    let (filled, rest) = scene.glyphs().gauge(usize::try_from(eighths).unwrap_or(usize::MAX), BAR);
    let role = if used >= budget { Role::Waiting } else { Role::Good };
    vec![scene.span(role, filled), scene.span(Role::Secondary, rest)]
}

const fn quiet_zero(number: u32) -> Role {
    if number == 0 { Role::Secondary } else { Role::Plain }
}

/// Whether this bucket alone waits; its countdown is among the notices.
fn is_held(scene: &Scene<'_>, bucket: Bucket) -> bool {
    let limits = &scene.snapshot().rate_limits;
    limits.iter().any(|limit| {
        limit.bucket == bucket
            && limit.reason != Some(HoldReason::RateLimited)
            && limit.reset_at.is_some_and(|end| scene.now < end)
    })
}

/// The buckets that were used or are held, in their usual order.
fn rows(scene: &Scene<'_>) -> Vec<BucketUsage> {
    let usage = &scene.snapshot().usage;
    let row = |bucket: &Bucket| {
        let used = usage.iter().find(|usage| usage.bucket == *bucket).copied();
        let row = used.unwrap_or(BucketUsage { bucket: *bucket, window: 0, day: 0 });
        (row.window > 0 || row.day > 0 || is_held(scene, *bucket)).then_some(row)
    };
    Bucket::ALL.iter().filter_map(row).collect()
}

/// At most `room` of the rows: those held, then those used most; and the others.
fn weightiest(scene: &Scene<'_>, rows: &[BucketUsage], room: usize) -> (Vec<BucketUsage>, Vec<BucketUsage>) {
    let mut weighty = rows.to_vec();
    weighty.sort_by_key(|row| Reverse((is_held(scene, row.bucket), row.day)));
    let others = weighty.split_off(room.min(weighty.len()));
    weighty.sort_by_key(|row| row.bucket);
    (weighty, others)
}

/// What is not shown one by one, so that the figures still add up.
fn others_line(scene: &Scene<'_>, others: &[BucketUsage]) -> Option<Line<'static>> {
    let window: u32 = others.iter().map(|row| row.window).sum();
    let day: u32 = others.iter().map(|row| row.day).sum();
    (!others.is_empty()).then(|| {
        Line::from(vec![
            scene.span(Role::Secondary, left(&format!("{} others", others.len()), NAMES)),
            scene.span(Role::Secondary, right(&count(window), NUMBERS)),
            scene.span(Role::Secondary, right(&count(day), NUMBERS)),
        ])
    })
}

/// All of it in one line, for small screens.
pub fn summary(scene: &Scene<'_>, columns: usize) -> Line<'static> {
    let usage = &scene.snapshot().usage;
    let window: u32 = usage.iter().map(|usage| usage.window).sum();
    let busiest = usage.iter().max_by_key(|usage| usage.day);
    let mut facts = vec![
        scene.fact(Role::Strong, "requests"),
        scene.fact(Role::Plain, format!("{} in 30 s", count(window))),
    ];
    if let Some(busiest) = busiest {
        let budget = count(scene.snapshot().daily_budget);
        let most = format!("24 h {} {}/{budget}", busiest.bucket, count(busiest.day));
        facts.push(scene.fact(Role::Secondary, most));
    }
    fitting(facts, 2, columns)
}

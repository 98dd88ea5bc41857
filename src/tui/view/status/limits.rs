//! The requests of the last 30 seconds and 24 hours, and the rest of the day's budget.

use std::cmp::Reverse;

use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::{Bucket, BucketUsage, HoldReason};
use crate::tui::style::text::{count, left, right};
use crate::tui::style::theme::Role;
use crate::tui::view::view_context::{StyledText, ViewContext, fitting};

/// The width of the table.
pub const WIDTH: u16 = 36;

/// With at least this many rows the hours get one, although then not every bucket has its own.
const ROOMY: usize = 8;
const NAMES: usize = 14;
const NUMBERS: usize = 6;
const BAR: usize = 8;

/// The table: a row for each bucket that was used or has a hold.
pub fn table(context: &ViewContext<'_>, area: Rect) -> Vec<Line<'static>> {
    let budget = context.snapshot().daily_budget;
    let mut lines = vec![Line::from(vec![
        context.span(Role::Strong, left("requests", NAMES)),
        context.span(Role::Secondary, right("30 s", NUMBERS)),
        context.span(Role::Secondary, right("24 h", NUMBERS)),
        context.span(Role::Secondary, format!("  of {}", count(budget))),
    ])];
    let rows = rows(context);
    if rows.is_empty() {
        lines.push(Line::from(context.span(Role::Secondary, "none yet")));
        return lines;
    }
    let mut room = usize::from(area.height).saturating_sub(1);
    if (room > rows.len() || room >= ROOMY)
        && let Some(hours) = hours(context)
    {
        lines.push(hours);
        room -= 1;
    }
    let shown = if rows.len() > room { room.saturating_sub(1) } else { rows.len() };
    let (weighty, others) = weightiest(context, &rows, shown);
    lines.extend(weighty.into_iter().map(|row| bucket_line(context, row, budget)));
    lines.extend(others_line(context, &others));
    lines
}

/// The requests of the last hours, a bar for each.
fn hours(context: &ViewContext<'_>) -> Option<Line<'static>> {
    let hours = &context.snapshot().requests_by_hour;
    let most = hours.iter().copied().max().filter(|most| *most > 0)?;
    let bars: String = hours.iter().map(|requests| context.glyphs().spark(*requests, most)).collect();
    let label = left("by hour", 12);
    let room = usize::from(WIDTH).saturating_sub(label.len());
    let cut = bars.chars().count().saturating_sub(room);
    Some(Line::from(vec![
        context.span(Role::Plain, label),
        context.span(Role::AtRest, bars.chars().skip(cut).collect::<String>()),
    ]))
}

fn bucket_line(context: &ViewContext<'_>, row: BucketUsage, budget: u32) -> Line<'static> {
    let mut line = Line::from(vec![
        context.span(Role::Plain, left(row.bucket.as_str(), NAMES)),
        context.span(quiet_zero(row.window), right(&count(row.window), NUMBERS)),
        context.span(quiet_zero(row.day), right(&count(row.day), NUMBERS)),
        "  ".into(),
    ]);
    if is_held(context, row.bucket) {
        line.push_span(context.span(Role::Waiting, "held"));
    } else {
        line.extend(bar(context, row.day, budget));
    }
    line
}

/// How much of the day's budget is used.
fn bar(context: &ViewContext<'_>, used: u32, budget: u32) -> StyledText {
    let eighths = u64::from(used) * (BAR as u64 * 8) / u64::from(budget.max(1));
    let (filled, rest) = context.glyphs().gauge(usize::try_from(eighths).unwrap_or(usize::MAX), BAR);
    let role = if used >= budget { Role::Waiting } else { Role::Good };
    vec![context.span(role, filled), context.span(Role::Secondary, rest)]
}

const fn quiet_zero(number: u32) -> Role {
    if number == 0 { Role::Secondary } else { Role::Plain }
}

/// Whether only this bucket waits; its countdown is among the notices.
fn is_held(context: &ViewContext<'_>, bucket: Bucket) -> bool {
    let limits = &context.snapshot().rate_limits;
    limits.iter().any(|limit| {
        limit.bucket == bucket
            && limit.reason != Some(HoldReason::RateLimited)
            && limit.reset_at.is_some_and(|end| context.now < end)
    })
}

/// The buckets that were used or have a hold, in their usual order.
fn rows(context: &ViewContext<'_>) -> Vec<BucketUsage> {
    let usage = &context.snapshot().usage;
    let row = |bucket: &Bucket| {
        let used = usage.iter().find(|usage| usage.bucket == *bucket).copied();
        let row = used.unwrap_or(BucketUsage { bucket: *bucket, window: 0, day: 0 });
        (row.window > 0 || row.day > 0 || is_held(context, *bucket)).then_some(row)
    };
    Bucket::ALL.iter().filter_map(row).collect()
}

/// At most `room` of the rows: first those with a hold, then the most used ones; and the others.
fn weightiest(
    context: &ViewContext<'_>,
    rows: &[BucketUsage],
    room: usize,
) -> (Vec<BucketUsage>, Vec<BucketUsage>) {
    let mut weighty = rows.to_vec();
    weighty.sort_by_key(|row| Reverse((is_held(context, row.bucket), row.day)));
    let others = weighty.split_off(room.min(weighty.len()));
    weighty.sort_by_key(|row| row.bucket);
    (weighty, others)
}

/// The rows that are not shown, as a sum, so that the figures still add up.
fn others_line(context: &ViewContext<'_>, others: &[BucketUsage]) -> Option<Line<'static>> {
    let window: u32 = others.iter().map(|row| row.window).sum();
    let day: u32 = others.iter().map(|row| row.day).sum();
    (!others.is_empty()).then(|| {
        Line::from(vec![
            context.span(Role::Secondary, left(&format!("{} others", others.len()), NAMES)),
            context.span(Role::Secondary, right(&count(window), NUMBERS)),
            context.span(Role::Secondary, right(&count(day), NUMBERS)),
        ])
    })
}

/// Everything in one line, for small screens.
pub fn summary(context: &ViewContext<'_>, columns: usize) -> Line<'static> {
    let usage = &context.snapshot().usage;
    let window: u32 = usage.iter().map(|usage| usage.window).sum();
    let busiest = usage.iter().max_by_key(|usage| usage.day);
    let mut facts = vec![
        context.fact(Role::Strong, "requests"),
        context.fact(Role::Plain, format!("{} in 30 s", count(window))),
    ];
    if let Some(busiest) = busiest {
        let budget = count(context.snapshot().daily_budget);
        let most = format!("24 h {} {}/{budget}", busiest.bucket, count(busiest.day));
        facts.push(context.fact(Role::Secondary, most));
    }
    fitting(facts, 2, columns)
}

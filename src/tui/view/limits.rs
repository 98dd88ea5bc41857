//! What the requests of the last 30 seconds and 24 hours were, and what is left of the day's budget.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::super::text::{count, left, right};
use super::super::theme::Role;
use super::super::times::countdown;
use super::scene::{Fact, Scene, fitting};
use crate::domain::{Bucket, BucketUsage, HoldReason};

/// Columns of the table.
pub const WIDTH: u16 = 36;

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
    let room = usize::from(area.height).saturating_sub(1);
    let shown = if rows.len() > room {
        room.saturating_sub(1)
    } else {
        rows.len()
    };
    lines.extend(
        rows.iter()
            .take(shown)
            .map(|row| bucket_line(scene, *row, budget)),
    );
    if shown < rows.len() {
        let more = format!("and {} more", rows.len() - shown);
        lines.push(Line::from(scene.span(Role::Secondary, more)));
    }
    lines
}

fn bucket_line(scene: &Scene<'_>, row: BucketUsage, budget: u32) -> Line<'static> {
    let mut line = Line::from(vec![
        scene.span(Role::Plain, left(row.bucket.as_str(), NAMES)),
        scene.span(quiet_zero(row.window), right(&count(row.window), NUMBERS)),
        scene.span(quiet_zero(row.day), right(&count(row.day), NUMBERS)),
        "  ".into(),
    ]);
    match own_hold(scene, row.bucket) {
        Some(end) => {
            let left = format!("{} {}", scene.glyphs().hold(), countdown(end - scene.now));
            line.push_span(scene.span(Role::Waiting, left));
        }
        None => line.extend(bar(scene, row.day, budget)),
    }
    line
}

/// How much of the day's budget is used.
fn bar(scene: &Scene<'_>, used: u32, budget: u32) -> Fact {
    let eighths = u64::from(used) * (BAR as u64 * 8) / u64::from(budget.max(1));
    let (filled, rest) = scene
        .glyphs()
        .gauge(usize::try_from(eighths).unwrap_or(usize::MAX), BAR);
    let role = if used >= budget { Role::Waiting } else { Role::Good };
    vec![scene.span(role, filled), scene.span(Role::Secondary, rest)]
}

const fn quiet_zero(number: u32) -> Role {
    if number == 0 { Role::Secondary } else { Role::Plain }
}

/// The end of a hold on this bucket alone.
fn own_hold(scene: &Scene<'_>, bucket: Bucket) -> Option<DateTime<Utc>> {
    let limits = &scene.snapshot().rate_limits;
    let limit = limits.iter().find(|limit| limit.bucket == bucket)?;
    let is_own = limit.reason != Some(HoldReason::RateLimited);
    limit.reset_at.filter(|end| is_own && scene.now < *end)
}

/// The buckets in their usual order; those held first where there is no room for all.
fn rows(scene: &Scene<'_>) -> Vec<BucketUsage> {
    let snapshot = scene.snapshot();
    let row = |bucket: &Bucket| {
        let used = snapshot
            .usage
            .iter()
            .find(|usage| usage.bucket == *bucket)
            .copied();
        let unused = BucketUsage {
            bucket: *bucket,
            window: 0,
            day: 0,
        };
        let row = used.unwrap_or(unused);
        (row.window > 0 || row.day > 0 || own_hold(scene, *bucket).is_some()).then_some(row)
    };
    Bucket::ALL.iter().filter_map(row).collect()
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
        let most = format!("24 h: {} {} of {budget}", busiest.bucket, count(busiest.day));
        facts.push(scene.fact(Role::Secondary, most));
    }
    fitting(facts, 2, columns)
}

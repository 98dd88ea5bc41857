//! The questions before a full resync, with its cost, and before removals are approved.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::popup;
use crate::tui::state::resync_estimate;
use crate::tui::style::text::{count, left, right, wrap};
use crate::tui::style::theme::Role;
use crate::tui::view::view_context::ViewContext;

/// Columns of the question's text.
const COLUMNS: u16 = 54;

/// Draws the question.
pub fn render(context: &ViewContext<'_>, area: Rect, buffer: &mut Buffer) {
    let columns = usize::from(COLUMNS.min(area.width.saturating_sub(6)));
    let tight = area.height < 18;
    let costs = resync_estimate::of_full_resync(context.snapshot());
    let mut lines = Vec::new();
    let sentence = |lines: &mut Vec<Line<'static>>, role, text: &str| {
        let wrapped = wrap(text, columns, context.glyphs().ellipsis());
        lines.extend(wrapped.into_iter().map(|row| Line::from(context.span(role, row))));
    };
    let (least, most) = resync_estimate::sum(&costs);
    if !tight {
        lines.push(Line::default());
        for cost in &costs {
            let requests =
                cost.requests.map_or_else(|| "not known yet".to_owned(), |(least, most)| range(least, most));
            lines.push(Line::from(vec![
                context.span(Role::Plain, left(cost.entity.as_str(), 18)),
                context.span(Role::Secondary, right(&requests, 16)),
            ]));
        }
    }
    lines.push(Line::from(vec![
        context.span(Role::Strong, left("requests in total", 18)),
        context.span(Role::Strong, right(&range(least, most), 16)),
    ]));
    lines.push(Line::default());
    match resync_estimate::over_budget(context.snapshot(), &costs) {
        Some((bucket, after)) => {
            let budget = count(context.snapshot().daily_budget);
            let text = format!(
                "{} {bucket} would come to {} requests in 24 h; the daily budget is {budget}. \
                 Spotify may pause it until tomorrow; it then continues automatically.",
                context.glyphs().warning(),
                count(after)
            );
            sentence(&mut lines, Role::Waiting, &text);
        }
        None => sentence(&mut lines, Role::Secondary, "This stays within the daily budget."),
    }
    if !tight {
        lines.push(Line::default());
        let calm = "The record changes only after a list has been read completely.";
        sentence(&mut lines, Role::Secondary, calm);
    }
    lines.push(Line::default());
    lines.push(answers(context, " yes, read everything"));
    popup::render(context, "Read everything again?", &lines, 0, area, buffer);
}

/// Draws the question about the removals that the brake stopped.
pub fn render_removals(context: &ViewContext<'_>, area: Rect, buffer: &mut Buffer) {
    let columns = usize::from(COLUMNS.min(area.width.saturating_sub(6)));
    let wrapped = |role, text: &str| -> Vec<Line<'static>> {
        let rows = wrap(text, columns, context.glyphs().ellipsis()).into_iter();
        rows.map(|row| Line::from(context.span(role, row))).collect()
    };
    let mut lines: Vec<Line<'static>> = Vec::new();
    for (entity, removals) in context.model.braked() {
        lines.push(Line::from(vec![
            context.span(Role::Plain, left(entity.as_str(), 18)),
            context.span(Role::Strong, format!("{} gone at Spotify", count(removals))),
        ]));
    }
    lines.push(Line::default());
    let sentence = "This starts one sync that removes at most this many. If you did not remove them \
                    yourself, wait: Spotify sometimes returns wrong lists.";
    lines.extend(wrapped(Role::Secondary, sentence));
    if area.height >= 18 {
        lines.push(Line::default());
        lines.extend(wrapped(Role::Secondary, "Removed rows stay in the journal."));
    }
    lines.push(Line::default());
    lines.push(answers(context, " yes, remove them"));
    popup::render(context, "Allow these removals?", &lines, 0, area, buffer);
}

fn answers(context: &ViewContext<'_>, yes: &'static str) -> Line<'static> {
    Line::from(vec![
        context.span(Role::Accent, "y"),
        context.span(Role::Plain, yes),
        "     ".into(),
        context.span(Role::Accent, "n"),
        context.span(Role::Plain, " no"),
    ])
}

fn range(least: u32, most: u32) -> String {
    if least == most { count(least) } else { format!("{} to {}", count(least), count(most)) }
}

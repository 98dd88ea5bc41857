//! The current run, or the result of the last one.

use ratatui::text::Line;

use super::eta::eta;
use crate::domain::{Mode, RunStatus, RunView, Trigger};
use crate::tui::style::text::count;
use crate::tui::style::theme::Role;
use crate::tui::style::times::{ago, span};
use crate::tui::view::view_context::{StyledText, ViewContext, fitting};

/// The line below the header.
pub fn line(context: &ViewContext<'_>, columns: usize) -> Line<'static> {
    let facts = match &context.snapshot().run {
        None => vec![vec![
            context.span(Role::Secondary, context.glyphs().nothing()),
            context.span(Role::Secondary, " no sync yet"),
        ]],
        Some(run) if run.status == RunStatus::Running => under_way(context, run),
        Some(run) => ended(context, run),
    };
    fitting(facts, 3, columns)
}

fn under_way(context: &ViewContext<'_>, run: &RunView) -> Vec<StyledText> {
    let mut facts = vec![vec![
        context.span(Role::Accent, context.glyphs().running()),
        context.span(Role::Strong, format!(" {}", kind(run.mode))),
    ]];
    facts.extend(eta(context.snapshot()).map(|eta| context.fact(Role::Plain, eta.to_string())));
    facts.extend(figures(context, run));
    facts.push(context.fact(Role::Secondary, begun(run.trigger)));
    facts
}

fn ended(context: &ViewContext<'_>, run: &RunView) -> Vec<StyledText> {
    let glyphs = context.glyphs();
    let (role, sign, word) = match run.status {
        RunStatus::Running | RunStatus::Done => (Role::Good, glyphs.well(), "done"),
        RunStatus::Failed => (Role::Bad, glyphs.failed(), "failed in part"),
        RunStatus::Held => (Role::Waiting, glyphs.hold(), "held by a rate limit"),
        RunStatus::Braked => (Role::Bad, glyphs.warning(), "braked"),
        RunStatus::NeedsLogin => (Role::Bad, glyphs.failed(), "needs login"),
        RunStatus::Cancelled => (Role::Waiting, glyphs.pause(), "cancelled"),
        RunStatus::Interrupted => (Role::Waiting, glyphs.warning(), "interrupted"),
    };
    let mut facts = vec![vec![
        context.span(role, sign),
        context.span(Role::Strong, format!(" {} {word}", kind(run.mode))),
    ]];
    if let Some(end) = run.finished_at {
        let took = span((end - run.started_at).num_seconds());
        facts.push(context.fact(Role::Plain, format!("{} in {took}", ago(end, context.now))));
    }
    facts.extend(figures(context, run));
    facts.push(context.fact(Role::Secondary, begun(run.trigger)));
    facts
}

fn figures(context: &ViewContext<'_>, run: &RunView) -> [StyledText; 2] {
    let requests = if run.requests == 1 { "request" } else { "requests" };
    let changes = context.changes(run.added, run.removed, run.changed);
    [
        context.fact(Role::Plain, changes.unwrap_or_else(|| "no changes".to_owned())),
        context.fact(Role::Secondary, format!("{} {requests}", count(run.requests))),
    ]
}

const fn kind(mode: Mode) -> &'static str {
    match mode {
        Mode::Initial => "initial sync",
        Mode::Incremental => "incremental sync",
        Mode::Full => "full resync",
    }
}

const fn begun(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Schedule => "on schedule",
        Trigger::Key => "by key",
        Trigger::Cli => "by command",
        Trigger::Api => "by API",
    }
}

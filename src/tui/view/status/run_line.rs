//! The run that is under way, or how the last one ended.

use ratatui::text::Line;

use super::eta::eta;
use crate::domain::{Mode, RunStatus, RunView, Trigger};
use crate::tui::style::text::count;
use crate::tui::style::theme::Role;
use crate::tui::style::times::{ago, span};
use crate::tui::view::view_context::{Scene, StyledText, fitting};

/// The line below the header.
pub fn line(scene: &Scene<'_>, columns: usize) -> Line<'static> {
    let facts = match &scene.snapshot().run {
        None => vec![vec![
            scene.span(Role::Secondary, scene.glyphs().nothing()),
            scene.span(Role::Secondary, " no sync yet"),
        ]],
        Some(run) if run.status == RunStatus::Running => under_way(scene, run),
        Some(run) => ended(scene, run),
    };
    fitting(facts, 3, columns)
}

fn under_way(scene: &Scene<'_>, run: &RunView) -> Vec<StyledText> {
    let mut facts = vec![vec![
        scene.span(Role::Accent, scene.glyphs().running()),
        scene.span(Role::Strong, format!(" {}", kind(run.mode))),
    ]];
    facts.extend(eta(scene.snapshot()).map(|eta| scene.fact(Role::Plain, eta.to_string())));
    facts.extend(figures(scene, run));
    facts.push(scene.fact(Role::Secondary, begun(run.trigger)));
    facts
}

fn ended(scene: &Scene<'_>, run: &RunView) -> Vec<StyledText> {
    let glyphs = scene.glyphs();
    let (role, sign, word) = match run.status {
        RunStatus::Running | RunStatus::Done => (Role::Good, glyphs.well(), "done"),
        RunStatus::Failed => (Role::Bad, glyphs.failed(), "failed in part"),
        RunStatus::Held => (Role::Waiting, glyphs.hold(), "held by a rate limit"),
        RunStatus::Braked => (Role::Bad, glyphs.warning(), "braked"),
        RunStatus::NeedsLogin => (Role::Bad, glyphs.failed(), "needs login"),
        RunStatus::Cancelled => (Role::Waiting, glyphs.pause(), "cancelled"),
        RunStatus::Interrupted => (Role::Waiting, glyphs.warning(), "interrupted"),
    };
    let mut facts =
        vec![vec![scene.span(role, sign), scene.span(Role::Strong, format!(" {} {word}", kind(run.mode)))]];
    if let Some(end) = run.finished_at {
        let took = span((end - run.started_at).num_seconds());
        facts.push(scene.fact(Role::Plain, format!("{} in {took}", ago(end, scene.now))));
    }
    facts.extend(figures(scene, run));
    facts.push(scene.fact(Role::Secondary, begun(run.trigger)));
    facts
}

fn figures(scene: &Scene<'_>, run: &RunView) -> [StyledText; 2] {
    let requests = if run.requests == 1 { "request" } else { "requests" };
    let changes = scene.changes(run.added, run.removed, run.changed);
    [
        scene.fact(Role::Plain, changes.unwrap_or_else(|| "no changes".to_owned())),
        scene.fact(Role::Secondary, format!("{} {requests}", count(run.requests))),
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

//! A run as lines: for people, or one JSON object per line for programs.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Local, Utc};
use color_eyre::Result;
use serde_json::json;

use crate::config::Config;
use crate::domain::{
    Entity, EntityState, EntityStatus, HoldReason, RateLimit, RunId, RunStatus, RunView, Snapshot,
    display_line,
};
use crate::handle::Handle;

use crate::app::Failure;
use crate::app::commands::inspect::runs;
use crate::app::output::{print, times};

/// The format of a run's progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputFormat {
    /// A line when something begins, waits or ends.
    Text,
    /// A JSON object for each change.
    Json,
}

/// The run to follow.
pub struct Followed<'a> {
    /// The config, to find the run's row if its end is missed.
    pub config: &'a Config,
    /// Its number.
    pub id: RunId,
    /// The state before it began.
    pub before: &'a Snapshot,
}

/// Prints the events of the run until it ends; returns its status.
///
/// Snapshots are coalesced, so the one with the end may be skipped: the next run may begin at the
/// same moment, and this process may have been stopped meanwhile. If there is a newer run, or the
/// engine is gone, the run's own row is read.
pub async fn follow(handle: &Handle, followed: &Followed<'_>, format: OutputFormat) -> Result<RunView> {
    let (mut snapshots, mut links) = (handle.snapshots(), handle.links());
    let at_first = by_entity(followed.before);
    let mut printer = ProgressPrinter { format, at_first, printed: HashMap::new(), printed_hold: None };
    loop {
        let snapshot = Arc::clone(&snapshots.borrow_and_update());
        match snapshot.run.as_ref() {
            Some(run) if run.id == followed.id => {
                printer.print_changes(&snapshot)?;
                if run.status != RunStatus::Running {
                    printer.print_end(&snapshot, run)?;
                    return Ok(run.clone());
                }
            }
            Some(run) if run.id > followed.id => return printer.print_recorded(&snapshot, followed).await,
            _ => {}
        }
        let is_there = tokio::select! {
            news = snapshots.changed() => news.is_ok(),
            _ = links.wait_for(|link| !link.is_up()) => false,
        };
        if !is_there {
            return printer.print_recorded(&snapshot, followed).await;
        }
    }
}

fn by_entity(snapshot: &Snapshot) -> HashMap<Entity, EntityStatus> {
    snapshot.entities.iter().map(|status| (status.entity_type, status.clone())).collect()
}

struct ProgressPrinter {
    format: OutputFormat,
    /// The state before the run.
    at_first: HashMap<Entity, EntityStatus>,
    printed: HashMap<Entity, EntityStatus>,
    printed_hold: Option<DateTime<Utc>>,
}

impl ProgressPrinter {
    fn print_changes(&mut self, snapshot: &Snapshot) -> Result<()> {
        for status in &snapshot.entities {
            let before = self.printed.insert(status.entity_type, status.clone());
            if before.as_ref() == Some(status) {
                continue;
            }
            match self.format {
                OutputFormat::Json => print::json(&json!({ "event": "progress", "entity": status }))?,
                OutputFormat::Text => {
                    let at_first = self.at_first.get(&status.entity_type);
                    if let Some(line) = entity_line(before.as_ref(), at_first, status) {
                        print::line(&line);
                    }
                }
            }
        }
        self.print_hold(snapshot)
    }

    fn print_hold(&mut self, snapshot: &Snapshot) -> Result<()> {
        let in_force = |limit: &&RateLimit| limit.reset_at.is_some_and(|reset_at| reset_at > snapshot.at);
        let hold = snapshot.rate_limits.iter().filter(in_force).max_by_key(|limit| limit.reset_at);
        let reset_at = hold.and_then(|hold| hold.reset_at);
        if reset_at <= self.printed_hold {
            return Ok(());
        }
        self.printed_hold = reset_at;
        match (self.format, hold) {
            (OutputFormat::Json, Some(hold)) => print::json(&json!({ "event": "hold", "rate_limit": hold })),
            (OutputFormat::Text, Some(hold)) => {
                print::line(&hold_line(hold, snapshot.at));
                Ok(())
            }
            (_, None) => Ok(()),
        }
    }

    /// Prints a run whose end was missed.
    async fn print_recorded(&self, snapshot: &Snapshot, followed: &Followed<'_>) -> Result<RunView> {
        match runs::find(followed.config, followed.id).await? {
            Some(run) if !matches!(run.status, RunStatus::Running | RunStatus::Interrupted) => {
                self.print_end(snapshot, &run)?;
                Ok(run)
            }
            _ => Err(Failure::failed("the engine exited before the sync was done; run it again to continue")
                .into()),
        }
    }

    fn print_end(&self, snapshot: &Snapshot, run: &RunView) -> Result<()> {
        if self.format == OutputFormat::Json {
            return print::json(&json!({ "event": "finished", "run": run, "status": snapshot }));
        }
        print::line(&format!(
            "{}: {} requests, {} added, {} removed, {} changed; {} plays stored",
            ending(run.status),
            run.requests,
            run.added,
            run.removed,
            run.changed,
            snapshot.plays.stored
        ));
        Ok(())
    }
}

fn entity_line(
    before: Option<&EntityStatus>,
    at_first: Option<&EntityStatus>,
    now: &EntityStatus,
) -> Option<String> {
    let name = now.entity_type.as_str();
    let was = before.map(|status| status.state);
    if was == Some(now.state) {
        return None;
    }
    // A reading may end before anything was printed about it.
    let was_read = was.is_some() || at_first.is_some_and(|at_first| at_first != now);
    match now.state {
        EntityState::Idle if was_read => {
            let why = now.error.as_deref().map(|why| format!("; {}", display_line(why))).unwrap_or_default();
            let (added, removed, changed) = (now.added, now.removed, now.changed);
            Some(format!("{name:<15} {} rows (+{added} -{removed} ~{changed}){why}", now.done))
        }
        EntityState::Held | EntityState::Braked | EntityState::Failed => {
            let why = now.error.as_deref().unwrap_or("no reason was given");
            Some(format!("{name:<15} {}: {}", now.state, display_line(why)))
        }
        _ => None,
    }
}

fn hold_line(hold: &RateLimit, now: DateTime<Utc>) -> String {
    let why = match hold.reason {
        Some(HoldReason::QuotaExceeded) => format!("the daily quota of {} is used up", hold.bucket),
        _ => "Spotify asks for a pause".to_owned(),
    };
    let wait = times::wait(hold.reset_at.unwrap_or(now), now, &Local);
    format!("{:<15} {why} {wait}", "held")
}

const fn ending(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Done | RunStatus::Running => "done",
        RunStatus::Failed => "failed in part",
        RunStatus::Held => "held by a rate limit; everything so far is saved",
        RunStatus::Braked => "stopped by the brake",
        RunStatus::NeedsLogin => "needs login",
        RunStatus::Cancelled | RunStatus::Interrupted => "stopped",
    }
}

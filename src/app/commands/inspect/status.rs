//! `phonolog status`: what is recorded, the progress of each part, and what is due.

use std::fmt::Write;
use std::time::Duration;

use chrono::{DateTime, Local, Utc};
use color_eyre::Result;

use crate::api::AttachError;
use crate::cli;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::domain::{
    Alert, AlertKind, EXPOSED, EngineState, EntityState, EntityStatus, HoldReason, Openness, RateLimit,
    RunStatus, Snapshot, display_line,
};
use crate::engine;
use crate::handle::Handle;
use crate::store::{Access, DatabaseLock, Store};

use crate::app::output::print::Lines;
use crate::app::output::times::{self, ago, ahead};
use crate::app::runtime::{connect, signals};

/// How often `--watch` reads the database while no engine runs.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Prints the status, for people or as JSON; with `--watch` again on every change.
pub async fn show(config: &Config, args: &cli::Status) -> Result<u8> {
    let told = if args.watch { watch(config, args.json).await } else { show_once(config, args.json).await };
    told.map(|()| 0)
}

async fn show_once(config: &Config, as_json: bool) -> Result<()> {
    match connect::attach(config).await {
        Ok(handle) => say(&handle.snapshot(), as_json),
        Err(AttachError::Nobody) => say(&read(config, SystemClock::shared().now()).await?, as_json),
        Err(error) => Err(error.into()),
    }
}

async fn watch(config: &Config, as_json: bool) -> Result<()> {
    let stop = signals::stop_on_signals()?;
    let mut told = None;
    loop {
        match connect::attach(config).await {
            Ok(handle) => {
                tokio::select! {
                    () = stop.cancelled() => return Ok(()),
                    followed = follow(&handle, &mut told, as_json) => followed?,
                }
            }
            Err(AttachError::Nobody) => {
                say_news(&read(config, SystemClock::shared().now()).await?, &mut told, as_json)?;
            }
            Err(error) => return Err(error.into()),
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(LOOK_AGAIN) => {}
        }
    }
}

/// Prints each change until the engine goes away.
async fn follow(handle: &Handle, told: &mut Option<Snapshot>, as_json: bool) -> Result<()> {
    let (mut snapshots, mut links) = (handle.snapshots(), handle.links());
    loop {
        let snapshot = std::sync::Arc::clone(&snapshots.borrow_and_update());
        say_news(&snapshot, told, as_json)?;
        tokio::select! {
            news = snapshots.changed() => if news.is_err() { return Ok(()) },
            _ = links.wait_for(|link| !link.is_up()) => return Ok(()),
        }
    }
}

/// Prints a snapshot if it differs from the last one, ignoring its time.
fn say_news(snapshot: &Snapshot, told: &mut Option<Snapshot>, as_json: bool) -> Result<()> {
    let is_news = told.as_ref().is_none_or(|old| Snapshot { at: old.at, ..snapshot.clone() } != *old);
    if is_news {
        say(snapshot, as_json)?;
        *told = Some(snapshot.clone());
    }
    Ok(())
}

fn say(snapshot: &Snapshot, as_json: bool) -> Result<()> {
    let mut lines = Lines::new();
    if as_json {
        lines.json(snapshot)?;
    } else {
        lines.line(describe(snapshot, SystemClock::shared().now()).trim_end())?;
    }
    lines.flush()
}

pub(in crate::app) async fn read(config: &Config, now: DateTime<Utc>) -> Result<Snapshot> {
    let url = config.paths.database_url();
    if !config.paths.database.exists() {
        return Ok(Snapshot::nothing_recorded(&url, config.gate.daily_budget, now));
    }
    let store = Store::open(&url, Access::ReadOnly).await?;
    let mut snapshot = engine::stored_snapshot(&store, &url, (&config.sync, &config.gate), now).await?;
    store.close().await;
    // No engine has stored it yet.
    if config.is_exposed() && snapshot.alerts.iter().all(|alert| alert.kind != AlertKind::Exposed) {
        let (kind, subject) = (AlertKind::Exposed, String::new());
        snapshot.alerts.push(Alert { kind, subject, since: now, text: EXPOSED.to_owned() });
    }
    if DatabaseLock::is_engine_running(&config.paths.database) {
        (snapshot.engine, snapshot.engine_answers) = (EngineState::Running, false);
    } else {
        settle(&mut snapshot);
    }
    Ok(snapshot)
}

/// An entity that a killed engine left as running is not running. The next start corrects the
/// database; until then this corrects the output.
fn settle(snapshot: &mut Snapshot) {
    if let Some(run) = snapshot.run.as_mut().filter(|run| run.status == RunStatus::Running) {
        run.status = RunStatus::Interrupted;
    }
    for status in &mut snapshot.entities {
        if matches!(status.state, EntityState::Running | EntityState::Queued) {
            status.state = EntityState::Pending;
        }
    }
}

fn describe(snapshot: &Snapshot, now: DateTime<Utc>) -> String {
    let mut text = String::new();
    let mut line = |line: String| {
        let _ = writeln!(text, "{line}");
    };
    line(format!("phonolog {}   {}", snapshot.version, snapshot.database));
    line(format!("account         {}", account(snapshot)));
    line(format!("engine          {}", engine_words(snapshot)));
    line(format!("run             {}", run_words(snapshot, now)));
    line(String::new());
    line(format!(
        "{:<15} {:<12} {:<9} {:>17}  {:<15} next due",
        "entity", "mode", "state", "done/total", "last sync"
    ));
    for status in &snapshot.entities {
        line(entity_row(status, now));
        for words in beside_entity(snapshot, status, now) {
            line(format!("{:<15} {words}", ""));
        }
    }
    line(String::new());
    if let Some(words) = whole_words(snapshot, now) {
        line(format!("{:<15} {words}", "last full read"));
    }
    line(plays_words(snapshot, now));
    // A long hold is printed once, with all others.
    for alert in snapshot.alerts.iter().filter(|alert| alert.kind != AlertKind::Held) {
        line(format!("{:<15} {} ({})", "alert", display_line(&alert.text), ago(alert.since, now)));
    }
    for limit in snapshot.rate_limits.iter().filter(|limit| limit.reset_at.is_some_and(|at| at > now)) {
        line(hold_words(limit, now));
    }
    for closed in snapshot.capabilities.iter().filter(|learnt| learnt.state == Openness::Closed) {
        line(format!("closed by Spotify: {} (last checked {})", closed.what, ago(closed.checked_at, now)));
    }
    if snapshot.set_aside > 0 {
        line(format!("{:<15} {} rows could not be read; stored unchanged", "set aside", snapshot.set_aside));
    }
    line(format!("{:<15} saved {}", "not mirrored", snapshot.not_mirrored.join(", ")));
    text
}

/// The error of an entity, what it lacks, and what it waits for.
fn beside_entity(snapshot: &Snapshot, status: &EntityStatus, now: DateTime<Utc>) -> Vec<String> {
    let error = status.error.as_deref().map(display_line);
    let until = status.budget_until.filter(|until| *until > now);
    let budget = until.map(|until| budget_words(snapshot, status, until));
    [error, lack_words(status), budget].into_iter().flatten().collect()
}

fn account(snapshot: &Snapshot) -> String {
    match &snapshot.account {
        None => "none yet; run `phonolog login`, or try `phonolog demo`".to_owned(),
        Some(user) => match &user.display_name {
            Some(name) => format!("{} ({})", display_line(name), display_line(&user.id)),
            None => display_line(&user.id),
        },
    }
}

fn engine_words(snapshot: &Snapshot) -> String {
    let paused = match (snapshot.paused, snapshot.engine) {
        (false, _) => "",
        (true, EngineState::Running) => "; the library sync is paused, plays are still recorded",
        (true, EngineState::None) => "; then the library sync stays paused until `phonolog resume`",
    };
    match snapshot.engine {
        EngineState::Running if !snapshot.engine_answers => {
            "running, but it does not respond; showing what it last recorded; see `phonolog logs`".to_owned()
        }
        EngineState::Running => match snapshot.host {
            Some(host) => format!("running in a {host}{paused}"),
            None => format!("running{paused}"),
        },
        EngineState::None => format!("none; nothing is recorded until you start `phonolog`{paused}"),
    }
}

fn run_words(snapshot: &Snapshot, now: DateTime<Utc>) -> String {
    let Some(run) = &snapshot.run else {
        return "none yet".to_owned();
    };
    let error = run.error.as_ref().map(|error| format!("; {}", display_line(error))).unwrap_or_default();
    format!(
        "{} ({}, {}): {} requests, +{} -{} ~{}, {}{error}",
        run.status,
        run.mode,
        run.trigger,
        run.requests,
        run.added,
        run.removed,
        run.changed,
        ago(run.finished_at.unwrap_or(run.started_at), now),
    )
}

fn entity_row(status: &EntityStatus, now: DateTime<Utc>) -> String {
    let total = status.total.map_or_else(|| "?".to_owned(), |total| total.to_string());
    format!(
        "{:<15} {:<12} {:<9} {:>17}  {:<15} {}",
        status.entity_type,
        status.mode,
        status.state,
        format!("{}/{total}", status.done),
        status.last_synced_at.map_or_else(|| "never".to_owned(), |at| ago(at, now)),
        status.next_due_at.map_or_else(|| "now".to_owned(), |at| ahead(at, now)),
    )
}

/// What the list lacks although it was read from end to end.
fn lack_words(status: &EntityStatus) -> Option<String> {
    let rows = |count| if count == 1 { "1 row".to_owned() } else { format!("{count} rows") };
    let not_shown = (status.not_shown > 0).then(|| {
        format!("Spotify counts {} more than it shows, confirmed by two readings", rows(status.not_shown))
    });
    let unreadable = (status.unreadable > 0).then(|| {
        format!(
            "{} could not be read and {} requested again",
            rows(status.unreadable),
            if status.unreadable == 1 { "is" } else { "are" }
        )
    });
    let words: Vec<String> = not_shown.into_iter().chain(unreadable).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

/// When each list was last read from end to end, if that was before the last sync.
fn whole_words(snapshot: &Snapshot, now: DateTime<Utc>) -> Option<String> {
    let older = snapshot.entities.iter().filter_map(|status| {
        let whole = status.read_whole_at.filter(|whole| status.last_synced_at > Some(*whole))?;
        Some(format!("{} {}", status.entity_type, ago(whole, now)))
    });
    let words: Vec<String> = older.collect();
    (!words.is_empty()).then(|| format!("{}; since then only changes were read", words.join(", ")))
}

fn budget_words(snapshot: &Snapshot, status: &EntityStatus, until: DateTime<Utc>) -> String {
    format!(
        "the budget of {} requests a day is used up; it continues at {}, or now with `phonolog sync {}`",
        snapshot.daily_budget,
        until.with_timezone(&Local).format("%Y-%m-%d %H:%M"),
        status.entity_type
    )
}

fn plays_words(snapshot: &Snapshot, now: DateTime<Utc>) -> String {
    let plays = &snapshot.plays;
    let asked = plays
        .last_polled_at
        .map_or_else(|| "never requested".to_owned(), |at| format!("last requested {}", ago(at, now)));
    let gaps = match plays.gaps {
        0 => "no known gap".to_owned(),
        1 => "1 gap".to_owned(),
        gaps => format!("{gaps} gaps"),
    };
    format!("{:<15} {} stored, {asked}, {gaps}", "plays", plays.stored)
}

fn hold_words(limit: &RateLimit, now: DateTime<Utc>) -> String {
    let wait = times::wait(limit.reset_at.unwrap_or(now), now, &Local);
    let why = match limit.reason {
        Some(HoldReason::QuotaExceeded) => "its daily quota is used up",
        _ => "Spotify asked for a pause",
    };
    format!("{:<15} {} {wait} ({why})", "held", limit.bucket)
}

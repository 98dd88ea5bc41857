//! The database: whether it is intact and of our version, and what it stores about holds and closed
//! endpoints.

use chrono::Local;

use crate::clock::SystemClock;
use crate::config::Config;
use crate::domain::{EntityState, Openness, Snapshot, display_line};
use crate::engine;
use crate::store::{Access, Store, StoreError};

use super::Finding;

/// Everything about the database and its contents.
pub async fn look(config: &Config) -> Vec<Finding> {
    if !config.paths.database.exists() {
        return vec![Finding::ok("database", "does not exist yet; the first sync creates it")];
    }
    match examine(config).await {
        Ok(findings) => findings,
        Err(error) => vec![Finding::bad("database", error.to_string())],
    }
}

async fn examine(config: &Config) -> Result<Vec<Finding>, StoreError> {
    let url = config.paths.database_url();
    let store = Store::open(&url, Access::ReadOnly).await?;
    let health = store.examine().await?;
    let mut findings = vec![match health.faults.as_slice() {
        [] => Finding::ok("database", "all pages, indexes and references are valid"),
        faults => Finding::bad(
            "database",
            format!("is damaged: {}; restore a backup with `phonolog restore`", faults.join("; ")),
        ),
    }];
    if let Some(account) = store.accounts().current().await? {
        findings.push(match store.account(account.id).statistics().examine_sums().await {
            Ok(()) => Finding::ok("statistics", "all sums match the plays"),
            Err(error @ StoreError::DamagedSums(_)) => Finding::bad("statistics", error.to_string()),
            Err(error) => return Err(error),
        });
    }
    let now = SystemClock::shared().now();
    let snapshot = engine::stored_snapshot(&store, &url, (&config.sync, &config.gate), now).await?;
    store.close().await;
    findings.extend(holds(&snapshot));
    findings.extend(capabilities(&snapshot));
    findings.extend(entities(&snapshot));
    Ok(findings)
}

fn holds(snapshot: &Snapshot) -> Vec<Finding> {
    let held = snapshot.rate_limits.iter().filter_map(|limit| {
        let end = limit.reset_at.filter(|end| *end > snapshot.at)?;
        let until = end.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S");
        let why = limit.reason.map_or("refused", crate::domain::HoldReason::as_str);
        let told = format!("no requests to {} before {until} ({why}); continues automatically", limit.bucket);
        Some(Finding::warning("hold", told))
    });
    let held: Vec<_> = held.collect();
    if held.is_empty() { vec![Finding::ok("holds", "none active")] } else { held }
}

fn capabilities(snapshot: &Snapshot) -> Vec<Finding> {
    let closed = snapshot.capabilities.iter().filter(|learnt| learnt.state == Openness::Closed);
    let told = closed.map(|learnt| {
        let asked = learnt.checked_at.with_timezone(&Local).format("%Y-%m-%d %H:%M");
        Finding::ok(
            "capability",
            format!("closed by Spotify for this app: {} (last checked {asked})", learnt.what),
        )
    });
    let told: Vec<_> = told.collect();
    if told.is_empty() { vec![Finding::ok("capabilities", "no closed endpoints known")] } else { told }
}

fn entities(snapshot: &Snapshot) -> Vec<Finding> {
    let amiss = |state| matches!(state, EntityState::Failed | EntityState::Braked);
    let rows = snapshot.entities.iter().filter(|row| amiss(row.state));
    let told = rows.map(|row| {
        let why = row.error.as_deref().map_or_else(|| "no reason was given".to_owned(), display_line);
        Finding::warning("entity", format!("{} is {}: {why}", row.entity_type, row.state))
    });
    told.collect()
}

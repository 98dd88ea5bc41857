//! The snapshot as the database tells it: what an engine begins with, and what `status` shows when no
//! engine runs.

use chrono::{DateTime, Utc};

use crate::domain::{AccountId, CapabilityStatus, Entity, EntityStatus, Openness, Snapshot};
use crate::store::{Flag, Store, StoreError};

/// What is stored, as one picture.
pub async fn stored(
    store: &Store,
    database: &str,
    daily_budget: u32,
    now: DateTime<Utc>,
) -> Result<Snapshot, StoreError> {
    let account = store.account().await?;
    let mut snapshot = Snapshot {
        account: account.as_ref().map(|account| account.user.clone()).filter(|user| !user.is_local()),
        paused: store.flag(Flag::Paused).await?,
        ..Snapshot::nothing_recorded(database, daily_budget, now)
    };
    refresh_gate(store, &mut snapshot, now).await?;
    if let Some(account) = account {
        fill(store, account.id, &mut snapshot).await?;
    }
    Ok(snapshot)
}

async fn fill(store: &Store, account: AccountId, snapshot: &mut Snapshot) -> Result<(), StoreError> {
    let states = store.sync_states(account).await?;
    snapshot.entities = states
        .iter()
        .filter(|state| Entity::GAUGED.contains(&state.entity))
        .map(EntityStatus::from)
        .collect();
    snapshot.alerts = store.standing_alerts(account).await?;
    snapshot.run = store.last_run(account).await?;
    snapshot.plays = store.plays_status(account).await?;
    snapshot.journal = store.journal_tail(account, Snapshot::JOURNAL_LINES).await?;
    snapshot.set_aside = store.set_aside_count(account).await?;
    snapshot.capabilities = capabilities(store, account).await?;
    Ok(())
}

/// What was learnt of the app, as it is shown.
pub async fn capabilities(store: &Store, account: AccountId) -> Result<Vec<CapabilityStatus>, StoreError> {
    let learnt = store.capabilities(account).await?.into_iter();
    let shown = learnt.map(|(name, learnt)| CapabilityStatus {
        name,
        state: if learnt.open { Openness::Open } else { Openness::Closed },
        checked_at: learnt.checked_at,
        what: name.meaning().to_owned(),
    });
    Ok(shown.collect())
}

/// Brings the gate's part up to date: requests of the window and the day, what is left of the budget.
pub async fn refresh_gate(
    store: &Store,
    snapshot: &mut Snapshot,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (usage, mut limits) = store.gate_figures(now, snapshot.daily_budget).await?;
    limits.retain(|limit| limit.reset_at.is_some() || limit.requests_remaining < snapshot.daily_budget);
    (snapshot.usage, snapshot.rate_limits) = (usage, limits);
    snapshot.requests_by_hour = store.requests_by_hour(now, Snapshot::HOURS).await?;
    Ok(())
}

//! The snapshot from the database: what an engine starts with, and what `status` shows when no
//! engine runs.

use chrono::{DateTime, Utc};

use crate::config;
use crate::domain::{
    AccountId, BucketUsage, CapabilityStatus, Entity, EntityStatus, Hold, Openness, Snapshot,
};
use crate::store::{Flag, GateFigures, Store, StoreError};

use crate::engine::timing::{budget, schedule};

/// The stored state as shown when no engine runs, including the waits that an engine would apply.
pub async fn shown(
    store: &Store,
    database: &str,
    (sync, gate): (&config::SyncConfig, &config::GateConfig),
    now: DateTime<Utc>,
) -> Result<Snapshot, StoreError> {
    let mut snapshot = stored(store, database, gate.daily_budget, now).await?;
    schedule::cap_waits(&mut snapshot, sync.library_interval, now);
    Ok(with_budget_waits(snapshot))
}

/// Prepares the snapshot for display: an entity that waits for the day's budget is due when the
/// budget has room.
pub fn with_budget_waits(mut snapshot: Snapshot) -> Snapshot {
    for row in &mut snapshot.entities {
        row.budget_until = row.budget_until.filter(|until| row.next_due_at.is_none_or(|due| due < *until));
        row.next_due_at = row.due_at();
    }
    snapshot
}

/// The stored state as one snapshot.
pub async fn stored(
    store: &Store,
    database: &str,
    daily_budget: u32,
    now: DateTime<Utc>,
) -> Result<Snapshot, StoreError> {
    let account = store.accounts().current().await?;
    let mut snapshot = Snapshot {
        account: account.as_ref().map(|account| account.user.clone()).filter(|user| !user.is_local()),
        paused: store.settings().flag(Flag::Paused).await?,
        ..Snapshot::nothing_recorded(database, daily_budget, now)
    };
    if let Some(account) = account {
        fill(store, account.id, &mut snapshot).await?;
    }
    refresh_gate(store, &mut snapshot, now).await?;
    Ok(snapshot)
}

async fn fill(store: &Store, account: AccountId, snapshot: &mut Snapshot) -> Result<(), StoreError> {
    let states = store.account(account).sync_state().all().await?;
    snapshot.entities = states
        .iter()
        .filter(|state| Entity::GAUGED.contains(&state.entity))
        .map(EntityStatus::from)
        .collect();
    snapshot.alerts = store.account(account).alerts().standing().await?;
    snapshot.run = store.account(account).runs().last().await?;
    snapshot.plays = store.account(account).plays().status().await?;
    snapshot.journal = store.account(account).history().journal_tail(Snapshot::JOURNAL_LINES).await?;
    snapshot.set_aside = store.account(account).sync_state().set_aside_count().await?;
    snapshot.capabilities = capabilities(store, account).await?;
    Ok(())
}

/// What was learned about the app, as shown.
pub async fn capabilities(store: &Store, account: AccountId) -> Result<Vec<CapabilityStatus>, StoreError> {
    let learned = store.account(account).capabilities().all().await?.into_iter();
    let shown = learned.map(|(name, learned)| CapabilityStatus {
        name,
        state: if learned.open { Openness::Open } else { Openness::Closed },
        checked_at: learned.checked_at,
        what: name.meaning().to_owned(),
    });
    Ok(shown.collect())
}

/// Updates the gate's part: requests of the window and the day, and the rest of the budget.
pub async fn refresh_gate(
    store: &Store,
    snapshot: &mut Snapshot,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let GateFigures { usage, mut limits, by_hour } =
        store.rate_limits().figures(now, snapshot.daily_budget).await?;
    limits.retain(|limit| limit.reset_at.is_some() || limit.requests_remaining < snapshot.daily_budget);
    (snapshot.usage, snapshot.rate_limits, snapshot.requests_by_hour) = (usage, limits, by_hour);
    let spent = (&*snapshot.usage, snapshot.daily_budget);
    wait_for_budget(store, &mut snapshot.entities, spent, now).await
}

/// Shows the gate's own end of each hold, which is more reliable than the stored one if the clock
/// has been set since.
pub fn end_holds_with_the_gate(snapshot: &mut Snapshot, holds: &[Hold], now: DateTime<Utc>) {
    for limit in snapshot.rate_limits.iter_mut().filter(|limit| limit.reset_at.is_some_and(|end| end > now)) {
        let own = holds.iter().filter(|hold| hold.bucket == limit.bucket).map(|hold| hold.reset_at).max();
        limit.reset_at = own.or(limit.reset_at);
    }
}

/// Updates which entities wait for the day's budget, and until when.
pub async fn refresh_budget(
    store: &Store,
    entities: &mut [EntityStatus],
    daily_budget: u32,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let usage = store.rate_limits().usage(now).await?;
    wait_for_budget(store, entities, (&usage, daily_budget), now).await
}

/// The time when there is room is only looked up for buckets that lack it.
async fn wait_for_budget(
    store: &Store,
    entities: &mut [EntityStatus],
    (usage, daily_budget): (&[BucketUsage], u32),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for row in entities {
        let bucket = row.entity_type.bucket();
        let used = usage.iter().find(|usage| usage.bucket == bucket).map_or(0, |usage| usage.day);
        row.budget_until = match budget::needed(row) {
            Some(needed) if used > daily_budget.saturating_sub(needed) => {
                store.rate_limits().budget_room_at(bucket, (needed, daily_budget), now).await?
            }
            _ => None,
        };
    }
    Ok(())
}

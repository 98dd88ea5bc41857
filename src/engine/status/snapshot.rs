//! The snapshot as the database tells it: what an engine begins with, and what `status` shows when no
//! engine runs.

use chrono::{DateTime, Utc};

use crate::config;
use crate::domain::{
    AccountId, BucketUsage, CapabilityStatus, Entity, EntityStatus, Hold, Openness, Snapshot,
};
use crate::store::{Flag, GateFigures, Store, StoreError};

use crate::engine::timing::{budget, schedule};

/// What is stored, as it is shown where no engine runs: with the waits that an engine would keep.
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

/// For whoever looks at it: what waits for the day's budget has its next turn when there is room.
pub fn with_budget_waits(mut snapshot: Snapshot) -> Snapshot {
    for row in &mut snapshot.entities {
        row.budget_until = row.budget_until.filter(|until| row.next_due_at.is_none_or(|due| due < *until));
        row.next_due_at = row.due_at();
    }
    snapshot
}

/// What is stored, as one picture.
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

/// What was learnt of the app, as it is shown.
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

/// Brings the gate's part up to date: requests of the window and the day, what is left of the budget.
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

/// Shows the gate's own end of each hold: it knows better than the record, should the clock have been set since.
pub fn end_holds_with_the_gate(snapshot: &mut Snapshot, holds: &[Hold], now: DateTime<Utc>) {
    for limit in snapshot.rate_limits.iter_mut().filter(|limit| limit.reset_at.is_some_and(|end| end > now)) {
        let own = holds.iter().filter(|hold| hold.bucket == limit.bucket).map(|hold| hold.reset_at).max();
        limit.reset_at = own.or(limit.reset_at);
    }
}

/// Brings up to date which entities wait for the day's budget, and until when.
pub async fn refresh_budget(
    store: &Store,
    entities: &mut [EntityStatus],
    daily_budget: u32,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let usage = store.rate_limits().usage(now).await?;
    wait_for_budget(store, entities, (&usage, daily_budget), now).await
}

/// When there is room is looked up only for buckets that have too little of it.
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

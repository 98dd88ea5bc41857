//! Slots of a list that is being read.
//!
//! Owns: `staged`. Must not know: what happens to them.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use super::lists::ListSlot;
use crate::domain::{AccountId, Entity};
use crate::store::Result;
use crate::store::db::sqlite::{self, Tx};

/// Drops the staged rows of a list.
pub(in crate::store) async fn clear(tx: &mut Tx, account: AccountId, entity: Entity) -> Result<()> {
    sqlx::query("delete from staged where account_id = ?1 and entity_type = ?2")
        .bind(account.0)
        .bind(entity.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// A fingerprint of the staged rows, independent of their order; null rows count by their number.
pub(in crate::store) async fn fingerprint(
    executor: impl sqlx::SqliteExecutor<'_>,
    account: AccountId,
    entity: Entity,
) -> Result<u64> {
    let sql =
        "select item_key, added_at from staged where account_id = ?1 and entity_type = ?2 order by 1, 2";
    let rows: Vec<(Option<String>, Option<String>)> =
        sqlx::query_as(sql).bind(account.0).bind(entity.as_str()).fetch_all(executor).await?;
    Ok(BuildHasherDefault::<DefaultHasher>::new().hash_one(rows))
}

/// Every staged slot, from the top.
pub(in crate::store) async fn load(tx: &mut Tx, account: AccountId, entity: Entity) -> Result<Vec<ListSlot>> {
    let sql = "select ord, item_key as key, added_at, payload
               from staged where account_id = ?1 and entity_type = ?2 order by ord";
    Ok(sqlx::query_as(sql).bind(account.0).bind(entity.as_str()).fetch_all(&mut **tx).await?)
}

/// Stages the new rows of a page and returns them with their places.
///
/// A list that shifts while it is read shows a row twice: the same item saved at the same time is
/// skipped. Null rows have no identity; one is skipped if its place already has a null row. If
/// another row already has one of the places, the reader has lost count, and all of them are put
/// after all staged rows, in their order, because pages come from the top down.
pub(in crate::store) async fn add(
    tx: &mut Tx,
    account: AccountId,
    entity: Entity,
    page: Vec<ListSlot>,
) -> Result<Vec<ListSlot>> {
    let mut taken = false;
    let mut fresh = Vec::with_capacity(page.len());
    let mut in_page = HashSet::with_capacity(page.len());
    let mut found = look_up(tx, account, entity, &page).await?;
    for (at, slot) in (0..).zip(&page) {
        let found = found.remove(&at).unwrap_or_default();
        let again = match &slot.key {
            Some(key) => found.known || !in_page.insert((key, &slot.added_at)),
            None => found.taken_by_null,
        };
        if !again {
            taken |= found.taken;
            fresh.push(slot.clone());
        }
    }
    if taken {
        let last = last_ord(tx, account, entity).await?;
        for (ord, slot) in (last + 1..).zip(&mut fresh) {
            slot.ord = ord;
        }
    }
    insert(tx, account, entity, &fresh).await?;
    Ok(fresh)
}

#[derive(Default, sqlx::FromRow)]
struct Found {
    /// The row of the page, from 0.
    at: i64,
    /// The same item saved at the same time is already staged.
    known: bool,
    /// The place is taken.
    taken: bool,
    /// It is taken by a null row.
    taken_by_null: bool,
}

/// What is already staged of a page, by row of the page. A new page, which is the usual case, finds
/// nothing.
async fn look_up(
    tx: &mut Tx,
    account: AccountId,
    entity: Entity,
    page: &[ListSlot],
) -> Result<HashMap<i64, Found>> {
    let sql = "select * from (
                   select j.key as at,
                          exists (select 1 from staged s where s.account_id = ?1 and s.entity_type = ?2
                                  and s.item_key = j.value ->> 1 and s.added_at is j.value ->> 2) as known,
                          s.ord is not null as taken,
                          s.ord is not null and s.item_key is null as taken_by_null
                   from jsonb_each(?3) j
                   left join staged s on s.account_id = ?1 and s.entity_type = ?2 and s.ord = j.value ->> 0)
               where known or taken";
    let rows: Vec<_> = page.iter().map(|slot| (slot.ord, &slot.key, &slot.added_at)).collect();
    let found: Vec<Found> = sqlx::query_as(sql)
        .bind(account.0)
        .bind(entity.as_str())
        .bind(sqlite::rows(&rows)?)
        .fetch_all(&mut **tx)
        .await?;
    Ok(found.into_iter().map(|found| (found.at, found)).collect())
}

/// Puts items into places that have null rows.
pub(in crate::store) async fn fill(
    tx: &mut Tx,
    account: AccountId,
    entity: Entity,
    slots: &[ListSlot],
) -> Result<()> {
    let sql = "update staged set item_key = j.value ->> 1, added_at = j.value ->> 2, payload = j.value ->> 3
               from jsonb_each(?3) j
               where account_id = ?1 and entity_type = ?2 and ord = j.value ->> 0";
    write(tx, account, entity, sql, slots).await
}

async fn last_ord(tx: &mut Tx, account: AccountId, entity: Entity) -> Result<i64> {
    let sql = "select coalesce(max(ord), -1) from staged where account_id = ?1 and entity_type = ?2";
    Ok(sqlx::query_scalar(sql).bind(account.0).bind(entity.as_str()).fetch_one(&mut **tx).await?)
}

async fn insert(tx: &mut Tx, account: AccountId, entity: Entity, slots: &[ListSlot]) -> Result<()> {
    if slots.is_empty() {
        return Ok(());
    }
    let sql = "insert into staged (account_id, entity_type, ord, item_key, added_at, payload)
               select ?1, ?2, value ->> 0, value ->> 1, value ->> 2, value ->> 3 from jsonb_each(?3)";
    write(tx, account, entity, sql, slots).await
}

/// A statement that takes slots as rows of place, key, time and payload.
async fn write(
    tx: &mut Tx,
    account: AccountId,
    entity: Entity,
    sql: &'static str,
    slots: &[ListSlot],
) -> Result<()> {
    let rows: Vec<_> =
        slots.iter().map(|slot| (slot.ord, &slot.key, &slot.added_at, &slot.payload)).collect();
    sqlx::query(sql)
        .bind(account.0)
        .bind(entity.as_str())
        .bind(sqlite::rows(&rows)?)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

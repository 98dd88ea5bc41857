//! Rows of the library that their list no longer shows, although nothing confirms that they are
//! gone.
//!
//! Owns: the table `unlisted`. Must not know: how a list is read, or how its rows are checked.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use crate::domain::{AccountId, Entity, RunId};
use crate::store::db::sqlite::{self, Tx};
use crate::store::{LibraryStore, Result};

/// What is known about a row that its list does not show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unlisted {
    /// The reading that first missed the row.
    pub run: RunId,
    /// Spotify says that it is still in the library; otherwise Spotify could not be asked.
    pub is_vouched: bool,
}

/// The reading that did not show some rows.
#[derive(Clone, Copy)]
pub(in crate::store) struct UnlistedReading {
    pub(in crate::store) account: AccountId,
    pub(in crate::store) entity: Entity,
    pub(in crate::store) run: RunId,
    pub(in crate::store) at: DateTime<Utc>,
}

/// The rows of a list that are kept although it does not show them, by id.
pub(in crate::store) async fn load(
    tx: &mut Tx,
    account: AccountId,
    entity: Entity,
) -> Result<HashMap<String, Unlisted>> {
    let sql = "select item_key, run_id, vouched from unlisted where account_id = ?1 and entity_type = ?2";
    let rows: Vec<(String, i64, bool)> =
        sqlx::query_as(sql).bind(account.0).bind(entity.as_str()).fetch_all(&mut **tx).await?;
    let unlisted = |run, is_vouched| Unlisted { run: RunId(run), is_vouched };
    Ok(rows.into_iter().map(|(key, run, is_vouched)| (key, unlisted(run, is_vouched))).collect())
}

/// Makes exactly these rows the ones that the list does not show. `vouched` are those that Spotify
/// says are in the library. The time when a row was first missed does not change.
pub(in crate::store) async fn replace(
    tx: &mut Tx,
    reading: UnlistedReading,
    ids: &HashSet<String>,
    vouched: &HashSet<String>,
) -> Result<()> {
    let rows: Vec<(&String, bool)> = ids.iter().map(|id| (id, vouched.contains(id))).collect();
    let rows = sqlite::rows(&rows)?;
    let delete = "delete from unlisted where account_id = ?1 and entity_type = ?2
                  and item_key not in (select value ->> 0 from jsonb_each(?3))";
    let UnlistedReading { account, entity, run, at } = reading;
    sqlx::query(delete).bind(account.0).bind(entity.as_str()).bind(&rows).execute(&mut **tx).await?;
    if ids.is_empty() {
        return Ok(());
    }
    let insert = "insert into unlisted (account_id, entity_type, item_key, since, run_id, vouched)
                  select ?1, ?2, value ->> 0, ?4, ?5, value ->> 1 from jsonb_each(?3) where true
                  on conflict do update set vouched = 1 where excluded.vouched > vouched";
    sqlx::query(insert)
        .bind(account.0)
        .bind(entity.as_str())
        .bind(&rows)
        .bind(sqlite::millis(at))
        .bind(run.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

impl LibraryStore<'_> {
    /// The rows of a list that are kept although it does not show them, by id.
    pub async fn unlisted(self, entity: Entity) -> Result<HashMap<String, Unlisted>> {
        let Self { store, account } = self;
        load(&mut store.readers.begin().await?, account, entity).await
    }

    /// For each saved track that the list does not show although Spotify says it is saved: how many
    /// shown rows were above it, ascending.
    pub async fn unlisted_places(self) -> Result<Vec<u32>> {
        let Self { store, account } = self;
        let sql = "with slots as (
                       select s.ord, u.item_key is not null as hidden
                       from saved_tracks s
                       left join unlisted u on u.account_id = s.account_id and u.entity_type = 'tracks'
                                           and u.item_key = s.track_id and u.vouched
                       where s.account_id = ?1),
                   places as (select hidden, sum(not hidden) over (order by ord) as above from slots)
                   select above from places where hidden order by above";
        let is_any = !self.unlisted(Entity::Tracks).await?.is_empty();
        if !is_any {
            return Ok(Vec::new());
        }
        let places: Vec<i64> = sqlx::query_scalar(sql).bind(account.0).fetch_all(&store.readers).await?;
        Ok(places.into_iter().map(sqlite::count).collect())
    }
}

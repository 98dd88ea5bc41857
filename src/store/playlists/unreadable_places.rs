//! Rows of a list that the server cannot serve, whatever page includes them.
//!
//! Owns: `unreadable_places`. Must not know: how such a place is found.

use std::collections::HashMap;

use crate::domain::{AccountId, Entity};
use crate::store::db::sqlite::{self, Tx};
use crate::store::{LibraryStore, Result};

/// Identifies a list: its account, its entity, and its context (the playlist, or empty).
pub(in crate::store) type ListOf<'a> = (AccountId, Entity, &'a str);

/// Stores these as the unreadable places of a list.
pub(in crate::store) async fn keep(
    tx: &mut Tx,
    (account, entity, context): ListOf<'_>,
    places: &[u32],
) -> Result<()> {
    let statements: &[&'static str] = if places.is_empty() { &[FORGET] } else { &[FORGET, REMEMBER] };
    let places = sqlite::rows(&places)?;
    for sql in statements {
        sqlx::query(*sql)
            .bind(account.0)
            .bind(entity.as_str())
            .bind(context)
            .bind(&places)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

const FORGET: &str = "
delete from unreadable_places
where account_id = ?1 and entity_type = ?2 and context = ?3
  and position not in (select value from jsonb_each(?4))";

const REMEMBER: &str = "
insert or ignore into unreadable_places (account_id, entity_type, context, position)
select ?1, ?2, ?3, value from jsonb_each(?4)";

impl LibraryStore<'_> {
    /// Rows that the server could not serve at the last reading of a list, from 0 and ascending, by
    /// the context of the list (the playlist's id).
    pub async fn unreadable_places(self, entity: Entity) -> Result<HashMap<String, Vec<u32>>> {
        let Self { store, account } = self;
        let sql = "select context, position from unreadable_places
                   where account_id = ?1 and entity_type = ?2 order by context, position";
        let rows: Vec<(String, i64)> =
            sqlx::query_as(sql).bind(account.0).bind(entity.as_str()).fetch_all(&store.readers).await?;
        let mut places: HashMap<String, Vec<u32>> = HashMap::new();
        for (context, position) in rows {
            places.entry(context).or_default().push(sqlite::count(position));
        }
        Ok(places)
    }
}

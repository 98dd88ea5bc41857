//! Rows of a list that the server cannot serve, whichever page covers them.
//!
//! Owns: `unreadable_places`. Must not know: how such a place is found.

use super::sqlite::{self, Tx};
use super::{Result, Store};
use crate::domain::{AccountId, Entity};

/// Which list: whose, of which entity, and its context (the playlist, or empty).
pub(super) type ListOf<'a> = (AccountId, Entity, &'a str);

/// Makes these the unreadable places of a list.
pub(super) async fn keep(tx: &mut Tx, (account, entity, context): ListOf<'_>, places: &[u32]) -> Result<()> {
    let places = sqlite::rows(&places)?;
    for sql in [FORGET, REMEMBER] {
        sqlx::query(sql)
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

impl Store {
    /// Rows that the server could not serve when the list was last read; from 0, ascending.
    pub async fn unreadable_places(
        &self,
        account: AccountId,
        entity: Entity,
        context: &str,
    ) -> Result<Vec<u32>> {
        let sql = "select position from unreadable_places
                   where account_id = ?1 and entity_type = ?2 and context = ?3 order by position";
        let places: Vec<i64> = sqlx::query_scalar(sql)
            .bind(account.0)
            .bind(entity.as_str())
            .bind(context)
            .fetch_all(&self.readers)
            .await?;
        Ok(places.into_iter().map(sqlite::count).collect())
    }

    /// Makes these the unreadable places of a list.
    pub async fn keep_unreadable_places(
        &self,
        account: AccountId,
        entity: Entity,
        places: &[u32],
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        keep(&mut tx, (account, entity, ""), places).await?;
        Ok(tx.commit().await?)
    }
}

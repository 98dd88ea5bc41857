//! Files of exports, so that two rows of one file are distinguished from the same play in two
//! files.
//!
//! Owns: `export_files` and `export_sightings`. Must not know: which rows describe the same play.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::plays::KeyedRow;
use crate::domain::AccountId;
use crate::store::Result;
use crate::store::db::sqlite::{self, Tx};

/// The file that rows come from.
#[derive(Debug, Default)]
pub(super) struct File {
    name: String,
    begun_at: Option<DateTime<Utc>>,
    id: Option<i64>,
}

impl File {
    pub(super) fn named(name: &str, begun_at: DateTime<Utc>) -> Self {
        Self { name: name.to_owned(), begun_at: Some(begun_at), id: None }
    }

    /// Its key; stores the file if it is not stored yet.
    pub(super) async fn id(&self, tx: &mut Tx, account: AccountId) -> Result<i64> {
        if let Some(id) = self.id {
            return Ok(id);
        }
        let sql = "insert into export_files (account_id, name, begun_at) values (?1, ?2, ?3) returning id";
        Ok(sqlx::query_scalar(sql)
            .bind(account.0)
            .bind(&self.name)
            .bind(sqlite::millis(self.begun_at.unwrap_or_default()))
            .fetch_one(&mut **tx)
            .await?)
    }

    /// The transaction that stored the file has ended.
    pub(super) const fn is_stored_as(&mut self, id: i64) {
        self.id = Some(id);
    }
}

/// Stores that the file contains already known rows, if they may be nearly equal to new rows of it.
pub(super) async fn sighted(
    tx: &mut Tx,
    account: AccountId,
    file: i64,
    new: &[KeyedRow<'_>],
    known: &[KeyedRow<'_>],
) -> Result<()> {
    if known.is_empty() {
        return Ok(());
    }
    let times: HashSet<i64> = new.iter().map(|new| new.row.ended_ms).collect();
    let near = known.iter().filter(|known| times.contains(&known.row.ended_ms));
    let near: Vec<_> = near
        .map(|KeyedRow { row, item, how, .. }| {
            (row.ended_ms, item.id, how, row.ms_played, row.offline_timestamp)
        })
        .collect();
    let sql = "insert into export_sightings (export_row_id, file_id)
               select r.id, ?3 from jsonb_each(?2) as near cross join export_rows r
               on r.account_id = ?1 and r.ended_ms = near.value ->> 0 and r.item_id = near.value ->> 1
                  and r.circumstances_id = near.value ->> 2 and r.ms_played is near.value ->> 3
                  and r.offline_timestamp is near.value ->> 4
               where r.file_id is not ?3 on conflict do nothing";
    if !near.is_empty() {
        sqlx::query(sql).bind(account.0).bind(sqlite::rows(&near)?).bind(file).execute(&mut **tx).await?;
    }
    Ok(())
}

//! What privacy exports said of the listening.
//!
//! Owns: `export_rows` with `export_items` and `export_circumstances`, and `plays_unsettled`: rows of an
//! extended history are plays at once, and until they are settled a play that the API told, too, is there
//! twice. Must not know: files and their formats.
//!
//! It may write beside an engine: every transaction is a batch or a week.

mod names;
mod plays;
mod settling;

use sqlx::SqlitePool;

use super::coverage::Span;
use super::stats::read_keeping;
use super::{Result, Store, sqlite};
use crate::domain::{AccountId, Circumstances, ExportItem, ExportRow};

pub use settling::Settled;

use names::{Keys, key_of, new_circumstances, new_items, remember};
use plays::stretches;
use settling::unsettled;

/// Writes rows of exports, batch by batch.
#[derive(Debug)]
pub struct ExportWriter {
    /// Rows of exports name items and circumstances, plays tracks and episodes: none of these is ever
    /// deleted, and this writer has put into the database, or found there, whatever it names.
    writer: SqlitePool,
    account: AccountId,
    items: Keys<ExportItem>,
    circumstances: Keys<Circumstances>,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Rows that were not known.
    pub new: u64,
}

/// A row as the statement takes it apart.
type Columns<'a> = (&'a str, i64, Option<i64>, i64, i64, Option<i64>);

impl Store {
    /// A writer of rows for this account.
    pub fn export_writer(&self, account: AccountId) -> Result<ExportWriter> {
        self.writer()?;
        let writer = sqlite::bulk_writer(&self.path);
        Ok(ExportWriter { writer, account, items: Keys::new(), circumstances: Keys::new() })
    }
}

impl ExportWriter {
    /// Stores the rows that are not known yet. One transaction.
    pub async fn write(&mut self, rows: &[ExportRow]) -> Result<Stored> {
        let ended = rows.iter().map(|row| row.ended_ms);
        let (Some(first), Some(last)) = (ended.clone().min(), ended.clone().max()) else {
            return Ok(Stored { new: 0 });
        };
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let items = new_items(&mut tx, rows, &self.items).await?;
        let circumstances = new_circumstances(&mut tx, rows, &self.circumstances).await?;
        let columns: Vec<Columns<'_>> = rows
            .iter()
            .map(|row| {
                let item = key_of(&self.items, &items, &row.item)?;
                let how = key_of(&self.circumstances, &circumstances, &row.circumstances)?;
                let format = row.format.as_str();
                Ok((format, row.ended_ms, row.ms_played, item, how, row.offline_timestamp))
            })
            .collect::<Result<_>>()?;
        let before: i64 =
            sqlx::query_scalar("select coalesce(max(id), 0) from export_rows").fetch_one(&mut *tx).await?;
        let insert = "insert into export_rows
                          (account_id, format, ended_ms, ms_played, item_id, circumstances_id, offline_timestamp)
                      select ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
                      from jsonb_each(?2) where true on conflict do nothing";
        let stored =
            sqlx::query(insert).bind(self.account.0).bind(sqlite::rows(&columns)?).execute(&mut *tx).await?;
        let new = stored.rows_affected();
        if new > 0 {
            let keeping = read_keeping(&mut tx, self.account).await?;
            for stretch in stretches(ended, keeping.zone) {
                stretch.become_plays(&mut tx, before, keeping).await?;
            }
            unsettled(&mut tx, self.account, Span::of_millis(first, last)).await?;
        }
        tx.commit().await?;
        // Keys of a transaction that failed are gone with it.
        remember(&mut self.items, items);
        remember(&mut self.circumstances, circumstances);
        Ok(Stored { new })
    }

    /// Lets go of the file.
    pub async fn close(self) {
        self.writer.close().await;
    }
}

//! What privacy exports say about the listening.
//!
//! Owns: `export_rows` with `export_items`, `export_circumstances` and the files they come from,
//! and `plays_unsettled`. Rows of an extended history are plays at once. Until they are matched, a
//! play that the API or another export also described exists twice. Must not know: how files are
//! read.
//!
//! It may write beside an engine: every transaction covers one batch or one week.

mod duplicates;
mod files;
mod names;
mod plays;
mod settling;

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, SqlitePool};

use super::coverage::CoverageSpan;
use crate::domain::{AccountId, Circumstances, ExportFormat, ExportItem, ExportRow};
use crate::store::db::sqlite;
use crate::store::db::sqlite::{Insert, Tx};
use crate::store::stats::read_keeping;
use crate::store::{PlayStore, Result};

pub use settling::Settled;

use files::{File, sighted};
use names::{ItemKey, RememberedKeys, key_of, new_circumstances, new_items};
use plays::{KeyedRow, become_plays};
use settling::add_unsettled;

/// Writes rows of exports, batch by batch.
#[derive(Debug)]
pub struct ExportWriter {
    /// Rows of exports refer to items and circumstances, and plays refer to tracks and episodes.
    /// None of these is ever deleted, and this writer has inserted, or found in the database, every
    /// row that it refers to.
    writer: SqlitePool,
    account: AccountId,
    file: File,
    items: RememberedKeys<ExportItem, ItemKey>,
    circumstances: RememberedKeys<Circumstances, i64>,
}

/// The result of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Rows that were not stored before.
    pub new: u64,
}

const ROWS: Insert = Insert {
    into: "export_rows
           (id, account_id, format, ended_ms, ms_played, item_id, circumstances_id, offline_timestamp,
            file_id, played_ms)",
    row: "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    on_conflict: "on conflict do nothing",
};

/// Which of the rows after a given row exist.
const AFTER: &str = "select json_group_array(id) from export_rows where id > ?1";

impl PlayStore<'_> {
    /// A writer of rows for this account.
    pub fn export_writer(self) -> Result<ExportWriter> {
        let Self { store, account } = self;
        store.writer()?;
        let writer = sqlite::bulk_writer(&store.path);
        Ok(ExportWriter {
            writer,
            account,
            file: File::default(),
            items: RememberedKeys::new(),
            circumstances: RememberedKeys::new(),
        })
    }
}

impl ExportWriter {
    /// The next rows come from another file, whose import began at this time.
    pub fn begin_file(&mut self, name: &str, begun_at: DateTime<Utc>) {
        self.file = File::named(name, begun_at);
    }

    /// Stores the rows that are not stored yet. One transaction.
    pub async fn write(&mut self, rows: &[ExportRow]) -> Result<Stored> {
        let Some(span) = span(rows) else { return Ok(Stored { new: 0 }) };
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let file = self.file.id(&mut tx, self.account).await?;
        let items = new_items(&mut tx, rows, &self.items.keys).await?;
        let circumstances = new_circumstances(&mut tx, rows, &self.circumstances.keys).await?;
        let before: i64 =
            sqlx::query_scalar("select coalesce(max(id), 0) from export_rows").fetch_one(&mut *tx).await?;
        let wanted: Vec<KeyedRow<'_>> = (before + 1..)
            .zip(rows)
            .map(|(id, row)| {
                let item = key_of(&self.items.keys, &items, &row.item)?;
                let how = *key_of(&self.circumstances.keys, &circumstances, &row.circumstances)?;
                Ok(KeyedRow { id, row, item, how })
            })
            .collect::<Result<_>>()?;
        let (stored, known) = store_new(&mut tx, self.account, file, wanted, before).await?;
        if !stored.is_empty() {
            let keeping = read_keeping(&mut tx, self.account).await?;
            become_plays(&mut tx, self.account, &stored, keeping).await?;
            sighted(&mut tx, self.account, file, &stored, &known).await?;
            add_unsettled(&mut tx, self.account, span).await?;
        }
        let new = stored.len() as u64;
        tx.commit().await?;
        // Keys of a failed transaction are gone with it.
        self.file.is_stored_as(file);
        self.items.remember(items);
        self.circumstances.remember(circumstances);
        Ok(Stored { new })
    }

    /// Closes the file.
    pub async fn close(self) {
        self.writer.close().await;
    }
}

/// From the first play of the rows to the last time that they report.
fn span(rows: &[ExportRow]) -> Option<CoverageSpan> {
    let first = rows.iter().map(|row| row.offline_end().unwrap_or(row.ended_ms)).min()?;
    let last = rows.iter().map(|row| row.ended_ms).max()?;
    Some(CoverageSpan::of_millis(first, last))
}

/// Stores the rows that are not stored yet, those after row `before`; returns them and the stored
/// ones.
async fn store_new<'a>(
    tx: &mut Tx,
    account: AccountId,
    file: i64,
    wanted: Vec<KeyedRow<'a>>,
    before: i64,
) -> Result<(Vec<KeyedRow<'a>>, Vec<KeyedRow<'a>>)> {
    // Shared, so that it is not repeated for every row.
    let [extended, account_data]: [Arc<str>; 2] =
        [ExportFormat::Extended, ExportFormat::AccountData].map(|format| format.as_str().into());
    let bind = |values: &mut SqliteArguments, wanted: &KeyedRow<'_>| {
        let KeyedRow { id, row, item, how } = wanted;
        let format = match row.format {
            ExportFormat::Extended => &extended,
            ExportFormat::AccountData => &account_data,
        };
        values.add(*id)?;
        values.add(account.0)?;
        values.add(Arc::clone(format))?;
        values.add(row.ended_ms)?;
        values.add(row.ms_played)?;
        values.add(item.id)?;
        values.add(*how)?;
        values.add(row.offline_timestamp)?;
        values.add(file)?;
        values.add(row.offline_end())
    };
    let stored = ROWS.run(tx, &wanted, bind).await?;
    if stored == wanted.len() as u64 {
        return Ok((wanted, Vec::new()));
    }
    let new: String = sqlx::query_scalar(AFTER).bind(before).fetch_one(&mut **tx).await?;
    let new: HashSet<i64> = sqlite::from_json(&new)?;
    Ok(wanted.into_iter().partition(|row| new.contains(&row.id)))
}

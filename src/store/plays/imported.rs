//! What privacy exports say about the listening.
//!
//! Owns: `export_rows` with `export_items`, `export_circumstances` and the files they come from,
//! and `plays_unsettled`. Rows of an extended history are plays at once. Until they are matched, a
//! play that the API or another export also described exists twice. Must not know: how files are
//! read.
//!
//! It may write beside an engine: every transaction covers one batch or one week.
//!
//! | file | idea |
//! |---|---|
//! | `files` | the imported files, and the files on disk that need not be read again |
//! | `names` | what rows name: items and circumstances |
//! | `known_rows` | which rows of a batch are stored already |
//! | `sightings` | which rows several files have |
//! | `plays` | rows that are plays at once |
//! | `duplicates` | rows of several exports about one play |
//! | `settling` | rows compared with what other sources said |
//! | `proofs` | for which time files prove that every play is known |
//! | `undo` | an import is taken back |

mod duplicates;
mod files;
mod known_rows;
mod names;
mod plays;
mod proofs;
mod settling;
mod sightings;
mod undo;

use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, SqlitePool};

use super::coverage::CoverageSpan;
use crate::domain::{AccountId, Circumstances, ExportFormat, ExportItem, ExportRow};
use crate::store::db::sqlite;
use crate::store::db::sqlite::{Insert, Tx};
use crate::store::stats::read_keeping;
use crate::store::{PlayStore, Result};

pub use files::{FileSize, ImportId, ImportedFile, ReadSource};
pub use proofs::ProvenSpan;
pub use settling::Settled;
pub use undo::{UndoOutcome, UndoRefused};

pub(in crate::store) use sightings::sighted_in;

use files::File;
use known_rows::{BatchRows, KeyedRow, KnownRow, NewRow};
use names::{ItemKey, RememberedKeys, key_of, new_circumstances, new_items};
use plays::become_plays;
use settling::add_unsettled;
use sightings::Sightings;

/// Writes rows of exports, batch by batch.
#[derive(Debug)]
pub struct ExportWriter {
    /// Rows of exports refer to items and circumstances, and plays refer to tracks and episodes.
    /// None of these is ever deleted, and this writer has inserted, or found in the database, every
    /// row that it refers to.
    writer: SqlitePool,
    account: AccountId,
    file: File,
    sightings: Sightings,
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
           (account_id, file_id, id, format, ms_played, item_id, circumstances_id, offline_timestamp, played_ms)",
    row: "(?, ?, ?, ?, ?, ?, ?, ?, ?)",
};

/// The number of a format in `export_rows.format`.
pub(in crate::store) const fn format_number(format: ExportFormat) -> i64 {
    match format {
        ExportFormat::Extended => 1,
        ExportFormat::AccountData => 2,
    }
}

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
            sightings: Sightings::default(),
            items: RememberedKeys::new(),
            circumstances: RememberedKeys::new(),
        })
    }
}

impl ExportWriter {
    /// The next rows come from another file, whose import began at this time.
    pub fn begin_file(&mut self, name: &str, begun_at: DateTime<Utc>) {
        self.file = File::named(name, begun_at);
        self.sightings = Sightings::default();
    }

    /// The number of the current file; `None` before its first rows are stored.
    #[must_use]
    pub fn file(&self) -> Option<ImportId> {
        self.file.stored_id()
    }

    /// Stores the rows that are not stored yet. One transaction.
    pub async fn write(&mut self, rows: &[ExportRow]) -> Result<Stored> {
        let Some(span) = span(rows) else { return Ok(Stored { new: 0 }) };
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let file = self.file.id(&mut tx, self.account).await?;
        let items = new_items(&mut tx, rows, &self.items.keys).await?;
        let circumstances = new_circumstances(&mut tx, rows, &self.circumstances.keys).await?;
        let keyed = rows.iter().map(|row| {
            let item = *key_of(&self.items.keys, &items, &row.item)?;
            let how = *key_of(&self.circumstances.keys, &circumstances, &row.circumstances)?;
            Ok(KeyedRow { row, item, how })
        });
        let keyed = keyed.collect::<Result<_>>()?;
        let BatchRows { new, known } = known_rows::split(&mut tx, self.account, keyed).await?;
        if !new.is_empty() {
            store(&mut tx, self.account, file, &new).await?;
            let keeping = read_keeping(&mut tx, self.account).await?;
            become_plays(&mut tx, self.account, &new, keeping).await?;
        }
        let sightings = self.sightings.add(&mut tx, self.account, file, &known).await?;
        // Which rows describe one play depends on the files that have them.
        let has_rival = |row: &KnownRow| row.file != Some(file) && !row.is_alone;
        if !new.is_empty() || known.iter().any(has_rival) {
            add_unsettled(&mut tx, self.account, span).await?;
        }
        tx.commit().await?;
        // Keys of a failed transaction are gone with it.
        self.file.is_stored_as(file);
        self.sightings = sightings;
        self.items.remember(items);
        self.circumstances.remember(circumstances);
        Ok(Stored { new: new.len() as u64 })
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

/// Stores new rows.
async fn store(tx: &mut Tx, account: AccountId, file: i64, rows: &[NewRow<'_>]) -> Result<()> {
    let bind = |values: &mut SqliteArguments, new: &NewRow<'_>| {
        let NewRow { id, keyed: KeyedRow { row, item, how } } = new;
        values.add(account.0)?;
        values.add(file)?;
        values.add(*id)?;
        values.add(format_number(row.format))?;
        values.add(row.ms_played)?;
        values.add(item.id)?;
        values.add(*how)?;
        values.add(row.offline_timestamp)?;
        values.add(row.offline_end())
    };
    ROWS.run(tx, rows, bind).await
}

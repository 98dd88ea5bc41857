//! The files that were imported.
//!
//! Owns: `export_files` and `export_sources`. Must not know: rows.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::FromRow;

use crate::domain::{AccountId, ExportFormat, SourceDigest};
use crate::store::db::sqlite::{self, Tx};
use crate::store::{PlayStore, Result};

/// The key of an imported file, which people name it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ImportId(pub i64);

/// An imported file, as `v_imports` has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct ImportedFile {
    /// Its number.
    pub id: i64,
    /// Its name, without the folders of the machine it was read on.
    pub file: String,
    /// `extended` or `account_data`; `None` if no row could be read.
    pub format: Option<String>,
    /// When its import began, in RFC 3339.
    pub imported_at: String,
    /// All its rows; `None` if it was not read to its end.
    pub rows: Option<i64>,
    /// Plays that it was the first to describe.
    pub plays: i64,
    /// When it was taken back, in RFC 3339.
    pub undone_at: Option<String>,
}

/// Rows of a file that was read to its end.
#[derive(Debug, Clone, Copy)]
pub struct FileSize {
    /// The format of the first row.
    pub format: Option<ExportFormat>,
    /// Readable or not.
    pub rows: u64,
}

/// A file on disk that was read whole, and what was found in it.
#[derive(Debug, Clone, Copy)]
pub struct ReadSource<'a> {
    /// Its contents.
    pub digest: SourceDigest,
    /// The imported files in it.
    pub files: &'a [ImportId],
    /// JSON for [`PlayStore::known_sources`].
    pub report: &'a str,
}

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
        let sql = "insert into export_files (account_id, name, begun_at, shares_known)
                   values (?1, ?2, ?3, 1) returning id";
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

    /// Its key, once it is stored.
    pub(super) fn stored_id(&self) -> Option<ImportId> {
        self.id.map(ImportId)
    }
}

/// The version of the program that reads files.
const VERSION: &str = env!("CARGO_PKG_VERSION");

impl PlayStore<'_> {
    /// The imported files, the newest first.
    pub async fn imports(self) -> Result<Vec<ImportedFile>> {
        let Self { store, account } = self;
        let sql = "select id, file, format, imported_at, rows, plays, undone_at from v_imports
                   where account_id = ?1 order by id desc";
        Ok(sqlx::query_as(sql).bind(account.0).fetch_all(&store.readers).await?)
    }

    /// Files on disk whose every row is stored, each with the report that [`ReadSource`] had.
    pub async fn known_sources(self) -> Result<HashMap<SourceDigest, String>> {
        let Self { store, account } = self;
        let sql = "select digest, report from export_sources where account_id = ?1 and version = ?2";
        let found: Vec<(Vec<u8>, String)> =
            sqlx::query_as(sql).bind(account.0).bind(VERSION).fetch_all(&store.readers).await?;
        let known =
            |(digest, report): (Vec<u8>, String)| Some((SourceDigest(digest.try_into().ok()?), report));
        Ok(found.into_iter().filter_map(known).collect())
    }

    /// Stores that a file was read to its end.
    pub async fn finish_file(self, file: ImportId, size: FileSize) -> Result<()> {
        let sql = "update export_files set format = ?2, rows = ?3 where id = ?1";
        self.store
            .execute(
                sqlx::query(sql)
                    .bind(file.0)
                    .bind(size.format.map(ExportFormat::as_str))
                    .bind(i64::try_from(size.rows).unwrap_or(i64::MAX)),
            )
            .await
    }

    /// Stores that every row of a file on disk is stored. One transaction.
    pub async fn finish_source(self, source: ReadSource<'_>) -> Result<()> {
        let Self { store, account } = self;
        let mut tx = store.begin().await?;
        let files: Vec<i64> = source.files.iter().map(|file| file.0).collect();
        let files = sqlite::rows(&files)?;
        // Another process may have taken one of them back meanwhile.
        let sql = "select count(*) from export_files
                   where undone_at is not null and id in (select value from jsonb_each(?1))";
        let undone: i64 = sqlx::query_scalar(sql).bind(&files).fetch_one(&mut *tx).await?;
        if undone > 0 {
            return Ok(());
        }
        let sql = "insert into export_sources (account_id, digest, version, report) values (?1, ?2, ?3, ?4)
                   on conflict do update set version = excluded.version, report = excluded.report returning id";
        let id: i64 = sqlx::query_scalar(sql)
            .bind(account.0)
            .bind(source.digest.0.as_slice())
            .bind(VERSION)
            .bind(source.report)
            .fetch_one(&mut *tx)
            .await?;
        let sql = "update export_files set source_id = ?2 where id in (select value from jsonb_each(?1))";
        sqlx::query(sql).bind(&files).bind(id).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }
}

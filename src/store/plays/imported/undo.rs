//! An import is taken back: rows that only its file has go, and the plays that they provided become
//! what the other sources say of them.
//!
//! Owns: the order in which that happens. Must not know: who asked for it.
//!
//! Each transaction takes some thousands of rows with everything that follows from them, so an
//! engine can write in between, and a kill leaves a file of which some rows are left. Taking it
//! back again continues there.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::SqlitePool;

use super::duplicates::{place_of_play, plays_of_rows, tell_once};
use super::files::ImportId;
use super::settling::add_unsettled;
use super::{proofs, sighted_in};
use crate::domain::AccountId;
use crate::store::db::sqlite::{self, Tx};
use crate::store::play_columns::facts::{PlayFacts, PlaySource, export_row_of_play};
use crate::store::play_columns::time_id;
use crate::store::plays::coverage::CoverageSpan;
use crate::store::plays::evidence::{ExportedRow, exported_rows};
use crate::store::{PlayStore, Result, StoreError, stats};

/// The rows that one transaction takes back.
const AT_ONCE: u32 = 10_000;

/// What became of the rows of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UndoOutcome {
    /// Rows that are gone: no other file has them.
    pub gone: u64,
    /// Rows that stay, because another file has them, too.
    pub kept: u64,
}

/// Why an import cannot be taken back.
#[derive(Debug, thiserror::Error)]
pub enum UndoRefused {
    /// There is no such import.
    #[error("there is no import {}; `phonolog imports` lists them", .0.0)]
    Unknown(ImportId),
    /// Nothing is left of it.
    #[error("import {} was undone at {at}; import the file again to restore its plays", id.0)]
    Undone {
        /// The import.
        id: ImportId,
        /// When, in RFC 3339.
        at: String,
    },
    /// An earlier version imported it.
    #[error(
        "import {} was made by an earlier version, which did not record what it shares with other \
         files, so it cannot be undone; restore a backup from before it instead",
        .0.0
    )]
    TooOld(ImportId),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for UndoRefused {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl PlayStore<'_> {
    /// Takes an import back, and continues where an earlier attempt ended, however little that left.
    /// The plays are settled, also if the import is refused; the statistics are not.
    pub async fn undo_import(
        self,
        file: ImportId,
        now: DateTime<Utc>,
    ) -> std::result::Result<UndoOutcome, UndoRefused> {
        let Self { store, account } = self;
        self.settle_exports().await?;
        // It deletes rows that others refer to, and changes these in the same transaction.
        let writer = sqlite::bulk_writer(&store.path);
        let taken_back = take_back(&writer, account, file, now).await;
        writer.close().await;
        let outcome = taken_back?;
        self.settle_exports().await?;
        Ok(outcome)
    }
}

async fn take_back(
    writer: &SqlitePool,
    account: AccountId,
    file: ImportId,
    now: DateTime<Utc>,
) -> std::result::Result<UndoOutcome, UndoRefused> {
    let mut tx = writer.begin_with("BEGIN IMMEDIATE").await?;
    begin(&mut tx, account, file, now).await?;
    tx.commit().await?;
    let (mut outcome, mut after) = (UndoOutcome::default(), i64::MIN);
    loop {
        let mut tx = writer.begin_with("BEGIN IMMEDIATE").await?;
        let rows = next_rows(&mut tx, file, after).await?;
        let Some(last) = rows.last() else { return Ok(outcome) };
        after = last.id;
        let (kept, gone): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.other_file.is_some());
        hand_over(&mut tx, &kept).await?;
        take(&mut tx, account, &gone).await?;
        tx.commit().await?;
        outcome.kept += kept.len() as u64;
        outcome.gone += gone.len() as u64;
    }
}

/// From now on the file has nothing in common with others, proves nothing, and is read again if it
/// is imported again.
async fn begin(
    tx: &mut Tx,
    account: AccountId,
    file: ImportId,
    now: DateTime<Utc>,
) -> std::result::Result<(), UndoRefused> {
    let sql = "select undone_at, shares_known, exists(select 1 from export_rows where file_id = f.id)
               from export_files f where account_id = ?1 and id = ?2";
    let found: Option<(Option<String>, bool, bool)> =
        sqlx::query_as(sql).bind(account.0).bind(file.0).fetch_optional(&mut **tx).await?;
    match found {
        None => return Err(UndoRefused::Unknown(file)),
        Some((_, false, _)) => return Err(UndoRefused::TooOld(file)),
        Some((Some(at), _, false)) => return Err(UndoRefused::Undone { id: file, at }),
        // An earlier attempt was interrupted.
        Some((Some(_), _, true)) => return Ok(()),
        Some((None, ..)) => {}
    }
    let source: Option<i64> = sqlx::query_scalar("select source_id from export_files where id = ?1")
        .bind(file.0)
        .fetch_one(&mut **tx)
        .await?;
    for sql in [
        "update export_files set source_id = null where source_id = ?1",
        "delete from export_sources where id = ?1",
    ] {
        sqlx::query(sql).bind(source).execute(&mut **tx).await?;
    }
    let sql = "update export_files set undone_at = ?2 where id = ?1";
    sqlx::query(sql).bind(file.0).bind(sqlite::millis(now)).execute(&mut **tx).await?;
    forget_sightings(tx, account, file).await?;
    proofs::forget(tx, account, file).await?;
    Ok(())
}

/// The file has no rows of other files any more. Which of them describe one play is examined again,
/// because it depends on the files that have them.
async fn forget_sightings(tx: &mut Tx, account: AccountId, file: ImportId) -> Result<()> {
    let sql = "select min(first_row), max(last_row) from export_sightings where file_id = ?1";
    let (first, last): (Option<i64>, Option<i64>) =
        sqlx::query_as(sql).bind(file.0).fetch_one(&mut **tx).await?;
    let (Some(first), Some(last)) = (first, last) else { return Ok(()) };
    let span = CoverageSpan::of_millis(time_id::ended_ms(first), time_id::ended_ms(last));
    add_unsettled(tx, account, span).await?;
    let sql = "delete from export_sightings where file_id = ?1";
    sqlx::query(sql).bind(file.0).execute(&mut **tx).await?;
    Ok(())
}

/// A row of the file.
#[derive(sqlx::FromRow)]
struct FileRow {
    id: i64,
    ended_ms: i64,
    /// The next file that has it, too.
    other_file: Option<i64>,
}

async fn next_rows(tx: &mut Tx, file: ImportId, after: i64) -> Result<Vec<FileRow>> {
    let sql = concat!(
        "select r.id, ifnull(r.played_ms, r.id >> 20) as ended_ms, (select min(file_id) from (",
        sighted_in!(),
        ")) as other_file
         from export_rows r where r.file_id = ?1 and r.id > ?2 order by r.id limit ?3"
    );
    Ok(sqlx::query_as(sql).bind(file.0).bind(after).bind(AT_ONCE).fetch_all(&mut **tx).await?)
}

/// The rows stay, as rows of the next file that has them.
async fn hand_over(tx: &mut Tx, rows: &[FileRow]) -> Result<()> {
    let files: Vec<_> = rows.iter().map(|row| (row.id, row.other_file)).collect();
    let sql = "update export_rows set file_id = j.value ->> 1
               from jsonb_each(?1) j where export_rows.id = j.value ->> 0";
    sqlx::query(sql).bind(sqlite::rows(&files)?).execute(&mut **tx).await?;
    Ok(())
}

/// Deletes the rows. A play that Spotify listed, too, is what Spotify said of it; where a row of
/// another file describes the same play, that row provides it.
async fn take(tx: &mut Tx, account: AccountId, rows: &[FileRow]) -> Result<()> {
    let Some(span) = span(rows) else { return Ok(()) };
    let places: Vec<_> = rows.iter().map(|row| place_of_play(row.id, row.ended_ms)).collect();
    let places = sqlite::rows(&places)?;
    let listed = concat!(
        "update play_rows set export_row_id = null, ms_played = null, facts = ?3
         where observation_id is not null and id in (",
        plays_of_rows!(),
        ")"
    );
    let facts = PlayFacts { source: PlaySource::Api, skipped: None, counts: true, has_own_row: false };
    sqlx::query(listed).bind(account.0).bind(&places).bind(facts.bits()).execute(&mut **tx).await?;
    let others = concat!("delete from play_rows where id in (", plays_of_rows!(), ")");
    sqlx::query(others).bind(account.0).bind(&places).execute(&mut **tx).await?;
    let delete = "delete from export_rows where id in (select value ->> 0 from jsonb_each(?1))";
    sqlx::query(delete).bind(&places).execute(&mut **tx).await?;
    let times: HashSet<i64> = rows.iter().map(|row| time_id::first_id(time_id::ended_ms(row.id))).collect();
    let times: Vec<i64> = times.into_iter().collect();
    let left =
        sqlx::query_as(AT_TIMES).bind(account.0).bind(sqlite::rows(&times)?).fetch_all(&mut **tx).await?;
    let left = left.into_iter().map(ExportedRow::of).collect::<Result<Vec<_>>>()?;
    tell_once(tx, account, left).await?;
    add_unsettled(tx, account, span).await?;
    stats::touched(tx, account, span.from, span.to).await
}

/// The rows that the account has at some times; `?2` is a JSON array of their first numbers.
const AT_TIMES: &str = exported_rows!(
    "jsonb_each(?2) times cross join export_rows r
     on r.account_id = ?1 and r.id >= times.value and r.id < times.value + 1048576"
);

/// From the first end of these rows to the last.
fn span(rows: &[FileRow]) -> Option<CoverageSpan> {
    let reported = rows.iter().map(|row| time_id::ended_ms(row.id));
    let ends = reported.chain(rows.iter().map(|row| row.ended_ms));
    Some(CoverageSpan::of_millis(ends.clone().min()?, ends.max()?))
}

//! For which time imported files prove that every play is known.
//!
//! Owns: `export_proofs`. Must not know: how rows prove anything.

use chrono::{DateTime, Utc};

use super::files::ImportId;
use crate::domain::{AccountId, CoverageState, Interval};
use crate::store::db::sqlite::{self, Tx};
use crate::store::plays::coverage;
use crate::store::{PlayStore, Result};

/// A span of time, both ends included, for which files contain every play.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProvenSpan {
    /// The start.
    pub from: DateTime<Utc>,
    /// The end.
    pub to: DateTime<Utc>,
    /// The file that proves it.
    pub file: ImportId,
    /// The file of the next number, if only both together prove it.
    pub next_file: Option<ImportId>,
}

impl PlayStore<'_> {
    /// Stores that files are complete for these spans, unless one of the files was taken back
    /// meanwhile. One transaction.
    #[tracing::instrument(level = "error", skip_all)]
    pub async fn cover_by_import(self, spans: &[ProvenSpan]) -> Result<()> {
        let Self { store, account } = self;
        let mut tx = store.begin().await?;
        let rows: Vec<_> = spans
            .iter()
            .map(|span| (span.file, span.next_file, sqlite::millis(span.from), sqlite::millis(span.to)))
            .collect();
        let sql = "insert into export_proofs (account_id, file_id, next_file_id, from_at, to_at)
                   select ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3 from jsonb_each(?2)
                   where not exists (select 1 from export_files f where f.undone_at is not null
                                     and f.id in (value ->> 0, value ->> 1))
                   returning from_at, to_at";
        let proven: Vec<(String, String)> =
            sqlx::query_as(sql).bind(account.0).bind(sqlite::rows(&rows)?).fetch_all(&mut *tx).await?;
        let proven = proven.iter().map(span).collect::<Result<Vec<_>>>()?;
        coverage::update(&mut tx, account, |coverage| {
            for (from, to) in proven {
                coverage.imported(from, to);
            }
        })
        .await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Nothing counts as proven by this file any more.
pub(super) async fn forget(tx: &mut Tx, account: AccountId, file: ImportId) -> Result<()> {
    let sql = "delete from export_proofs where file_id = ?1 or next_file_id = ?1";
    let forgotten = sqlx::query(sql).bind(file.0).execute(&mut **tx).await?;
    if forgotten.rows_affected() == 0 {
        return Ok(());
    }
    let spans = |sql: &'static str| sqlx::query_as::<_, (String, String)>(sql).bind(account.0);
    let proven = "select from_at, to_at from export_proofs where account_id = ?1 order by id";
    let proven = spans(proven).fetch_all(&mut **tx).await?.iter().map(span).collect::<Result<Vec<_>>>()?;
    let gaps = "select from_at, to_at from play_gaps where account_id = ?1 order by id";
    let gaps = spans(gaps).fetch_all(&mut **tx).await?.iter().map(span).collect::<Result<Vec<_>>>()?;
    coverage::update(tx, account, |coverage| {
        let listed = coverage.intervals().iter().filter(|known| known.state == CoverageState::Complete);
        let listed: Vec<Interval> = listed.copied().collect();
        *coverage = crate::domain::Coverage::new(listed);
        for (from, to) in gaps {
            coverage.lost(from, to);
        }
        for (from, to) in proven {
            coverage.imported(from, to);
        }
    })
    .await
}

/// A span in milliseconds since 1970.
fn span((from, to): &(String, String)) -> Result<(i64, i64)> {
    Ok((sqlite::time_millis(from)?, sqlite::time_millis(to)?))
}

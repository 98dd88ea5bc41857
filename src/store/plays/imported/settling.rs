//! Compares rows of exports with what other sources said about the same listening.
//!
//! Owns: `plays_unsettled`, the span in which that is not done yet. Must not know: how plays are
//! derived.

use crate::domain::{AccountId, REACH_MS};
use crate::store::db::sqlite::{self, Tx};
use crate::store::play_columns::time_id;
use crate::store::plays::coverage::{CoverageSpan, execute_with_span};
use crate::store::plays::derive::{self, DeriveOutcome};
use crate::store::{PlayStore, Result, stats};

/// The length of the history that one transaction processes.
const STRETCH_MS: i64 = 7 * 86_400_000;

/// The result of processing the whole span.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    /// Rows about a play that another source described, too.
    pub matched: u64,
}

/// Extends the span that is not processed yet.
pub(super) async fn add_unsettled(tx: &mut Tx, account: AccountId, span: CoverageSpan) -> Result<()> {
    let sql = "insert into plays_unsettled as old (account_id, from_at, to_at) values (?1, ?2, ?3)
               on conflict do update set from_at = min(old.from_at, excluded.from_at),
                                         to_at = max(old.to_at, excluded.to_at)
               where excluded.from_at < old.from_at or excluded.to_at > old.to_at";
    execute_with_span(tx, sql, account, span).await
}

/// Removes the processed part of the span; what another import added meanwhile outside it stays.
async fn remove_settled(tx: &mut Tx, account: AccountId, span: CoverageSpan) -> Result<()> {
    let sql = "delete from plays_unsettled where account_id = ?1 and from_at >= ?2 and to_at <= ?3";
    execute_with_span(tx, sql, account, span).await
}

impl PlayStore<'_> {
    /// Matches the imported rows with what other sources said, and finds which of them describe a
    /// known play. Without such rows it does only a lookup.
    #[tracing::instrument(level = "error", skip_all)]
    pub async fn settle_exports(self) -> Result<Settled> {
        let Self { store, account } = self;
        let sql = "select from_at, to_at from plays_unsettled where account_id = ?1";
        let open: Option<(String, String)> =
            sqlx::query_as(sql).bind(account.0).fetch_optional(&store.readers).await?;
        let Some((from, to)) = open else { return Ok(Settled::default()) };
        let (whole, to) = (sqlite::time(&from)?, sqlite::time(&to)?);
        let mut from = whole.timestamp_millis();
        let last = to.timestamp_millis();
        let mut settled = Settled { matched: self.settle_duplicates(from, last).await? };
        while let Some(next) = self.next_told_otherwise(from, last).await? {
            let end = (next + STRETCH_MS).min(last);
            let mut tx = store.begin().await?;
            let DeriveOutcome { taken_over, .. } = derive::settle(&mut tx, account, next, end).await?;
            settled.matched += u64::from(taken_over);
            tx.commit().await?;
            from = end + 1;
        }
        let mut tx = store.begin().await?;
        stats::touched(&mut tx, account, whole, to).await?;
        remove_settled(&mut tx, account, CoverageSpan { from: whole, to }).await?;
        tx.commit().await?;
        Ok(settled)
    }

    /// The first evidence from `from` on that may describe the same play as a row of an extended
    /// history. Evidence that reaches into `from..=to` from outside counts as `from`.
    async fn next_told_otherwise(self, from: i64, to: i64) -> Result<Option<i64>> {
        let Self { store, account } = self;
        if from > to {
            return Ok(None);
        }
        let sql = "select min(at) from (
                       select min(id) >> 20 as at from export_rows
                       where account_id = ?1 and format = 2 and id >= ?2 and id < ?3
                       union all
                       select cast(round(unixepoch(min(played_at), 'subsec') * 1000) as integer)
                       from play_observations where account_id = ?1 and played_at between ?4 and ?5)";
        let at: Option<i64> = sqlx::query_scalar(sql)
            .bind(account.0)
            .bind(time_id::first_id(from - REACH_MS))
            .bind(time_id::first_id(to + REACH_MS + 1))
            .bind(sqlite::millis(sqlite::at_millis(from - REACH_MS)))
            .bind(sqlite::millis(sqlite::at_millis(to + REACH_MS)))
            .fetch_one(&store.readers)
            .await?;
        Ok(at.map(|at| (at - REACH_MS).clamp(from, to)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{Bench, at};

    fn span(from: i64, to: i64) -> CoverageSpan {
        CoverageSpan { from: at(from), to: at(to) }
    }

    #[tokio::test]
    async fn what_several_imports_stored_is_left_to_be_settled_until_all_of_it_is() {
        let bench = Bench::new().await;
        let mark = async |marked: CoverageSpan, settled: Option<CoverageSpan>| {
            let mut tx = bench.store.begin().await.unwrap();
            add_unsettled(&mut tx, bench.account, marked).await.unwrap();
            if let Some(settled) = settled {
                remove_settled(&mut tx, bench.account, settled).await.unwrap();
            }
            tx.commit().await.unwrap();
            let open: Vec<(String, String)> = bench.rows("select from_at, to_at from plays_unsettled").await;
            open.iter()
                .map(|(from, to)| (sqlite::time(from).unwrap(), sqlite::time(to).unwrap()))
                .collect::<Vec<_>>()
        };
        assert_eq!(mark(span(50, 60), None).await, [(at(50), at(60))]);
        assert_eq!(mark(span(10, 20), None).await, [(at(10), at(60))], "the earlier one and the later one");
        assert_eq!(mark(span(30, 40), None).await, [(at(10), at(60))]);
        assert_eq!(mark(span(30, 90), Some(span(10, 60))).await, [(at(10), at(90))], "it came meanwhile");
        assert_eq!(mark(span(30, 40), Some(span(10, 90))).await, []);
    }
}

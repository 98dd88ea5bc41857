//! For which time the listening history is known.
//!
//! Owns: `play_coverage` and `play_gaps`, and what one poll proves. Complete means: everything that
//! Spotify listed. A time in no interval is unknown. Must not know: the plays themselves.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{AccountId, Coverage, DayCoverage, Interval, Snapshot, coverage_by_day};
use crate::store::db::sqlite::{self, Tx};
use crate::store::{PlayStore, Result};

/// A span of time, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct CoverageSpan {
    pub(in crate::store) from: DateTime<Utc>,
    pub(in crate::store) to: DateTime<Utc>,
}

impl CoverageSpan {
    /// A span from milliseconds since 1970; values out of range become the first or the last
    /// possible time.
    pub(in crate::store) fn of_millis(from: i64, to: i64) -> Self {
        Self { from: sqlite::at_millis(from), to: sqlite::at_millis(to) }
    }
}

/// The span of an answer. A play that was reported late is above newer ones and says nothing about
/// the time before it, so rows with a newer row below them do not count.
pub(in crate::store) fn spanned(
    played_at: impl DoubleEndedIterator<Item = DateTime<Utc>>,
) -> Option<CoverageSpan> {
    let mut span: Option<CoverageSpan> = None;
    for at in played_at.rev() {
        span = match span {
            None => Some(CoverageSpan { from: at, to: at }),
            Some(span) => Some(CoverageSpan { to: span.to.max(at), ..span }),
        };
    }
    span
}

/// The gap in which plays were lost. If a page names no known play although some were known, the
/// gap begins at the newest play known before the page. Spotify lists about the 50 newest plays, so
/// the known ones have left the list. A page with fewer rows, because some were withdrawn, changes
/// nothing about that.
pub(in crate::store) fn gap(
    page: CoverageSpan,
    overlaps: bool,
    newest_before: Option<DateTime<Utc>>,
) -> Option<CoverageSpan> {
    let from = newest_before.filter(|_| !overlaps)?;
    Some(CoverageSpan { from, to: page.from })
}

/// Reads the known coverage, lets `change` add to it, and writes what differs.
pub(in crate::store) async fn update(
    tx: &mut Tx,
    account: AccountId,
    change: impl FnOnce(&mut Coverage),
) -> Result<()> {
    let sql = "select from_at, to_at, state from play_coverage where account_id = ?1";
    let before: Vec<Row> = sqlx::query_as(sql).bind(account.0).fetch_all(&mut **tx).await?;
    let intervals = before.iter().map(interval).collect::<Result<_>>()?;
    let mut coverage = Coverage::new(intervals);
    change(&mut coverage);
    let after: Vec<Row> = coverage.intervals().iter().map(row).collect();
    let (old, new): (HashSet<_>, HashSet<_>) = (before.iter().collect(), after.iter().collect());
    let gone: Vec<_> = old.difference(&new).collect();
    let come: Vec<_> = new.difference(&old).collect();
    if gone.is_empty() && come.is_empty() {
        return Ok(());
    }
    let delete = "delete from play_coverage where account_id = ?1 and (from_at, to_at, state) in
                  (select value ->> 0, value ->> 1, value ->> 2 from jsonb_each(?2))";
    sqlx::query(delete).bind(account.0).bind(sqlite::rows(&gone)?).execute(&mut **tx).await?;
    let insert = "insert into play_coverage (account_id, from_at, to_at, state)
                  select ?1, value ->> 0, value ->> 1, value ->> 2 from jsonb_each(?2)";
    sqlx::query(insert).bind(account.0).bind(sqlite::rows(&come)?).execute(&mut **tx).await?;
    Ok(())
}

/// Plays of this span were lost. It is known even after an import filled the gap, because the import
/// may be taken back.
pub(in crate::store) async fn remember_gap(tx: &mut Tx, account: AccountId, gap: CoverageSpan) -> Result<()> {
    let sql = "insert into play_gaps (account_id, from_at, to_at) values (?1, ?2, ?3)";
    execute_with_span(tx, sql, account, gap).await
}

/// Runs a statement about an account (`?1`) and a span (`?2` and `?3`).
pub(in crate::store) async fn execute_with_span(
    tx: &mut Tx,
    sql: &'static str,
    account: AccountId,
    span: CoverageSpan,
) -> Result<()> {
    sqlx::query(sql)
        .bind(account.0)
        .bind(sqlite::millis(span.from))
        .bind(sqlite::millis(span.to))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

impl PlayStore<'_> {
    /// How completely each of the last days up to `end` is known, the newest last.
    pub(in crate::store) async fn coverage_by_day(self, end: DateTime<Utc>) -> Result<Vec<DayCoverage>> {
        let Self { store, account } = self;
        let sql = "select from_at, to_at, state from play_coverage where account_id = ?1 and to_at >= ?2";
        let from = end - TimeDelta::days(i64::from(Snapshot::COVERAGE_DAYS));
        let rows: Vec<Row> =
            sqlx::query_as(sql).bind(account.0).bind(sqlite::millis(from)).fetch_all(&store.readers).await?;
        let intervals = rows.iter().map(interval).collect::<Result<Vec<_>>>()?;
        Ok(coverage_by_day(&intervals, end.timestamp_millis(), Snapshot::COVERAGE_DAYS))
    }
}

type Row = (String, String, String);

fn interval((from, to, state): &Row) -> Result<Interval> {
    let millis = sqlite::time_millis;
    Ok(Interval { from: millis(from)?, to: millis(to)?, state: sqlite::word(state)? })
}

fn row(interval: &Interval) -> Row {
    let CoverageSpan { from, to } = CoverageSpan::of_millis(interval.from, interval.to);
    (sqlite::millis(from), sqlite::millis(to), interval.state.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn span(from: i64, to: i64) -> CoverageSpan {
        CoverageSpan { from: at(from), to: at(to) }
    }

    #[test]
    fn a_late_arrival_does_not_stretch_what_an_answer_spans() {
        let listed = |seconds: &[i64]| {
            spanned(seconds.iter().map(|second| at(*second)).collect::<Vec<_>>().into_iter())
        };
        assert_eq!(listed(&[]), None);
        assert_eq!(listed(&[9, 7, 5]), Some(span(5, 9)));
        assert_eq!(listed(&[1, 9, 7, 5]), Some(span(5, 9)));
        assert_eq!(listed(&[9, 1, 7, 5]), Some(span(5, 9)));
    }

    #[test]
    fn a_page_that_names_nothing_known_leaves_a_gap_however_long_it_is() {
        let page = span(100, 200);
        assert_eq!(gap(page, false, Some(at(40))), Some(span(40, 100)));
        assert_eq!(gap(page, true, Some(at(40))), None);
        assert_eq!(gap(page, false, None), None);
    }
}

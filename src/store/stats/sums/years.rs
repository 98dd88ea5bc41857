//! Sums up past years from their months.
//!
//! Owns: `stats_years`, whose rows a trigger deletes as soon as one of their months changes. Must
//! not know: plays.

use super::encoding::{self, Sums};
use super::items;
use crate::domain::AccountId;
use crate::store::Result;
use crate::store::db::sqlite::Tx;
use crate::store::stats::listening::PeriodParts;

/// The first year that has sums of months but no sum of its own, although a later year has begun.
pub(in crate::store) const NEXT: &str = "
select min(substr(m.month, 1, 4)) from stats_months m
where m.account_id = ?1
  and substr(m.month, 1, 4) < (select substr(max(month), 1, 4) from stats_months where account_id = ?1)
  and not exists (select 1 from stats_years y
                  where y.account_id = m.account_id and y.year = substr(m.month, 1, 4))";

const MONTHS: &str = "
select sums from stats_months
where account_id = ?1 and month >= ?2 || '-01' and month <= ?2 || '-12' order by month";

const WRITE: &str = "
insert into stats_years (account_id, year, from_at, to_at, sums)
select ?1, ?2, min(from_at), max(to_at), ?3 from stats_months
where account_id = ?1 and month >= ?2 || '-01' and month <= ?2 || '-12'";

/// Sums up one year; `false` if all past years have their sums.
pub(in crate::store::stats) async fn sum_up_next(tx: &mut Tx, account: AccountId) -> Result<bool> {
    let year: Option<String> = sqlx::query_scalar(NEXT).bind(account.0).fetch_one(&mut **tx).await?;
    let Some(year) = year else { return Ok(false) };
    let months: Vec<Vec<u8>> =
        sqlx::query_scalar(MONTHS).bind(account.0).bind(&year).fetch_all(&mut **tx).await?;
    let mut totals = items::room(&mut *tx).await?;
    for month in &months {
        encoding::add(month, PeriodParts::Everything, &mut totals)?;
    }
    let sums = Sums::of(&totals.times, totals.items.iter()).packed()?;
    sqlx::query(WRITE).bind(account.0).bind(&year).bind(sums).execute(&mut **tx).await?;
    Ok(true)
}

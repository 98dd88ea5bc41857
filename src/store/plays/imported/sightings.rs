//! Which rows a file has in common with files before it.
//!
//! Owns: `export_sightings`. Must not know: which rows describe the same play, or how an import is
//! taken back.
//!
//! A new export repeats nearly every row of the one before, so what they have in common is a few
//! long runs of rows. A run covers every row from its first to its last that came from a file with
//! a smaller number; what another file adds between them later has a greater one. The runs of one
//! file do not overlap.

use super::known_rows::KnownRow;
use crate::domain::AccountId;
use crate::store::Result;
use crate::store::db::sqlite::{self, Tx};

/// The files after the first that have the row `r`, as a subquery of one column `file_id`.
macro_rules! sighted_in {
    () => {
        "select f.id as file_id from export_files f
         where f.account_id = r.account_id and f.id > ifnull(r.file_id, 0) and ifnull((
             select s.last_row from export_sightings s
             where s.file_id = f.id and s.first_row <= r.id order by s.first_row desc limit 1), -1) >= r.id"
    };
}
pub(in crate::store) use sighted_in;

/// The first and the last row of a run.
type Run = (i64, i64);

/// What a file was found to have in common with others so far.
#[derive(Debug, Default)]
pub(super) struct Sightings {
    last_row: Option<i64>,
}

impl Sightings {
    /// Stores that the file has these rows, too.
    pub(super) async fn add(
        &self,
        tx: &mut Tx,
        account: AccountId,
        file: i64,
        known: &[KnownRow],
    ) -> Result<Self> {
        let of_others = known.iter().filter(|row| row.file != Some(file));
        let mut ids: Vec<i64> = of_others.map(|row| row.id).collect();
        ids.sort_unstable();
        if ids.first() <= self.last_row.as_ref() {
            ids = unseen(tx, file, &ids).await?;
        }
        let Some(last) = ids.last() else { return Ok(Self { last_row: self.last_row }) };
        let last_row = Some(*last).max(self.last_row);
        let runs = runs(tx, account, file, &ids).await?;
        let sql = "insert into export_sightings (file_id, first_row, last_row)
                   select ?1, value ->> 0, value ->> 1 from jsonb_each(?2)";
        sqlx::query(sql).bind(file).bind(sqlite::rows(&runs)?).execute(&mut **tx).await?;
        Ok(Self { last_row })
    }
}

/// Those that are in no run of the file yet: a file may have a row twice.
async fn unseen(tx: &mut Tx, file: i64, ids: &[i64]) -> Result<Vec<i64>> {
    let sql = "select j.value from jsonb_each(?2) j where ifnull((
                   select s.last_row from export_sightings s
                   where s.file_id = ?1 and s.first_row <= j.value order by s.first_row desc limit 1), -1) < j.value
               order by j.value";
    Ok(sqlx::query_scalar(sql).bind(file).bind(sqlite::rows(&ids)?).fetch_all(&mut **tx).await?)
}

/// The runs that consist of these rows, which are in ascending order.
async fn runs(tx: &mut Tx, account: AccountId, file: i64, ids: &[i64]) -> Result<Vec<Run>> {
    let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return Ok(Vec::new()) };
    let between = "select count(*) from (select 1 from export_rows
                   where account_id = ?1 and file_id is not ?2 and id between ?3 and ?4 limit ?5)";
    let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    let stored: i64 = sqlx::query_scalar(between)
        .bind(account.0)
        .bind(file)
        .bind(first)
        .bind(last)
        .bind(count.saturating_add(1))
        .fetch_one(&mut **tx)
        .await?;
    if stored == count {
        return Ok(vec![(*first, *last)]);
    }
    let neighbours: Vec<(i64, i64)> = ids.iter().copied().zip(ids.iter().copied().skip(1)).collect();
    let sql = "select j.value ->> 0 from jsonb_each(?3) j where exists (
                   select 1 from export_rows r where r.account_id = ?1 and r.file_id is not ?2
                   and r.id > j.value ->> 0 and r.id < j.value ->> 1)
               order by 1";
    let ends: Vec<i64> = sqlx::query_scalar(sql)
        .bind(account.0)
        .bind(file)
        .bind(sqlite::rows(&neighbours)?)
        .fetch_all(&mut **tx)
        .await?;
    Ok(split_at(ids, &ends))
}

/// Splits the rows into runs that end with these rows, both in ascending order.
fn split_at(ids: &[i64], ends: &[i64]) -> Vec<Run> {
    let of_one = |before: &i64, _: &i64| ends.binary_search(before).is_err();
    let run = |rows: &[i64]| Some((*rows.first()?, *rows.last()?));
    ids.chunk_by(of_one).filter_map(run).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_with_others_between_them_are_several_runs() {
        assert_eq!(split_at(&[1, 2, 5, 9], &[]), [(1, 9)]);
        assert_eq!(split_at(&[1, 2, 5, 9], &[2]), [(1, 2), (5, 9)]);
        assert_eq!(split_at(&[1, 2, 5], &[1, 2]), [(1, 1), (2, 2), (5, 5)]);
    }
}

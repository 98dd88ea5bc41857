//! The number of a play, or of a row of an export, which is its time.
//!
//! Owns: how a time becomes a number, and which numbers are free. Must not know: what was played.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::store::db::sqlite::{self, Tx};
use crate::store::{Result, StoreError};

/// Bits for the number among the rows of one millisecond.
const BITS: u32 = 20;
/// All numbers of one millisecond.
pub(in crate::store) const IN_A_MILLISECOND: i64 = 1 << BITS;

/// The first number of the plays that ended in this millisecond since 1970; all numbers of earlier
/// ones are smaller.
pub(in crate::store) const fn first_id(ended_ms: i64) -> i64 {
    ended_ms.saturating_mul(IN_A_MILLISECOND)
}

/// The same for a time.
pub(in crate::store) fn first_id_at(at: DateTime<Utc>) -> i64 {
    first_id(at.timestamp_millis())
}

/// When the play of this number ended, in milliseconds since 1970.
pub(in crate::store) const fn ended_ms(id: i64) -> i64 {
    id >> BITS
}

/// The same as a time.
pub(in crate::store) fn ended_at(id: i64) -> DateTime<Utc> {
    sqlite::at_millis(ended_ms(id))
}

/// A free number for a play that ended at each of these times, in their order.
pub(in crate::store) async fn free_ids(tx: &mut Tx, ended_ms: &[i64]) -> Result<Vec<i64>> {
    number(last_ids(tx, ended_ms).await?, ended_ms)
}

/// A number for a row of each of these times, in their order; `last_ids` has the greatest number
/// that is taken of each time with rows.
pub(in crate::store) fn number(mut last_ids: HashMap<i64, i64>, ended_ms: &[i64]) -> Result<Vec<i64>> {
    let next = |ms: &i64| {
        let id = last_ids.get(ms).map_or(first_id(*ms), |last| last + 1);
        if id >= first_id(*ms + 1) {
            return Err(StoreError::TooManyPlays { at: sqlite::at_millis(*ms) });
        }
        last_ids.insert(*ms, id);
        Ok(id)
    };
    ended_ms.iter().map(next).collect()
}

/// The greatest number of the plays of each of these times that has plays.
async fn last_ids(tx: &mut Tx, ended_ms: &[i64]) -> Result<HashMap<i64, i64>> {
    let (Some(first), Some(last)) = (ended_ms.iter().min(), ended_ms.iter().max()) else {
        return Ok(HashMap::new());
    };
    // Mostly there is no play in the whole span, and one lookup is enough.
    let any = "select exists(select 1 from play_rows where id >= ?1 and id < ?2)";
    let is_any: bool =
        sqlx::query_scalar(any).bind(first_id(*first)).bind(first_id(*last + 1)).fetch_one(&mut **tx).await?;
    if !is_any {
        return Ok(HashMap::new());
    }
    let firsts: Vec<i64> = ended_ms.iter().copied().map(first_id).collect();
    let sql = "select distinct j.value, (select max(p.id) from play_rows p where p.id >= j.value and p.id < j.value + ?2)
               from jsonb_each(?1) j";
    let found: Vec<(i64, Option<i64>)> =
        sqlx::query_as(sql).bind(sqlite::rows(&firsts)?).bind(IN_A_MILLISECOND).fetch_all(&mut **tx).await?;
    Ok(found.into_iter().filter_map(|(first, last)| Some((self::ended_ms(first), last?))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::Bench;
    use crate::store::tests::stats::store_plays;

    #[tokio::test]
    async fn plays_of_one_millisecond_follow_each_other_until_there_is_no_number_left() {
        let bench = Bench::new().await;
        let at = "2025-01-01T00:00:00Z";
        store_plays(&bench, &[(at, "a", None, None), (at, "b", None, None)]).await;
        let ms = at.parse::<DateTime<Utc>>().unwrap().timestamp_millis();
        let mut tx = bench.store.begin().await.unwrap();
        let (first, later) = (first_id(ms), first_id(ms + 1));
        assert_eq!(free_ids(&mut tx, &[ms + 1, ms, ms]).await.unwrap(), [later, first + 2, first + 3]);
        let last = "update play_rows set id = ?1 where id = ?2";
        sqlx::query(last).bind(later - 1).bind(first + 1).execute(&mut *tx).await.unwrap();
        assert_eq!(free_ids(&mut tx, &[ms + 1]).await.unwrap(), [later]);
        let error = free_ids(&mut tx, &[ms]).await.unwrap_err();
        assert!(matches!(error, StoreError::TooManyPlays { .. }), "{error:?}");
    }

    #[test]
    fn a_number_tells_its_time_and_later_plays_have_greater_ones() {
        for ms in [0, 1, 1_136_073_600_000, 4_102_444_800_000] {
            assert_eq!(ended_ms(first_id(ms)), ms);
            assert_eq!(ended_ms(first_id(ms + 1) - 1), ms);
        }
    }
}

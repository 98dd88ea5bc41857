//! Which rows of a batch are stored already.
//!
//! Owns: when two rows are the same, and the numbers of new rows. Must not know: what follows from
//! either.

use hashbrown::{HashMap, HashSet};

use super::names::ItemKey;
use crate::domain::{AccountId, ExportRow};
use crate::store::Result;
use crate::store::db::sqlite::{self, Tx};
use crate::store::play_columns::time_id;

/// A row with the keys of what it names.
pub(super) struct KeyedRow<'a> {
    pub(super) row: &'a ExportRow,
    pub(super) item: ItemKey,
    /// Its circumstances.
    pub(super) how: i64,
}

/// A row that is not stored yet, with its number.
pub(super) struct NewRow<'a> {
    pub(super) id: i64,
    pub(super) keyed: KeyedRow<'a>,
}

/// A row that was stored before this batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct KnownRow {
    pub(super) id: i64,
    /// The first file that has it.
    pub(super) file: Option<i64>,
    /// Whether no other row of the account has its time.
    pub(super) is_alone: bool,
}

/// The rows of a batch. What occurs in it twice is there once.
pub(super) struct BatchRows<'a> {
    pub(super) new: Vec<NewRow<'a>>,
    pub(super) known: Vec<KnownRow>,
}

/// Two rows are the same if all of this is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct RowIdentity {
    ended_ms: i64,
    item: i64,
    how: i64,
    ms_played: Option<i64>,
    offline_timestamp: Option<i64>,
}

impl RowIdentity {
    fn of(KeyedRow { row, item, how }: &KeyedRow<'_>) -> Self {
        Self {
            ended_ms: row.ended_ms,
            item: item.id,
            how: *how,
            ms_played: row.ms_played,
            offline_timestamp: row.offline_timestamp,
        }
    }
}

#[derive(sqlx::FromRow)]
struct StoredRow {
    id: i64,
    account_id: i64,
    item_id: i64,
    circumstances_id: i64,
    ms_played: Option<i64>,
    offline_timestamp: Option<i64>,
    file_id: Option<i64>,
}

/// Separates the rows that are stored already from the new ones, and numbers these.
pub(super) async fn split<'a>(
    tx: &mut Tx,
    account: AccountId,
    rows: Vec<KeyedRow<'a>>,
) -> Result<BatchRows<'a>> {
    let mut known: HashMap<RowIdentity, StoredRow> = HashMap::new();
    let mut last_ids = std::collections::HashMap::new();
    let mut at_a_time: HashMap<i64, u32> = HashMap::new();
    for stored in stored_at_the_same_times(tx, &rows).await? {
        let ended_ms = time_id::ended_ms(stored.id);
        let last = last_ids.entry(ended_ms).or_insert(stored.id);
        *last = stored.id.max(*last);
        if stored.account_id == account.0 {
            *at_a_time.entry(ended_ms).or_default() += 1;
            known.insert(stored.identity(ended_ms), stored);
        }
    }
    let (mut new, mut found, mut seen) = (Vec::new(), Vec::new(), HashSet::with_capacity(rows.len()));
    for keyed in rows {
        let identity = RowIdentity::of(&keyed);
        if !seen.insert(identity) {
            continue;
        }
        match known.get(&identity) {
            Some(row) => {
                let is_alone = at_a_time.get(&identity.ended_ms) == Some(&1);
                found.push(KnownRow { id: row.id, file: row.file_id, is_alone });
            }
            None => new.push(keyed),
        }
    }
    let ended: Vec<i64> = new.iter().map(|keyed| keyed.row.ended_ms).collect();
    let ids = time_id::number(last_ids, &ended)?;
    let new = ids.into_iter().zip(new).map(|(id, keyed)| NewRow { id, keyed }).collect();
    Ok(BatchRows { new, known: found })
}

impl StoredRow {
    const fn identity(&self, ended_ms: i64) -> RowIdentity {
        RowIdentity {
            ended_ms,
            item: self.item_id,
            how: self.circumstances_id,
            ms_played: self.ms_played,
            offline_timestamp: self.offline_timestamp,
        }
    }
}

/// The stored rows of all accounts that ended in a millisecond in which one of these rows ended.
async fn stored_at_the_same_times(tx: &mut Tx, rows: &[KeyedRow<'_>]) -> Result<Vec<StoredRow>> {
    let ended = rows.iter().map(|keyed| keyed.row.ended_ms);
    let (Some(first), Some(last)) = (ended.clone().min(), ended.clone().max()) else { return Ok(Vec::new()) };
    // Mostly a file goes on where the one before it ended, and one lookup is enough.
    let any = "select exists(select 1 from export_rows where id >= ?1 and id < ?2)";
    let is_any: bool = sqlx::query_scalar(any)
        .bind(time_id::first_id(first))
        .bind(time_id::first_id(last + 1))
        .fetch_one(&mut **tx)
        .await?;
    if !is_any {
        return Ok(Vec::new());
    }
    let times: HashSet<i64> = ended.map(time_id::first_id).collect();
    let times: Vec<i64> = times.into_iter().collect();
    let sql = "select r.id, r.account_id, r.item_id, r.circumstances_id, r.ms_played, r.offline_timestamp,
                      r.file_id
               from jsonb_each(?1) j cross join export_rows r on r.id >= j.value and r.id < j.value + ?2";
    Ok(sqlx::query_as(sql)
        .bind(sqlite::rows(&times)?)
        .bind(time_id::IN_A_MILLISECOND)
        .fetch_all(&mut **tx)
        .await?)
}

//! Turns rows of an extended history into plays as soon as they are imported; rows of account data
//! are matched first.
//!
//! Owns: how such a row is written into `play_rows`, with the day and hour of the person's local time,
//! so that the aggregation finds nothing to correct. Must not know: what else describes the same
//! play.

use sqlx::Arguments;
use sqlx::sqlite::SqliteArguments;

use super::names::ItemKey;
use crate::domain::{AccountId, ExportFormat, ExportRow};
use crate::store::Result;
use crate::store::db::sqlite::{Insert, Tx};
use crate::store::play_columns::facts::{PlayFacts, PlaySource};
use crate::store::play_columns::play_id;
use crate::store::stats::{Keeping, counts};

/// A row with its own key and the keys of what it names.
pub(super) struct KeyedRow<'a> {
    pub(super) id: i64,
    pub(super) row: &'a ExportRow,
    pub(super) item: &'a ItemKey,
    /// Its circumstances.
    pub(super) how: i64,
}

const PLAYS: Insert = Insert {
    into: "play_rows (id, account_id, item_id, ms_played, hour, facts, export_row_id)",
    row: "(?, ?, ?, ?, ?, ?, ?)",
    on_conflict: "",
};

/// Writes the plays of these rows.
pub(super) async fn become_plays(
    tx: &mut Tx,
    account: AccountId,
    rows: &[KeyedRow<'_>],
    keeping: Keeping,
) -> Result<()> {
    let of_plays = rows.iter().filter(|stored| stored.row.format == ExportFormat::Extended);
    let ended: Vec<i64> = of_plays.clone().map(|stored| end_of(stored.row)).collect();
    let ids = play_id::free_ids(tx, &ended).await?;
    let plays: Vec<_> = ids.into_iter().zip(of_plays).collect();
    let bind = |values: &mut SqliteArguments, (play, stored): &(i64, &KeyedRow<'_>)| {
        let KeyedRow { id, row, item, .. } = stored;
        let facts = PlayFacts {
            source: PlaySource::Extended,
            skipped: row.was_skipped(),
            counts: counts(row.ms_played, keeping.counts_from_ms),
        };
        values.add(*play)?;
        values.add(account.0)?;
        values.add(item.item_id)?;
        values.add(row.ms_played)?;
        values.add(keeping.zone.at(play_id::ended_at(*play)).since_1970())?;
        values.add(facts.bits())?;
        values.add(*id)
    };
    PLAYS.run(tx, &plays, bind).await?;
    Ok(())
}

fn end_of(row: &ExportRow) -> i64 {
    row.offline_end().unwrap_or(row.ended_ms)
}

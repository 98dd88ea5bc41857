//! Turns rows of an extended history into plays as soon as they are imported; rows of account data
//! are matched first.
//!
//! Owns: how such a row is written into `play_rows`, with the day and hour of the person's local time,
//! so that the aggregation finds nothing to correct. Must not know: what else describes the same
//! play.

use sqlx::Arguments;
use sqlx::sqlite::SqliteArguments;

use super::known_rows::{KeyedRow, NewRow};
use crate::domain::{AccountId, ExportFormat, ExportRow};
use crate::store::Result;
use crate::store::db::sqlite::{Insert, Tx};
use crate::store::play_columns::facts::{PlayFacts, PlaySource, packed_row};
use crate::store::play_columns::time_id;
use crate::store::stats::{Keeping, counts};

const PLAYS: Insert = Insert {
    into: "play_rows (account_id, id, item_id, ms_played, hour, facts, export_row_id)",
    row: "(?, ?, ?, ?, ?, ?, ?)",
};

/// Writes the plays of these rows.
pub(super) async fn become_plays(
    tx: &mut Tx,
    account: AccountId,
    rows: &[NewRow<'_>],
    keeping: Keeping,
) -> Result<()> {
    let of_plays = rows.iter().filter(|new| new.keyed.row.format == ExportFormat::Extended);
    let ended: Vec<i64> = of_plays.clone().map(|new| end_of(new.keyed.row)).collect();
    let ids = time_id::free_ids(tx, &ended).await?;
    let plays: Vec<_> = ids.into_iter().zip(of_plays).collect();
    let bind = |values: &mut SqliteArguments, (play, new): &(i64, &NewRow<'_>)| {
        let NewRow { id, keyed: KeyedRow { row, item, .. } } = new;
        let (has_own_row, other_row) = packed_row(*play, Some(*id));
        let facts = PlayFacts {
            source: PlaySource::Extended,
            skipped: row.was_skipped(),
            counts: counts(row.ms_played, keeping.counts_from_ms),
            has_own_row,
        };
        values.add(account.0)?;
        values.add(*play)?;
        values.add(item.item_id)?;
        values.add(row.ms_played)?;
        values.add(keeping.zone.at(time_id::ended_at(*play)).since_1970())?;
        values.add(facts.bits())?;
        values.add(other_row)
    };
    PLAYS.run(tx, &plays, bind).await?;
    Ok(())
}

fn end_of(row: &ExportRow) -> i64 {
    row.offline_end().unwrap_or(row.ended_ms)
}

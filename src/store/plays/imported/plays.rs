//! Turns rows of an extended history into plays as soon as they are imported; rows of account data
//! are matched first.
//!
//! Owns: how such a row is written into `plays`, with the day and hour of the person's local time,
//! so that the aggregation finds nothing to correct. Must not know: what else describes the same
//! play.

use sqlx::Arguments;
use sqlx::sqlite::SqliteArguments;

use super::names::ItemKey;
use crate::domain::{AccountId, ExportFormat, ExportRow};
use crate::store::Result;
use crate::store::db::sqlite::{self, Insert, Tx};
use crate::store::stats::{Keeping, counts};

/// A row with its own key and the keys of what it names.
pub(super) struct KeyedRow<'a> {
    pub(super) id: i64,
    pub(super) row: &'a ExportRow,
    pub(super) item: &'a ItemKey,
    /// Its circumstances.
    pub(super) how: i64,
}

/// All of them have the same source, so it is written here instead of being bound.
const PLAYS: Insert = Insert {
    into: "plays (account_id, played_at, uri, track_id, episode_id, ms_played, source,
                  skipped, counts, local_day, local_hour, export_row_id)",
    row: "(?, ?, ?, ?, ?, ?, 'extended', ?, ?, ?, ?, ?)",
    on_conflict: "",
};

/// Writes the plays of these rows.
pub(super) async fn become_plays(
    tx: &mut Tx,
    account: AccountId,
    rows: &[KeyedRow<'_>],
    keeping: Keeping,
) -> Result<()> {
    let plays: Vec<_> = rows.iter().filter(|stored| stored.row.format == ExportFormat::Extended).collect();
    let bind = |values: &mut SqliteArguments, stored: &&KeyedRow<'_>| {
        let KeyedRow { id, row, item, .. } = stored;
        let at = sqlite::at_millis(row.offline_end().unwrap_or(row.ended_ms));
        let local = keeping.zone.at(at);
        values.add(account.0)?;
        values.add(sqlite::millis(at))?;
        values.add(item.uri.clone())?;
        values.add(item.track_id.clone())?;
        values.add(item.episode_id.clone())?;
        values.add(row.ms_played)?;
        values.add(row.was_skipped())?;
        values.add(counts(row.ms_played, keeping.counts_from_ms))?;
        values.add(local.day)?;
        values.add(local.hour)?;
        values.add(*id)
    };
    PLAYS.run(tx, &plays, bind).await?;
    Ok(())
}

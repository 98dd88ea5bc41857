//! Rows of an extended history as plays, from when they come; those of account data wait to be settled.
//!
//! Owns: how such a row is written into `plays`, with the day and hour that the person's clocks showed, so
//! that summing up finds nothing to correct. Must not know: what else tells the same play.

use std::sync::Arc;

use super::super::Result;
use super::super::sqlite::{self, Tx};
use super::super::stats::{Keeping, counts};
use super::names::ItemKey;
use crate::domain::{AccountId, ExportFormat, ExportRow};

/// A row with its own key and those of what it names.
pub(super) struct KeyedRow<'a> {
    pub(super) id: i64,
    pub(super) row: &'a ExportRow,
    pub(super) item: &'a ItemKey,
    /// Its circumstances.
    pub(super) how: i64,
}

const INTO: &str = "insert into plays (account_id, played_at, uri, track_id, episode_id, ms_played, source,
                   skipped, counts, local_day, local_hour, export_row_id) ";

/// Writes the plays that these rows tell.
pub(super) async fn become_plays(
    tx: &mut Tx,
    account: AccountId,
    rows: &[KeyedRow<'_>],
    keeping: Keeping,
) -> Result<()> {
    let source: Arc<str> = ExportFormat::Extended.as_str().into();
    let plays: Vec<_> = rows.iter().filter(|stored| stored.row.format == ExportFormat::Extended).collect();
    sqlite::insert(tx, INTO, "", &plays, |mut values, stored| {
        let KeyedRow { id, row, item, .. } = stored;
        let at = sqlite::at_millis(row.ended_ms);
        let local = keeping.zone.at(at);
        values
            .push_bind(account.0)
            .push_bind(sqlite::millis(at))
            .push_bind(item.uri.clone())
            .push_bind(item.track_id.clone())
            .push_bind(item.episode_id.clone())
            .push_bind(row.ms_played)
            .push_bind(Arc::clone(&source))
            .push_bind(row.circumstances.skipped)
            .push_bind(counts(row.ms_played, keeping.counts_from_ms))
            .push_bind(local.day)
            .push_bind(local.hour)
            .push_bind(*id);
    })
    .await
}

//! Which items the saved tracks are.
//!
//! Owns: `stats_saved`: all items of an account packed into one row, which a trigger deletes as
//! soon as a saved track or an item changes. Finding them takes longer than most statistics. Must
//! not know: plays.

use sqlx::SqliteConnection;

use super::sums::encoding::{pack, unpack};
use crate::domain::AccountId;
use crate::store::Result;
use crate::store::db::sqlite::{self, Tx};

/// The place of a saved track, and an item that is the same, if there is one.
pub(super) type SavedSince = (i64, Option<i64>);

/// Each saved track with an item that is the same: by its uri, or by its ISRC, because a track may
/// have changed its id since. A track without an item is included once.
pub(in crate::store) const OF_TRACKS: &str = "
select json_group_array(json_array(s.ord, i.item_id))
from saved_tracks s join tracks t on t.track_id = s.track_id
left join stats_items i on i.uri = t.uri or i.isrc = t.isrc
where s.account_id = ?1";

const KEPT: &str = "select saved from stats_saved where account_id = ?1";

/// The pairs of all saved tracks.
pub(super) async fn read(connection: &mut SqliteConnection, account: AccountId) -> Result<Vec<SavedSince>> {
    match kept(connection, account).await? {
        Some(kept) => Ok(unpack(&kept)?.0),
        None => of_tracks(connection, account).await,
    }
}

async fn kept(connection: &mut SqliteConnection, account: AccountId) -> Result<Option<Vec<u8>>> {
    Ok(sqlx::query_scalar(KEPT).bind(account.0).fetch_optional(connection).await?)
}

async fn of_tracks(connection: &mut SqliteConnection, account: AccountId) -> Result<Vec<SavedSince>> {
    let saved: String = sqlx::query_scalar(OF_TRACKS).bind(account.0).fetch_one(connection).await?;
    sqlite::from_json(&saved)
}

/// Stores them if they are not stored.
pub(super) async fn keep(tx: &mut Tx, account: AccountId) -> Result<()> {
    if kept(tx, account).await?.is_some() {
        return Ok(());
    }
    let saved = pack(&of_tracks(tx, account).await?, Vec::new())?;
    let sql = "insert into stats_saved (account_id, saved) values (?1, ?2)";
    sqlx::query(sql).bind(account.0).bind(saved).execute(&mut **tx).await?;
    Ok(())
}

//! Which artists and which album each track has, by their small numbers.
//!
//! Owns: `stats_makers`: all of them packed into one row, which a trigger deletes as soon as an
//! item changes. Reading them from the items takes longer than most statistics. Must not know:
//! plays.

use sqlx::SqliteConnection;

use super::encoding::{pack, unpack};
use crate::store::Result;
use crate::store::db::sqlite::{self, Tx};

/// A track, its artists in order, and its album.
pub(in crate::store::stats) type Makers = (i64, Vec<i64>, Option<i64>);

/// Written by hand: each list of artists is JSON already, and parsing it would take several times
/// as long.
pub(in crate::store) const OF_ITEMS: &str = "
select '[' || ifnull(group_concat(concat('[', item_id, ',', artists, ',', ifnull(album_id, 'null'), ']'), ','), '') || ']'
from stats_items where kind = 'track'";

const KEPT: &str = "select makers from stats_makers";

/// The makers of all tracks.
pub(in crate::store::stats) async fn read(connection: &mut SqliteConnection) -> Result<Vec<Makers>> {
    let kept: Option<Vec<u8>> = sqlx::query_scalar(KEPT).fetch_optional(&mut *connection).await?;
    match kept {
        Some(kept) => Ok(unpack(&kept)?.0),
        None => of_items(connection).await,
    }
}

async fn of_items(connection: &mut SqliteConnection) -> Result<Vec<Makers>> {
    let makers: String = sqlx::query_scalar(OF_ITEMS).fetch_one(connection).await?;
    sqlite::from_json(&makers)
}

/// Stores them if they are not stored.
pub(in crate::store::stats) async fn keep(tx: &mut Tx) -> Result<()> {
    let is_kept: bool =
        sqlx::query_scalar("select exists(select 1 from stats_makers)").fetch_one(&mut **tx).await?;
    if is_kept {
        return Ok(());
    }
    let makers = pack(&of_items(&mut *tx).await?, Vec::new())?;
    sqlx::query("insert into stats_makers (one, makers) values (1, ?1)")
        .bind(makers)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

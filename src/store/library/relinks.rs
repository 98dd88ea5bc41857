//! Tracks that Spotify shows under another id than before.
//!
//! Owns: what identifies a recording apart from its id. Must not know: which slots are compared.

use std::collections::{HashMap, HashSet};

use crate::domain::AccountId;
use crate::store::db::sqlite::{self, Tx};
use crate::store::{LibraryStore, Result};

/// The condition that the tracks `o` and `t` are one recording under two ids; see
/// [`Recordings::are_alike`].
macro_rules! are_editions {
    () => {
        "o.track_id <> t.track_id
         and iif(o.isrc is null or t.isrc is null,
                 (o.name, o.artists, o.duration_ms) = (t.name, t.artists, t.duration_ms), o.isrc = t.isrc)"
    };
}

/// What some tracks have in common with their other editions.
#[derive(Default)]
pub(in crate::store) struct Recordings(HashMap<String, Recording>);

#[derive(sqlx::FromRow)]
struct Recording {
    track_id: String,
    isrc: Option<String>,
    name: String,
    artists: String,
    duration_ms: Option<i64>,
}

/// The recordings of these tracks.
pub(in crate::store) async fn recordings(tx: &mut Tx, ids: &[String]) -> Result<Recordings> {
    let sql = "select track_id, isrc, name, artists, duration_ms from tracks
               where track_id in (select value from jsonb_each(?1))";
    let rows: Vec<Recording> = sqlx::query_as(sql).bind(sqlite::rows(&ids)?).fetch_all(&mut **tx).await?;
    Ok(Recordings(rows.into_iter().map(|row| (row.track_id.clone(), row)).collect()))
}

/// Those of these tracks that have another edition among the staged rows. If Spotify says that such
/// a track is in the library, it means the other edition.
pub(in crate::store) async fn staged_under_another_id(
    tx: &mut Tx,
    account: AccountId,
    ids: &HashSet<String>,
) -> Result<HashSet<String>> {
    let sql = concat!(
        "select t.track_id from jsonb_each(?2) j join tracks t on t.track_id = j.value
         where exists (select 1 from staged s join tracks o on o.track_id = s.item_key
                       where s.account_id = ?1 and s.entity_type = 'tracks' and ",
        are_editions!(),
        ")"
    );
    let found: Vec<String> =
        sqlx::query_scalar(sql).bind(account.0).bind(sqlite::rows(&ids)?).fetch_all(&mut **tx).await?;
    Ok(found.into_iter().collect())
}

impl LibraryStore<'_> {
    /// Whether two staged slots may be one row of the list, shown under two ids: saved at the same
    /// time, and the same recording.
    pub async fn has_staged_twins(self) -> Result<bool> {
        let Self { store, account } = self;
        // In groups: comparing each with each takes seconds if thousands are staged.
        let sql = "
            with slots as materialized (
                select s.added_at, t.track_id, t.isrc, t.name, t.artists, t.duration_ms
                from staged s join tracks t on t.track_id = s.item_key
                where s.account_id = ?1 and s.entity_type = 'tracks' and s.added_at is not null)
            select exists (select 1 from slots where isrc is not null group by added_at, isrc
                           having min(track_id) <> max(track_id))
                or exists (select 1 from slots where duration_ms is not null
                           group by added_at, name, artists, duration_ms
                           having min(track_id) <> max(track_id) and count(isrc) < count(*))";
        Ok(sqlx::query_scalar(sql).bind(account.0).fetch_one(&store.readers).await?)
    }
}

impl Recordings {
    /// Whether two tracks are one recording: by ISRC if both have one, otherwise by all other
    /// fields.
    pub(in crate::store) fn are_alike(&self, one: &str, other: &str) -> bool {
        let Some((one, other)) = self.0.get(one).zip(self.0.get(other)) else {
            return false;
        };
        if let (Some(one), Some(other)) = (&one.isrc, &other.isrc) {
            return one == other;
        }
        let said = |it: &Recording| (it.name.clone(), it.artists.clone(), it.duration_ms);
        !one.name.is_empty() && one.duration_ms.is_some() && said(one) == said(other)
    }
}

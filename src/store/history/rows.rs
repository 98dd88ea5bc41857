//! Rows of the library as it was, with the columns of the views.
//!
//! Owns: the columns of a row of a past list. Must not know: how the list was reconstructed.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::SqlitePool;

use super::replay::{Metadata, ReplaySaved};
use crate::domain::{AccountId, PlaylistId};
use crate::store::Result;
use crate::store::db::sqlite::{self, Tx};
use crate::store::playlists::items::Item;

/// A row of a past list. As JSON it has the columns of the view that shows the current list, in
/// their order and with their values: text as stored, flags 0 or 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum PastRow {
    /// As `v_saved_tracks`.
    Track(PastTrack),
    /// As `v_saved_albums`.
    Album(PastAlbum),
    /// As `v_followed_artists`.
    Artist(PastArtist),
    /// As `v_playlists`.
    Playlist(PastPlaylist),
    /// As `v_playlist_items`.
    Item(PastItem),
}

/// A saved track as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct PastTrack {
    /// The account.
    pub account_id: i64,
    /// Its id at that time.
    pub track_id: String,
    /// `spotify:track:...`
    pub uri: String,
    /// The title.
    pub name: String,
    /// The names in order, joined by `, `.
    pub artists: String,
    /// The album's name.
    pub album: Option<String>,
    /// Its ISRC.
    pub isrc: Option<String>,
    /// Length in milliseconds.
    pub duration_ms: Option<i64>,
    /// 1 if it is marked as explicit.
    pub explicit: Option<i64>,
    /// When it was saved, in seconds.
    pub added_at: Option<String>,
    /// Its place at that time, from 0 at the top.
    pub position: i64,
}

/// A saved album as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct PastAlbum {
    /// The account.
    pub account_id: i64,
    /// Its id.
    pub album_id: String,
    /// `spotify:album:...`
    pub uri: Option<String>,
    /// The name.
    pub name: String,
    /// The names in order, joined by `, `.
    pub artists: String,
    /// A year, month or day.
    pub release_date: Option<String>,
    /// How many tracks it has.
    pub total_tracks: Option<i64>,
    /// When it was saved, in seconds.
    pub added_at: Option<String>,
    /// Its place by `added_at`, from 0 for the newest.
    pub position: i64,
}

/// A followed artist as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct PastArtist {
    /// The account.
    pub account_id: i64,
    /// The id.
    pub artist_id: String,
    /// `spotify:artist:...`
    pub uri: Option<String>,
    /// The name.
    pub name: String,
    /// In order, joined by `, `.
    pub genres: Option<String>,
    /// Its place by name, from 0.
    pub position: i64,
}

/// A playlist as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PastPlaylist {
    /// The account.
    pub account_id: i64,
    /// Its id.
    pub playlist_id: String,
    /// `spotify:playlist:...`
    pub uri: String,
    /// Its name at that time.
    pub name: String,
    /// Its description at that time.
    pub description: Option<String>,
    /// The owner's user id at that time.
    pub owner_id: String,
    /// The owner's display name.
    pub owner_name: Option<String>,
    /// 1 if others could edit it.
    pub collaborative: i64,
    /// 1 if it was shown on the profile.
    pub public: Option<i64>,
    /// Always `None`: ids of versions are not kept.
    pub snapshot_id: Option<String>,
    /// How many slots it had; `None` if its contents were not known.
    pub item_count: Option<i64>,
    /// Always `None`: the past state of the mirror itself is not stored.
    pub contents_state: Option<String>,
    /// Always `None`, for the same reason.
    pub last_synced_at: Option<String>,
    /// Its place at that time, from 0 at the top.
    pub position: i64,
}

/// A slot of a playlist as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct PastItem {
    /// The account.
    pub account_id: i64,
    /// The playlist.
    pub playlist_id: String,
    /// Its place at that time, from 0 at the top.
    pub position: i64,
    /// track, episode, local or unavailable.
    pub kind: String,
    /// The id of the track or episode.
    pub item_id: Option<String>,
    /// Its uri.
    pub uri: Option<String>,
    /// The title.
    pub name: Option<String>,
    /// The artists, or the show.
    pub artists: Option<String>,
    /// When it was added, in seconds.
    pub added_at: Option<String>,
    /// The user id of the person who added it.
    pub added_by: Option<String>,
}

/// What is known about a playlist in a past list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct PlaylistThen {
    pub(in crate::store) metadata: Metadata,
    pub(in crate::store) item_count: Option<i64>,
}

/// Consecutive rows of a past list.
pub(in crate::store) struct Piece<'a> {
    pub(in crate::store) readers: &'a SqlitePool,
    pub(in crate::store) account: AccountId,
    /// The place of the first row.
    pub(in crate::store) first: usize,
}

impl Piece<'_> {
    async fn read<T>(&self, sql: &'static str, rows: &impl Serialize) -> Result<Vec<T>>
    where
        T: for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> + Send + Unpin,
    {
        Ok(sqlx::query_as(sql)
            .bind(self.account.0)
            .bind(sqlite::rows(rows)?)
            .bind(i64::try_from(self.first).unwrap_or(i64::MAX))
            .fetch_all(self.readers)
            .await?)
    }

    pub(in crate::store) async fn tracks(&self, rows: &[ReplaySaved]) -> Result<Vec<PastRow>> {
        let rows: Vec<_> = rows.iter().map(|row| (&row.key, &row.added_at)).collect();
        let sql =
            "select ?1 as account_id, t.track_id, t.uri, t.name, t.artists, t.album_name as album, t.isrc,
                          t.duration_ms, t.explicit, j.value ->> 1 as added_at, j.key + ?3 as position
                   from jsonb_each(?2) j join tracks t on t.track_id = j.value ->> 0 order by j.key";
        Ok(self.read(sql, &rows).await?.into_iter().map(PastRow::Track).collect())
    }

    pub(in crate::store) async fn albums(&self, rows: &[ReplaySaved]) -> Result<Vec<PastRow>> {
        let rows: Vec<_> = rows.iter().map(|row| (&row.key, &row.added_at)).collect();
        let sql = "select ?1 as account_id, a.album_id, a.uri, a.name, a.artists, a.release_date,
                          a.total_tracks, j.value ->> 1 as added_at, j.key + ?3 as position
                   from jsonb_each(?2) j join albums a on a.album_id = j.value ->> 0 order by j.key";
        Ok(self.read(sql, &rows).await?.into_iter().map(PastRow::Album).collect())
    }

    pub(in crate::store) async fn artists(&self, rows: &[String]) -> Result<Vec<PastRow>> {
        let sql = "select ?1 as account_id, a.artist_id, a.uri, a.name,
                          (select group_concat(g.value, ', ')
                           from (select value from json_each(a.genres) order by key) g) as genres,
                          j.key + ?3 as position
                   from jsonb_each(?2) j join artists a on a.artist_id = j.value order by j.key";
        Ok(self.read(sql, &rows).await?.into_iter().map(PastRow::Artist).collect())
    }

    pub(in crate::store) fn playlists(&self, rows: &[PlaylistThen]) -> Vec<PastRow> {
        let row = |(position, row): (i64, &PlaylistThen)| {
            let then = row.metadata.clone();
            PastRow::Playlist(PastPlaylist {
                account_id: self.account.0,
                playlist_id: then.playlist_id,
                uri: then.uri,
                name: then.name,
                description: then.description,
                owner_id: then.owner_id,
                owner_name: then.owner_name,
                collaborative: then.collaborative,
                public: then.public,
                snapshot_id: None,
                item_count: row.item_count,
                contents_state: None,
                last_synced_at: None,
                position,
            })
        };
        (i64::try_from(self.first).unwrap_or(i64::MAX)..).zip(rows).map(row).collect()
    }

    pub(in crate::store) async fn items(&self, playlist: &PlaylistId, rows: &[Item]) -> Result<Vec<PastRow>> {
        let rows: Vec<_> = rows
            .iter()
            .map(|row| (playlist, &row.kind, &row.key, &row.uri, &row.added_at, &row.added_by))
            .collect();
        let sql = "select ?1 as account_id, j.value ->> 0 as playlist_id, j.key + ?3 as position,
                          j.value ->> 1 as kind,
                          case when j.value ->> 1 in ('track', 'episode') then j.value ->> 2 end as item_id,
                          j.value ->> 3 as uri, coalesce(t.name, e.name) as name,
                          coalesce(t.artists, e.show_name) as artists,
                          j.value ->> 4 as added_at, j.value ->> 5 as added_by
                   from jsonb_each(?2) j
                   left join tracks t
                        on j.value ->> 1 in ('track', 'local') and t.track_id = j.value ->> 2
                   left join episodes e on j.value ->> 1 = 'episode' and e.episode_id = j.value ->> 2
                   order by j.key";
        Ok(self.read(sql, &rows).await?.into_iter().map(PastRow::Item).collect())
    }
}

/// Albums, newest first, then by name.
pub(in crate::store) async fn albums_in_order(
    tx: &mut Tx,
    albums: &BTreeMap<String, Option<String>>,
) -> Result<Vec<ReplaySaved>> {
    let sql = "select j.key, j.value as added_at
               from jsonb_each(?1) j join albums a on a.album_id = j.key
               order by j.value desc, a.name collate nocase, a.album_id";
    Ok(sqlx::query_as(sql).bind(sqlite::rows(albums)?).fetch_all(&mut **tx).await?)
}

/// Artists by name.
pub(in crate::store) async fn artists_in_order(
    tx: &mut Tx,
    artists: &BTreeMap<String, Option<String>>,
) -> Result<Vec<String>> {
    let sql = "select a.artist_id from jsonb_each(?1) j join artists a on a.artist_id = j.key
               order by a.name collate nocase, a.artist_id";
    Ok(sqlx::query_scalar(sql).bind(sqlite::rows(artists)?).fetch_all(&mut **tx).await?)
}

/// How many slots each playlist had at a time when its contents were known.
pub(in crate::store) async fn slot_counts(
    tx: &mut Tx,
    account: AccountId,
    at: DateTime<Utc>,
) -> Result<HashMap<String, i64>> {
    let sql = "with later as (
                   select playlist_id, min(id) as first from library_changes
                   where account_id = ?1 and entity_type = 'playlist_items' and observed_at > ?2
                   group by playlist_id
               ), grown as (
                   select l.playlist_id,
                          sum((c.change = 'added') - (c.change = 'removed')) as slots
                   from later l
                   join library_changes c
                     on c.account_id = ?1 and c.entity_type = 'playlist_items'
                    and c.playlist_id = l.playlist_id and c.id >= l.first
                   group by l.playlist_id
               )
               select p.playlist_id, p.contents_count - coalesce(g.slots, 0)
               from playlists p left join grown g on g.playlist_id = p.playlist_id
               where p.account_id = ?1 and p.contents_first_at <= ?2";
    let rows: Vec<(String, i64)> =
        sqlx::query_as(sql).bind(account.0).bind(sqlite::millis(at)).fetch_all(&mut **tx).await?;
    Ok(rows.into_iter().collect())
}

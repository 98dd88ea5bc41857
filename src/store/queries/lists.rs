//! The lists of the library and the contents of playlists, as they are now.

use futures_util::TryStreamExt;
use sqlx::FromRow;
use sqlx::sqlite::SqliteRow;

use crate::domain::queries::{Cell, ItemKind, ListStanding, TableRow};
use crate::domain::{AlbumId, ArtistId, ContentsState, EpisodeId, PlaylistId, TrackId};
use crate::store::db::sqlite;
use crate::store::{QueryStore, Result};

const TRACKS: &str = "
select t.track_id, t.uri, t.name, t.artists, t.album_name, substr(a.release_date, 1, 4) as year, s.added_at
from saved_tracks s
join tracks t on t.track_id = s.track_id
left join albums a on a.album_id = t.album_id
where s.account_id = ?1 order by s.ord";

#[derive(FromRow)]
struct TrackColumns {
    track_id: String,
    uri: String,
    name: String,
    artists: String,
    album_name: Option<String>,
    year: Option<String>,
    added_at: Option<String>,
}

/// A time of a row as a cell.
pub(super) fn time(text: Option<&str>) -> Result<Cell> {
    Ok(Cell::time(sqlite::maybe_time(text)?))
}

/// Reads row by row, so that the columns of a long list are never in memory beside its cells.
async fn read<T>(
    queries: QueryStore<'_>,
    sql: &'static str,
    key: Option<&str>,
    row: impl Fn(T) -> Result<TableRow>,
) -> Result<Vec<TableRow>>
where
    T: for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
{
    let mut found = sqlx::query_as(sql).bind(queries.account.0).bind(key).fetch(&queries.store.readers);
    let mut rows = Vec::new();
    while let Some(columns) = found.try_next().await? {
        rows.push(row(columns)?);
    }
    Ok(rows)
}

pub(super) async fn tracks(queries: QueryStore<'_>) -> Result<Vec<TableRow>> {
    read(queries, TRACKS, None, |row: TrackColumns| {
        Ok(TableRow {
            thing: Some(ItemKind::Track(TrackId::new(row.track_id))),
            uri: Some(row.uri.into()),
            cells: Box::new([
                Cell::Text(row.name.into()),
                Cell::Text(row.artists.into()),
                Cell::text(row.album_name),
                Cell::text(row.year),
                time(row.added_at.as_deref())?,
            ]),
        })
    })
    .await
}

const ALBUMS: &str = "
select a.album_id, a.uri, a.name, a.artists, substr(a.release_date, 1, 4) as year, a.total_tracks, s.added_at
from saved_albums s join albums a on a.album_id = s.album_id
where s.account_id = ?1 order by s.ord";

#[derive(FromRow)]
struct AlbumColumns {
    album_id: String,
    uri: Option<String>,
    name: String,
    artists: String,
    year: Option<String>,
    total_tracks: Option<i64>,
    added_at: Option<String>,
}

pub(super) async fn albums(queries: QueryStore<'_>) -> Result<Vec<TableRow>> {
    read(queries, ALBUMS, None, |row: AlbumColumns| {
        Ok(TableRow {
            thing: Some(ItemKind::Album(AlbumId::new(row.album_id))),
            uri: row.uri.map(Into::into),
            cells: Box::new([
                Cell::Text(row.name.into()),
                Cell::Text(row.artists.into()),
                Cell::text(row.year),
                Cell::number(row.total_tracks),
                time(row.added_at.as_deref())?,
            ]),
        })
    })
    .await
}

const ARTISTS: &str = "
select artist_id, uri, name, genres from v_followed_artists where account_id = ?1 order by position";

#[derive(FromRow)]
struct ArtistColumns {
    artist_id: String,
    uri: Option<String>,
    name: String,
    genres: Option<String>,
}

pub(super) async fn artists(queries: QueryStore<'_>) -> Result<Vec<TableRow>> {
    read(queries, ARTISTS, None, |row: ArtistColumns| {
        Ok(TableRow {
            thing: Some(ItemKind::Artist(ArtistId::new(row.artist_id))),
            uri: row.uri.map(Into::into),
            cells: Box::new([
                Cell::Text(row.name.into()),
                Cell::text(row.genres.filter(|genres| !genres.is_empty())),
            ]),
        })
    })
    .await
}

const PLAYLISTS: &str = "
select playlist_id, uri, name, coalesce(owner_name, owner_id) as owner,
       coalesce(item_count, contents_count) as items, contents_state, removed_at is not null as is_gone
from playlists where account_id = ?1 order by removed_at is not null, ord";

#[derive(FromRow)]
struct PlaylistColumns {
    playlist_id: String,
    uri: String,
    name: String,
    owner: String,
    items: Option<i64>,
    contents_state: String,
    is_gone: bool,
}

pub(super) async fn playlists(queries: QueryStore<'_>) -> Result<Vec<TableRow>> {
    read(queries, PLAYLISTS, None, |row: PlaylistColumns| {
        let contents: ContentsState = sqlite::word(&row.contents_state)?;
        let standing = if row.is_gone { ListStanding::Gone } else { contents.into() };
        Ok(TableRow {
            thing: Some(ItemKind::Playlist(PlaylistId::new(row.playlist_id))),
            uri: Some(row.uri.into()),
            cells: Box::new([
                Cell::Text(row.name.into()),
                Cell::Text(row.owner.into()),
                Cell::number(row.items),
                Cell::Standing(standing),
            ]),
        })
    })
    .await
}

// Not the view, which omits the contents of a list that is gone.
const CONTENTS: &str = "
select i.kind, i.item_key as key, i.uri, coalesce(t.name, e.name) as name,
       coalesce(t.artists, e.show_name) as artists, i.added_at, i.added_by,
       row_number() over (order by i.ord) as place
from playlist_items i
left join tracks t on i.kind in ('track', 'local') and t.track_id = i.item_key
left join episodes e on i.kind = 'episode' and e.episode_id = i.item_key
where i.account_id = ?1 and i.playlist_id = ?2 order by i.ord";

#[derive(FromRow)]
struct SlotColumns {
    kind: String,
    key: Option<String>,
    uri: Option<String>,
    name: Option<String>,
    artists: Option<String>,
    added_at: Option<String>,
    added_by: Option<String>,
    place: i64,
}

pub(super) async fn contents(queries: QueryStore<'_>, playlist: &PlaylistId) -> Result<Vec<TableRow>> {
    read(queries, CONTENTS, Some(playlist.as_str()), |row: SlotColumns| {
        let kind = match row.kind.as_str() {
            "track" => Cell::None,
            "local" => Cell::Text("local file".into()),
            kind => Cell::Text(kind.into()),
        };
        Ok(TableRow {
            thing: of_slot(&row.kind, row.key),
            uri: row.uri.map(Into::into),
            cells: Box::new([
                Cell::Number(row.place),
                Cell::text(row.name),
                Cell::text(row.artists),
                kind,
                time(row.added_at.as_deref())?,
                Cell::text(row.added_by),
            ]),
        })
    })
    .await
}

/// The item in a slot of this kind.
pub(super) fn of_slot(kind: &str, key: Option<String>) -> Option<ItemKind> {
    match kind {
        "track" | "local" => key.map(|key| ItemKind::Track(TrackId::new(key))),
        "episode" => key.map(|key| ItemKind::Episode(EpisodeId::new(key))),
        _ => None,
    }
}

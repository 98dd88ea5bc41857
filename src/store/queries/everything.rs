//! Everything that has a name, once: what is saved, followed, listed or was played, also what is
//! gone.

use futures_util::TryStreamExt;
use sqlx::FromRow;

use crate::domain::queries::{Cell, ItemKind, TableRow};
use crate::domain::{AlbumId, ArtistId, EpisodeId, PlaylistId, TrackId};
use crate::store::{QueryStore, Result};

/// What was played most comes first.
const EVERYTHING: &str = "
with played as (
    select i.track_id, i.episode_id, sum(p.plays) as plays
    from (select item_id, count(*) as plays from play_rows
          where account_id = ?1 and facts & 16 group by item_id) p
    join stats_items i on i.item_id = p.item_id group by 1, 2
),
removed as materialized (
    select distinct item_key from library_changes where account_id = ?1 and change = 'removed'
      and entity_type in ('tracks', 'albums', 'artists')
),
listed as materialized (
    select distinct item_key from playlist_items where account_id = ?1 and kind in ('track', 'local')
)
select 'song' as kind, t.track_id as key, t.uri, t.name, t.artists, t.album_name as album,
       substr(a.release_date, 1, 4) as year, ifnull(p.plays, 0) as plays,
       case when s.track_id is not null then 'saved' when r.item_key is not null then 'gone'
            when l.item_key is not null then 'in a playlist' else 'played' end as state
from tracks t
left join albums a on a.album_id = t.album_id
left join played p on p.track_id = t.track_id
left join (select distinct track_id from saved_tracks where account_id = ?1) s on s.track_id = t.track_id
left join removed r on r.item_key = t.track_id
left join listed l on l.item_key = t.track_id
 union all
select 'episode', e.episode_id, e.uri, e.name, e.show_name, null, null, ifnull(p.plays, 0), 'played'
from episodes e left join played p on p.episode_id = e.episode_id
 union all
select 'album', a.album_id, a.uri, a.name, a.artists, null, substr(a.release_date, 1, 4), null,
       case when s.album_id is not null then 'saved' when r.item_key is not null then 'gone' else '' end
from albums a
left join saved_albums s on s.account_id = ?1 and s.album_id = a.album_id
left join removed r on r.item_key = a.album_id
 union all
select 'artist', a.artist_id, a.uri, a.name, null, null, null, null,
       case when f.artist_id is not null then 'followed' when r.item_key is not null then 'gone' else '' end
from artists a
left join followed_artists f on f.account_id = ?1 and f.artist_id = a.artist_id
left join removed r on r.item_key = a.artist_id
 union all
select 'playlist', playlist_id, uri, name, coalesce(owner_name, owner_id), null, null, null,
       iif(removed_at is null, 'listed', 'gone')
from playlists where account_id = ?1
order by 8 desc, 4";

#[derive(FromRow)]
struct EverythingColumns {
    kind: String,
    key: String,
    uri: Option<String>,
    name: String,
    artists: Option<String>,
    album: Option<String>,
    year: Option<String>,
    plays: Option<i64>,
    state: String,
}

pub(super) async fn all(queries: QueryStore<'_>) -> Result<Vec<TableRow>> {
    let mut found = sqlx::query_as(EVERYTHING).bind(queries.account.0).fetch(&queries.store.readers);
    let mut rows = Vec::new();
    while let Some(columns) = found.try_next().await? {
        rows.push(row(columns));
    }
    Ok(rows)
}

fn row(row: EverythingColumns) -> TableRow {
    let EverythingColumns { kind, key, uri, name, artists, album, year, plays, state } = row;
    let thing = match kind.as_str() {
        "song" => ItemKind::Track(TrackId::new(key)),
        "episode" => ItemKind::Episode(EpisodeId::new(key)),
        "album" => ItemKind::Album(AlbumId::new(key)),
        "artist" => ItemKind::Artist(ArtistId::new(key)),
        _ => ItemKind::Playlist(PlaylistId::new(key)),
    };
    TableRow {
        thing: Some(thing),
        uri: uri.map(Into::into),
        cells: Box::new([
            Cell::Text(kind.into()),
            Cell::Text(name.into()),
            Cell::text(artists),
            Cell::text(album),
            Cell::text(year),
            Cell::number(plays),
            Cell::text(Some(state).filter(|state| !state.is_empty())),
        ]),
    }
}

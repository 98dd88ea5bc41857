//! What was played, by small numbers: each track and episode once, with its artists and its album
//! by name.
//!
//! Owns: `stats_items`, `stats_artists`, `stats_albums`. Names come from the catalogue, otherwise
//! from an export. Must not know: how often anything was played.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use sqlx::{FromRow, SqliteConnection};

use crate::store::Result;
use crate::store::db::sqlite::{self, Tx};
use crate::store::stats::totals::Totals;

/// Items that are described at a time: each has some kilobytes of names, in several forms.
const AT_A_TIME: usize = 250;

/// What the catalogue and exports say about an item.
#[derive(FromRow)]
struct Said {
    uri: String,
    is_episode: bool,
    /// From the catalogue.
    name: Option<String>,
    credits: Option<String>,
    album: Option<String>,
    album_artist: Option<String>,
    isrc: Option<String>,
    /// From an export: its own names, as JSON.
    exported: Option<String>,
}

/// An item as it is written.
#[derive(Serialize)]
struct ItemRow<'a> {
    uri: &'a str,
    kind: &'static str,
    name: Option<String>,
    artists: Vec<String>,
    album: Option<String>,
    album_artist: String,
    isrc: Option<&'a str>,
}

/// Items about which the catalogue has new data, or that were never described. The id of a local
/// file is its uri. Of the names in exports, those with a title are preferred.
pub(in crate::store) const STALE: &str = "
with wanted as materialized (select * from stats_items where is_stale limit ?1)
select w.uri, w.episode_id is not null or w.uri glob 'spotify:episode:*' as is_episode,
       coalesce(t.name, e.name) as name, t.credits, t.album_name as album,
       a.credits ->> '$[0][1]' as album_artist, t.isrc,
       (select x.names from export_items x where x.item_id = w.item_id
        order by x.names ->> '$[1]' is null, x.id limit 1) as exported
from wanted w
left join tracks t on t.track_id = coalesce(
    w.track_id, case when w.uri glob 'spotify:track:*' then substr(w.uri, 15) else w.uri end)
left join albums a on a.album_id = t.album_id
left join episodes e on e.episode_id = w.episode_id";

const WRITE: &[&str] = &[
    "insert into stats_artists (name)
     select distinct n.value from jsonb_each(?1) r, jsonb_each(r.value -> 'artists') n
     where true on conflict do nothing",
    "insert into stats_albums (name, artist)
     select distinct value ->> 'album', value ->> 'album_artist' from jsonb_each(?1)
     where value ->> 'album' is not null on conflict do nothing",
    "insert into stats_items (uri, kind, name, artists, album_id, isrc)
     select r.value ->> 'uri', r.value ->> 'kind', r.value ->> 'name',
            (select json_group_array(a.artist_id) from (
                 select s.artist_id from jsonb_each(r.value -> 'artists') n
                 cross join stats_artists s on s.name = n.value order by n.key) a),
            (select b.album_id from stats_albums b
             where b.name = r.value ->> 'album' and b.artist = r.value ->> 'album_artist'),
            r.value ->> 'isrc'
     from jsonb_each(?1) r where true
     on conflict (uri) do update set kind = excluded.kind, name = excluded.name, is_stale = 0,
         artists = excluded.artists, album_id = excluded.album_id, isrc = excluded.isrc",
];

pub(in crate::store) const LAST: &str = "select coalesce(max(item_id), 0) from stats_items";

/// Empty sums, with room for every existing item.
pub(in crate::store::stats) async fn room(connection: &mut SqliteConnection) -> Result<Totals> {
    let last: i64 = sqlx::query_scalar(LAST).fetch_one(connection).await?;
    Ok(Totals::below(usize::try_from(last).map_or(0, |last| last + 1)))
}

/// Updates the items about which the catalogue has new data.
pub(in crate::store::stats) async fn refresh(tx: &mut Tx) -> Result<()> {
    loop {
        let most = i64::try_from(AT_A_TIME).unwrap_or(i64::MAX);
        let said: Vec<Said> = sqlx::query_as(STALE).bind(most).fetch_all(&mut **tx).await?;
        write(tx, &said).await?;
        if said.len() < AT_A_TIME {
            return Ok(());
        }
    }
}

async fn write(tx: &mut Tx, said: &[Said]) -> Result<()> {
    if said.is_empty() {
        return Ok(());
    }
    let rows: Vec<ItemRow<'_>> = said.iter().map(Said::row).collect();
    let rows = sqlite::rows(&rows)?;
    for sql in WRITE {
        sqlx::query(*sql).bind(&rows).execute(&mut **tx).await?;
    }
    Ok(())
}

/// The names of an item in an export: `ExportItem::names`, in that order.
#[derive(Default, Deserialize)]
struct Exported {
    _track_uri: Option<String>,
    track: Option<String>,
    artist: Option<String>,
    album: Option<String>,
    _episode_uri: Option<String>,
    episode: Option<String>,
    _show: Option<String>,
    _book_uri: Option<String>,
    _book: Option<String>,
    _chapter_uri: Option<String>,
    chapter: Option<String>,
}

impl Said {
    fn row(&self) -> ItemRow<'_> {
        // Unreadable names count as none; the row itself is stored as it came.
        let exported: Exported =
            self.exported.as_deref().and_then(|names| serde_json::from_str(names).ok()).unwrap_or_default();
        let credits: Option<Vec<(Option<String>, String)>> =
            self.credits.as_deref().and_then(|credits| serde_json::from_str(credits).ok());
        let name = self.name.clone().or(exported.track).or(exported.episode).or(exported.chapter);
        if self.is_episode {
            return self.row_of("episode", name, Vec::new(), None);
        }
        let credited: Vec<String> = credits.into_iter().flatten().map(|(_, name)| name).collect();
        let artists = if credited.is_empty() { exported.artist.into_iter().collect() } else { credited };
        self.row_of("track", name, artists, self.album.clone().or(exported.album))
    }

    fn row_of(
        &self,
        kind: &'static str,
        name: Option<String>,
        artists: Vec<String>,
        album: Option<String>,
    ) -> ItemRow<'_> {
        let mut seen = HashSet::new();
        let artists: Vec<String> =
            artists.into_iter().filter(|name| !name.trim().is_empty() && seen.insert(name.clone())).collect();
        let album_artist = self.album_artist.clone().or_else(|| artists.first().cloned()).unwrap_or_default();
        let album = album.filter(|name| !name.trim().is_empty());
        ItemRow { uri: &self.uri, kind, name, artists, album, album_artist, isrc: self.isrc.as_deref() }
    }
}

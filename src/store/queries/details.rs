//! Everything about one item: what it is, every place it is in, when it was played.

use sqlx::FromRow;

use super::lists::time;
use super::played;
use crate::domain::queries::{Cell, Details, Fact, ListStanding, Section};
use crate::domain::{AlbumId, ArtistId, ContentsState, EpisodeId, PlaylistId, TrackId};
use crate::store::db::sqlite;
use crate::store::{QueryStore, Result};

/// The sections that are not empty.
fn details(name: String, uri: Option<String>, sections: Vec<Option<Section>>) -> Details {
    let mut sections: Vec<_> = sections.into_iter().flatten().collect();
    if let (Some(first), Some(uri)) = (sections.first_mut(), &uri) {
        first.facts.push(Fact::new("uri", Cell::Text(uri.as_str().into())));
    }
    Details { name, uri, sections }
}

fn yes(is_so: Option<bool>) -> Cell {
    Cell::text(is_so.map(|is_so| if is_so { "yes" } else { "no" }))
}

const TRACK: &str = "
select t.uri, t.name, t.artists, t.album_name, a.release_date, t.isrc, t.duration_ms, t.explicit,
       t.disc_number, t.track_number
from tracks t left join albums a on a.album_id = t.album_id
where ?1 is not null and t.track_id = ?2";

#[derive(FromRow)]
struct TrackDetailColumns {
    uri: String,
    name: String,
    artists: String,
    album_name: Option<String>,
    release_date: Option<String>,
    isrc: Option<String>,
    duration_ms: Option<i64>,
    explicit: Option<bool>,
    disc_number: Option<i64>,
    track_number: Option<i64>,
}

pub(super) async fn track(queries: QueryStore<'_>, id: &TrackId) -> Result<Option<Details>> {
    let found: Vec<TrackDetailColumns> = queries.about(TRACK, id.as_str()).await?;
    let Some(track) = found.into_iter().next() else {
        return Ok(None);
    };
    let on_disc = |number: Option<i64>| Cell::number(number.filter(|number| *number > 0));
    let what = Section::of(
        "",
        vec![
            Fact::new("title", Cell::Text(track.name.as_str().into())),
            Fact::new("artists", Cell::Text(track.artists.into())),
            Fact::new("album", Cell::text(track.album_name)),
            Fact::new("released", Cell::text(track.release_date)),
            Fact::new("length", Cell::number(track.duration_ms).as_length()),
            Fact::new("disc", on_disc(track.disc_number)),
            Fact::new("number", on_disc(track.track_number)),
            Fact::new("explicit", yes(track.explicit)),
            Fact::new("isrc", Cell::text(track.isrc)),
        ],
    );
    let sections = vec![
        what,
        saved(queries, SAVED_TRACK, id.as_str()).await?,
        played::section(queries, played::TRACK, &track.uri).await?,
        in_playlists(queries, id.as_str()).await?,
    ];
    Ok(Some(details(track.name, Some(track.uri), sections)))
}

// A place counts rows as the views do, without null rows.
const SAVED_TRACK: &str = "
select s.added_at, (select count(*) from saved_tracks b where b.account_id = s.account_id and b.ord <= s.ord
                    and b.track_id is not null) as place
from saved_tracks s where s.account_id = ?1 and s.track_id = ?2 order by s.ord";

const SAVED_ALBUM: &str = "
select s.added_at, (select count(*) from saved_albums b where b.account_id = s.account_id and b.ord <= s.ord)
                    as place
from saved_albums s where s.account_id = ?1 and s.album_id = ?2";

/// Since when it is saved, and at which place.
async fn saved(queries: QueryStore<'_>, sql: &'static str, key: &str) -> Result<Option<Section>> {
    let found: Vec<(Option<String>, i64)> = queries.about(sql, key).await?;
    let mut facts = Vec::new();
    for (added_at, place) in &found {
        facts.push(Fact::new("saved", time(added_at.as_deref())?));
        facts.push(Fact::new("place", Cell::Number(*place)));
    }
    if facts.is_empty() {
        facts.push(Fact::new("saved", Cell::Text("no".into())));
    }
    Ok(Section::of("in your library", facts))
}

const IN_PLAYLISTS: &str = "
select p.name, p.removed_at is not null as is_gone, i.added_at,
       (select count(*) from playlist_items b where b.account_id = i.account_id
        and b.playlist_id = i.playlist_id and b.ord <= i.ord) as place
from playlist_items i
join playlists p on p.account_id = i.account_id and p.playlist_id = i.playlist_id
where i.account_id = ?1 and i.item_key = ?2
order by p.removed_at is not null, p.ord, i.ord";

/// Every playlist that contains it, one line per place.
async fn in_playlists(queries: QueryStore<'_>, key: &str) -> Result<Option<Section>> {
    let found: Vec<(String, bool, Option<String>, i64)> = queries.about(IN_PLAYLISTS, key).await?;
    let mut facts = Vec::new();
    for (name, is_gone, added_at, place) in found {
        let gone = if is_gone { Cell::Standing(ListStanding::Gone) } else { Cell::None };
        facts.push(Fact { label: name, values: vec![Cell::Number(place), time(added_at.as_deref())?, gone] });
    }
    Ok(Section::of("in playlists, at position", facts))
}

const ALBUM: &str = "
select uri, name, artists, album_type, release_date, total_tracks, upc
from albums where ?1 is not null and album_id = ?2";

#[derive(FromRow)]
struct AlbumDetailColumns {
    uri: Option<String>,
    name: String,
    artists: String,
    album_type: Option<String>,
    release_date: Option<String>,
    total_tracks: Option<i64>,
    upc: Option<String>,
}

const TRACKS_OF_ALBUM: &str = "
select t.name, s.added_at from tracks t
join saved_tracks s on s.account_id = ?1 and s.track_id = t.track_id
where t.album_id = ?2 order by t.disc_number, t.track_number";

pub(super) async fn album(queries: QueryStore<'_>, id: &AlbumId) -> Result<Option<Details>> {
    let found: Vec<AlbumDetailColumns> = queries.about(ALBUM, id.as_str()).await?;
    let Some(album) = found.into_iter().next() else {
        return Ok(None);
    };
    let what = Section::of(
        "",
        vec![
            Fact::new("name", Cell::Text(album.name.as_str().into())),
            Fact::new("artists", Cell::Text(album.artists.into())),
            Fact::new("kind", Cell::text(album.album_type)),
            Fact::new("released", Cell::text(album.release_date)),
            Fact::new("tracks", Cell::number(album.total_tracks)),
            Fact::new("upc", Cell::text(album.upc)),
        ],
    );
    let sections = vec![
        what,
        saved(queries, SAVED_ALBUM, id.as_str()).await?,
        played::section(queries, played::ALBUM, id.as_str()).await?,
        saved_tracks(queries, TRACKS_OF_ALBUM, id.as_str()).await?,
    ];
    Ok(Some(details(album.name, album.uri, sections)))
}

const ARTIST: &str = "
select a.uri, a.name,
       (select group_concat(g.value, ', ') from (select value from json_each(a.genres) order by key) g)
           as genres,
       exists (select 1 from followed_artists f where f.account_id = ?1 and f.artist_id = a.artist_id)
           as is_followed
from artists a where a.artist_id = ?2";

const TRACKS_OF_ARTIST: &str = "
select t.name, s.added_at from saved_tracks s
join tracks t on t.track_id = s.track_id
where s.account_id = ?1 and exists (select 1 from json_each(t.credits) c where c.value ->> 0 = ?2)
order by s.ord";

pub(super) async fn artist(queries: QueryStore<'_>, id: &ArtistId) -> Result<Option<Details>> {
    let found: Vec<(Option<String>, String, Option<String>, bool)> =
        queries.about(ARTIST, id.as_str()).await?;
    let Some((uri, name, genres, is_followed)) = found.into_iter().next() else {
        return Ok(None);
    };
    let what = Section::of(
        "",
        vec![
            Fact::new("name", Cell::Text(name.as_str().into())),
            Fact::new("genres", Cell::text(genres.filter(|genres| !genres.is_empty()))),
            Fact::new("followed", yes(Some(is_followed))),
        ],
    );
    let sections = vec![
        what,
        played::section(queries, played::ARTIST, id.as_str()).await?,
        saved_tracks(queries, TRACKS_OF_ARTIST, id.as_str()).await?,
    ];
    Ok(Some(details(name, uri, sections)))
}

/// The saved tracks of an album or artist, and since when each is saved.
async fn saved_tracks(queries: QueryStore<'_>, sql: &'static str, key: &str) -> Result<Option<Section>> {
    let found: Vec<(String, Option<String>)> = queries.about(sql, key).await?;
    let mut facts = Vec::new();
    for (name, added_at) in found {
        facts.push(Fact { label: name, values: vec![time(added_at.as_deref())?] });
    }
    Ok((!facts.is_empty()).then(|| Section { heading: "its saved tracks, saved since".to_owned(), facts }))
}

const EPISODE: &str = "
select uri, name, show_name, duration_ms from episodes where ?1 is not null and episode_id = ?2";

pub(super) async fn episode(queries: QueryStore<'_>, id: &EpisodeId) -> Result<Option<Details>> {
    let found: Vec<(String, String, Option<String>, Option<i64>)> =
        queries.about(EPISODE, id.as_str()).await?;
    let Some((uri, name, show, duration_ms)) = found.into_iter().next() else {
        return Ok(None);
    };
    let what = Section::of(
        "",
        vec![
            Fact::new("episode", Cell::Text(name.as_str().into())),
            Fact::new("show", Cell::text(show)),
            Fact::new("length", Cell::number(duration_ms).as_length()),
        ],
    );
    let sections = vec![
        what,
        played::section(queries, played::EPISODE, &uri).await?,
        in_playlists(queries, id.as_str()).await?,
    ];
    Ok(Some(details(name, Some(uri), sections)))
}

const PLAYLIST: &str = "
select uri, name, description, owner_id, owner_name, collaborative, public, item_count, contents_state,
       contents_count, contents_synced_at, contents_first_at, contents_error, removed_at
from playlists where account_id = ?1 and playlist_id = ?2";

#[derive(FromRow)]
struct PlaylistDetailColumns {
    uri: String,
    name: String,
    description: Option<String>,
    owner_id: String,
    owner_name: Option<String>,
    collaborative: bool,
    public: Option<bool>,
    item_count: Option<i64>,
    contents_state: String,
    contents_count: Option<i64>,
    contents_synced_at: Option<String>,
    contents_first_at: Option<String>,
    contents_error: Option<String>,
    removed_at: Option<String>,
}

pub(super) async fn playlist(queries: QueryStore<'_>, id: &PlaylistId) -> Result<Option<Details>> {
    let found: Vec<PlaylistDetailColumns> = queries.about(PLAYLIST, id.as_str()).await?;
    let Some(list) = found.into_iter().next() else {
        return Ok(None);
    };
    let contents: ContentsState = sqlite::word(&list.contents_state)?;
    let owner_id = list.owner_name.is_some().then_some(list.owner_id.clone());
    let what = Section::of(
        "",
        vec![
            Fact::new("name", Cell::Text(list.name.as_str().into())),
            Fact::new("about", Cell::text(list.description.filter(|text| !text.is_empty()))),
            Fact::new("owner", Cell::Text(list.owner_name.unwrap_or(list.owner_id).into())),
            Fact::new("owner's id", Cell::text(owner_id)),
            Fact::new("collaborative", yes(Some(list.collaborative))),
            Fact::new("public", yes(list.public)),
            Fact::new("items", Cell::number(list.item_count)),
            Fact::new("gone since", time(list.removed_at.as_deref())?),
        ],
    );
    let stored = Section::of(
        "contents",
        vec![
            Fact::new("state", Cell::Standing(contents.into())),
            Fact::new("stored", Cell::number(list.contents_count)),
            Fact::new("last read", time(list.contents_synced_at.as_deref())?),
            Fact::new("known since", time(list.contents_first_at.as_deref())?),
            Fact::new("error", Cell::text(list.contents_error)),
        ],
    );
    Ok(Some(details(list.name, Some(list.uri), vec![what, stored])))
}
